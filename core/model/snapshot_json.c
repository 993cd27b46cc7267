/* SPDX-License-Identifier: Apache-2.0 */
/* The JSON form of a snapshot, read: see snapshot.h; snapshot_write.c writes it. Keys that are not known
 * here are left to newer readers. */
#include "model/inventory.h"
#include "model/json_place.h"
#include "model/pools.h"
#include "model/snapshot.h"

#include <string.h>

enum {
	/* some 100 bytes of memory each; the caps need half of that */
	MAX_VALUES = 4000000,
	MAX_POOLS = 10000,
};
#define MAX_TIME_MS INT64_C(253402300799999) /* the end of the year 9999 */
#define MAX_SUM     (INVENTORY_MAX_NUMBER * INVENTORY_MAX_HOSTS)

struct reading {
	struct gpubroker_inventory inventory;
	struct snapshot_origin origin;
	struct arena scratch; /* lists on their way into the inventory */
	struct flavor_count *counts;
	int64_t *exclusive; /* one a flavor */
	int64_t *stranded;  /* one a type of each host */
	struct gpu_pool *pools;
	size_t n_counts, n_stranded, stranded_room, n_pools;
	struct gpubroker_error *reterr;
};

static void reading_finish(struct reading *r)
{
	inventory_finish(&r->inventory);
	arena_finish(&r->scratch);
	free(r->counts);
	free(r->exclusive);
	free(r->stranded);
	free(r->pools);
}

static int no_memory(struct gpubroker_error *reterr)
{
	return gpubroker_fail(reterr, GPUBROKER_E_INTERNAL, "no memory for the snapshot");
}

static int read_words(
	struct reading *r, const struct place *p, const char *key, struct gpubroker_words *ret)
{
	const size_t n = MIN(place_count(p, key), (size_t)INVENTORY_MAX_WORDS);
	const char **items = arena_alloc(&r->scratch, n * sizeof(*items));

	*ret = (struct gpubroker_words){items, n};
	return items ? place_texts(p, key, INVENTORY_MAX_WORDS, items) : no_memory(r->reterr);
}

/* ---- hosts ---- */

static int read_amount(const struct place *host, const char *key, struct gpubroker_amount *ret)
{
	const int64_t most = INVENTORY_MAX_NUMBER;
	const struct place_number numbers[] = {
		{"total",       &ret->total,       0,     most, PLACE_NEEDED},
		{"used",        &ret->used,        -most, most, PLACE_NEEDED},
		{"reserved",    &ret->reserved,    0,     most, 0           },
		{"max_unit",    &ret->max_unit,    0,     most, 0           },
		{"ratio_micro", &ret->ratio_micro, 0,     most, 0           },
		{"min_unit",    &ret->min_unit,    0,     most, 0           },
		{"step_size",   &ret->step_size,   0,     most, 0           },
	};
	struct place p;
	int rc = place_object(host, key, &p);

	return rc < 0 ? rc : place_numbers(&p, numbers, ARRAY_SIZE(numbers));
}

struct device_list {
	struct reading *reading;
	struct gpubroker_device *items;
	size_t n;
};

static int read_device(const struct place *p, void *context)
{
	struct device_list *list = context;
	struct gpubroker_device *device = &list->items[list->n++];
	const struct place_number numbers[] = {
		{"total",     &device->total,     0, INVENTORY_MAX_NUMBER, PLACE_NEEDED},
		{"used",      &device->used,      0, INVENTORY_MAX_NUMBER, PLACE_NEEDED},
		{"max_unit",  &device->max_unit,  0, INVENTORY_MAX_NUMBER, 0           },
		{"min_unit",  &device->min_unit,  0, INVENTORY_MAX_NUMBER, 0           },
		{"step_size", &device->step_size, 0, INVENTORY_MAX_NUMBER, 0           },
	};
	int rc = place_numbers(p, numbers, ARRAY_SIZE(numbers));

	return rc < 0 ? rc : read_words(list->reading, p, "words", &device->words);
}

static int read_devices(struct reading *r, const struct place *p, struct gpubroker_gpus *gpus)
{
	const size_t n = MIN(place_count(p, "devices"), (size_t)INVENTORY_MAX_DEVICES);
	struct device_list list = {.reading = r};

	list.items = arena_alloc(&r->scratch, n * sizeof(*list.items));
	if (!list.items) {
		return no_memory(r->reterr);
	}
	gpus->devices = list.items;
	gpus->n_devices = n;
	return place_list(p, "devices", false, INVENTORY_MAX_DEVICES, read_device, &list);
}

