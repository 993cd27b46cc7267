/* SPDX-License-Identifier: Apache-2.0 */
/* Nova's reply bodies as typed arrays: see nova_reply.h. One function an item, one generic walk. */
#include "kit/nova_reply.h"

#include "kit/cleanup.h"
#include "kit/nova_list.h"
#include "kit/reply_copy.h"

#include <string.h>
#include <strings.h>

const char *nova_pair_value(const struct nova_pair *pairs, size_t n, const char *key)
{
	for (size_t i = 0; i < n; i++) {
		if (strcmp(pairs[i].key, key) == 0) {
			return pairs[i].value;
		}
	}
	return NULL;
}

static int no_memory(struct gpubroker_error *reterr)
{
	return gpubroker_fail(reterr, GPUBROKER_E_INTERNAL, "no memory for a reply of Nova");
}

static void pairs_free(struct nova_pair *pairs, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		free(pairs[i].key);
		free(pairs[i].value);
	}
	free(pairs);
}

static int copy_pairs(const struct reply_at *at, const char *key, struct nova_pair **ret,
	size_t *ret_n, struct gpubroker_error *reterr)
{
	struct reply_at object;
	int r = reply_find_object(at, key, &object, reterr);

	if (r != 0) {
		return MIN(r, 0);
	}
	*ret = calloc(reply_count(&object) + 1, sizeof(**ret));
	if (!*ret) {
		return no_memory(reterr);
	}
	for (const char *k = reply_next_key(&object, NULL); k; k = reply_next_key(&object, k)) {
		struct nova_pair *pair = &(*ret)[(*ret_n)++];

		pair->key = strdup(k);
		if (!pair->key) {
			return no_memory(reterr);
		}
		r = reply_copy_string(&object, k, &pair->value, reterr);
		if (r < 0) {
			return r;
		}
	}
	return 0;
}

/* ---- aggregates ---- */

static void aggregate_finish(struct nova_aggregate *a)
{
	for (size_t i = 0; i < a->n_hosts; i++) {
		free(a->hosts[i]);
	}
	free(a->hosts);
	pairs_free(a->metadata, a->n_metadata);
	free(a->name);
	free(a->uuid);
	*a = (struct nova_aggregate){0};
}

static int read_aggregate(
	struct nova_aggregate *a, const struct reply_at *at, struct gpubroker_error *reterr)
{
	int r = reply_need_integer(at, "id", &a->id, reterr);

	if (r < 0) {
		return r;
	}
	r = reply_copy_needed(at, "name", &a->name, reterr);
	r = r < 0 ? r : reply_copy_string(at, "uuid", &a->uuid, reterr);
	if (r < 0) {
		return r;
	}
	r = reply_copy_strings(at, "hosts", &a->hosts, &a->n_hosts, reterr);
	if (r < 0) {
		return r;
	}
	return copy_pairs(at, "metadata", &a->metadata, &a->n_metadata, reterr);
}

/* ---- hypervisors ---- */

static void hypervisor_finish(struct nova_hypervisor *h)
{
	free(h->id);
	free(h->hostname);
	free(h->host);
	free(h->state);
	free(h->status);
	free(h->disabled_reason);
	*h = (struct nova_hypervisor){0};
}

static int read_service(
	struct nova_hypervisor *h, const struct reply_at *at, struct gpubroker_error *reterr)
{
	static const struct reply_row rows[] = {
		{"host",            offsetof(struct nova_hypervisor, host)           },
		{"disabled_reason", offsetof(struct nova_hypervisor, disabled_reason)},
	};
	struct reply_at service;
	int r = reply_find_object(at, "service", &service, reterr);

	if (r != 0) {
		return MIN(r, 0);
	}
	return reply_copy_rows(&service, rows, ARRAY_SIZE(rows), h, reterr);
}

static int read_amounts(
	struct nova_hypervisor *h, const struct reply_at *at, struct gpubroker_error *reterr)
{
	bool ignored;
	const struct {
		const char *key;
		int64_t *value;
		bool *absent; /* set, never cleared */
	} rows[] = {
		{"vcpus",                &h->vcpus,                &h->no_vcpus               },
		{"vcpus_used",           &h->vcpus_used,           &h->no_vcpus               },
		{"memory_mb",            &h->memory_mb,            &h->no_memory              },
		{"memory_mb_used",       &h->memory_mb_used,       &ignored                   },
		{"local_gb",             &h->local_gb,             &h->no_disk                },
		{"local_gb_used",        &h->local_gb_used,        &ignored                   },
		{"free_ram_mb",          &h->free_ram_mb,          &h->no_free_ram            },
		{"free_disk_gb",         &h->free_disk_gb,         &h->no_free_disk           },
		{"disk_available_least", &h->disk_available_least, &h->no_disk_available_least},
	};

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		int r = reply_find_integer(at, rows[i].key, rows[i].value, reterr);

