/* SPDX-License-Identifier: Apache-2.0 */
/* What a reading still has to ask for: see join.h. */
#include "kit/cleanup.h"
#include "kit/join.h"
#include "kit/migration.h"

#include <string.h>

static bool is_gpu_host(const struct nova_region *region, const char *host)
{
	for (size_t i = 0; host && i < region->aggregates.n; i++) {
		const struct nova_aggregate *a = &region->aggregates.items[i];
		const char *type, *why;
		int64_t count;

		if (aggregate_gpus(a, &type, &count, &why) != GPUS_YES) {
			continue;
		}
		for (size_t k = 0; k < a->n_hosts; k++) {
			if (strcmp(a->hosts[k], host) == 0) {
				return true;
			}
		}
	}
	return false;
}

static bool is_one_of(
	const struct nova_region *region, const struct word_set *hosts, const char *host)
{
	return hosts ? host && word_set_has(hosts, host) : is_gpu_host(region, host);
}

bool join_wants_server(const struct nova_region *region, const struct word_set *hosts,
	const struct nova_migration *m)
{
	return migration_is_open(m) &&
	       (is_one_of(region, hosts, m->source) || is_one_of(region, hosts, m->dest)) &&
	       !migration_server(region, m);
}

const char *join_wants_allocation(const struct nova_region *region, const struct word_set *hosts,
	const struct nova_migration *m)
{
	const struct nova_server *s = migration_is_open(m) ? migration_server(region, m) : NULL;
	const struct nova_pair *specs;
	struct migration_end end;
	size_t n;

	if (!s || !migration_other_end(region, m, s, &end) || !is_one_of(region, hosts, end.host) ||
		migration_held(region, m, s, &end, &specs, &n) != HELD_GUESSED) {
		return NULL;
	}
	return end.is_source ? m->uuid : m->server;
}

/* ---- Placement ---- */

static bool is_size(const char *class)
{
	return strcmp(class, "VCPU") == 0 || strcmp(class, "PCPU") == 0 ||
	       strcmp(class, "MEMORY_MB") == 0 || strcmp(class, "DISK_GB") == 0;
}

/* Whether a flavor asks for the class; NULL: for any but those of its sizes. Then hosts of no GPU aggregate may
 * have it too. */
static bool some_flavor_asks(const struct nova_region *region, const char *class)
{
	for (size_t i = 0; i < region->flavors.n; i++) {
		const struct nova_flavor *f = &region->flavors.items[i];

		for (size_t k = 0; k < f->n_extra_specs; k++) {
			const char *key = f->extra_specs[k].key, *colon = strchr(key, ':');

			if (colon && strncmp(key, "resources", 9) == 0 &&
				(class ? strcmp(colon + 1, class) == 0 : !is_size(colon + 1))) {
				return true;
			}
		}
	}
	return false;
}

bool join_wants_every_host(const struct nova_region *region, const struct join_policy *policy)
{
	return policy->include_cpu_flavors || some_flavor_asks(region, NULL);
}

/* Whether a root provider is a hypervisor that is counted whatever it has. */
static bool is_host(const struct nova_region *region, const char *root, bool any)
{
	for (size_t i = 0; i < region->hypervisors.n; i++) {
		if (strcmp(region->hypervisors.items[i].id, root) == 0) {
			return any || is_gpu_host(region, region->hypervisors.items[i].host);
		}
	}
	return false;
}

/* Or what else a flavor asks for by its class. */
static bool has_accelerators(const struct nova_region *region, const struct placement_provider *p)
{
	for (size_t i = 0; i < p->n_usages; i++) {
		const char *class = p->usages[i].class;

		if (placement_is_accelerator(class) ||
			(!is_size(class) && some_flavor_asks(region, class))) {
			return true;
		}
	}
	return false;
}

/* With the root's own: before Stein a vGPU belonged to it. */
static bool tree_has_accelerators(const struct nova_region *region, const char *root)
{
	for (size_t i = 0; i < region->placement->providers.n; i++) {
		const struct placement_provider *p = &region->placement->providers.items[i];

		if (strcmp(p->root, root) == 0 && has_accelerators(region, p)) {
			return true;
		}
	}
	return false;
}

static unsigned lacks(const struct placement_provider *p, unsigned parts)
{
	return parts & ((p->has_inventories ? 0u : PLACEMENT_INVENTORIES) |
			       (p->has_usages ? 0u : PLACEMENT_USAGES) |
			       (p->has_traits ? 0u : PLACEMENT_TRAITS));
}

unsigned join_wants_parts(const struct nova_region *region, const struct join_policy *policy,
	const struct placement_provider *p)
{
	const unsigned all = PLACEMENT_INVENTORIES | PLACEMENT_USAGES | PLACEMENT_TRAITS;
	bool is_root = strcmp(p->uuid, p->root) == 0;
	bool counts = is_host(region, p->root, policy->include_cpu_flavors);

	if (!counts && some_flavor_asks(region, NULL)) {
		if (!p->has_usages) {
			return PLACEMENT_USAGES;
		}
		counts = tree_has_accelerators(region, p->root);
	}
	if (is_root) {
		return counts ? lacks(p, all) : 0;
	}
	if (!counts) {
		return 0;
	}
	return p->has_usages && !has_accelerators(region, p) ? 0
	       : p->has_usages                               ? lacks(p, all)
							     : PLACEMENT_USAGES;
}
