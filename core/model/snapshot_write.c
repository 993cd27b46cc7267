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

static void add_given(struct strbuf *out, const char *key, int64_t number)
{
	if (number != 0) {
		add_int(out, key, number, false);
	}
}

static void add_known(struct strbuf *out, const char *key, int64_t number)
{
	if (number != COUNT_UNKNOWN) {
		add_int(out, key, number, false);
	}
}

static void add_words(struct strbuf *out, const char *key, const struct gpubroker_words *words)
{
	if (words->n == 0) {
		return;
	}
	add_key(out, key, false);
	for (size_t i = 0; i < words->n; i++) {
		strbuf_addc(out, i > 0 ? ',' : '[');
		strbuf_add_json(out, words->items[i], JSON_UTF8);
	}
	strbuf_addc(out, ']');
}

/* The amount of something that most hosts have none of is absent where all of it is zero. */
static bool is_given(const struct gpubroker_amount *a)
{
	return a->total || a->used || a->reserved || a->max_unit || a->ratio_micro || a->min_unit ||
	       a->step_size;
}

static void add_amount(struct strbuf *out, const char *key, const struct gpubroker_amount *a)
{
	add_key(out, key, false);
	add_int(out, "total", a->total, true);
	add_int(out, "used", a->used, false);
	add_given(out, "reserved", a->reserved);
	add_given(out, "max_unit", a->max_unit);
	add_given(out, "ratio_micro", a->ratio_micro);
	add_given(out, "min_unit", a->min_unit);
	add_given(out, "step_size", a->step_size);
	strbuf_addc(out, '}');
}

static void add_devices(struct strbuf *out, const struct gpubroker_gpus *gpus)
{
	add_key(out, "devices", false);
	for (size_t i = 0; i < gpus->n_devices; i++) {
		const struct gpubroker_device *d = &gpus->devices[i];

		strbuf_addc(out, i > 0 ? ',' : '[');
		add_int(out, "total", d->total, true);
		add_int(out, "used", d->used, false);
		add_given(out, "max_unit", d->max_unit);
		add_given(out, "min_unit", d->min_unit);
		add_given(out, "step_size", d->step_size);
		add_words(out, "words", &d->words);
		strbuf_addc(out, '}');
	}
	strbuf_addc(out, ']');
}

static void add_gpus(struct strbuf *out, const struct gpubroker_gpus *gpus, int64_t stranded)
{
	add_string(out, "type", gpus->type, true);
	add_int(out, "total", gpus->total, false);
	add_int(out, "used", gpus->used, false);
	add_known(out, "stranded", stranded);
	if (gpus->n_devices > 0) {
		add_devices(out, gpus);
	}
	strbuf_addc(out, '}');
}

static void add_host(
	struct strbuf *out, const struct gpubroker_host *host, const int64_t stranded[])
{
	add_string(out, "name", host->name, true);
	add_string(out, "state", host_state_word(host->state), false);
	if (host->reason) {
		add_string(out, "reason", host->reason, false);
	}
	add_amount(out, "vcpus", &host->vcpus);
	if (is_given(&host->pcpus)) {
		add_amount(out, "pcpus", &host->pcpus);
	}
	add_amount(out, "ram_mib", &host->ram_mib);
	add_amount(out, "disk_gib", &host->disk_gib);
	add_words(out, "words", &host->words);
	add_key(out, "gpus", false);
	strbuf_addc(out, '[');
	for (size_t i = 0; i < host->n_gpus; i++) {
		strbuf_adds(out, i > 0 ? "," : "");
		add_gpus(out, &host->gpus[i], stranded[i]);
	}
	strbuf_adds(out, "]}");
}

static void add_needs(struct strbuf *out, const struct gpubroker_flavor *f)
{
	add_key(out, "gpus", false);
	strbuf_addc(out, '[');
	for (size_t i = 0; i < f->n_gpus; i++) {
		const struct gpubroker_need *need = &f->gpus[i];

		strbuf_adds(out, i > 0 ? "," : "");
		add_string(out, "type", need->type, true);
		add_int(out, "count", need->count, false);
		add_given(out, "unit", need->unit);
		add_words(out, "required", &need->required);
		add_words(out, "forbidden", &need->forbidden);
		strbuf_addc(out, '}');
	}
	strbuf_addc(out, ']');
}

static void add_demand(struct strbuf *out, const struct gpubroker_demand *d)
{
	if (!d) {
		return;
	}
	add_key(out, "demand", false);
	add_int(out, "vcpus", d->vcpus, true);
	add_int(out, "pcpus", d->pcpus, false);
	add_int(out, "ram_mib", d->ram_mib, false);
	add_int(out, "disk_gib", d->disk_gib, false);
	strbuf_addc(out, '}');
}

static void add_conditions(struct strbuf *out, const struct gpubroker_flavor *f)
{
	add_demand(out, f->demand);
	if (f->isolate) {
		add_key(out, "isolate", false);
		strbuf_adds(out, "true");
	}
	add_words(out, "required", &f->required);
	add_words(out, "forbidden", &f->forbidden);
	add_words(out, "remarks", &f->remarks);
	if (f->invalid) {
		add_string(out, "invalid", f->invalid, false);
	}
	if (f->wants_no_gpus) {
		add_key(out, "wants_no_gpus", false);
		strbuf_adds(out, "true");
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
	add_needs(out, f);
	add_conditions(out, f);
	add_known(out, "total", sf->count.total);
	add_known(out, "available", sf->count.available);
	add_known(out, "available_exclusive", sf->available_exclusive);
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
		add_host(out, &s->hosts[i], s->stranded[i]);
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
