/* SPDX-License-Identifier: Apache-2.0 */
/* Servers that move: see migration.h. */
#include "kit/migration.h"

#include "kit/cleanup.h"

#include <string.h>

static bool is_one_of(const char *word, const char *const *words)
{
	for (; word && *words; words++) {
		if (strcmp(word, *words) == 0) {
			return true;
		}
	}
	return false;
}

bool migration_is_open(const struct nova_migration *m)
{
	static const char *const final[] = {
		"confirmed", "reverted", "failed", "completed", "cancelled", "done", "error", NULL};

	return !is_one_of(m->status, final);
}

const struct nova_server *migration_server(
	const struct nova_region *region, const struct nova_migration *m)
{
	for (size_t i = 0; i < region->servers.n; i++) {
		if (strcmp(region->servers.items[i].id, m->server) == 0) {
			return &region->servers.items[i];
		}
	}
	return NULL;
}

/* Nova counts a migration only while its server moves: records stay open after a crash. */
static bool server_moves(const struct nova_server *s)
{
	static const char *const states[] = {
		"VERIFY_RESIZE", "RESIZE", "REVERT_RESIZE", "MIGRATING", "REBUILD", NULL};
	static const char *const tasks[] = {"resize_prep", "resize_migrating", "resize_migrated",
		"resize_finish", "rebuilding", "rebuild_block_device_mapping", "rebuild_spawning",
		"migrating", NULL};

	if (s->vm_state && strcmp(s->vm_state, "resized") == 0) {
		return true;
	}
	return is_one_of(s->task_state, tasks) || is_one_of(s->status, states);
}

static bool is_newer(const struct nova_migration *a, const struct nova_migration *b)
{
	int order = strcmp(a->updated_at ? a->updated_at : "", b->updated_at ? b->updated_at : "");

	return order > 0 || (order == 0 && a > b);
}

static bool is_newest(const struct nova_region *region, const struct nova_migration *m)
{
	for (size_t i = 0; i < region->migrations.n; i++) {
		const struct nova_migration *other = &region->migrations.items[i];

		if (other != m && strcmp(other->server, m->server) == 0 &&
			migration_is_open(other) && is_newer(other, m)) {
			return false;
		}
	}
	return true;
}

static bool is_at(
	const struct nova_server *s, const char *host, const char *node, bool compare_nodes)
{
	if (!host || strcmp(s->host, host) != 0) {
		return false;
	}
	return !compare_nodes || !node || !s->node || strcmp(node, s->node) == 0;
}

/* Whether the server's record shows the flavor that it moves to. */
static bool shows_new_flavor(const struct nova_migration *m, const struct nova_server *s)
{
	return (s->vm_state && strcmp(s->vm_state, "resized") == 0) ||
	       (m->status && strcmp(m->status, "finished") == 0);
}

bool migration_other_end(const struct nova_region *region, const struct nova_migration *m,
	const struct nova_server *s, struct migration_end *ret)
{
	bool same_host, at_source, at_dest;

	if (!migration_is_open(m) || !server_holds(s) || !server_moves(s) || !m->source ||
		!m->dest || !is_newest(region, m)) {
		return false;
	}
	same_host = strcmp(m->source, m->dest) == 0;
	at_source = is_at(s, m->source, m->source_node, same_host);
	at_dest = is_at(s, m->dest, m->dest_node, same_host);
	if (!at_source && !at_dest) {
		return false;
	}
	/* resized on its own host: the other flavor is held beside the one that is shown */
	ret->is_source = at_source && at_dest ? shows_new_flavor(m, s) : at_dest;
	ret->host = ret->is_source ? m->source : m->dest;
	ret->node = ret->is_source ? m->source_node : m->dest_node;
	return true;
}

/* ---- what the other end holds ---- */

