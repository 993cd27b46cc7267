/* SPDX-License-Identifier: Apache-2.0 */
/* The JSON form of a snapshot, read: see snapshot.h; snapshot_write.c writes it. Keys that are not known
 * here are left to newer readers. */
#include "base/str.h"
#include "model/inventory.h"
#include "model/pools.h"
#include "model/snapshot.h"

#include <jansson.h>

#include <string.h>

enum {
	MAX_VALUES =
		4000000, /* jansson takes some 100 bytes for each; the caps need half of that */
	MAX_POOLS = 10000,
};
#define MAX_TIME_MS INT64_C(253402300799999) /* the end of the year 9999 */
#define MAX_SUM     (INVENTORY_MAX_NUMBER * INVENTORY_MAX_HOSTS)

/* Where the reader is: an object and how one comes to it, for sentences like
 * "snapshot: hosts[3].vcpus.total is no integer". */
struct place {
	const struct place *parent;
	const char *key; /* in the parent; NULL: the document */
	size_t index;    /* in the parent's list `key`; NO_INDEX: no list */
	const json_t *json;
};
#define NO_INDEX SIZE_MAX

struct reading {
	struct gpubroker_inventory inventory;
	struct snapshot_origin origin;
	struct flavor_count *counts;
	struct gpu_pool *pools;
	size_t n_counts, n_pools;
	struct gpubroker_error *reterr;
};

static void reading_finish(struct reading *r)
{
	inventory_finish(&r->inventory);
	free(r->counts);
	free(r->pools);
}

static void add_place(struct strbuf *out, const struct place *p)
{
	if (!p->parent) {
		return;
	}
	add_place(out, p->parent);
	strbuf_adds(out, p->key);
	if (p->index != NO_INDEX) {
		strbuf_addf(out, "[%zu]", p->index);
	}
	strbuf_addc(out, '.');
}

static int bad(struct reading *r, const struct place *p, const char *key, const char *what)
{
	_cleanup_(strbuf_finish) struct strbuf path = {0};

	add_place(&path, p);
	return gpubroker_fail(r->reterr, GPUBROKER_E_BAD_REPLY, "snapshot: %s%s %s",
		path.data ? path.data : "", key, what);
}

static int get_text(
	struct reading *r, const struct place *p, const char *key, bool needed, const char **ret)
{
	const json_t *v = json_object_get(p->json, key);

	*ret = json_string_value(v);
	if (*ret || (!v && !needed)) {
		return 0;
	}
	return bad(r, p, key, "is no string");
}

/* Text that identifies something. */
static int get_name(struct reading *r, const struct place *p, const char *key, const char **ret)
{
	int rc = get_text(r, p, key, true, ret);

	return rc == 0 && !inventory_name_is_good(*ret) ? bad(r, p, key, "is no name") : rc;
}

static int get_bool(struct reading *r, const struct place *p, const char *key, bool *ret)
{
	const json_t *v = json_object_get(p->json, key);

	*ret = json_is_true(v);
	return json_is_boolean(v) ? 0 : bad(r, p, key, "is neither true nor false");
}

/* A key, where it goes and what is accepted. An absent one is `absent`, or an error with REQUIRED. */
struct number {
	const char *key;
	int64_t *ret;
	int64_t least, most, absent;
};
#define REQUIRED INT64_MIN

static int get_numbers(
	struct reading *r, const struct place *p, const struct number *numbers, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		const struct number *x = &numbers[i];
		const json_t *v = json_object_get(p->json, x->key);

		*x->ret = v ? json_integer_value(v) : x->absent;
		if (v ? !json_is_integer(v) : x->absent == REQUIRED) {
			return bad(r, p, x->key, "is no integer");
		}
		if (v && (*x->ret < x->least || *x->ret > x->most)) {
			return bad(r, p, x->key, "is out of range");
		}
	}
	return 0;
}

static int get_object(struct reading *r, const struct place *p, const char *key, struct place *ret)
{
	*ret = (struct place){p, key, NO_INDEX, json_object_get(p->json, key)};
	return json_is_object(ret->json) ? 0 : bad(r, p, key, "is no object");
}

/* Calls each() for the objects of a list, which has at most `most` of them. */
typedef int item_fn(struct reading *, const struct place *item, void *context);

