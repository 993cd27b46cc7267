/* SPDX-License-Identifier: Apache-2.0 */
/* What numbers of a region contradict one another: for doctor alone. Part of join_region(). */
#include "kit/cleanup.h"
#include "kit/finding.h"
#include "kit/join/join_region.h"

#include <inttypes.h>
#include <string.h>

/* ---- Nova and Placement ---- */

static void compare_gpus(const struct join *j, const struct join_host *h)
{
	const char *name = join_host_name(h);

	for (size_t i = 0; i < h->n_gpus; i++) {
		const struct join_gpus *gpus = &h->gpus[i];

		if (gpus->by_devices && gpus->in_aggregate && gpus->held != gpus->used_devices) {
			finding_add(j->core, GPUBROKER_WARN, "drift", name,
				"nova-manage placement heal_allocations --verbose",
				"Host '%s': Nova's servers hold %" PRId64
				" GPUs of type '%s', Placement says that %" PRId64
				" are used. Placement's number counts.",
				name, gpus->held, gpus->type, gpus->used_devices);
		}
		if (gpus->by_devices && gpus->reserved > 0) {
			finding_add(j->core, GPUBROKER_WARN, "reserved", name,
				"openstack resource provider inventory set --amend --resource CLASS:reserved=0 PROVIDER",
				"Host '%s': %" PRId64
				" GPUs of type '%s' are reserved in Placement and used by nobody: devices for one use "
				"wait until an operator has cleaned them.",
				name, gpus->reserved, gpus->type);
		}
	}
}

static void compare_cpus(const struct join *j, const struct join_host *h)
{
	const struct nova_hypervisor *nova = h->hypervisor;
	int64_t used = placement_used(h->root, "VCPU") + placement_used(h->root, "PCPU");

	/* vcpus_used has CPUs that the operator keeps for the host, too */
	if (!nova->no_vcpus && nova->vcpus_used < used) {
		finding_add(j->core, GPUBROKER_WARN, "drift", join_host_name(h),
			"nova-manage placement audit --verbose",
			"Host '%s': Nova says that %" PRId64 " vCPUs are used, Placement %" PRId64
			". Placement's number counts.",
			join_host_name(h), nova->vcpus_used, used);
	}
}

/* ---- GPUs outside the aggregates ---- */

static void find_strays(const struct join *j, const struct join_host *h)
{
	for (size_t i = 0; i < h->n_tree; i++) {
		for (size_t k = 0; k < h->tree[i]->n_inventories; k++) {
			const char *class = h->tree[i]->inventories[k].class;
			const char *type = class_map_type(&j->classes, class);

			if (type && !join_gpus_of(h, type)) {
				char command[COMMAND_MAX];

				finding_add(j->core, GPUBROKER_WARN, "gpu-host", join_host_name(h),
					finding_command(command, "openstack aggregate add host",
						"AGGREGATE", h->hypervisor->host, NULL),
					"Host '%s' has devices of class %s (GPU type '%s') in Placement, but is in no "
					"aggregate of that type: they are not counted.",
					join_host_name(h), class, type);
				return;
			}
		}
	}
}

/* ---- servers whose GPUs no host has ---- */

static void find_unmapped_servers(const struct join *j)
{
	for (size_t i = 0; i < j->n_unmapped; i++) {
		const struct join_unmapped *u = &j->unmapped[i];

		finding_add(j->core, GPUBROKER_WARN, "gpu-server", u->alias, NULL,
			"Not counted: GPUs that servers hold by alias '%s' on hosts that have no GPUs of that type "
			"(%zu of them: '%s' on host '%s'%s). If the aggregates' gpu_type has another name, say so "
			"in the region's options: alias_map = ( { alias = \"%s\"; gpu_type = \"TYPE\"; } ).",
			u->alias, u->n, u->server, u->host, u->n > 1 ? ", …" : "", u->alias);
	}
}

/* ---- disks ---- */

static bool says_its_disk(const struct nova_hypervisor *h)
{
	return !h->no_disk && !h->no_disk_available_least && h->local_gb > 0;
}

/* Whether two hosts tell of one storage: figures that local disks would share by accident only. */
static bool is_one_pool(const struct nova_hypervisor *a, const struct nova_hypervisor *b)
{
	return says_its_disk(a) && says_its_disk(b) && a->local_gb == b->local_gb &&
	       a->disk_available_least == b->disk_available_least &&
	       (a->local_gb_used != b->local_gb_used || a->disk_available_least != a->free_disk_gb);
}

/* Hosts with the figures of that one; *ret_alike: those of its size. */
static size_t count_pool(const struct join *j, const struct nova_hypervisor *h, size_t *ret_alike)
{
	size_t n = 1;

	*ret_alike = 1;
	for (size_t i = 0; i < j->n_hosts; i++) {
		const struct nova_hypervisor *other = j->hosts[i].hypervisor;

		if (other != h && says_its_disk(other) && other->local_gb == h->local_gb) {
			(*ret_alike)++;
			n += is_one_pool(h, other);
		}
	}
	return n;
}

/* Of many hosts with disks of their own two may well have as much left: it takes most of those of a size. */
static void find_shared_disks(const struct join *j)
{
	const struct join_host *first = NULL;
	size_t n = 0;

	for (size_t i = 0; i < j->n_hosts && !first; i++) {
		size_t alike;

		n = count_pool(j, j->hosts[i].hypervisor, &alike);
		first = n > 1 && n > alike / 2 ? &j->hosts[i] : NULL;
	}
	if (first) {
		finding_add(j->core, GPUBROKER_WARN, "disk", NULL, NULL,
			"%zu hosts, '%s' among them, say the same disk figures (%" PRId64
			" GiB, %" PRId64
			" GiB free): probably one storage pool, which each host counts as its own. What is "
			"free for disks is that much in all, not on each host.",
			n, join_host_name(first), first->hypervisor->local_gb,
			first->hypervisor->disk_available_least);
	}
}

void join_findings(const struct join *j)
{
	if (!j->core->finding) {
		return;
	}
	for (size_t i = 0; i < j->n_hosts; i++) {
		const struct join_host *h = &j->hosts[i];

		if (!h->root) {
			continue;
		}
		compare_gpus(j, h);
		if (h->n_gpus > 0) {
			compare_cpus(j, h);
		}
		find_strays(j, h);
	}
	find_unmapped_servers(j);
	find_shared_disks(j);
}
