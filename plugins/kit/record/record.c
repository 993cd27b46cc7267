/* SPDX-License-Identifier: Apache-2.0 */
/* A reading as documents for `replay`: see record.h. Here: what Nova told. */
#include "kit/record/record.h"

#include "kit/cleanup.h"
#include "kit/record/record_json.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

/* ---- aggregates ---- */

static bool some_flavor_asks(const struct nova_flavors *flavors, const char *key)
{
	static const char scope[] = "aggregate_instance_extra_specs:";

	for (size_t i = 0; i < flavors->n; i++) {
		for (size_t k = 0; k < flavors->items[i].n_extra_specs; k++) {
			const char *asked = flavors->items[i].extra_specs[k].key;

			if (strncmp(asked, scope, sizeof(scope) - 1) == 0) {
				asked += sizeof(scope) - 1;
			}
			if (strcmp(asked, key) == 0) {
				return true;
			}
		}
	}
	return false;
}

/* Whatever else operators note there is their own ("gpu_contact"). */
static bool metadata_counts(const struct record *rec, const char *key)
{
	return strcmp(key, "gpu") == 0 || strcmp(key, "gpu_type") == 0 ||
	       strcmp(key, "gpu_count") == 0 ||
	       (strncmp(key, "trait:", 6) == 0 && record_trait_counts(rec, key + 6)) ||
	       some_flavor_asks(&rec->region->flavors, key);
}

static void add_metadata(struct record *rec, const struct nova_aggregate *a)
{
	record_open(rec, "metadata", '{');
	for (size_t i = 0; i < a->n_metadata; i++) {
		const char *key = a->metadata[i].key;

		if (metadata_counts(rec, key)) {
			record_string(rec, key, a->metadata[i].value);
		}
	}
	record_close(rec, '}');
}

static void add_aggregate(struct record *rec, size_t i)
{
	const struct nova_aggregate *a = &rec->region->aggregates.items[i];
	char unique[64];

	snprintf(unique, sizeof(unique), "%zu", i); /* several may have one name */
	record_integer(rec, "id", (int64_t)i + 1);
	record_string(rec, "name", record_name(&rec->names, RECORD_AGGREGATE, unique));
	record_open(rec, "hosts", '[');
	for (size_t k = 0; k < a->n_hosts; k++) {
		record_string(rec, NULL, record_name(&rec->names, RECORD_HOST, a->hosts[k]));
	}
	record_close(rec, ']');
	add_metadata(rec, a);
}

/* ---- hypervisors ---- */

/* Most are called like their service host, or by a name of their own. */
static const char *node_name(struct record *rec, const char *node)
{
	return node && record_knows(&rec->names, RECORD_HOST, node)
		       ? record_name(&rec->names, RECORD_HOST, node)
		       : record_name(&rec->names, RECORD_NODE, node);
}

static void add_numbers(struct record *rec, const struct nova_hypervisor *h)
{
	const struct {
		const char *key;
		int64_t value;
		bool absent;
	} rows[] = {
		{"vcpus",                h->vcpus,                h->no_vcpus               },
		{"vcpus_used",           h->vcpus_used,           h->no_vcpus               },
		{"memory_mb",            h->memory_mb,            h->no_memory              },
		{"memory_mb_used",       h->memory_mb_used,       h->no_memory              },
		{"local_gb",             h->local_gb,             h->no_disk                },
		{"local_gb_used",        h->local_gb_used,        h->no_disk                },
		{"free_ram_mb",          h->free_ram_mb,          h->no_free_ram            },
		{"free_disk_gb",         h->free_disk_gb,         h->no_free_disk           },
		{"disk_available_least", h->disk_available_least, h->no_disk_available_least},
	};

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		if (!rows[i].absent) {
			record_integer(rec, rows[i].key, rows[i].value);
		}
	}
}

static void add_hypervisor(struct record *rec, size_t i)
{
	const struct nova_hypervisor *h = &rec->region->hypervisors.items[i];

	record_string(rec, "id", record_name(&rec->names, RECORD_ID, h->id));
	record_string(rec, "hypervisor_hostname", node_name(rec, h->hostname));
	record_string(rec, "state", h->state);
	record_string(rec, "status", h->status);
	record_open(rec, "service", '{');
	record_string(rec, "host", record_name(&rec->names, RECORD_HOST, h->host));
	record_string(rec, "disabled_reason", h->disabled_reason ? "not recorded" : NULL);
	record_close(rec, '}');
	add_numbers(rec, h);
}

/* ---- flavors ---- */

static void add_pairs(struct record *rec, const char *key, const struct nova_pair *pairs, size_t n)
{
	record_open(rec, key, '{');
	for (size_t i = 0; i < n; i++) {
		record_string(rec, pairs[i].key, pairs[i].value);
	}
	record_close(rec, '}');
}

