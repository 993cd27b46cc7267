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
	fit_result_finish(ret);
	return 0;
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
	r = fit_search(p, placed, steps);
	if (r == FIT_FOUND_NONE) {
		ret->fits = FIT_NO;
		strbuf_adds(
			&ret->reason, "every way to fill the hosts leaves some without a place");
	} else if (r == FIT_FOUND_ONE) {
		r = accept(p, n_hosts, placed, ret);
	}
	return r;
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
		r = solve(&p, n_hosts, ret, steps);
	}
	if (r >= 0 && ret->fits == FIT_UNKNOWN) {
		strbuf_adds(&ret->reason, "not decided within ");
		explain_add_number(&ret->reason, limit);
		strbuf_adds(&ret->reason, " steps");
	}
	return r < 0 ? r : 0;
}