static int get_list(struct reading *r, const struct place *p, const char *key, size_t most,
	item_fn *each, void *context)
{
	const json_t *list = json_object_get(p->json, key);
	int rc = 0;

	if (!json_is_array(list)) {
		return bad(r, p, key, "is no list");
	}
	if (json_array_size(list) > most) {
		return gpubroker_fail(r->reterr, GPUBROKER_E_LIMIT,
			"snapshot: '%s' has more than %zu items", key, most);
	}
	for (size_t i = 0; rc == 0 && i < json_array_size(list); i++) {
		const struct place item = {p, key, i, json_array_get(list, i)};

		rc = json_is_object(item.json) ? each(r, &item, context)
					       : bad(r, &item, "it", "is no object");
	}
	return rc;
}

/* ---- hosts ---- */

static int read_amount(
	struct reading *r, const struct place *host, const char *key, struct gpubroker_amount *ret)
{
	const int64_t most = INVENTORY_MAX_NUMBER;
	const struct number numbers[] = {
		{"total",       &ret->total,       0,     most, REQUIRED},
		{"used",        &ret->used,        -most, most, REQUIRED},
		{"reserved",    &ret->reserved,    0,     most, 0       },
		{"max_unit",    &ret->max_unit,    0,     most, 0       },
		{"ratio_micro", &ret->ratio_micro, 0,     most, 0       },
	};
	struct place p;
	int rc = get_object(r, host, key, &p);

	return rc < 0 ? rc : get_numbers(r, &p, numbers, ARRAY_SIZE(numbers));
}

struct host_gpus {
	struct gpubroker_gpus items[INVENTORY_MAX_TYPES];
	size_t n;
};

static int read_host_gpus(struct reading *r, const struct place *p, void *context)
{
	struct host_gpus *list = context;
	struct gpubroker_gpus *gpus = &list->items[list->n++];
	const struct number numbers[] = {
		{"total", &gpus->total, 0, INVENTORY_MAX_NUMBER, REQUIRED},
		{"used",  &gpus->used,  0, INVENTORY_MAX_NUMBER, REQUIRED},
	};
	int rc = get_text(r, p, "type", true, &gpus->type);

	return rc < 0 ? rc : get_numbers(r, p, numbers, ARRAY_SIZE(numbers));
}

static int read_host(struct reading *r, const struct place *p, void *context)
{
	struct host_gpus gpus = {.n = 0};
	struct gpubroker_host host = {0};
	const char *state = NULL;
	int rc = get_text(r, p, "name", true, &host.name);

	rc = rc < 0 ? rc : get_text(r, p, "state", true, &state);
	if (rc == 0 && !host_state_parse(state, &host.state)) {
		rc = bad(r, p, "state", "is no state of a host");
	}
	rc = rc < 0 ? rc : get_text(r, p, "reason", false, &host.reason);
	rc = rc < 0 ? rc : read_amount(r, p, "vcpus", &host.vcpus);
	rc = rc < 0 ? rc : read_amount(r, p, "ram_mib", &host.ram_mib);
	rc = rc < 0 ? rc : read_amount(r, p, "disk_gib", &host.disk_gib);
	rc = rc < 0 ? rc : get_list(r, p, "gpus", INVENTORY_MAX_TYPES, read_host_gpus, &gpus);
	if (rc < 0) {
		return rc;
	}
	host.gpus = gpus.items;
	host.n_gpus = gpus.n;
	return inventory_add_host(&r->inventory, &host, r->reterr);
}

/* ---- flavors ---- */

struct flavor_needs {
	struct gpubroker_need items[INVENTORY_MAX_TYPES];
	size_t n;
};

static int read_need(struct reading *r, const struct place *p, void *context)
{
	struct flavor_needs *list = context;
	struct gpubroker_need *need = &list->items[list->n++];
	const struct number number = {"count", &need->count, 0, INVENTORY_MAX_NUMBER, REQUIRED};
	int rc = get_text(r, p, "type", true, &need->type);

	return rc < 0 ? rc : get_numbers(r, p, &number, 1);
}