static int keep_stranded(struct reading *r, int64_t stranded)
{
	if (!GROW(r->stranded, r->n_stranded, r->stranded_room)) {
		return no_memory(r->reterr);
	}
	r->stranded[r->n_stranded++] = stranded;
	return 0;
}

struct host_gpus {
	struct reading *reading;
	struct gpubroker_gpus items[INVENTORY_MAX_TYPES];
	size_t n;
};

static int read_host_gpus(const struct place *p, void *context)
{
	struct host_gpus *list = context;
	struct gpubroker_gpus *gpus = &list->items[list->n++];
	int64_t stranded;
	const struct place_number numbers[] = {
		{"total",    &gpus->total, 0, INVENTORY_MAX_NUMBER, PLACE_NEEDED },
		{"used",     &gpus->used,  0, INVENTORY_MAX_NUMBER, PLACE_NEEDED },
		{"stranded", &stranded,    0, MAX_SUM,              COUNT_UNKNOWN},
	};
	int rc = place_text(p, "type", true, &gpus->type);

	rc = rc < 0 ? rc : place_numbers(p, numbers, ARRAY_SIZE(numbers));
	rc = rc < 0 ? rc : read_devices(list->reading, p, gpus);
	return rc < 0 ? rc : keep_stranded(list->reading, stranded);
}

static int read_host_amounts(const struct place *p, struct gpubroker_host *host)
{
	int rc = read_amount(p, "vcpus", &host->vcpus);

	rc = rc < 0 || !place_has(p, "pcpus") ? rc : read_amount(p, "pcpus", &host->pcpus);
	rc = rc < 0 ? rc : read_amount(p, "ram_mib", &host->ram_mib);
	return rc < 0 ? rc : read_amount(p, "disk_gib", &host->disk_gib);
}

static int read_host(const struct place *p, void *context)
{
	struct reading *r = context;
	struct host_gpus gpus = {.reading = r};
	struct gpubroker_host host = {0};
	const char *state = NULL;
	int rc = place_text(p, "name", true, &host.name);

	rc = rc < 0 ? rc : place_text(p, "state", true, &state);
	if (rc == 0 && !host_state_parse(state, &host.state)) {
		rc = place_bad(p, "state", "is no state of a host");
	}
	rc = rc < 0 ? rc : place_text(p, "reason", false, &host.reason);
	rc = rc < 0 ? rc : read_host_amounts(p, &host);
	rc = rc < 0 ? rc : read_words(r, p, "words", &host.words);
	rc = rc < 0 ? rc : place_list(p, "gpus", true, INVENTORY_MAX_TYPES, read_host_gpus, &gpus);
	if (rc < 0) {
		return rc;
	}
	host.gpus = gpus.items;
	host.n_gpus = gpus.n;
	return inventory_add_host(&r->inventory, &host, r->reterr);
}

/* ---- flavors ---- */

struct flavor_needs {
	struct reading *reading;
	struct gpubroker_need items[INVENTORY_MAX_TYPES];
	size_t n;
};

static int read_need(const struct place *p, void *context)
{
	struct flavor_needs *list = context;
	struct gpubroker_need *need = &list->items[list->n++];
	const struct place_number numbers[] = {
		{"count", &need->count, 0, INVENTORY_MAX_NUMBER, PLACE_NEEDED},
		{"unit",  &need->unit,  0, INVENTORY_MAX_NUMBER, 0           },
	};
	int rc = place_text(p, "type", true, &need->type);

	rc = rc < 0 ? rc : place_numbers(p, numbers, ARRAY_SIZE(numbers));
	rc = rc < 0 ? rc : read_words(list->reading, p, "required", &need->required);
	return rc < 0 ? rc : read_words(list->reading, p, "forbidden", &need->forbidden);
}

struct flavor_reading {
	struct gpubroker_flavor flavor;
	struct gpubroker_demand demand;
	struct flavor_count count;
	int64_t exclusive;
};

static int read_flavor_numbers(
	const struct reading *r, const struct place *p, struct flavor_reading *f)
{
	const int64_t most = INVENTORY_MAX_NUMBER;
	const int64_t absent = r->origin.model == MODEL_COUNTED ? COUNT_UNKNOWN : PLACE_NEEDED;
	const struct place_number numbers[] = {
		{"vcpus",               &f->flavor.vcpus,         0, most,      absent       },
		{"ram_mib",             &f->flavor.ram_mib,       0, most,      absent       },
		{"disk_gib",            &f->flavor.disk_gib,      0, most,      absent       },
		{"ephemeral_gib",       &f->flavor.ephemeral_gib, 0, most,      absent       },
		{"swap_mib",            &f->flavor.swap_mib,      0, most,      absent       },
		{"total",               &f->count.total,          0, COUNT_MAX, absent       },
		{"available",           &f->count.available,      0, COUNT_MAX, absent       },
		{"available_exclusive", &f->exclusive,            0, COUNT_MAX, COUNT_UNKNOWN},
	};
	int rc = place_numbers(p, numbers, ARRAY_SIZE(numbers));

	if (rc == 0 && f->count.total != COUNT_UNKNOWN && f->count.available > f->count.total) {
		return place_bad(p, "available", "is more than the total");
	}
	if (rc == 0 && f->exclusive > f->count.available) {
		return place_bad(p, "available_exclusive", "is more than what is available");
	}
	return rc;
}

