/* SPDX-License-Identifier: Apache-2.0 */
/* All regions merged: what every page is rendered from. Immutable; counted references, atomic. */
#ifndef MODEL_VIEW_H
#define MODEL_VIEW_H

#include "model/region.h"
#include "model/snapshot.h"

struct gpu_sums {
	int64_t total, used, free, stranded, disabled;
};

struct view_region {
	struct region_status status; /* the view's own copy */
	enum region_state state;
	struct snapshot *snapshot; /* a reference; NULL: no data */
	struct gpu_sums gpus;      /* sums over the snapshot's pools */
};

struct view_row { /* one flavor of one region */
	const struct view_region *region;
	const struct snapshot_flavor *flavor;
};

struct view {
	struct view_region *regions; /* configuration order; all of them, also those without data */
	size_t n_regions;
	struct view_row *rows; /* configuration order of regions, then as the cloud lists them */
	size_t n_rows;
	size_t *rows_by_id; /* indexes into rows, sorted by flavor id, then default region first, then order */
	int64_t made_at_ms;         /* wall clock */
	int64_t oldest_observed_ms; /* of the snapshots in it; 0: none */
	int64_t next_refresh_ms;    /* earliest of the regions'; 0: none planned */
	int64_t changes_at_ms;      /* when a state changes by the clock alone; 0: never */
	unsigned references;
};

struct view_input {
	const struct region_status *status;
	struct snapshot *snapshot; /* NULL: no data */
};

/* merge.c, step 8 of the straight line. Disabled regions show no rows and no snapshot. Takes its own references
 * of the snapshots. < 0 only for no memory. */
int view_merge(struct view **ret, const struct view_input regions[], size_t n,
	const char *default_region, int64_t now_wall_ms, struct gpubroker_error *reterr);
struct view *view_ref(struct view *);
void view_unref(struct view *);
DEFINE_CLEANUP(struct view *, view_unref);

const struct view_region *view_find_region(const struct view *, const char *name);
/* It is asked for data but has neither given any nor failed, whatever its state is called. */
bool view_region_is_awaited(const struct view_region *);
/* First row with that id: rest.default_region wins, else configuration order. region NULL: any. */
const struct view_row *view_find_row(
	const struct view *, const char *region, const char *flavor_id);

/* Both are needed for a row of the predecessor's lists (contract §3.1, §4), which know GPU flavors with
 * numbers only. A GPU flavor asks for GPUs, tries to and is invalid for it, or comes from a service that tells
 * nothing of what its flavors need – such services count GPU flavors. */
bool view_row_is_gpu(const struct view_row *);
bool view_row_has_counts(const struct view_row *);

#endif