static int read_flavor_numbers(struct reading *r, const struct place *p, struct gpubroker_flavor *f,
	struct flavor_count *count)
{
	const int64_t most = INVENTORY_MAX_NUMBER;
	const int64_t absent = r->origin.model == MODEL_COUNTED ? COUNT_UNKNOWN : REQUIRED;
	const struct number numbers[] = {
		{"vcpus",         &f->vcpus,         0, most,      absent},
		{"ram_mib",       &f->ram_mib,       0, most,      absent},
		{"disk_gib",      &f->disk_gib,      0, most,      absent},
		{"ephemeral_gib", &f->ephemeral_gib, 0, most,      absent},
		{"swap_mib",      &f->swap_mib,      0, most,      absent},
		{"total",         &count->total,     0, COUNT_MAX, absent},
		{"available",     &count->available, 0, COUNT_MAX, absent},
	};
	int rc = get_numbers(r, p, numbers, ARRAY_SIZE(numbers));

	if (rc == 0 && count->total != COUNT_UNKNOWN && count->available > count->total) {
		return bad(r, p, "available", "is more than the total");
	}
	return rc;
}

static int read_limit(struct reading *r, const struct place *p, enum limit *ret)
{
	const char *word = NULL;
	int rc = get_text(r, p, "limited_by", r->origin.model != MODEL_COUNTED, &word);

	*ret = LIMIT_UNKNOWN;
	if (rc == 0 && word && !limit_parse(word, ret)) {
		return bad(r, p, "limited_by", "is no limit");
	}
	return rc;
}

static int keep_flavor(
	struct reading *r, const struct gpubroker_flavor *f, const struct flavor_count *count)
{
	r->counts[r->n_counts++] = *count;
	return r->origin.model == MODEL_COUNTED ? inventory_add_counted_flavor(&r->inventory, f,
							  count->total, count->available, r->reterr)
						: inventory_add_flavor(&r->inventory, f, r->reterr);
}

static int read_flavor(struct reading *r, const struct place *p, void *context)
{
	struct flavor_needs needs = {.n = 0};
	struct gpubroker_flavor f = {0};
	struct flavor_count count;
	int rc = get_text(r, p, "id", true, &f.id);

	rc = rc < 0 ? rc : get_text(r, p, "name", true, &f.name);
	rc = rc < 0 ? rc : get_text(r, p, "invalid", false, &f.invalid);
	rc = rc < 0 ? rc : get_bool(r, p, "is_public", &f.is_public);
	rc = rc < 0 ? rc : read_flavor_numbers(r, p, &f, &count);
	rc = rc < 0 ? rc : read_limit(r, p, &count.limited_by);
	rc = rc < 0 ? rc : get_list(r, p, "gpus", INVENTORY_MAX_TYPES, read_need, &needs);
	if (rc < 0) {
		return rc;
	}
	f.gpus = needs.items;
	f.n_gpus = needs.n;
	return keep_flavor(r, &f, &count);
}

/* ---- pools ---- */

static int read_configurations(struct reading *r, const struct place *pool, struct gpu_pool *ret)
{
	const struct number numbers[] = {
		{"1", &ret->configurations[0], 0, MAX_SUM, REQUIRED},
		{"2", &ret->configurations[1], 0, MAX_SUM, REQUIRED},
		{"4", &ret->configurations[2], 0, MAX_SUM, REQUIRED},
		{"8", &ret->configurations[3], 0, MAX_SUM, REQUIRED},
	};
	struct place p;
	int rc = get_object(r, pool, "configurations", &p);

	return rc < 0 ? rc : get_numbers(r, &p, numbers, ARRAY_SIZE(numbers));
}

static int read_pool(struct reading *r, const struct place *p, void *context)
{
	struct gpu_pool *pool = &r->pools[r->n_pools++];
	const struct number numbers[] = {
		{"total",    &pool->total,    0, MAX_SUM,             REQUIRED},
		{"used",     &pool->used,     0, MAX_SUM,             REQUIRED},
		{"free",     &pool->free,     0, MAX_SUM,             REQUIRED},
		{"stranded", &pool->stranded, 0, MAX_SUM,             REQUIRED},
		{"disabled", &pool->disabled, 0, MAX_SUM,             REQUIRED},
		{"hosts",    &pool->hosts,    0, INVENTORY_MAX_HOSTS, REQUIRED},
	};
	int rc = get_name(r, p, "type", &pool->type);

	rc = rc < 0 ? rc : get_numbers(r, p, numbers, ARRAY_SIZE(numbers));
	rc = rc < 0 ? rc : read_configurations(r, p, pool);
	if (rc == 0 && pool->total != pool->used + pool->free) {
		rc = bad(r, p, "total", "is not what is used and free together");
	}
	if (rc == 0 && pool->stranded > pool->free) {
		rc = bad(r, p, "stranded", "is more than what is free");
	}
	if (rc == 0 && r->n_pools > 1 && strcmp(pool[-1].type, pool->type) >= 0) {
		rc = bad(r, p, "type", "is out of order");
	}
	return rc;
}

