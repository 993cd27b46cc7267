/* SPDX-License-Identifier: Apache-2.0 */
/* One reading of one region, counted: see snapshot.h. */
#include "model/snapshot.h"

#include "base/str.h"
#include "model/inventory.h"
#include "model/pools.h"

#include <string.h>

static const char *const model_words[] = {
	[MODEL_NOVA] = "nova",
	[MODEL_PLACEMENT] = "placement",
	[MODEL_COUNTED] = "counted",
};

const char *capacity_model_word(enum capacity_model model)
{
	return model_words[model];
}

bool capacity_model_parse(const char *word, enum capacity_model *ret)
{
	for (size_t i = MODEL_NOVA; i < ARRAY_SIZE(model_words); i++) {
		if (strcmp(model_words[i], word) == 0) {
			*ret = (enum capacity_model)i;
			return true;
		}
	}
	return false;
}

enum capacity_model snapshot_model_of(const struct gpubroker_inventory *inv)
{
	if (inv->is_counted) {
		return MODEL_COUNTED;
	}
	return inv->capacity_model == GPUBROKER_CAPACITY_PLACEMENT ? MODEL_PLACEMENT : MODEL_NOVA;
}

/* ---- references ---- */

struct snapshot *snapshot_ref(struct snapshot *s)
{
	if (s) {
		__atomic_add_fetch(&s->references, 1, __ATOMIC_RELAXED);
	}
	return s;
}

void snapshot_unref(struct snapshot *s)
{
	if (s && __atomic_sub_fetch(&s->references, 1, __ATOMIC_ACQ_REL) == 0) {
		arena_finish(&s->arena);
		free(s);
	}
}

/* ---- making ---- */

static int no_memory(struct gpubroker_error *reterr)
{
	return gpubroker_fail(reterr, GPUBROKER_E_INTERNAL, "no memory for the snapshot");
}

/* Takes the arena (may be NULL) and makes the origin's part. */
static struct snapshot *snapshot_new(const struct snapshot_origin *origin, struct arena *arena)
{
	_cleanup_(snapshot_unrefp) struct snapshot *s = calloc(1, sizeof(*s));

	if (!s) {
		return NULL;
	}
	s->references = 1;
	if (arena) {
		s->arena = *arena;
		*arena = (struct arena){0};
	}
	s->region = arena_strdup(&s->arena, origin->region);
	s->broker = arena_strdup(&s->arena, origin->broker);
	s->observed_at_ms = origin->observed_at_ms;
	s->duration_ms = origin->duration_ms;
	s->model = origin->model;
	return s->region && s->broker ? TAKE_PTR(s) : NULL;
}

static bool copy_all(struct snapshot *s, const struct gpubroker_inventory *inv)
{
	bool good;

	s->hosts = arena_alloc(&s->arena, inv->n_hosts * sizeof(*s->hosts));
	s->flavors = arena_alloc(&s->arena, inv->n_flavors * sizeof(*s->flavors));
	good = s->hosts && s->flavors;
	for (; good && s->n_hosts < inv->n_hosts; s->n_hosts++) {
		good = host_copy(&s->arena, &inv->hosts[s->n_hosts], &s->hosts[s->n_hosts]);
	}
	for (; good && s->n_flavors < inv->n_flavors; s->n_flavors++) {
		good = flavor_copy(
			&s->arena, &inv->flavors[s->n_flavors], &s->flavors[s->n_flavors].flavor);
	}
	return good;
}

int snapshot_count(struct snapshot **ret, const struct gpubroker_inventory *inv,
	const struct snapshot_origin *origin, struct gpubroker_error *reterr)
{
	_cleanup_(snapshot_unrefp) struct snapshot *s = snapshot_new(origin, NULL);

	if (!s || !copy_all(s, inv)) {
		return no_memory(reterr);
	}
	for (size_t i = 0; i < s->n_flavors; i++) {
		struct snapshot_flavor *f = &s->flavors[i];

		f->count = inv->is_counted ? (struct flavor_count){inv->counted[i].total,
						     inv->counted[i].available, LIMIT_UNKNOWN}
					   : flavor_count(&f->flavor, s->hosts, s->n_hosts);
	}
	if (inv->is_counted) {
		s->model = MODEL_COUNTED;
	}
	if (pools_count(&s->arena, s->hosts, s->n_hosts, s->flavors, s->n_flavors, &s->pools,
		    &s->n_pools) < 0) {
		return no_memory(reterr);
	}
	*ret = TAKE_PTR(s);
	return 0;
}