		if (r < 0) {
			return r;
		}
		if (r == REPLY_ABSENT) {
			*rows[i].absent = true;
		}
	}
	return 0;
}

static int read_hypervisor(
	struct nova_hypervisor *h, const struct reply_at *at, struct gpubroker_error *reterr)
{
	static const struct reply_row rows[] = {
		{"state",  offsetof(struct nova_hypervisor, state) },
		{"status", offsetof(struct nova_hypervisor, status)},
	};
	int r = reply_copy_id(at, "id", &h->id, reterr);

	if (r < 0) {
		return r;
	}
	r = reply_copy_needed(at, "hypervisor_hostname", &h->hostname, reterr);
	if (r < 0) {
		return r;
	}
	r = reply_copy_rows(at, rows, ARRAY_SIZE(rows), h, reterr);
	if (r < 0) {
		return r;
	}
	r = read_service(h, at, reterr);
	return r < 0 ? r : read_amounts(h, at, reterr);
}

/* ---- flavors ---- */

static void flavor_finish(struct nova_flavor *f)
{
	free(f->id);
	free(f->name);
	pairs_free(f->extra_specs, f->n_extra_specs);
	*f = (struct nova_flavor){0};
}

/* Swap is "" where it is 0, before 2.75; a cloud without the extension has no ephemeral disk. */
static int read_optional_size(
	const struct reply_at *at, const char *key, int64_t *ret, struct gpubroker_error *reterr)
{
	const char *text = NULL;

	if (reply_is_string(at, key)) {
		int r = reply_find_string(at, key, &text, reterr);

		if (r < 0 || !*text) {
			return r;
		}
	}
	return MIN(reply_find_integer(at, key, ret, reterr), 0);
}

static int read_flavor_sizes(
	struct nova_flavor *f, const struct reply_at *at, struct gpubroker_error *reterr)
{
	int r = reply_need_integer(at, "vcpus", &f->vcpus, reterr);

	if (r < 0) {
		return r;
	}
	r = reply_need_integer(at, "ram", &f->ram_mib, reterr);
	if (r < 0) {
		return r;
	}
	r = reply_need_integer(at, "disk", &f->disk_gib, reterr);
	if (r < 0) {
		return r;
	}
	r = read_optional_size(at, "OS-FLV-EXT-DATA:ephemeral", &f->ephemeral_gib, reterr);
	return r < 0 ? r : read_optional_size(at, "swap", &f->swap_mib, reterr);
}

static int read_flavor(
	struct nova_flavor *f, const struct reply_at *at, struct gpubroker_error *reterr)
{
	static const struct reply_row rows[] = {
		{"id",   offsetof(struct nova_flavor, id)  },
		{"name", offsetof(struct nova_flavor, name)},
	};
	int r = reply_copy_rows(at, rows, ARRAY_SIZE(rows), f, reterr);

	if (r < 0) {
		return r;
	}
	r = read_flavor_sizes(f, at, reterr);
	if (r < 0) {
		return r;
	}
	f->is_public = true;
	r = reply_find_boolean(at, "os-flavor-access:is_public", &f->is_public, reterr);
	if (r < 0) {
		return r;
	}
	f->has_extra_specs = reply_has(at, "extra_specs");
	return copy_pairs(at, "extra_specs", &f->extra_specs, &f->n_extra_specs, reterr);
}

/* ---- servers ---- */

static void server_finish(struct nova_server *s)
{
	free(s->id);
	free(s->status);
	free(s->vm_state);
	free(s->task_state);
	free(s->host);
	free(s->node);
	free(s->project_id);
	free(s->host_id);
	pairs_free(s->extra_specs, s->n_extra_specs);
	free(s->flavor_name);
	*s = (struct nova_server){0};
}

