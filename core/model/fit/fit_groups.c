/* SPDX-License-Identifier: Apache-2.0 */
/* Too many flavors to try all ways: those that ask for the same GPUs are taken for one, once as large as the least of
 * them – if these do not fit, nothing does – and once as large as the most of them. See fit_problem.h. */
#include "model/fit/fit_problem.h"

#include <string.h>

enum size { LEAST, MOST };

struct groups {
	const struct fit_problem *p;
	struct fit_problem few; /* items are groups */
	size_t group_of[FIT_MAX_ASKS];
	struct fit_item items[FIT_MAX_ASKS];
};

static bool same_gpus(const struct fit_problem *p, size_t a, size_t b)
{
	return memcmp(fit_needs(p, a) + ROOM_AMOUNTS, fit_needs(p, b) + ROOM_AMOUNTS,
		       (p->n_resources - ROOM_AMOUNTS) * sizeof(*p->needs)) == 0;
}

static void list_groups(struct groups *g)
{
	const struct fit_problem *p = g->p;
	struct fit_problem *few = &g->few;

	for (size_t i = 0; i < p->n_items; i++) {
		size_t j = 0;

		while (j < few->n_items && !same_gpus(p, g->items[j].ask, i)) {
			j++;
		}
		if (j == few->n_items) {
			/* an item of p, not an ask: nobody looks for its name */
			g->items[few->n_items++] = (struct fit_item){.ask = i};
		}
		g->group_of[i] = j;
		g->items[j].count += p->items[i].count;
	}
}

static void fill_needs(struct groups *g, enum size size)
{
	for (size_t i = 0; i < g->p->n_items; i++) {
		const int64_t *needs = fit_needs(g->p, i);
		int64_t *of_group = fit_needs(&g->few, g->group_of[i]);
		const bool first = g->items[g->group_of[i]].ask == i;

		for (size_t r = 0; r < g->p->n_resources; r++) {
			of_group[r] = first           ? needs[r]
				      : size == LEAST ? MIN(of_group[r], needs[r])
						      : MAX(of_group[r], needs[r]);
		}
	}
}

/* LEAST: as many as its flavors allow together; MOST: as many as fit of each of them. */
static void fill_caps(struct groups *g, size_t host, enum size size)
{
	const int64_t *caps = fit_caps(g->p, host);
	int64_t *of_group = fit_caps(&g->few, host);
	int64_t most[FIT_MAX_ASKS] = {0};
	bool none[FIT_MAX_ASKS] = {false};

	for (size_t i = 0; i < g->p->n_items; i++) {
		most[g->group_of[i]] += caps[i];
		none[g->group_of[i]] = none[g->group_of[i]] || caps[i] == 0;
	}
	for (size_t j = 0; j < g->few.n_items; j++) {
		const int64_t cap = size == MOST && none[j] ? 0 : MIN(most[j], g->items[j].count);

		of_group[j] = fit_most(&g->few, fit_free(g->p, host), j, cap);
	}
}

static bool make_problem(struct groups *g, enum size size)
{
	const struct fit_problem *p = g->p;
	struct fit_problem *few = &g->few;

	few->n_hosts = p->n_hosts;
	few->n_resources = p->n_resources;
	few->items = g->items;
	few->free = p->free;
	few->plain = true; /* what is found is verified by others */
	few->needs = arena_alloc(&few->arena, few->n_items * p->n_resources * sizeof(*few->needs));
	few->caps = arena_alloc(&few->arena, p->n_hosts * few->n_items * sizeof(*few->caps));
	if (!few->needs || !few->caps) {
		return false;
	}
	fill_needs(g, size);
	for (size_t h = 0; h < p->n_hosts; h++) {
		fill_caps(g, h, size);
	}
	return true;
}

/* Each flavor takes of what its group has on the hosts, one after the other. */
static void split(const struct groups *g, int64_t of_groups[], int64_t placed[])
{
	const struct fit_problem *p = g->p;
	int64_t left[FIT_MAX_ASKS];

	for (size_t i = 0; i < p->n_items; i++) {
		left[i] = p->items[i].count;
	}
	for (size_t h = 0; h < p->n_hosts; h++) {
		for (size_t i = 0; i < p->n_items; i++) {
			int64_t *here = &of_groups[h * g->few.n_items + g->group_of[i]];
			const int64_t n = MIN(*here, left[i]);

			placed[h * p->n_items + i] = n;
			*here -= n;
			left[i] -= n;
		}
	}
}

static int try_size(const struct fit_problem *p, enum size size, int64_t placed[], int64_t *steps)
{
	struct groups g = {.p = p};
	_cleanup_(freep) int64_t *of_groups = NULL;
	int r = FIT_FOUND_UNKNOWN;

	list_groups(&g);
	if (g.few.n_items < p->n_items &&
		fit_spend(steps, (int64_t)(p->n_hosts * (p->n_items + g.few.n_items * 4)))) {
		of_groups = calloc(p->n_hosts * g.few.n_items + 1, sizeof(*of_groups));
		r = of_groups && make_problem(&g, size) ? fit_search(&g.few, of_groups, steps) : -1;
	}
	if (r == FIT_FOUND_ONE) {
		split(&g, of_groups, placed);
	}
	fit_problem_finish(&g.few);
	return r;
}

int fit_groups(const struct fit_problem *p, int64_t placed[], int64_t *steps)
{
	for (int size = LEAST; size <= MOST; size++) {
		int64_t share = *steps / 4;
		int r;

		*steps -= share;
		r = try_size(p, (enum size)size, placed, &share);
		*steps += share;
		if (r < 0 || r == (size == LEAST ? FIT_FOUND_NONE : FIT_FOUND_ONE)) {
			return r;
		}
	}
	return FIT_FOUND_UNKNOWN;
}
