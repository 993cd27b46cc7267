/* SPDX-License-Identifier: Apache-2.0 */
/* Placement's trees onto hypervisors, and their amounts of vCPUs, memory and disk. Part of join_region(). */
#include "kit/cleanup.h"
#include "kit/finding.h"
#include "kit/join/join_region.h"
#include "kit/nova_list.h"

#include <string.h>

/* ---- trees ---- */

static int compare_by_root(const void *a, const void *b)
{
	const struct placement_provider *x = *(struct placement_provider *const *)a;
	const struct placement_provider *y = *(struct placement_provider *const *)b;
	int order = strcmp(x->root, y->root);

	order = order != 0 ? order : strcmp(x->name, y->name);
	return order != 0 ? order : strcmp(x->uuid, y->uuid);
}

static int index_trees(struct join *j, struct gpubroker_error *reterr)
{
	const struct placement_providers *all = &j->region->placement->providers;

	j->by_root = calloc(all->n + 1, sizeof(struct placement_provider *));
	if (!j->by_root) {
		return join_no_memory(reterr);
	}
	for (size_t i = 0; i < all->n; i++) {
		j->by_root[j->n_by_root++] = &all->items[i];
	}
	qsort(j->by_root, j->n_by_root, sizeof(struct placement_provider *), compare_by_root);
	return 0;
}

static void find_tree(const struct join *j, struct join_host *h)
{
	size_t low = 0, high = j->n_by_root;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (strcmp(j->by_root[middle]->root, h->hypervisor->id) < 0) {
			low = middle + 1;
		} else {
			high = middle;
		}
	}
	h->tree = j->by_root + low;
	while (low + h->n_tree < j->n_by_root &&
		strcmp(h->tree[h->n_tree]->root, h->hypervisor->id) == 0) {
		h->n_tree++;
	}
}

static bool is_counted(const struct join *j, const struct join_host *h)
{
	return h->n_gpus > 0 || j->policy.include_cpu_flavors;
}

/* A GPU host that Placement does not know, or not enough: Nova's numbers are all there is. */
static void tell_no_provider(struct join *j, const struct join_host *h, bool there)
{
	const char *name = join_host_name(h);

	note(j->notes, j->core, "host counted by Nova's numbers name=%s reason=%s", name,
		there ? "Placement does not say its inventories and usages"
		      : "no resource provider has its hypervisor's id");
	if (!there) {
		finding_add(j->core, GPUBROKER_WARN, "provider", name,
			"nova-manage placement audit --verbose",
			"Host '%s' has no resource provider in Placement: nothing can be scheduled there until its "
			"nova-compute has made one, and Nova's numbers are counted.",
			name);
	}
}

static void attach(struct join *j, struct join_host *h)
{
	const struct placement_provider *root =
		placement_find(j->region->placement, h->hypervisor->id);

	if (root && root->has_inventories && root->has_usages) {
		h->root = root;
		find_tree(j, h);
	} else if (is_counted(j, h) && join_host_state(h->hypervisor) == GPUBROKER_HOST_UP) {
		tell_no_provider(j, h, root != NULL);
	}
}

static bool has_hypervisor(const struct join *j, const char *uuid)
{
	return list_has((const struct any_list *)&j->region->hypervisors, uuid);
}

/* Left behind when a compute service was deleted. Shared storage and the like are no hosts. */
static void tell_orphans(struct join *j)
{
	for (size_t i = 0; i < j->n_by_root; i++) {
		const struct placement_provider *p = j->by_root[i];
		char command[COMMAND_MAX];

		if (strcmp(p->uuid, p->root) != 0 || has_hypervisor(j, p->uuid) ||
			!placement_has_trait(p, "COMPUTE_NODE")) {
			continue;
		}
		note(j->notes, j->core, "provider without hypervisor name=%s uuid=%s", p->name,
			p->uuid);
		finding_add(j->core, GPUBROKER_WARN, "provider", p->name,
			finding_command(
				command, "openstack resource provider delete", p->uuid, NULL),
			"Resource provider '%s' is a compute node for Placement, but Nova has no such hypervisor: "
			"servers may be sent there in vain.",
			p->name);
	}
}

int join_placement(struct join *j, struct gpubroker_error *reterr)
{
	int r;

	if (!j->region->placement) {
		return 0;
	}
	r = index_trees(j, reterr);
	if (r < 0) {
		return r;
	}
	for (size_t i = 0; i < j->n_hosts; i++) {
		attach(j, &j->hosts[i]);
	}
	tell_orphans(j);
	return join_devices(j, reterr);
}

/* ---- amounts ---- */

static int64_t ratio_of(const struct placement_inventory *inventory, double wanted)
{
	return wanted > 0 ? (int64_t)(wanted * GPUBROKER_RATIO_ONE + 0.5) : inventory->ratio_micro;
}

/* false: the provider has none of it. */
static bool amount_of(const struct placement_provider *root, const char *class, double ratio,
	struct gpubroker_amount *ret)
{
	const struct placement_inventory *inventory = placement_inventory_of(root, class);

	if (!inventory) {
		return false;
	}
	*ret = (struct gpubroker_amount){
		.total = inventory->total,
		.used = placement_used(root, class),
		.reserved = inventory->reserved,
		.max_unit = inventory->max_unit,
		.min_unit = inventory->min_unit,
		.step_size = inventory->step_size,
		.ratio_micro = MIN(ratio_of(inventory, ratio), JOIN_AMOUNT_MAX),
	};
	/* For the core these are 1.0 and the total, for Placement nothing. */
	if (ret->ratio_micro == 0 || ret->max_unit == 0) {
		ret->reserved = ret->total;
	}
	return true;
}

static void tell_not_said(
	const struct join *j, const struct join_host *h, const char *class, const char *hint)
{
	note(j->notes, j->core,
		"host lacks a class in Placement name=%s class=%s counted=Nova's numbers%s",
		join_host_name(h), class, hint);
}

/* Whatever the provider has replaces Nova's number. A host with dedicated CPUs alone has no VCPU, one that runs on
 * shared storage has no DISK_GB: another provider has it for all of them, and Nova's number is kept. */
void join_placement_amounts(
	const struct join *j, const struct join_host *h, struct gpubroker_host *host)
{
	const struct join_policy *policy = &j->policy;
	bool pinned = amount_of(h->root, "PCPU", 0, &host->pcpus);

	if (!amount_of(h->root, "VCPU", policy->cpu_allocation_ratio, &host->vcpus)) {
		if (pinned) {
			host->vcpus = (struct gpubroker_amount){0};
		} else if (host->vcpus.total > 0) {
			tell_not_said(j, h, "VCPU", "");
		}
	}
	if (!amount_of(h->root, "MEMORY_MB", policy->ram_allocation_ratio, &host->ram_mib) &&
		host->ram_mib.total > 0) {
		tell_not_said(j, h, "MEMORY_MB", "");
	}
	if (!amount_of(h->root, "DISK_GB", policy->disk_allocation_ratio, &host->disk_gib) &&
		host->disk_gib.total > 0) {
		tell_not_said(j, h, "DISK_GB", " reason=perhaps its disk is on shared storage");
	}
}
