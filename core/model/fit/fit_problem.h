/* SPDX-License-Identifier: Apache-2.0 */
/* A question of fit as plain numbers: what fit_greedy.c and fit_search.c work on.
 *
 * It allows a little more than the truth where flavors ask for GPUs by device: what cannot be done here cannot be
 * done at all, what can be done here has to be verified. */
#ifndef MODEL_FIT_PROBLEM_H
#define MODEL_FIT_PROBLEM_H

#include "base/mem.h"
#include "model/fit/fit.h"
#include "model/room.h"

struct fit_item { /* flavors that may stand in for one another */
	int64_t count;
	size_t ask; /* the first of them */
};

struct fit_problem {
	struct arena arena;
	const struct gpubroker_host *all_hosts; /* borrowed, as asks is */
	const struct fit_ask *asks;
	size_t n_asks;
	size_t n_hosts, n_items, n_resources;
	size_t *hosts; /* those in service that one of the items fits, as indexes into all_hosts */
	struct fit_item *items;
	size_t *item_of; /* of an ask */
	const char **gpu_types; /* of the resources behind the amounts of room.h */
	int64_t *needs;  /* [item][resource] */
	int64_t *sums;   /* [resource]: what all together need */
	int64_t *free;   /* [host][resource], at most what all together need */
	int64_t *caps;   /* [host][item]: most that fit alone, at most all of them */
	bool plain;      /* GPUs are asked for without rules of devices: it allows exactly the truth */
};

static inline int64_t *fit_needs(const struct fit_problem *p, size_t item)
{
	return p->needs + item * p->n_resources;
}

static inline int64_t *fit_free(const struct fit_problem *p, size_t host)
{
	return p->free + host * p->n_resources;
}

static inline int64_t *fit_caps(const struct fit_problem *p, size_t host)
{
	return p->caps + host * p->n_items;
}

/* Whatever loops pays for what it looks at, so that steps are a measure of time. false: they are used up. */
static inline bool fit_spend(int64_t *steps, int64_t n)
{
	*steps -= MIN(n, *steps);
	return *steps > 0;
}

/* < 0: no memory. 0: the steps were not enough. */
int fit_problem_init(struct fit_problem *, const struct gpubroker_host hosts[], size_t n_hosts,
	const struct fit_ask asks[], size_t n_asks, int64_t *steps);
void fit_problem_finish(struct fit_problem *);

/* How many of an item fit into what is free, at most cap. */
int64_t fit_most(const struct fit_problem *, const int64_t free[], size_t item, int64_t cap);
void fit_take(const struct fit_problem *, int64_t free[], size_t item, int64_t n);

/* From [host][item] to placements of the asks. false: no memory. */
bool fit_placements(const struct fit_problem *, const int64_t placed[], struct fit_result *ret);

/* fit_greedy.c: several orders, first fit. placed: [host][item], filled. 1: all have a place; 0: not found. */
int fit_greedy(const struct fit_problem *, int64_t placed[], int64_t *steps);

/* fit_bounds.c: whether the sums forbid it; then the reason. */
bool fit_refuted(const struct fit_problem *, struct strbuf *reason);

/* fit_parts.c: items that no host can both hold have nothing to do with each other, unless others link them. ret:
 * [item], numbers from 0 on. How many parts there are. */
size_t fit_parts(const struct fit_problem *, size_t ret[FIT_MAX_ASKS]);

/* fit_search.c: all ways to fill the hosts. 1: all have a place; 0: there is none; 2: not known; < 0: no memory. */
enum fit_found { FIT_FOUND_NONE = 0, FIT_FOUND_ONE, FIT_FOUND_UNKNOWN };
int fit_search(const struct fit_problem *, int64_t placed[], int64_t *steps);

/* fit_groups.c: the same for groups of flavors, so that there are fewer ways. */
int fit_groups(const struct fit_problem *, int64_t placed[], int64_t *steps);

#endif
