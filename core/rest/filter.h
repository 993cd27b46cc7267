/* SPDX-License-Identifier: Apache-2.0 */
/* The parameters of the flavor lists: which rows, in which order, with which fields. */
#ifndef REST_FILTER_H
#define REST_FILTER_H

#include "rest/handlers.h"

enum { FILTER_MAX_SORT_KEYS = 16 };

extern const char *const filter_parameters[]; /* NULL-terminated, for the route table */

struct filter {
	const struct view_region *regions[MAX_PARAMETERS];
	size_t n_regions; /* 0: any */
	const char *gpu_types[MAX_PARAMETERS];
	size_t n_gpu_types; /* 0: any */
	const char *name;   /* NULL: any */
	int64_t min_available; /* INT64_MIN: any, also unknown */
	uint32_t fields;       /* a bit a field; 0: all */
	struct sort_key {
		unsigned field;
		bool descending;
	} sort[FILTER_MAX_SORT_KEYS];
	size_t n_sort;
};

/* false: *ret_problem says what is wrong with which parameter. */
bool filter_parse(struct filter *, const struct page_source *, struct draft *ret_problem);

bool filter_wants_region(const struct filter *, const struct view_region *);
/* The rows that pass, sorted; region NULL: of any region. NULL: no memory. The caller frees. */
const struct view_row **filter_rows(const struct filter *, const struct view *,
	const struct view_region *region, size_t *ret_n);
/* A field_filter_fn; context: the filter. */
bool filter_wants_field(void *filter, const char *field);

#endif