static int read_demand(const struct place *flavor, struct flavor_reading *f)
{
	const int64_t most = INVENTORY_MAX_NUMBER;
	const struct place_number numbers[] = {
		{"vcpus",    &f->demand.vcpus,    0, most, PLACE_NEEDED},
		{"pcpus",    &f->demand.pcpus,    0, most, PLACE_NEEDED},
		{"ram_mib",  &f->demand.ram_mib,  0, most, PLACE_NEEDED},
		{"disk_gib", &f->demand.disk_gib, 0, most, PLACE_NEEDED},
	};
	struct place p;
	int rc;

	if (!place_has(flavor, "demand")) {
		return 0;
	}
	f->flavor.demand = &f->demand;
	rc = place_object(flavor, "demand", &p);
	return rc < 0 ? rc : place_numbers(&p, numbers, ARRAY_SIZE(numbers));
}

static int read_conditions(struct reading *r, const struct place *p, struct flavor_reading *f)
{
	int rc = read_demand(p, f);

	rc = rc < 0 ? rc : place_bool(p, "isolate", false, &f->flavor.isolate);
	rc = rc < 0 ? rc : place_bool(p, "wants_no_gpus", false, &f->flavor.wants_no_gpus);
	rc = rc < 0 ? rc : read_words(r, p, "required", &f->flavor.required);
	rc = rc < 0 ? rc : read_words(r, p, "forbidden", &f->flavor.forbidden);
	return rc < 0 ? rc : read_words(r, p, "remarks", &f->flavor.remarks);
}

static int read_limit(const struct reading *r, const struct place *p, enum limit *ret)
{
	const char *word = NULL;
	int rc = place_text(p, "limited_by", r->origin.model != MODEL_COUNTED, &word);

	*ret = LIMIT_UNKNOWN;
	if (rc == 0 && word && !limit_parse(word, ret)) {
		return place_bad(p, "limited_by", "is no limit");
	}
	return rc;
}

static int keep_flavor(struct reading *r, const struct flavor_reading *f)
{
	r->exclusive[r->n_counts] = f->exclusive;
	r->counts[r->n_counts++] = f->count;
	return r->origin.model == MODEL_COUNTED
		       ? inventory_add_counted_flavor(&r->inventory, &f->flavor, f->count.total,
				 f->count.available, r->reterr)
		       : inventory_add_flavor(&r->inventory, &f->flavor, r->reterr);
}

static int read_flavor(const struct place *p, void *context)
{
	struct reading *r = context;
	struct flavor_needs needs = {.reading = r};
	struct flavor_reading f = {.exclusive = COUNT_UNKNOWN};
	int rc = place_text(p, "id", true, &f.flavor.id);

	rc = rc < 0 ? rc : place_text(p, "name", true, &f.flavor.name);
	rc = rc < 0 ? rc : place_text(p, "invalid", false, &f.flavor.invalid);
	rc = rc < 0 ? rc : place_bool(p, "is_public", true, &f.flavor.is_public);
	rc = rc < 0 ? rc : read_flavor_numbers(r, p, &f);
	rc = rc < 0 ? rc : read_limit(r, p, &f.count.limited_by);
	rc = rc < 0 ? rc : place_list(p, "gpus", true, INVENTORY_MAX_TYPES, read_need, &needs);
	rc = rc < 0 ? rc : read_conditions(r, p, &f);
	if (rc < 0) {
		return rc;
	}
	f.flavor.gpus = needs.items;
	f.flavor.n_gpus = needs.n;
	return keep_flavor(r, &f);
}

/* ---- pools ---- */

static int read_configurations(const struct place *pool, struct gpu_pool *ret)
{
	const struct place_number numbers[] = {
		{"1", &ret->configurations[0], 0, MAX_SUM, PLACE_NEEDED},
		{"2", &ret->configurations[1], 0, MAX_SUM, PLACE_NEEDED},
		{"4", &ret->configurations[2], 0, MAX_SUM, PLACE_NEEDED},
		{"8", &ret->configurations[3], 0, MAX_SUM, PLACE_NEEDED},
	};
	struct place p;
	int rc = place_object(pool, "configurations", &p);

	return rc < 0 ? rc : place_numbers(&p, numbers, ARRAY_SIZE(numbers));
}

