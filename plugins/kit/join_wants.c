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

bool join_wants_server(const struct nova_region *region, const struct nova_migration *m)
{
	return migration_is_open(m) &&
	       (is_gpu_host(region, m->source) || is_gpu_host(region, m->dest)) &&
	       !migration_server(region, m);
}

const char *join_wants_allocation(const struct nova_region *region, const struct nova_migration *m)
{
	const struct nova_server *s = migration_is_open(m) ? migration_server(region, m) : NULL;
	const struct nova_pair *specs;
	struct migration_end end;
	size_t n;

	if (!s || !migration_other_end(region, m, s, &end) || !is_gpu_host(region, end.host) ||
		migration_held(region, m, s, &end, &specs, &n) != HELD_GUESSED) {
		return NULL;
	}
	return end.is_source ? m->uuid : m->server;
}

/* ---- Placement ---- */

static bool asks_by_class(const struct nova_flavor *f)
{
	for (size_t i = 0; i < f->n_extra_specs; i++) {
		const char *key = f->extra_specs[i].key, *class = strchr(key, ':');

		if (class && strncmp(key, "resources", 9) == 0 &&
			placement_is_accelerator(class + 1)) {
			return true;
		}
	}
	return false;
}

/* Whether a flavor asks for accelerators by their class: then hosts of no GPU aggregate may have them too. */
static bool any_asks_by_class(const struct nova_region *region)
{
	for (size_t i = 0; i < region->flavors.n; i++) {
		if (asks_by_class(&region->flavors.items[i])) {
			return true;
		}
	}
	return false;
}

bool join_wants_every_host(const struct nova_region *region, const struct join_policy *policy)
{
	return policy->include_cpu_flavors || any_asks_by_class(region);
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

static bool has_accelerators(const struct placement_provider *p)
{
	for (size_t i = 0; i < p->n_usages; i++) {
		if (placement_is_accelerator(p->usages[i].class)) {
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

		if (strcmp(p->root, root) == 0 && has_accelerators(p)) {
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

	if (!counts && any_asks_by_class(region)) {
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
	return p->has_usages && !has_accelerators(p) ? 0
	       : p->has_usages                       ? lacks(p, all)
						     : PLACEMENT_USAGES;
}
