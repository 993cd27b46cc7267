/* SPDX-License-Identifier: Apache-2.0 */
/* A reading as documents for `replay`: what Placement told. See record.h. */
#include "kit/cleanup.h"
#include "kit/record/record_json.h"

#include <stdio.h>
#include <string.h>

static const struct placement_provider *provider(const struct record *rec, size_t i)
{
	return &rec->region->placement->providers.items[i];
}

static bool is_node(const struct placement_provider *p)
{
	return strcmp(p->uuid, p->root) == 0;
}

static void name_devices(struct record *rec)
{
	const size_t n_all = rec->region->placement->providers.n;
	_cleanup_(freep) const char **devices = calloc(n_all + 1, sizeof(*devices));
	size_t n = 0;

	for (size_t i = 0; devices && i < n_all; i++) {
		if (!is_node(provider(rec, i))) {
			devices[n++] = provider(rec, i)->name;
		}
	}
	record_name_all(&rec->names, RECORD_DEVICE, devices, n);
	rec->failed |= !devices;
}

static void add_provider(struct record *rec, size_t i)
{
	const struct placement_provider *p = provider(rec, i);

	record_string(rec, "uuid", record_name(&rec->names, RECORD_ID, p->uuid));
	record_string(rec, "name",
		record_name(&rec->names, is_node(p) ? RECORD_NODE : RECORD_DEVICE, p->name));
	record_integer(rec, "generation", p->generation);
	record_string(rec, "parent_provider_uuid", record_name(&rec->names, RECORD_ID, p->parent));
	record_string(rec, "root_provider_uuid", record_name(&rec->names, RECORD_ID, p->root));
}

/* ---- words and classes ---- */

/* Whether an extra spec that begins with one of these words ends with this name: "trait_a:CUSTOM_GOLD". */
static bool some_spec_names(
	const struct nova_pair *specs, size_t n, const char *begin, const char *name)
{
	for (size_t i = 0; i < n; i++) {
		const char *colon = strchr(specs[i].key, ':');

		if (strncmp(specs[i].key, begin, strlen(begin)) == 0 && colon &&
			strcmp(colon + 1, name) == 0) {
			return true;
		}
	}
	return false;
}

static bool some_flavor_names(const struct record *rec, const char *begin, const char *name)
{
	const struct nova_flavors *flavors = &rec->region->flavors;

	for (size_t i = 0; i < flavors->n; i++) {
		const struct nova_flavor *f = &flavors->items[i];

		if (some_spec_names(f->extra_specs, f->n_extra_specs, begin, name)) {
			return true;
		}
	}
	return false;
}

bool record_trait_counts(const struct record *rec, const char *trait)
{
	return strncmp(trait, "COMPUTE_", 8) == 0 || strncmp(trait, "MISC_", 5) == 0 ||
	       strncmp(trait, "HW_", 3) == 0 || some_flavor_names(rec, "trait", trait);
}

static bool some_server_names(const struct record *rec, const char *class)
{
	const struct nova_servers *servers = &rec->region->servers;

	for (size_t i = 0; i < servers->n; i++) {
		const struct nova_server *s = &servers->items[i];

		if (some_spec_names(s->extra_specs, s->n_extra_specs, "resources", class)) {
			return true;
		}
	}
	return false;
}

/* One that nobody asks for may be called after somebody, but it must not go: that its devices are there counts. */
static const char *class_name(struct record *rec, const char *class)
{
	const bool known =
		strncmp(class, "CUSTOM_", 7) != 0 || strncmp(class, "CUSTOM_PCI_", 11) == 0 ||
		alias_gpu_type(rec->alias_map, class) != class ||
		some_flavor_names(rec, "resources", class) || some_server_names(rec, class);

	return known ? class : record_name(&rec->names, RECORD_CLASS, class);
}

static void add_traits(struct record *rec, const struct placement_provider *p)
{
	record_open(rec, "traits", '[');
	for (size_t i = 0; i < p->n_traits; i++) {
		if (record_trait_counts(rec, p->traits[i])) {
			record_string(rec, NULL, p->traits[i]);
		}
	}
	record_close(rec, ']');
}

/* As allocation_candidates shows it. */
static void add_summary(struct record *rec, const struct placement_provider *p)
{
	record_open(rec, record_name(&rec->names, RECORD_ID, p->uuid), '{');
	record_open(rec, "resources", '{');
	for (size_t i = 0; i < p->n_usages; i++) {
		record_open(rec, class_name(rec, p->usages[i].class), '{');
		if (p->usages[i].capacity >= 0) {
			record_integer(rec, "capacity", p->usages[i].capacity);
		}
		record_integer(rec, "used", p->usages[i].amount);
		record_close(rec, '}');
	}
	record_close(rec, '}');
	if (p->has_traits) {
		add_traits(rec, p);
	}
	record_string(rec, "parent_provider_uuid", record_name(&rec->names, RECORD_ID, p->parent));
	record_string(rec, "root_provider_uuid", record_name(&rec->names, RECORD_ID, p->root));
	record_close(rec, '}');
}

