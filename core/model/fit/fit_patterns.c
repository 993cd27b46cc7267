/* SPDX-License-Identifier: Apache-2.0 */
/* All ways to fill a host: see fit_patterns.h. */
#include "model/fit/fit_patterns.h"

#include <string.h>

enum {
	MAX_PATTERNS = 2000,   /* of a host */
	MAX_NUMBERS = 2000000, /* in the patterns of all */
};

void fit_patterns_finish(struct fit_patterns *f)
{
	arena_finish(&f->arena);
	*f = (struct fit_patterns){0};
}

/* ---- hosts that are the same ---- */

static int compare_hosts(const void *a, const void *b, void *context)
{
	const struct fit_problem *p = context;
	const size_t i = *(const size_t *)a, j = *(const size_t *)b;
	int r = memcmp(fit_free(p, i), fit_free(p, j), p->n_resources * sizeof(*p->free));

	r = r != 0 ? r : memcmp(fit_caps(p, i), fit_caps(p, j), p->n_items * sizeof(*p->caps));
	return r != 0 ? r : (i > j) - (i < j);
}

static bool same_hosts(const struct fit_problem *p, size_t i, size_t j)
{
	return memcmp(fit_free(p, i), fit_free(p, j), p->n_resources * sizeof(*p->free)) == 0 &&
	       memcmp(fit_caps(p, i), fit_caps(p, j), p->n_items * sizeof(*p->caps)) == 0;
}

static bool list_classes(struct fit_patterns *f)
{
	const struct fit_problem *p = f->p;
	size_t *order = arena_alloc(&f->arena, p->n_hosts * sizeof(*order));

	f->classes = arena_alloc(&f->arena, p->n_hosts * sizeof(*f->classes));
	if (!order || !f->classes) {
		return false;
	}
	for (size_t h = 0; h < p->n_hosts; h++) {
		order[h] = h;
	}
	qsort_r(order, p->n_hosts, sizeof(*order), compare_hosts, (void *)p);
	for (size_t h = 0; h < p->n_hosts; h++) {
		if (h == 0 || !same_hosts(p, order[h - 1], order[h])) {
			f->classes[f->n_classes++].members = &order[h];
		}
		f->classes[f->n_classes - 1].n_members++;
	}
	return true;
}

/* ---- patterns of one host ---- */

struct filling {
	const struct fit_problem *p;
	const int64_t *caps;
	int64_t *free;        /* [item + 1][resource]: what is left before that item */
	int32_t *pattern;     /* so far */
	int32_t *found;       /* patterns */
	size_t n_found, room; /* of them */
	int64_t *steps;
	bool too_many;
};

static bool is_maximal(const struct filling *f)
{
	const int64_t *left = f->free + f->p->n_items * f->p->n_resources;
	size_t i = 0;

	while (i < f->p->n_items && fit_most(f->p, left, i, f->caps[i] - f->pattern[i]) <= 0) {
		i++;
	}
	fit_spend(f->steps, (int64_t)(MIN(i + 1, f->p->n_items) * 2));
	return i == f->p->n_items;
}

static bool keep_pattern(struct filling *f)
{
	if (!is_maximal(f)) {
		return true;
	}
	if (f->n_found == MAX_PATTERNS) {
		f->too_many = true;
		return false;
	}
	if (!grow_((void **)&f->found, f->n_found, &f->room,
		    f->p->n_items * sizeof(*f->found))) { /* an item of it is a whole pattern */
		return false;
	}
	memcpy(f->found + f->n_found * f->p->n_items, f->pattern,
		f->p->n_items * sizeof(*f->pattern));
	f->n_found++;
	return true;
}

/* false: too many, too long or no memory. */
static bool fill_from(struct filling *f, size_t item)
{
	const size_t n = f->p->n_resources;
	const int64_t *free = f->free + item * n;
	int64_t most;

	if (!fit_spend(f->steps, 1 + (int64_t)n)) {
		f->too_many = true;
		return false;
	}
	if (item == f->p->n_items) {
		return keep_pattern(f);
	}
	most = fit_most(f->p, free, item, f->caps[item]);
	for (int64_t count = most; count >= 0; count--) {
		int64_t *next = f->free + (item + 1) * n;

		memcpy(next, free, n * sizeof(*next));
		fit_take(f->p, next, item, count);
		f->pattern[item] = (int32_t)count;
		if (!fill_from(f, item + 1)) {
			return false;
		}
		if (item + 1 == f->p->n_items) {
			break; /* fewer of the last one is never maximal */
		}
	}
	return true;
}

