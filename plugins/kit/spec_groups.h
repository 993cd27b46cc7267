/* SPDX-License-Identifier: Apache-2.0 */
/* Extra specs as Placement's request groups: resources:CLASS, resources<GROUP>:CLASS, trait:T, trait<GROUP>:T,
 * group_policy (nova/scheduler/utils.py, nova/objects/request_spec.py RequestGroup). */
#ifndef KIT_SPEC_GROUPS_H
#define KIT_SPEC_GROUPS_H

#include "kit/flavor_request.h"

struct spec_ask { /* so much of a class */
	char *class;
	int64_t amount;
};

struct spec_group { /* all of it from one provider, but for the group without a name */
	char *name; /* "": the one without */
	struct spec_ask *asks;
	size_t n_asks, room;
	struct word_set required, forbidden; /* traits */
};

struct spec_groups { /* zeroes are none */
	struct spec_group *items;
	size_t n, room;
	bool has_policy, isolate;
	bool failed; /* no memory, in here or in a group's words */
};
void spec_groups_finish(struct spec_groups *);

/* Takes an extra spec if it is one of these. What is wrong with it is said in *r: `invalid` where a server would
 * not start, or would start without an accelerator that it was to have; a remark where Nova ignores it. */
bool spec_groups_take(struct spec_groups *, const struct nova_pair *, struct request *r);
/* Into the group without a name; an amount that is there already is replaced. */
void spec_groups_ask(struct spec_groups *, const char *class, int64_t amount);
void spec_groups_trait(struct spec_groups *, const char *trait, bool required);
/* What only all of them together show: `invalid` where Placement refuses them. */
void spec_groups_check(struct spec_groups *, struct request *r);

/* How much of a class all groups ask for; false: none mentions it. An amount of 0 is mentioned. */
bool spec_groups_sum(const struct spec_groups *, const char *class, int64_t *ret);
/* VCPU, PCPU, MEMORY_MB and DISK_GB: what every host has. */
bool spec_class_is_size(const char *class);
/* PGPU, VGPU, FPGA and CUSTOM_* but persistent memory. */
bool spec_class_is_accelerator(const char *class);

/* An extra spec's value; NULL: there is none or an empty one, which Nova takes for none. */
const char *spec_value(const struct nova_flavor *, const char *key);

/* The first complaint stays. key: the extra spec to blame, or NULL. */
__attribute__((format(printf, 3, 4))) void request_refuse(
	struct request *, const char *key, const char *format, ...);

#endif