static int read_embedded_flavor(
	struct nova_server *s, const struct reply_at *at, struct gpubroker_error *reterr)
{
	struct reply_at flavor, ignored;
	int r = reply_find_object(at, "flavor", &flavor, reterr);

	if (r != 0) {
		return MIN(r, 0);
	}
	s->has_flavor = reply_count(&flavor) > 0;
	r = reply_copy_string(&flavor, "original_name", &s->flavor_name, reterr);
	if (r < 0) {
		return r;
	}
	r = reply_find_object(&flavor, "extra_specs", &ignored, reterr);
	if (r != 0) {
		return MIN(r, 0);
	}
	s->has_extra_specs = true;
	r = copy_pairs(&flavor, "extra_specs", &s->extra_specs, &s->n_extra_specs, reterr);
	if (r == 0) {
		s->alias =
			nova_pair_value(s->extra_specs, s->n_extra_specs, "pci_passthrough:alias");
	}
	return r;
}

static int read_server(
	struct nova_server *s, const struct reply_at *at, struct gpubroker_error *reterr)
{
	static const struct reply_row rows[] = {
		{"status",			      offsetof(struct nova_server, status)    },
		{"tenant_id",                           offsetof(struct nova_server, project_id)},
		{"hostId",			      offsetof(struct nova_server, host_id)   },
		{"OS-EXT-SRV-ATTR:host",                offsetof(struct nova_server, host)      },
		{"OS-EXT-SRV-ATTR:hypervisor_hostname", offsetof(struct nova_server, node)      },
		{"OS-EXT-STS:vm_state",                 offsetof(struct nova_server, vm_state)  },
		{"OS-EXT-STS:task_state",               offsetof(struct nova_server, task_state)},
	};
	int r = reply_copy_id(at, "id", &s->id, reterr);

	if (r < 0) {
		return r;
	}
	r = reply_copy_rows(at, rows, ARRAY_SIZE(rows), s, reterr);
	if (r < 0) {
		return r;
	}
	s->has_host_key = reply_has(at, "OS-EXT-SRV-ATTR:host");
	s->is_stub = s->status && strcmp(s->status, "UNKNOWN") == 0 && !reply_has(at, "flavor");
	return read_embedded_flavor(s, at, reterr);
}

/* ---- services ---- */

static void service_finish(struct nova_service *s)
{
	free(s->host);
	free(s->status);
	free(s->state);
	*s = (struct nova_service){0};
}

static int read_compute_service(
	struct nova_service *s, const struct reply_at *at, struct gpubroker_error *reterr)
{
	static const struct reply_row rows[] = {
		{"status", offsetof(struct nova_service, status)},
		{"state",  offsetof(struct nova_service, state) },
	};
	int r = reply_copy_needed(at, "host", &s->host, reterr);

	if (r < 0) {
		return r;
	}
	r = reply_copy_rows(at, rows, ARRAY_SIZE(rows), s, reterr);
	if (r < 0) {
		return r;
	}
	s->is_stub = s->status && strcmp(s->status, "UNKNOWN") == 0;
	return MIN(reply_find_boolean(at, "forced_down", &s->forced_down, reterr), 0);
}

/* ---- lists ---- */

DEFINE_LIST(aggregates, nova_aggregate, read_aggregate, aggregate_finish, "aggregates", SIZE_MAX);
DEFINE_LIST(hypervisors, nova_hypervisor, read_hypervisor, hypervisor_finish, "hypervisors",
	offsetof(struct nova_hypervisor, id));
DEFINE_LIST(flavors, nova_flavor, read_flavor, flavor_finish, "flavors",
	offsetof(struct nova_flavor, id));
DEFINE_LIST(servers, nova_server, read_server, server_finish, "servers",
	offsetof(struct nova_server, id));
DEFINE_LIST(services, nova_service, read_compute_service, service_finish, "services", SIZE_MAX);

static bool is_on_host(const void *server, const void *host)
{
	const struct nova_server *s = server;

	return s->host && strcasecmp(s->host, host) == 0;
}

void nova_servers_drop(struct nova_servers *list, const char *host)
{
	list_drop((struct any_list *)list, &servers_kind, is_on_host, host);
}

int nova_parse_server(struct nova_servers *list, const char *body, size_t n, const char *what,
	struct gpubroker_error *reterr)
{
	return list_parse_one((struct any_list *)list, &servers_kind, "server",
		&(struct document){body, n, what}, reterr);
}