/* ---- the document ---- */

static int read_origin(struct reading *r, const struct place *p)
{
	int64_t format = 0;
	const char *model = NULL;
	const struct number numbers[] = {
		{"format",      &format,                   SNAPSHOT_FORMAT, SNAPSHOT_FORMAT, REQUIRED},
		{"observed_at", &r->origin.observed_at_ms, 1,               MAX_TIME_MS,     REQUIRED},
		{"duration_ms", &r->origin.duration_ms,    0,               MAX_TIME_MS,     0       },
	};
	int rc = get_numbers(r, p, numbers, ARRAY_SIZE(numbers));

	rc = rc < 0 ? rc : get_name(r, p, "region", &r->origin.region);
	rc = rc < 0 ? rc : get_name(r, p, "broker", &r->origin.broker);
	rc = rc < 0 ? rc : get_text(r, p, "capacity_model", true, &model);
	if (rc == 0 && !capacity_model_parse(model, &r->origin.model)) {
		rc = bad(r, p, "capacity_model", "is no capacity model");
	}
	return rc;
}

static int read_document(struct reading *r, const struct place *p)
{
	int rc = read_origin(r, p);

	rc = rc < 0 ? rc : get_list(r, p, "hosts", INVENTORY_MAX_HOSTS, read_host, NULL);
	if (rc < 0) {
		return rc;
	}
	if (r->origin.model == MODEL_COUNTED && r->inventory.n_hosts > 0) {
		return bad(r, p, "hosts", "are there although the flavors were counted elsewhere");
	}
	r->counts = calloc(
		json_array_size(json_object_get(p->json, "flavors")) + 1, sizeof(*r->counts));
	r->pools = calloc(json_array_size(json_object_get(p->json, "gpus")) + 1, sizeof(*r->pools));
	if (!r->counts || !r->pools) {
		return gpubroker_fail(
			r->reterr, GPUBROKER_E_INTERNAL, "no memory for the snapshot");
	}
	rc = get_list(r, p, "flavors", INVENTORY_MAX_FLAVORS, read_flavor, NULL);
	return rc < 0 ? rc : get_list(r, p, "gpus", MAX_POOLS, read_pool, NULL);
}

/* What a document may cost is known before jansson builds it: no more values than commas and brackets. */
static bool is_too_rich(const char *data, size_t n)
{
	size_t values = 0;

	for (size_t i = 0; i < n; i++) {
		values += data[i] == ',' || data[i] == '[' || data[i] == '{';
	}
	return values > MAX_VALUES;
}

static void free_json(json_t **json)
{
	json_decref(*json);
}

int snapshot_read_json(
	struct snapshot **ret, const char *data, size_t n, struct gpubroker_error *reterr)
{
	_cleanup_(reading_finish) struct reading r = {.reterr = reterr};
	_cleanup_(free_json) json_t *json = NULL;
	struct place document = {.index = NO_INDEX};
	struct snapshot_counts counts;
	json_error_t error = {.text = ""};
	int rc;

	if (n > SNAPSHOT_MAX_BYTES || is_too_rich(data, n)) {
		return gpubroker_fail(reterr, GPUBROKER_E_LIMIT,
			"snapshot: a document of %zu bytes is too large", n);
	}
	json = json_loadb(data, n, JSON_REJECT_DUPLICATES, &error);
	if (!json && (json_error_code(&error) == json_error_out_of_memory || !*error.text)) {
		return gpubroker_fail(reterr, GPUBROKER_E_INTERNAL, "no memory for the snapshot");
	}
	if (!json_is_object(json)) {
		return gpubroker_fail(
			reterr, GPUBROKER_E_BAD_REPLY, "snapshot: it is no JSON object");
	}
	document.json = json;
	rc = read_document(&r, &document);
	if (rc < 0) {
		return rc;
	}
	counts = (struct snapshot_counts){r.counts, r.pools, r.n_pools};
	return snapshot_adopt(ret, &r.inventory, &r.origin, &counts, reterr);
}
