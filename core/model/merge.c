/* SPDX-License-Identifier: Apache-2.0 */
/* All regions into one view: step 8 of the straight line. See view.h. */
#include "base/str.h"
#include "model/view.h"

#include <string.h>

static struct gpu_sums sum_pools(const struct snapshot *s)
{
	struct gpu_sums sums = {0};

	for (size_t i = 0; i < s->n_pools; i++) {
		sums.total += s->pools[i].total;
		sums.used += s->pools[i].used;
		sums.free += s->pools[i].free;
		sums.stranded += s->pools[i].stranded;
		sums.disabled += s->pools[i].disabled;
	}
	return sums;
}

/* The earlier of two moments, where 0 is never. */
static int64_t earlier(int64_t a, int64_t b)
{
	return a == 0 ? b : b == 0 ? a : MIN(a, b);
}

static bool merge_region(struct view *v, const struct view_input *input)
{
	struct view_region *region = &v->regions[v->n_regions];
	struct snapshot *snapshot = input->status->enabled ? input->snapshot : NULL;
	const int64_t observed_ms = snapshot ? snapshot->observed_at_ms : 0;

	if (!region_status_copy(input->status, &region->status)) {
		return false;
	}
	v->n_regions++;
	region->state = region_state_at(&region->status, observed_ms, v->made_at_ms);
	v->changes_at_ms = earlier(v->changes_at_ms,
		region_state_changes_at(&region->status, observed_ms, v->made_at_ms));
	if (region->status.enabled) {
		v->next_refresh_ms = earlier(v->next_refresh_ms, region->status.next_refresh_ms);
	}
	if (snapshot) {
		region->snapshot = snapshot_ref(snapshot);
		region->gpus = sum_pools(snapshot);
		v->oldest_observed_ms = earlier(v->oldest_observed_ms, observed_ms);
		v->n_rows += snapshot->n_flavors;
	}
	return true;
}

struct id_order {
	const struct view_row *rows;
	const char *default_region; /* may be NULL */
};

static int compare_ids(const void *a, const void *b, void *context)
{
	const struct id_order *order = context;
	const size_t i = *(const size_t *)a, j = *(const size_t *)b;
	const struct view_row *x = &order->rows[i], *y = &order->rows[j];
	int r = strcmp(x->flavor->flavor.id, y->flavor->flavor.id);

	if (r != 0) {
		return r;
	}
	r = str_equal(y->region->status.name, order->default_region) -
	    str_equal(x->region->status.name, order->default_region);
	return r != 0 ? r : (i > j) - (i < j);
}

static bool list_rows(struct view *v, const char *default_region)
{
	struct id_order order;
	size_t n = 0;

	v->rows = calloc(v->n_rows + 1, sizeof(*v->rows));
	v->rows_by_id = calloc(v->n_rows + 1, sizeof(*v->rows_by_id));
	if (!v->rows || !v->rows_by_id) {
		return false;
	}
	for (size_t i = 0; i < v->n_regions; i++) {
		const struct view_region *region = &v->regions[i];

		for (size_t j = 0; region->snapshot && j < region->snapshot->n_flavors; j++) {
			v->rows[n] = (struct view_row){region, &region->snapshot->flavors[j]};
			v->rows_by_id[n] = n;
			n++;
		}
	}
	order = (struct id_order){v->rows, default_region};
	qsort_r(v->rows_by_id, n, sizeof(*v->rows_by_id), compare_ids, &order);
	return true;
}

int view_merge(struct view **ret, const struct view_input regions[], size_t n,
	const char *default_region, int64_t now_wall_ms, struct gpubroker_error *reterr)
{
	_cleanup_(view_unrefp) struct view *v = calloc(1, sizeof(*v));
	bool good = v != NULL;

	if (good) {
		v->references = 1;
		v->made_at_ms = now_wall_ms;
		v->regions = calloc(n + 1, sizeof(*v->regions));
		good = v->regions != NULL;
	}
	for (size_t i = 0; good && i < n; i++) {
		good = merge_region(v, &regions[i]);
	}
	if (!good || !list_rows(v, default_region)) {
		return gpubroker_fail(reterr, GPUBROKER_E_INTERNAL, "no memory for the view");
	}
	*ret = TAKE_PTR(v);
	return 0;
}
