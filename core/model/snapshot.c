/* SPDX-License-Identifier: Apache-2.0 */
/* One reading of one region, counted: see snapshot.h. */
#include "model/snapshot.h"

#include "base/str.h"
#include "model/inventory.h"
#include "model/pools.h"
#include "model/rivalry.h"

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

/* The counts of another service are all there is. */
static void take_counts(struct snapshot *s, const struct counted counts[])
{
	s->model = MODEL_COUNTED;
	for (size_t i = 0; i < s->n_flavors; i++) {
		s->flavors[i].count =
			(struct flavor_count){counts[i].total, counts[i].available, LIMIT_UNKNOWN};
		s->flavors[i].available_exclusive = COUNT_UNKNOWN;
	}
}

static int count_all(struct snapshot *s)
{
	for (size_t i = 0; i < s->n_flavors; i++) {
		s->flavors[i].count = flavor_count(&s->flavors[i].flavor, s->hosts, s->n_hosts);
	}
	return rivalry_split(s->hosts, s->n_hosts, s->flavors, s->n_flavors);
}

int snapshot_count(struct snapshot **ret, const struct gpubroker_inventory *inv,
	const struct snapshot_origin *origin, struct gpubroker_error *reterr)
{
	_cleanup_(snapshot_unrefp) struct snapshot *s = snapshot_new(origin, NULL);
	struct region_pools pools;
	int r = 0;

	if (!s || !copy_all(s, inv)) {
		return no_memory(reterr);
	}
	if (inv->is_counted) {
		take_counts(s, inv->counted);
	} else {
		r = count_all(s);
	}
	if (r < 0 || pools_count(&s->arena, s->hosts, s->n_hosts, s->flavors, s->n_flavors,
			     &pools) < 0) {
		return no_memory(reterr);
	}
	s->pools = pools.items;
	s->n_pools = pools.n;
	s->stranded = pools.stranded;
	*ret = TAKE_PTR(s);
	return 0;
}

static bool adopt_stranded(struct snapshot *s, const int64_t stranded[])
{
	size_t n = 0;

	s->stranded = arena_alloc(&s->arena, s->n_hosts * sizeof(*s->stranded));
	for (size_t i = 0; s->stranded && i < s->n_hosts; i++) {
		const size_t n_gpus = s->hosts[i].n_gpus;

		s->stranded[i] = arena_alloc(&s->arena, n_gpus * sizeof(**s->stranded));
		if (!s->stranded[i]) {
			return false;
		}
		for (size_t j = 0; j < n_gpus; j++) {
			s->stranded[i][j] = stranded[n++];
		}
	}
	return s->stranded != NULL;
}

static bool adopt_pools(struct snapshot *s, const struct snapshot_counts *counts)
{
	s->pools = arena_copy(&s->arena, counts->pools, counts->n_pools * sizeof(*s->pools));
	s->n_pools = counts->n_pools;
	for (size_t i = 0; s->pools && i < s->n_pools; i++) {
		s->pools[i].type = arena_strdup(&s->arena, counts->pools[i].type);
		if (!s->pools[i].type) {
			return false;
		}
	}
	return s->pools != NULL;
}

static bool adopt_all(struct snapshot *s, const struct gpubroker_inventory *inv,
	const struct snapshot_counts *counts)
{
	s->hosts = arena_copy(&s->arena, inv->hosts, inv->n_hosts * sizeof(*s->hosts));
	s->flavors = arena_alloc(&s->arena, inv->n_flavors * sizeof(*s->flavors));
	if (!s->hosts || !s->flavors) {
		return false;
	}
	s->n_hosts = inv->n_hosts;
	s->n_flavors = inv->n_flavors;
	for (size_t i = 0; i < s->n_flavors; i++) {
		s->flavors[i] = (struct snapshot_flavor){
			inv->flavors[i], counts->flavors[i], counts->exclusive[i]};
	}
	return adopt_stranded(s, counts->stranded) && adopt_pools(s, counts);
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
