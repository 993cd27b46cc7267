/* SPDX-License-Identifier: Apache-2.0 */
/* Trying all ways to fill the hosts, one host after the other: see fit_problem.h. What is left to place decides all
 * that follows, so what failed once is remembered. */
#include "model/fit/fit_memo.h"
#include "model/fit/fit_patterns.h"

#include <string.h>

enum { ONE_MEMO = 40 }; /* steps: mostly waiting for memory */

struct search {
	struct fit_patterns patterns;
	const struct fit_problem *p;
	int64_t *steps;
	int64_t *left;   /* [item]: what has no place yet */
	int64_t *placed; /* [host][item] */
	int32_t *taken;  /* [depth][item] */
	struct fit_memo memo;
	bool gap; /* a placement was found that the rules of devices forbid */
};

static void search_finish(struct search *s)
{
	fit_patterns_finish(&s->patterns);
	fit_memo_finish(&s->memo);
}

/* ---- bounds ---- */

static int64_t worth_left(const struct search *s, const int64_t weights[])
{
	int64_t sum = 0;

	for (size_t i = 0; i < s->p->n_items; i++) {
		sum += weights[i] * s->left[i];
	}
	return sum;
}

/* What is left is worth more than the class's last n hosts and all after them can hold. */
static bool is_too_much(const struct search *s, size_t class, size_t n)
{
	for (size_t i = 0; i < s->patterns.n_weights; i++) {
		const struct fit_weights *w = &s->patterns.weights[i];

		if (worth_left(s, w->of) > w->rest[class + 1] + (int64_t)n * w->best[class]) {
			return true;
		}
	}
	return false;
}

static bool all_placed(const struct search *s)
{
	for (size_t i = 0; i < s->p->n_items; i++) {
		if (s->left[i] > 0) {
			return false;
		}
	}
	return true;
}

static bool is_good(struct search *s)
{
	_cleanup_(fit_result_finish) struct fit_result result = {0};
	const struct fit_problem *p = s->p;
	bool good = p->plain;

	if (!good && fit_placements(p, s->placed, &result)) {
		good = fit_verify(p->all_hosts, SIZE_MAX, p->asks, p->n_asks, result.placements,
			result.n_placements);
	}
	fit_spend(s->steps, p->plain ? 1 : (int64_t)(p->n_hosts * (40 + p->n_items)));
	s->gap = s->gap || !good;
	return good;
}

/* ---- one host after the other ---- */

/* What a pattern can still give. false: nothing. */
static bool cut_pattern(const struct search *s, const int32_t pattern[], int32_t ret[])
{
	bool any = false;

	for (size_t i = 0; i < s->p->n_items; i++) {
		ret[i] = (int32_t)MIN((int64_t)pattern[i], s->left[i]);
		any = any || ret[i] > 0;
	}
	return any;
}

static int64_t worth_now(const struct search *s, const int32_t pattern[])
{
	const struct fit_weights *w = &s->patterns.weights[s->patterns.n_weights - 1];
	int64_t sum = 0;

	for (size_t i = 0; i < s->p->n_items; i++) {
		sum += (w->of[i] + 1) * MIN((int64_t)pattern[i], s->left[i]);
	}
	return sum;
}

/* The pattern that is worth most now: tried first. */
static size_t best_pattern(const struct search *s, const struct fit_class *class)
{
	size_t best = 0;
	int64_t most = -1;

	for (size_t i = 0; i < class->n_patterns; i++) {
		const int64_t worth = worth_now(s, class->patterns + i * s->p->n_items);

		if (worth > most) {
			most = worth;
			best = i;
		}
	}
	return best;
}

static bool fill_host(struct search *s, size_t class, size_t n);

/* Gives the class's n-th host from behind what the pattern says. true: the rest has a place too. */
static bool try_pattern(struct search *s, size_t class, size_t n, const int32_t pattern[])
{
	const size_t n_items = s->p->n_items;
	const size_t host = s->patterns.classes[class].members[n - 1];
	int32_t *taken = s->taken + host * n_items;
	int64_t *placed = s->placed + host * n_items;

	if (!cut_pattern(s, pattern, taken)) {
		return false;
	}
	for (size_t i = 0; i < n_items; i++) {
		placed[i] = taken[i];
		s->left[i] -= taken[i];
	}
	if (fill_host(s, class, n - 1)) {
		return true;
	}
	for (size_t i = 0; i < n_items; i++) {
		s->left[i] += taken[i];
		placed[i] = 0;
	}
	return false;
}