static int read_pool(const struct place *p, void *context)
{
	struct reading *r = context;
	struct gpu_pool *pool = &r->pools[r->n_pools++];
	const struct place_number numbers[] = {
		{"total",    &pool->total,    0, MAX_SUM,             PLACE_NEEDED},
		{"used",     &pool->used,     0, MAX_SUM,             PLACE_NEEDED},
		{"free",     &pool->free,     0, MAX_SUM,             PLACE_NEEDED},
		{"stranded", &pool->stranded, 0, MAX_SUM,             PLACE_NEEDED},
		{"disabled", &pool->disabled, 0, MAX_SUM,             PLACE_NEEDED},
		{"hosts",    &pool->hosts,    0, INVENTORY_MAX_HOSTS, PLACE_NEEDED},
	};
	int rc = place_name(p, "type", &pool->type);

	rc = rc < 0 ? rc : place_numbers(p, numbers, ARRAY_SIZE(numbers));
	rc = rc < 0 ? rc : read_configurations(p, pool);
	if (rc == 0 && pool->total != pool->used + pool->free) {
		rc = place_bad(p, "total", "is not what is used and free together");
	}
	if (rc == 0 && pool->stranded > pool->free) {
		rc = place_bad(p, "stranded", "is more than what is free");
	}
	if (rc == 0 && r->n_pools > 1 && strcmp(pool[-1].type, pool->type) >= 0) {
		rc = place_bad(p, "type", "is out of order");
	}
	return rc;
}

/* ---- the document ---- */

static int read_origin(struct reading *r, const struct place *p)
{
	int64_t format = 0;
	const char *model = NULL;
	const struct place_number numbers[] = {
		{"format",      &format,                   SNAPSHOT_FORMAT, SNAPSHOT_FORMAT, PLACE_NEEDED},
		{"observed_at", &r->origin.observed_at_ms, 1,               MAX_TIME_MS,     PLACE_NEEDED},
		{"duration_ms", &r->origin.duration_ms,    0,               MAX_TIME_MS,     0           },
	};
	int rc = place_numbers(p, numbers, ARRAY_SIZE(numbers));

	rc = rc < 0 ? rc : place_name(p, "region", &r->origin.region);
	rc = rc < 0 ? rc : place_name(p, "broker", &r->origin.broker);
	rc = rc < 0 ? rc : place_text(p, "capacity_model", true, &model);
	if (rc == 0 && !capacity_model_parse(model, &r->origin.model)) {
		rc = place_bad(p, "capacity_model", "is no capacity model");
	}
	return rc;
}

static int read_document(struct reading *r, const struct place *p)
{
	int rc = read_origin(r, p);

	rc = rc < 0 ? rc : place_list(p, "hosts", true, INVENTORY_MAX_HOSTS, read_host, r);
	if (rc < 0) {
		return rc;
	}
	if (r->origin.model == MODEL_COUNTED && r->inventory.n_hosts > 0) {
		return place_bad(
			p, "hosts", "are there although the flavors were counted elsewhere");
	}
	r->counts = calloc(place_count(p, "flavors") + 1, sizeof(*r->counts));
	r->exclusive = calloc(place_count(p, "flavors") + 1, sizeof(*r->exclusive));
	r->pools = calloc(place_count(p, "gpus") + 1, sizeof(*r->pools));
	if (!r->counts || !r->exclusive || !r->pools) {
		return no_memory(r->reterr);
	}
	rc = place_list(p, "flavors", true, INVENTORY_MAX_FLAVORS, read_flavor, r);
	return rc < 0 ? rc : place_list(p, "gpus", true, MAX_POOLS, read_pool, r);
}

int snapshot_read_json(
	struct snapshot **ret, const char *data, size_t n, struct gpubroker_error *reterr)
{
	_cleanup_(reading_finish) struct reading r = {.reterr = reterr};
	_cleanup_(place_close) struct place document = {0};
	struct snapshot_counts counts;
	int rc;

	if (n > SNAPSHOT_MAX_BYTES) {
		return gpubroker_fail(reterr, GPUBROKER_E_LIMIT,
			"snapshot: a document of %zu bytes is too large", n);
	}
	rc = place_open(&document, data, n, MAX_VALUES, reterr);
	rc = rc < 0 ? rc : read_document(&r, &document);
	if (rc < 0) {
		return rc;
	}
	counts = (struct snapshot_counts){r.counts, r.exclusive, r.pools, r.n_pools, r.stranded};
	return snapshot_adopt(ret, &r.inventory, &r.origin, &counts, reterr);
}
