/* SPDX-License-Identifier: Apache-2.0 */
/* The JSON form of a snapshot, written: see snapshot.h; snapshot_json.c reads it. Numbers that are not
 * known, and those that have their default, are absent. */
#include "base/str.h"
#include "model/inventory.h"
#include "model/pools.h"
#include "model/snapshot.h"

#include <inttypes.h>

/* Keys need no escaping. first: opens the object instead of going on. */
static void add_key(struct strbuf *out, const char *key, bool first)
{
	strbuf_adds(out, first ? "{\"" : ",\"");
	strbuf_adds(out, key);
	strbuf_adds(out, "\":");
}

static void add_string(struct strbuf *out, const char *key, const char *text, bool first)
{
	add_key(out, key, first);
	strbuf_add_json(out, text, JSON_UTF8);
}

static void add_int(struct strbuf *out, const char *key, int64_t number, bool first)
{
	add_key(out, key, first);
	strbuf_add_int(out, number);
}

static void add_amount(struct strbuf *out, const char *key, const struct gpubroker_amount *a)
{
	add_key(out, key, false);
	add_int(out, "total", a->total, true);
	add_int(out, "used", a->used, false);
	if (a->reserved) {
		add_int(out, "reserved", a->reserved, false);
	}
	if (a->max_unit) {
		add_int(out, "max_unit", a->max_unit, false);
	}
	if (a->ratio_micro) {
		add_int(out, "ratio_micro", a->ratio_micro, false);
	}
	strbuf_addc(out, '}');
}

static void add_host(struct strbuf *out, const struct gpubroker_host *host)
{
	add_string(out, "name", host->name, true);
	add_string(out, "state", host_state_word(host->state), false);
	if (host->reason) {
		add_string(out, "reason", host->reason, false);
	}
	add_amount(out, "vcpus", &host->vcpus);
	add_amount(out, "ram_mib", &host->ram_mib);
	add_amount(out, "disk_gib", &host->disk_gib);
	add_key(out, "gpus", false);
	strbuf_addc(out, '[');
	for (size_t i = 0; i < host->n_gpus; i++) {
		strbuf_adds(out, i > 0 ? "," : "");
		add_string(out, "type", host->gpus[i].type, true);
		add_int(out, "total", host->gpus[i].total, false);
		add_int(out, "used", host->gpus[i].used, false);
		strbuf_addc(out, '}');
	}
	strbuf_adds(out, "]}");
}

static void add_known(struct strbuf *out, const char *key, int64_t number)
{
	if (number != COUNT_UNKNOWN) {
		add_int(out, key, number, false);
	}
}

static void add_flavor(struct strbuf *out, const struct snapshot_flavor *sf)
{
	const struct gpubroker_flavor *f = &sf->flavor;

	add_string(out, "id", f->id, true);
	add_string(out, "name", f->name, false);
	add_known(out, "vcpus", f->vcpus);
	add_known(out, "ram_mib", f->ram_mib);
	add_known(out, "disk_gib", f->disk_gib);
	add_known(out, "ephemeral_gib", f->ephemeral_gib);
	add_known(out, "swap_mib", f->swap_mib);
	add_key(out, "is_public", false);
	strbuf_adds(out, f->is_public ? "true" : "false");
	add_key(out, "gpus", false);
	strbuf_addc(out, '[');
	for (size_t i = 0; i < f->n_gpus; i++) {
		strbuf_adds(out, i > 0 ? "," : "");
		add_string(out, "type", f->gpus[i].type, true);
		add_int(out, "count", f->gpus[i].count, false);
		strbuf_addc(out, '}');
	}
	strbuf_addc(out, ']');
	if (f->invalid) {
		add_string(out, "invalid", f->invalid, false);
	}
	add_known(out, "total", sf->count.total);
	add_known(out, "available", sf->count.available);
	if (limit_word(sf->count.limited_by)) {
		add_string(out, "limited_by", limit_word(sf->count.limited_by), false);
	}
	strbuf_addc(out, '}');
}

static void add_pool(struct strbuf *out, const struct gpu_pool *pool)
{
	add_string(out, "type", pool->type, true);
	add_int(out, "total", pool->total, false);
	add_int(out, "used", pool->used, false);
	add_int(out, "free", pool->free, false);
	add_int(out, "stranded", pool->stranded, false);
	add_int(out, "disabled", pool->disabled, false);
	add_int(out, "hosts", pool->hosts, false);
	add_key(out, "configurations", false);
	for (size_t i = 0; i < ARRAY_SIZE(pool->configurations); i++) {
		strbuf_addf(out, "%c\"%" PRId64 "\":%" PRId64, i > 0 ? ',' : '{', pool_set_sizes[i],
			pool->configurations[i]);
	}
	strbuf_adds(out, "}}");
}

void snapshot_write_json(const struct snapshot *s, struct strbuf *out)
{
	add_int(out, "format", SNAPSHOT_FORMAT, true);
	add_string(out, "region", s->region, false);
	add_string(out, "broker", s->broker, false);
	add_int(out, "observed_at", s->observed_at_ms, false);
	add_int(out, "duration_ms", s->duration_ms, false);
	add_string(out, "capacity_model", capacity_model_word(s->model), false);
	add_key(out, "hosts", false);
	strbuf_addc(out, '[');
	for (size_t i = 0; i < s->n_hosts; i++) {
		strbuf_adds(out, i > 0 ? "," : "");
		add_host(out, &s->hosts[i]);
	}
	strbuf_addc(out, ']');
	add_key(out, "flavors", false);
	strbuf_addc(out, '[');
	for (size_t i = 0; i < s->n_flavors; i++) {
		strbuf_adds(out, i > 0 ? "," : "");
		add_flavor(out, &s->flavors[i]);
	}
	strbuf_addc(out, ']');
	add_key(out, "gpus", false);
	strbuf_addc(out, '[');
	for (size_t i = 0; i < s->n_pools; i++) {
		strbuf_adds(out, i > 0 ? "," : "");
		add_pool(out, &s->pools[i]);
	}
	strbuf_adds(out, "]}");
}