static bool adopt_all(struct snapshot *s, const struct gpubroker_inventory *inv,
	const struct snapshot_counts *counts)
{
	s->hosts = arena_copy(&s->arena, inv->hosts, inv->n_hosts * sizeof(*s->hosts));
	s->flavors = arena_alloc(&s->arena, inv->n_flavors * sizeof(*s->flavors));
	s->pools = arena_copy(&s->arena, counts->pools, counts->n_pools * sizeof(*s->pools));
	if (!s->hosts || !s->flavors || !s->pools) {
		return false;
	}
	s->n_hosts = inv->n_hosts;
	s->n_flavors = inv->n_flavors;
	s->n_pools = counts->n_pools;
	for (size_t i = 0; i < s->n_flavors; i++) {
		s->flavors[i] = (struct snapshot_flavor){inv->flavors[i], counts->flavors[i]};
	}
	for (size_t i = 0; i < s->n_pools; i++) {
		s->pools[i].type = arena_strdup(&s->arena, counts->pools[i].type);
		if (!s->pools[i].type) {
			return false;
		}
	}
	return true;
}

int snapshot_adopt(struct snapshot **ret, struct gpubroker_inventory *inv,
	const struct snapshot_origin *origin, const struct snapshot_counts *counts,
	struct gpubroker_error *reterr)
{
	_cleanup_(snapshot_unrefp) struct snapshot *s = snapshot_new(origin, &inv->arena);

	if (!s || !adopt_all(s, inv, counts)) {
		return no_memory(reterr);
	}
	*ret = TAKE_PTR(s);
	return 0;
}

/* ---- comparing ---- */

static bool amounts_equal(const struct gpubroker_amount *a, const struct gpubroker_amount *b)
{
	return a->total == b->total && a->used == b->used && a->reserved == b->reserved &&
	       a->max_unit == b->max_unit && a->ratio_micro == b->ratio_micro;
}

static bool hosts_equal(const struct gpubroker_host *a, const struct gpubroker_host *b)
{
	if (a->state != b->state || a->n_gpus != b->n_gpus || !str_equal(a->name, b->name) ||
		!str_equal(a->reason, b->reason) || !amounts_equal(&a->vcpus, &b->vcpus) ||
		!amounts_equal(&a->ram_mib, &b->ram_mib) ||
		!amounts_equal(&a->disk_gib, &b->disk_gib)) {
		return false;
	}
	for (size_t i = 0; i < a->n_gpus; i++) {
		const struct gpubroker_gpus *x = &a->gpus[i], *y = &b->gpus[i];

		if (x->total != y->total || x->used != y->used || !str_equal(x->type, y->type)) {
			return false;
		}
	}
	return true;
}

static bool counts_equal(const struct flavor_count *a, const struct flavor_count *b)
{
	return a->total == b->total && a->available == b->available &&
	       a->limited_by == b->limited_by;
}

static bool flavors_equal(const struct gpubroker_flavor *a, const struct gpubroker_flavor *b)
{
	if (a->vcpus != b->vcpus || a->ram_mib != b->ram_mib || a->disk_gib != b->disk_gib ||
		a->ephemeral_gib != b->ephemeral_gib || a->swap_mib != b->swap_mib ||
		a->is_public != b->is_public || a->n_gpus != b->n_gpus ||
		!str_equal(a->id, b->id) || !str_equal(a->name, b->name) ||
		!str_equal(a->invalid, b->invalid)) {
		return false;
	}
	for (size_t i = 0; i < a->n_gpus; i++) {
		if (a->gpus[i].count != b->gpus[i].count ||
			!str_equal(a->gpus[i].type, b->gpus[i].type)) {
			return false;
		}
	}
	return true;
}

/* The pools follow from hosts and flavors. */
bool snapshot_same_content(const struct snapshot *a, const struct snapshot *b)
{
	if (a->model != b->model || a->n_hosts != b->n_hosts || a->n_flavors != b->n_flavors ||
		!str_equal(a->region, b->region)) {
		return false;
	}
	for (size_t i = 0; i < a->n_hosts; i++) {
		if (!hosts_equal(&a->hosts[i], &b->hosts[i])) {
			return false;
		}
	}
	for (size_t i = 0; i < a->n_flavors; i++) {
		if (!counts_equal(&a->flavors[i].count, &b->flavors[i].count) ||
			!flavors_equal(&a->flavors[i].flavor, &b->flavors[i].flavor)) {
			return false;
		}
	}
	return true;
}
