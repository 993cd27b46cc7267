/* SPDX-License-Identifier: Apache-2.0 */
/* Which of a server's vCPUs are dedicated: hw:cpu_policy and what belongs to it (nova/virt/hardware.py
 * numa_get_constraints). */
#ifndef KIT_SPEC_CPUS_H
#define KIT_SPEC_CPUS_H

#include "kit/spec_groups.h"

struct spec_cpus {
	bool by_policy; /* dedicated or mixed; pcpus of its vCPUs are dedicated then */
	int64_t pcpus;  /* with the one for the emulator's threads, where it has its own */
	int64_t vcpus;  /* shared; dedicated: none */
};

/* groups: what resources:VCPU and resources:PCPU say, for they exclude a policy. What Nova would refuse makes *r
 * invalid. */
struct spec_cpus spec_cpus_read(
	const struct nova_flavor *, const struct spec_groups *groups, struct request *r);

/* "1-4,^3,6" of `vcpus` CPUs; a mask that begins with ^ leaves some out of all. *ret: how many. false: it cannot
 * be read, or names a CPU that is not there. */
bool spec_cpu_mask(const char *mask, int64_t vcpus, int64_t *ret);

#endif