static bool gives_nothing(const struct search *s, const struct fit_class *class)
{
	for (size_t i = 0; i < class->n_patterns * s->p->n_items; i++) {
		if (class->patterns[i] > 0 && s->left[i % s->p->n_items] > 0) {
			return false;
		}
	}
	return true;
}

static size_t hosts_left(const struct search *s, size_t class, size_t n)
{
	size_t sum = n;

	for (size_t c = class + 1; c < s->patterns.n_classes; c++) {
		sum += s->patterns.classes[c].n_members;
	}
	return sum;
}

/* Of a host: bounds, what is remembered, and each pattern is looked at some three times. */
static int64_t cost_of(const struct search *s, const struct fit_class *class)
{
	const int64_t looks = (int64_t)(s->patterns.n_weights + class->n_patterns * 3);

	return ONE_MEMO + (1 + (int64_t)s->p->n_items / 4) * looks;
}

/* The class's first n hosts, then the classes behind it. false: no way, or the steps are used up. */
static bool fill_host(struct search *s, size_t class, size_t n)
{
	const struct fit_class *c = &s->patterns.classes[class];
	size_t hosts, first;

	if (all_placed(s)) {
		return is_good(s);
	}
	if (class == s->patterns.n_classes || !fit_spend(s->steps, cost_of(s, c))) {
		return false;
	}
	if (n == 0 || gives_nothing(s, c)) {
		return class + 1 < s->patterns.n_classes && fill_host(s, class + 1, c[1].n_members);
	}
	hosts = hosts_left(s, class, n);
	if (is_too_much(s, class, n) || fit_memo_has(&s->memo, hosts, s->left)) {
		return false;
	}
	first = best_pattern(s, c);
	if (try_pattern(s, class, n, c->patterns + first * s->p->n_items)) {
		return true;
	}
	for (size_t i = 0; i<c->n_patterns && * s->steps> 0; i++) {
		if (i != first && try_pattern(s, class, n, c->patterns + i * s->p->n_items)) {
			return true;
		}
	}
	if (*s->steps > 0) {
		fit_memo_add(&s->memo, hosts, s->left);
	}
	return false;
}

static bool prepare(struct search *s)
{
	const struct fit_problem *p = s->p;
	struct arena *arena = &s->patterns.arena;

	s->left = arena_alloc(arena, p->n_items * sizeof(*s->left));
	s->taken = arena_alloc(arena, p->n_hosts * p->n_items * sizeof(*s->taken));
	if (!s->left || !s->taken || !fit_memo_init(&s->memo, p->n_items)) {
		return false;
	}
	for (size_t i = 0; i < p->n_items; i++) {
		s->left[i] = p->items[i].count;
	}
	memset(s->placed, 0, p->n_hosts * p->n_items * sizeof(*s->placed));
	return true;
}

static int search(struct search *s)
{
	int r = fit_patterns_init(&s->patterns, s->p, s->steps);

	if (r <= 0) {
		return r < 0 ? r : FIT_FOUND_UNKNOWN;
	}
	r = fit_weights_find(&s->patterns, s->steps);
	if (r != 0) {
		return r < 0 ? r : FIT_FOUND_NONE;
	}
	if (!prepare(s)) {
		return -1;
	}
	if (fill_host(s, 0, s->patterns.classes[0].n_members)) {
		return FIT_FOUND_ONE;
	}
	return s->gap || *s->steps <= 0 ? FIT_FOUND_UNKNOWN : FIT_FOUND_NONE;
}

int fit_search(const struct fit_problem *p, int64_t placed[], int64_t *steps)
{
	_cleanup_(search_finish) struct search s = {.p = p, .placed = placed, .steps = steps};

	return search(&s);
}
