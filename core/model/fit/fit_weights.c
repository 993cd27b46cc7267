/* SPDX-License-Identifier: Apache-2.0 */
/* Weights that bound what all hosts can hold: see fit_patterns.h. The best ones are looked for as in a market: what
 * is left over in the dearest filling gets cheaper, what is missing gets dearer. */
#include "model/fit/fit_patterns.h"

#include <string.h>

enum {
	MARKET_DAYS = 120,
	KEPT_FOR_MARKET = 1, /* of the weights */
	MOST_WEIGHT = 10000000,
};

int64_t fit_pattern_worth(
	const struct fit_patterns *f, const int64_t weights[], const int32_t pattern[])
{
	int64_t sum = 0;

	for (size_t i = 0; i < f->p->n_items; i++) {
		sum += weights[i] * pattern[i];
	}
	return sum;
}

/* The dearest pattern of a class. */
static const int32_t *dearest(const struct fit_patterns *f, const struct fit_class *class,
	const int64_t weights[], int64_t *ret_worth)
{
	const int32_t *best = NULL;

	for (size_t i = 0; i < class->n_patterns; i++) {
		const int32_t *pattern = class->patterns + i * f->p->n_items;
		const int64_t worth = fit_pattern_worth(f, weights, pattern);

		if (!best || worth > *ret_worth) {
			best = pattern;
			*ret_worth = worth;
		}
	}
	return best;
}

static int64_t demand(const struct fit_patterns *f, const int64_t weights[])
{
	int64_t sum = 0;

	for (size_t i = 0; i < f->p->n_items; i++) {
		sum += weights[i] * f->p->items[i].count;
	}
	return sum;
}

/* What it costs to look at the worth of all patterns once. */
static int64_t one_look(const struct fit_patterns *f)
{
	int64_t n = 0;

	for (size_t c = 0; c < f->n_classes; c++) {
		n += (int64_t)f->classes[c].n_patterns;
	}
	return n * (1 + (int64_t)f->p->n_items / 4);
}

/* What all hosts hold at most; offered: how many of each item they hold then. */
static int64_t supply(const struct fit_patterns *f, const int64_t weights[], int64_t offered[])
{
	int64_t sum = 0;

	memset(offered, 0, f->p->n_items * sizeof(*offered));
	for (size_t c = 0; c < f->n_classes; c++) {
		const int64_t n = (int64_t)f->classes[c].n_members;
		int64_t worth = 0;
		const int32_t *best = dearest(f, &f->classes[c], weights, &worth);

		sum += n * worth;
		for (size_t i = 0; best && i < f->p->n_items; i++) {
			offered[i] += n * best[i];
		}
	}
	return sum;
}

/* Fills what the search wants to know of these weights. false: no memory. */
static bool keep_weights(struct fit_patterns *f, const int64_t weights[])
{
	struct fit_weights *w = &f->weights[f->n_weights];

	w->of = arena_copy(&f->arena, weights, f->p->n_items * sizeof(*w->of));
	w->best = arena_alloc(&f->arena, f->n_classes * sizeof(*w->best));
	w->rest = arena_alloc(&f->arena, (f->n_classes + 1) * sizeof(*w->rest));
	if (!w->of || !w->best || !w->rest) {
		return false;
	}
	for (size_t c = f->n_classes; c-- > 0;) {
		dearest(f, &f->classes[c], weights, &w->best[c]);
		w->rest[c] = w->rest[c + 1] + (int64_t)f->classes[c].n_members * w->best[c];
	}
	f->n_weights++;
	return true;
}

/* Proportional to what each needs of one resource. false: none needs any. */
static bool by_resource(const struct fit_problem *p, size_t resource, int64_t ret[])
{
	int64_t most = 0;

	for (size_t i = 0; i < p->n_items; i++) {
		most = MAX(most, fit_needs(p, i)[resource]);
	}
	for (size_t i = 0; most > 0 && i < p->n_items; i++) {
		const double share = (double)fit_needs(p, i)[resource] / (double)most;

		ret[i] = (int64_t)(share * (double)WEIGHT_ONE);
	}
	return most > 0;
}

/* A day of the market: what is offered too little gets dearer. */
static void move_prices(
	const struct fit_problem *p, int64_t weights[], const int64_t offered[], int day)
{
	const double step = (double)WEIGHT_ONE / (2 + day / 4.0);

	for (size_t i = 0; i < p->n_items; i++) {
		const double missing =
			(double)(p->items[i].count - offered[i]) / (double)p->items[i].count;
		const double price = (double)weights[i] + step * MAX(MIN(missing, 1.0), -1.0);

		weights[i] = (int64_t)MAX(MIN(price, (double)MOST_WEIGHT), 0.0);
	}
}

/* 1: refuted. best: the weights that came nearest to it. */
static int trade(struct fit_patterns *f, int64_t weights[], int64_t best[], int64_t *steps)
{
	const int64_t cost = one_look(f);
	double nearest = 0;
	int64_t offered[FIT_MAX_ASKS];

	for (int day = 0; day < MARKET_DAYS && fit_spend(steps, cost); day++) {
		const int64_t asked = demand(f, weights), held = supply(f, weights, offered);
		const double share = held > 0 ? (double)asked / (double)held : 0;

		if (asked > held) {
			return 1;
		}
		if (share > nearest) {
			nearest = share;
			memcpy(best, weights, f->p->n_items * sizeof(*best));
		}
		move_prices(f->p, weights, offered, day);
	}
	return 0;
}

/* Each item alone, each resource alone. 1: refuted; < 0: no memory. */
static int plain_weights(struct fit_patterns *f, int64_t sum[])
{
	const struct fit_problem *p = f->p;
	int64_t weights[FIT_MAX_ASKS];

	for (size_t n = 0; n < p->n_resources + p->n_items; n++) {
		const size_t room = PATTERNS_MAX_WEIGHTS - KEPT_FOR_MARKET;

		memset(weights, 0, sizeof(weights));
		if (n >= p->n_resources) {
			weights[n - p->n_resources] = WEIGHT_ONE;
		} else if (!by_resource(p, n, weights)) {
			continue;
		}
		for (size_t i = 0; n < p->n_resources && i < p->n_items; i++) {
			sum[i] = MIN(sum[i] + weights[i] / 2, (int64_t)MOST_WEIGHT);
		}
		if (f->n_weights < room && !keep_weights(f, weights)) {
			return -1;
		}
		if (f->n_weights > 0 && f->n_weights <= room &&
			demand(f, f->weights[f->n_weights - 1].of) >
				f->weights[f->n_weights - 1].rest[0]) {
			return 1;
		}
	}
	return 0;
}

int fit_weights_find(struct fit_patterns *f, int64_t *steps)
{
	int64_t weights[FIT_MAX_ASKS] = {0}, best[FIT_MAX_ASKS] = {0};
	int r;

	if (!fit_spend(steps, one_look(f) * PATTERNS_MAX_WEIGHTS)) {
		return 0;
	}
	r = plain_weights(f, weights);
	if (r == 0) {
		r = trade(f, weights, best, steps);
	}
	if (r == 0 && !keep_weights(f, best)) {
		r = -1;
	}
	return r;
}