/* 1: listed; 0: too many; < 0: no memory. */
static int list_patterns(struct fit_patterns *f, struct fit_class *class, struct filling *filling)
{
	const struct fit_problem *p = f->p;
	const size_t host = class->members[0];

	filling->caps = fit_caps(p, host);
	filling->n_found = 0;
	memcpy(filling->free, fit_free(p, host), p->n_resources * sizeof(*filling->free));
	if (!fill_from(filling, 0)) {
		return filling->too_many ? 0 : -1;
	}
	class->n_patterns = filling->n_found;
	class->patterns = arena_copy(&f->arena, filling->found,
		filling->n_found * p->n_items * sizeof(*class->patterns));
	return class->patterns ? 1 : -1;
}

static int list_all_patterns(struct fit_patterns *f, struct filling *filling)
{
	size_t numbers = 0;
	int r = 1;

	filling->free = arena_alloc(
		&f->arena, (f->p->n_items + 1) * f->p->n_resources * sizeof(*filling->free));
	filling->pattern = arena_alloc(&f->arena, f->p->n_items * sizeof(*filling->pattern));
	if (!filling->free || !filling->pattern) {
		return -1;
	}
	for (size_t c = 0; r == 1 && c < f->n_classes; c++) {
		r = list_patterns(f, &f->classes[c], filling);
		numbers += filling->n_found * f->p->n_items;
		if (numbers > MAX_NUMBERS ||
			!fit_spend(filling->steps, (int64_t)(filling->n_found * f->p->n_items))) {
			return r < 0 ? r : 0;
		}
	}
	return r;
}

/* ---- classes with the same patterns ---- */

static bool same_patterns(const struct fit_patterns *f, const struct fit_class *a,
	const struct fit_class *b, int64_t *steps)
{
	return a->n_patterns == b->n_patterns &&
	       fit_spend(steps, 1 + (int64_t)(a->n_patterns * f->p->n_items / 16)) &&
	       memcmp(a->patterns, b->patterns,
		       a->n_patterns * f->p->n_items * sizeof(*a->patterns)) == 0;
}

static bool join(struct fit_patterns *f, struct fit_class *into, const struct fit_class *from)
{
	const size_t n = into->n_members + from->n_members;
	size_t *members = arena_alloc(&f->arena, n * sizeof(*members));

	if (!members) {
		return false;
	}
	memcpy(members, into->members, into->n_members * sizeof(*members));
	memcpy(members + into->n_members, from->members, from->n_members * sizeof(*members));
	into->members = members;
	into->n_members = n;
	return true;
}

static int compare_classes(const void *a, const void *b)
{
	const struct fit_class *x = a, *y = b;

	return x->n_patterns != y->n_patterns
		       ? (x->n_patterns > y->n_patterns) - (x->n_patterns < y->n_patterns)
		       : (x->members[0] > y->members[0]) - (x->members[0] < y->members[0]);
}

/* Those with fewest ways first: there is least to decide. 1: done; 0: the steps are used up; < 0: no memory. */
static int join_classes(struct fit_patterns *f, int64_t *steps)
{
	size_t n = 0;

	for (size_t c = 0; c < f->n_classes; c++) {
		size_t i = 0;

		while (i < n && !same_patterns(f, &f->classes[i], &f->classes[c], steps)) {
			i++;
		}
		if (*steps <= 0) {
			return 0;
		}
		if (i == n) {
			f->classes[n++] = f->classes[c];
		} else if (!join(f, &f->classes[i], &f->classes[c])) {
			return -1;
		}
	}
	f->n_classes = n;
	qsort(f->classes, n, sizeof(*f->classes), compare_classes);
	return 1;
}

static void filling_finish(struct filling *f)
{
	free(f->found);
}

int fit_patterns_init(struct fit_patterns *f, const struct fit_problem *p, int64_t *steps)
{
	_cleanup_(filling_finish) struct filling filling = {.p = p, .steps = steps};
	int64_t servers = 0;
	int r;

	*f = (struct fit_patterns){.p = p};
	for (size_t i = 0; i < p->n_items; i++) {
		servers += p->items[i].count;
	}
	if (p->n_hosts > PATTERNS_MAX_HOSTS || servers > PATTERNS_MAX_SERVERS) {
		return 0;
	}
	if (!list_classes(f)) {
		return -1;
	}
	r = list_all_patterns(f, &filling);
	return r == 1 ? join_classes(f, steps) : r;
}