static void record_usages(struct record *rec)
{
	record_open(rec, NULL, '{');
	record_open(rec, "allocation_requests", '[');
	record_close(rec, ']');
	record_open(rec, "provider_summaries", '{');
	for (size_t i = 0; i < rec->region->placement->providers.n; i++) {
		if (provider(rec, i)->has_usages) {
			text_add(&rec->json, rec->comma ? ",\n" : "\n");
			rec->comma = false;
			add_summary(rec, provider(rec, i));
		}
	}
	record_close(rec, '}');
	record_close(rec, '}');
	record_done(rec, "allocation_candidates.json");
}

static void add_inventory(struct record *rec, const struct placement_inventory *inventory)
{
	record_open(rec, class_name(rec, inventory->class), '{');
	record_integer(rec, "total", inventory->total);
	record_integer(rec, "reserved", inventory->reserved);
	record_integer(rec, "min_unit", inventory->min_unit);
	record_integer(rec, "max_unit", inventory->max_unit);
	record_integer(rec, "step_size", inventory->step_size);
	record_ratio(rec, "allocation_ratio", inventory->ratio_micro);
	record_close(rec, '}');
}

static void done_with_id(struct record *rec, const char *what, const char *real)
{
	char name[128];

	snprintf(name, sizeof(name), "%s-%s.json", what, record_name(&rec->names, RECORD_ID, real));
	record_done(rec, name);
}

static void record_provider(struct record *rec, const struct placement_provider *p)
{
	if (p->has_inventories) {
		record_open(rec, NULL, '{');
		record_open(rec, "inventories", '{');
		for (size_t i = 0; i < p->n_inventories; i++) {
			add_inventory(rec, &p->inventories[i]);
		}
		record_close(rec, '}');
		record_close(rec, '}');
		done_with_id(rec, "inventories", p->uuid);
	}
	if (p->has_traits && !p->has_usages) {
		record_open(rec, NULL, '{');
		add_traits(rec, p);
		record_close(rec, '}');
		done_with_id(rec, "traits", p->uuid);
	}
}

/* ---- allocations ---- */

static bool is_same(const struct placement_allocation *a, const struct placement_allocation *b,
	bool provider_too)
{
	return strcmp(a->consumer, b->consumer) == 0 &&
	       (!provider_too || strcmp(a->provider, b->provider) == 0);
}

/* Whether no item before it is of the same consumer (and provider). */
static bool is_first(const struct placement_region *region, size_t i, bool provider_too)
{
	for (size_t k = 0; k < i; k++) {
		if (is_same(&region->allocations[k], &region->allocations[i], provider_too)) {
			return false;
		}
	}
	return true;
}

static void add_allocation(struct record *rec, size_t first)
{
	const struct placement_region *region = rec->region->placement;
	const struct placement_allocation *of = &region->allocations[first];

	record_open(rec, record_name(&rec->names, RECORD_ID, of->provider), '{');
	record_open(rec, "resources", '{');
	for (size_t i = first; i < region->n_allocations; i++) {
		if (is_same(&region->allocations[i], of, true)) {
			record_integer(rec, class_name(rec, region->allocations[i].class),
				region->allocations[i].amount);
		}
	}
	record_close(rec, '}');
	record_close(rec, '}');
}

static void record_consumer(struct record *rec, size_t first)
{
	const struct placement_region *region = rec->region->placement;
	const struct placement_allocation *of = &region->allocations[first];

	record_open(rec, NULL, '{');
	record_open(rec, "allocations", '{');
	for (size_t i = first; i < region->n_allocations; i++) {
		if (is_same(&region->allocations[i], of, false) && is_first(region, i, true)) {
			add_allocation(rec, i);
		}
	}
	record_close(rec, '}');
	record_close(rec, '}');
	done_with_id(rec, "allocations", of->consumer);
}

void record_placement(struct record *rec)
{
	const struct placement_region *region = rec->region->placement;

	name_devices(rec);
	record_list(rec, "resource_providers", region->providers.n, add_provider);
	record_usages(rec);
	for (size_t i = 0; i < region->providers.n; i++) {
		record_provider(rec, provider(rec, i));
	}
	for (size_t i = 0; i < region->n_allocations; i++) {
		if (is_first(region, i, false)) {
			record_consumer(rec, i);
		}
	}
}
