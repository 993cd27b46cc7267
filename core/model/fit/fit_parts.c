/* SPDX-License-Identifier: Apache-2.0 */
/* Parts of a question that have nothing to do with each other: see fit_problem.h. */
#include "model/fit/fit_problem.h"

static void join(size_t part_of[], size_t n_items, size_t a, size_t b)
{
	const size_t from = part_of[a], into = part_of[b];

	for (size_t i = 0; from != into && i < n_items; i++) {
		part_of[i] = part_of[i] == from ? into : part_of[i];
	}
}

/* Numbers without gaps, in the order of the items. */
static size_t number(size_t part_of[], size_t n_items)
{
	size_t names[FIT_MAX_ASKS], n = 0;

	for (size_t i = 0; i < n_items; i++) {
		size_t j = 0;

		while (j < n && names[j] != part_of[i]) {
			j++;
		}
		if (j == n) {
			names[n++] = part_of[i];
		}
		part_of[i] = j;
	}
	return n;
}

size_t fit_parts(const struct fit_problem *p, size_t ret[FIT_MAX_ASKS])
{
	for (size_t i = 0; i < p->n_items; i++) {
		ret[i] = i;
	}
	for (size_t h = 0; h < p->n_hosts; h++) {
		const int64_t *caps = fit_caps(p, h);
		size_t first = 0;

		while (first < p->n_items && caps[first] <= 0) {
			first++;
		}
		for (size_t i = first + 1; i < p->n_items; i++) {
			if (caps[i] > 0) {
				join(ret, p->n_items, i, first);
			}
		}
	}
	return number(ret, p->n_items);
}
