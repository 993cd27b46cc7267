/* SPDX-License-Identifier: Apache-2.0 */
/* Whether servers of several flavors fit together: see fit.h. Cheap proofs first, then fast placements, then all
 * ways. */
#include "model/fit/fit.h"

#include "model/explain.h"
#include "model/fit/fit_problem.h"

#include <stdlib.h>

void fit_result_finish(struct fit_result *r)
{
	free(r->placements);
	strbuf_finish(&r->reason);
	*r = (struct fit_result){0};
}

static void drop_placements(struct fit_result *r)
{
	free(r->placements);
	r->placements = NULL;
	r->n_placements = 0;
}

/* Nothing is believed: a placement that does not hold is none. < 0: no memory. */
static int accept(
	const struct fit_problem *p, size_t n_hosts, const int64_t placed[], struct fit_result *ret)
{
	if (!fit_placements(p, placed, ret)) {
		return -1;
	}
	if (fit_verify(p->all_hosts, n_hosts, p->asks, p->n_asks, ret->placements,
		    ret->n_placements)) {
		ret->fits = FIT_YES;
		return 1;
	}
	drop_placements(ret);
	return 0;
}

/* What a search found goes to ret; FIT_FOUND_UNKNOWN: nothing did. */
static int take_found(const struct fit_problem *p, size_t n_hosts, int found,
	const int64_t placed[], struct fit_result *ret)
{
	int r;

	if (found == FIT_FOUND_NONE) {
		ret->fits = FIT_NO;
		strbuf_adds(
			&ret->reason, "every way to fill the hosts leaves some without a place");
	}
	if (found != FIT_FOUND_ONE) {
		return found;
	}
	r = accept(p, n_hosts, placed, ret);
	return r == 0 ? FIT_FOUND_UNKNOWN : r;
}

static int solve(
	const struct fit_problem *p, size_t n_hosts, struct fit_result *ret, int64_t *steps)
{
	_cleanup_(freep) int64_t *placed = calloc(p->n_hosts * p->n_items + 1, sizeof(*placed));
	int r = placed ? fit_greedy(p, placed, steps) : -1;

	if (r == 1) {
		r = accept(p, n_hosts, placed, ret);
	}
	if (r != 0) {
		return r;
	}
	r = take_found(p, n_hosts, fit_groups(p, placed, steps), placed, ret);
	if (r == FIT_FOUND_UNKNOWN) {
		r = take_found(p, n_hosts, fit_search(p, placed, steps), placed, ret);
	}
	return r;
}

/* ---- parts ---- */

/* Some of the asks, those of one part. */
struct part {
	struct fit_ask asks[FIT_MAX_ASKS];
	size_t index[FIT_MAX_ASKS]; /* in all asks */
	size_t n_asks;
};

static void list_part(
	const struct fit_problem *p, const size_t part_of[], size_t number, struct part *ret)
{
	ret->n_asks = 0;
	for (size_t i = 0; i < p->n_asks; i++) {
		if (part_of[p->item_of[i]] == number) {
			ret->index[ret->n_asks] = i;
			ret->asks[ret->n_asks++] = p->asks[i];
		}
	}
}

static bool add_placements(
	struct fit_result *into, const struct part *part, const struct fit_result *from)
{
	const size_t n = into->n_placements + from->n_placements;
	struct fit_placement *all = reallocarray(into->placements, n, sizeof(*all));

	if (!all) {
		return false;
	}
	into->placements = all;
	for (size_t i = 0; i < from->n_placements; i++) {
		all[into->n_placements] = from->placements[i];
		all[into->n_placements++].ask = part->index[from->placements[i].ask];
	}
	return true;
}

static int compare_placements(const void *a, const void *b)
{
	const struct fit_placement *x = a, *y = b;

	return x->host != y->host ? (x->host > y->host) - (x->host < y->host)
				  : (x->ask > y->ask) - (x->ask < y->ask);
}

/* One part as a question of its own; what it finds is added to ret. */
static int solve_part(const struct fit_problem *whole, size_t n_hosts, const struct part *part,
	struct fit_result *ret, int64_t *steps)
{
	_cleanup_(fit_problem_finish) struct fit_problem p = {0};
	_cleanup_(fit_result_finish) struct fit_result result = {.fits = FIT_UNKNOWN};
	int r = fit_problem_init(&p, whole->all_hosts, n_hosts, part->asks, part->n_asks, steps);

	if (r > 0) {
		r = solve(&p, n_hosts, &result, steps);
	}
	if (r >= 0 && result.fits == FIT_YES && !add_placements(ret, part, &result)) {
		return -1;
	}
	if (result.fits == FIT_NO) {
		ret->reason = result.reason;
		result.reason = (struct strbuf){0};
	}
	ret->fits = result.fits;
	return r;
}

/* The first part that does not fit decides; one that is not decided leaves the others their chance to. */
static int solve_parts(const struct fit_problem *p, const size_t part_of[], size_t n_parts,
	size_t n_hosts, struct fit_result *ret, int64_t *steps)
{
	bool unknown = false;
	int r = 0;

	for (size_t i = 0; r >= 0 && ret->fits != FIT_NO && i < n_parts; i++) {
		int64_t share = *steps / (int64_t)(n_parts - i);
		struct part part;

		*steps -= share;
		list_part(p, part_of, i, &part);
		r = solve_part(p, n_hosts, &part, ret, &share);
		*steps += share;
		unknown = unknown || ret->fits == FIT_UNKNOWN;
	}
	if (r >= 0 && ret->fits == FIT_YES) {
		qsort(ret->placements, ret->n_placements, sizeof(*ret->placements),
			compare_placements);
	}
	if (ret->fits == FIT_YES &&
		(unknown || !fit_verify(p->all_hosts, n_hosts, p->asks, p->n_asks, ret->placements,
				    ret->n_placements))) {
		ret->fits = FIT_UNKNOWN;
	}
	return r;
}

static int solve_whole(
	const struct fit_problem *p, size_t n_hosts, struct fit_result *ret, int64_t *steps)
{
	size_t part_of[FIT_MAX_ASKS];
	const size_t n = fit_parts(p, part_of);

	return n > 1 ? solve_parts(p, part_of, n, n_hosts, ret, steps)
		     : solve(p, n_hosts, ret, steps);
}

int fit_solve(struct fit_result *ret, const struct gpubroker_host hosts[], size_t n_hosts,
	const struct fit_ask asks[], size_t n_asks, int64_t *steps)
{
	_cleanup_(fit_problem_finish) struct fit_problem p = {0};
	const int64_t limit = *steps;
	int r;

	*ret = (struct fit_result){.fits = FIT_UNKNOWN};
	r = fit_problem_init(&p, hosts, n_hosts, asks, n_asks, steps);
	if (r > 0 && fit_refuted(&p, &ret->reason)) {
		ret->fits = FIT_NO;
	} else if (r > 0) {
		r = solve_whole(&p, n_hosts, ret, steps);
	}
	if (r >= 0 && ret->fits == FIT_UNKNOWN) {
		strbuf_adds(&ret->reason, "not decided within ");
		explain_add_number(&ret->reason, limit);
		strbuf_adds(&ret->reason, " steps");
	}
	if (ret->fits != FIT_YES) {
		drop_placements(ret);
	}
	return r < 0 ? r : 0;
}
