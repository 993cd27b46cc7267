/* SPDX-License-Identifier: Apache-2.0 */
/* Whether so many servers of several flavors can be started together, and where. Pure.
 *
 * Yes comes with a placement that fit_verify() has found good, no only where it is proved; else the answer is
 * that it is not known. What it costs is limited by steps, so that nobody waits for a hard case. */
#ifndef MODEL_FIT_H
#define MODEL_FIT_H

#include "base/str.h"

#include <gpubroker/inventory.h>

enum {
	FIT_MAX_ASKS = 64,
	FIT_MAX_COUNT = 1000000,
	FIT_STEPS = 8000000, /* some 20 ms: a step is some simple operations on one number */
};

struct fit_ask {
	const struct gpubroker_flavor *flavor;
	const char *name; /* what the flavor is called in reasons */
	int64_t count;    /* 1 to FIT_MAX_COUNT */
};

struct fit_placement {
	size_t host, ask; /* indexes */
	int64_t count;
};

enum fit_word { FIT_NO, FIT_YES, FIT_UNKNOWN };

struct fit_result {
	enum fit_word fits;
	struct fit_placement *placements; /* of FIT_YES; by host in the order of the hosts, then by ask */
	size_t n_placements;
	struct strbuf reason; /* of the others: a part of a sentence */
};
void fit_result_finish(struct fit_result *);

/* *steps: what it may cost at most; what is left of it afterwards. < 0: no memory. */
int fit_solve(struct fit_result *ret, const struct gpubroker_host hosts[], size_t n_hosts,
	const struct fit_ask asks[], size_t n_asks, int64_t *steps);

/* fit_verify.c: puts all servers on their hosts, one flavor after the other, and looks whether all asked for are
 * there. Knows nothing of how the placement was found. */
bool fit_verify(const struct gpubroker_host hosts[], size_t n_hosts, const struct fit_ask asks[], size_t n_asks,
	const struct fit_placement placements[], size_t n);

#endif