static void add_flavor(struct record *rec, size_t i)
{
	const struct nova_flavor *f = &rec->region->flavors.items[i];

	record_string(rec, "id", f->id);
	record_string(rec, "name", f->name);
	record_integer(rec, "vcpus", f->vcpus);
	record_integer(rec, "ram", f->ram_mib);
	record_integer(rec, "disk", f->disk_gib);
	record_integer(rec, "OS-FLV-EXT-DATA:ephemeral", f->ephemeral_gib);
	record_integer(rec, "swap", f->swap_mib);
	record_boolean(rec, "os-flavor-access:is_public", f->is_public);
	if (f->has_extra_specs) {
		add_pairs(rec, "extra_specs", f->extra_specs, f->n_extra_specs);
	}
}

/* ---- servers and migrations ---- */

static void add_server_flavor(struct record *rec, const struct nova_server *s)
{
	record_open(rec, "flavor", '{');
	if (s->has_flavor) {
		record_string(rec, "original_name", s->flavor_name);
	}
	if (s->has_extra_specs) {
		add_pairs(rec, "extra_specs", s->extra_specs, s->n_extra_specs);
	}
	record_close(rec, '}');
}

static void add_server(struct record *rec, size_t i)
{
	const struct nova_server *s = &rec->region->servers.items[i];

	record_string(rec, "id", record_name(&rec->names, RECORD_ID, s->id));
	record_string(rec, "tenant_id", record_name(&rec->names, RECORD_PROJECT, s->project_id));
	record_string(rec, "status", s->status);
	record_string(rec, "OS-EXT-STS:vm_state", s->vm_state);
	record_string(rec, "OS-EXT-STS:task_state", s->task_state);
	if (s->has_host_key) {
		record_string(rec, "OS-EXT-SRV-ATTR:host",
			record_name(&rec->names, RECORD_HOST, s->host));
		record_string(rec, "OS-EXT-SRV-ATTR:hypervisor_hostname", node_name(rec, s->node));
	}
	add_server_flavor(rec, s);
}

static void add_migration(struct record *rec, size_t i)
{
	const struct nova_migration *m = &rec->region->migrations.items[i];

	record_string(rec, "uuid", record_name(&rec->names, RECORD_ID, m->uuid));
	record_string(rec, "instance_uuid", record_name(&rec->names, RECORD_ID, m->server));
	record_string(rec, "status", m->status);
	record_string(rec, "migration_type", m->type);
	record_string(rec, "source_compute", record_name(&rec->names, RECORD_HOST, m->source));
	record_string(rec, "source_node", node_name(rec, m->source_node));
	record_string(rec, "dest_compute", record_name(&rec->names, RECORD_HOST, m->dest));
	record_string(rec, "dest_node", node_name(rec, m->dest_node));
	record_string(rec, "updated_at", m->updated_at);
	if (m->old_type >= 0) {
		record_integer(rec, "old_instance_type_id", m->old_type);
	}
	if (m->new_type >= 0) {
		record_integer(rec, "new_instance_type_id", m->new_type);
	}
}

/* ---- the whole ---- */

/* Before anything else can name them: where servers are put on paper hosts and devices come in the order of their
 * names, and the counts shall be the same. */
static void name_hosts(struct record *rec)
{
	const struct nova_hypervisors *all = &rec->region->hypervisors;
	_cleanup_(freep) const char **hosts = calloc(all->n + 1, sizeof(*hosts));
	size_t n = 0;

	for (size_t i = 0; hosts && i < all->n; i++) {
		if (all->items[i].host) {
			hosts[n++] = all->items[i].host;
		}
	}
	record_name_all(&rec->names, RECORD_HOST, hosts, n);
	rec->failed |= !hosts;
}

int record_region(const struct gpubroker_core *core, const struct nova_region *region,
	const struct gpubroker_groups *alias_map, struct gpubroker_error *reterr)
{
	_cleanup_(record_finish) struct record rec = {
		.core = core, .region = region, .alias_map = alias_map};

	if (!core->record) {
		return 0;
	}
	name_hosts(&rec);
	record_list(&rec, "aggregates", region->aggregates.n, add_aggregate);
	record_list(&rec, "hypervisors", region->hypervisors.n, add_hypervisor);
	record_list(&rec, "flavors", region->flavors.n, add_flavor);
	record_list(&rec, "servers", region->servers.n, add_server);
	if (region->migrations.n > 0) {
		record_list(&rec, "migrations", region->migrations.n, add_migration);
	}
	if (region->placement) {
		record_placement(&rec);
	}
	return rec.failed || rec.names.failed
		       ? gpubroker_fail(reterr, GPUBROKER_E_INTERNAL, "no memory for a recording")
		       : 0;
}