/* A server whose record shows the flavor of that internal number. */
static const struct nova_server *example_of(const struct nova_region *region, int64_t type)
{
	for (size_t i = 0; i < region->migrations.n; i++) {
		const struct nova_migration *m = &region->migrations.items[i];
		const struct nova_server *s;
		bool open = migration_is_open(m);

		if ((m->old_type != type && m->new_type != type) ||
			(!open && m->old_type != m->new_type) || !is_newest(region, m)) {
			continue;
		}
		s = migration_server(region, m);
		if (s && s->has_extra_specs && server_moves(s) &&
			type == (shows_new_flavor(m, s) ? m->new_type : m->old_type)) {
			return s;
		}
	}
	return NULL;
}

static const char *consumer_of(const struct nova_migration *m, bool is_source)
{
	return is_source ? m->uuid : m->server;
}

/* What a consumer has of the classes of a flavor's sizes; false: nothing is known of it. */
static bool allocated(const struct nova_region *region, const char *consumer, int64_t ret[static 3])
{
	const struct placement_region *placement = region->placement;
	bool found = false;

	ret[0] = ret[1] = ret[2] = 0;
	for (size_t i = 0; placement && i < placement->n_allocations; i++) {
		const struct placement_allocation *a = &placement->allocations[i];

		if (strcmp(a->consumer, consumer) != 0) {
			continue;
		}
		found = true;
		if (strcmp(a->class, "VCPU") == 0 || strcmp(a->class, "PCPU") == 0) {
			ret[0] += a->amount;
		} else if (strcmp(a->class, "MEMORY_MB") == 0) {
			ret[1] += a->amount;
		} else if (strcmp(a->class, "DISK_GB") == 0) {
			ret[2] += a->amount;
		}
	}
	return found;
}

static bool is_as_large(const struct nova_flavor *f, const int64_t sizes[static 3])
{
	int64_t more = f->ephemeral_gib + (f->swap_mib + 1023) / 1024;

	return f->vcpus == sizes[0] && f->ram_mib == sizes[1] &&
	       (sizes[2] == f->disk_gib + more || sizes[2] == more); /* volume-backed */
}

static bool asks_for_the_same(const struct nova_flavor *a, const struct nova_flavor *b)
{
	static const char key[] = "pci_passthrough:alias";
	const char *x = nova_pair_value(a->extra_specs, a->n_extra_specs, key);
	const char *y = nova_pair_value(b->extra_specs, b->n_extra_specs, key);

	return strcmp(x ? x : "", y ? y : "") == 0;
}

/* The flavor of the region that is as large as the allocation; NULL: none, or several that differ in GPUs. */
static const struct nova_flavor *flavor_as_large(
	const struct nova_region *region, const int64_t sizes[static 3])
{
	const struct nova_flavor *found = NULL;

	for (size_t i = 0; i < region->flavors.n; i++) {
		const struct nova_flavor *f = &region->flavors.items[i];

		if (!is_as_large(f, sizes)) {
			continue;
		}
		if (found && !asks_for_the_same(found, f)) {
			return NULL;
		}
		found = f;
	}
	return found;
}

enum held_by migration_held(const struct nova_region *region, const struct nova_migration *m,
	const struct nova_server *s, const struct migration_end *end, const struct nova_pair **ret,
	size_t *ret_n)
{
	int64_t type = end->is_source ? m->old_type : m->new_type, sizes[3];
	const struct nova_server *example = s;
	const struct nova_flavor *flavor;

	if (type < 0 || m->old_type != m->new_type) {
		example = type < 0 ? NULL : example_of(region, type);
	}
	if (!example && allocated(region, consumer_of(m, end->is_source), sizes)) {
		flavor = flavor_as_large(region, sizes);
		if (flavor) {
			*ret = flavor->extra_specs;
			*ret_n = flavor->n_extra_specs;
			return HELD_ALLOCATED;
		}
	}
	*ret = example ? example->extra_specs : s->extra_specs;
	*ret_n = example ? example->n_extra_specs : s->n_extra_specs;
	return example ? HELD_KNOWN : HELD_GUESSED;
}
