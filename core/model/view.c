/* SPDX-License-Identifier: Apache-2.0 */
/* Holding and searching a view: see view.h; merge.c makes one. */
#include "model/view.h"

#include <string.h>

struct view *view_ref(struct view *v)
{
	if (v) {
		__atomic_add_fetch(&v->references, 1, __ATOMIC_RELAXED);
	}
	return v;
}

void view_unref(struct view *v)
{
	if (!v || __atomic_sub_fetch(&v->references, 1, __ATOMIC_ACQ_REL) > 0) {
		return;
	}
	for (size_t i = 0; i < v->n_regions; i++) {
		region_status_finish(&v->regions[i].status);
		snapshot_unref(v->regions[i].snapshot);
	}
	free(v->regions);
	free(v->rows);
	free(v->rows_by_id);
	free(v);
}

const struct view_region *view_find_region(const struct view *v, const char *name)
{
	for (size_t i = 0; i < v->n_regions; i++) {
		if (strcmp(v->regions[i].status.name, name) == 0) {
			return &v->regions[i];
		}
	}
	return NULL;
}

bool view_region_is_awaited(const struct view_region *region)
{
	const struct region_status *s = &region->status;

	return s->enabled && !region->snapshot && !(s->attempted && s->code != GPUBROKER_OK);
}

static const struct view_row *row_by_id(const struct view *v, size_t i)
{
	return &v->rows[v->rows_by_id[i]];
}

/* The first of rows_by_id that is not before id. */
static size_t lower_bound(const struct view *v, const char *id)
{
	size_t low = 0, high = v->n_rows;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (strcmp(row_by_id(v, middle)->flavor->flavor.id, id) < 0) {
			low = middle + 1;
		} else {
			high = middle;
		}
	}
	return low;
}

const struct view_row *view_find_row(const struct view *v, const char *region, const char *id)
{
	for (size_t i = lower_bound(v, id); i < v->n_rows; i++) {
		const struct view_row *row = row_by_id(v, i);

		if (strcmp(row->flavor->flavor.id, id) != 0) {
			return NULL;
		}
		if (!region || strcmp(row->region->status.name, region) == 0) {
			return row;
		}
	}
	return NULL;
}

bool view_row_is_gpu(const struct view_row *row)
{
	const struct gpubroker_flavor *f = &row->flavor->flavor;

	return f->n_gpus > 0 || flavor_tries_for_gpus(f) || f->vcpus == COUNT_UNKNOWN;
}

bool view_row_has_counts(const struct view_row *row)
{
	const struct flavor_count *c = &row->flavor->count;

	return c->total != COUNT_UNKNOWN && c->available != COUNT_UNKNOWN;
}
