/* SPDX-License-Identifier: Apache-2.0 */
/* All ways to fill a host with what is asked for, and weights that bound what all hosts can hold. */
#ifndef MODEL_FIT_PATTERNS_H
#define MODEL_FIT_PATTERNS_H

#include "model/fit/fit_problem.h"

enum {
	PATTERNS_MAX_HOSTS = 2000, /* the search goes as deep */
	PATTERNS_MAX_SERVERS = 100000, /* products of weights and counts stay in 64 bits */
	PATTERNS_MAX_WEIGHTS = 24,
};
#define WEIGHT_ONE INT64_C(1000000)

struct fit_class { /* hosts that can be filled in the same ways */
	size_t *members; /* indexes of hosts */
	size_t n_members;
	int32_t *patterns; /* [pattern][item]: those to which nothing can be added */
	size_t n_patterns;
};

/* Of each item so much for one server. Whatever the weights: if the servers that are asked for are worth more than
 * all hosts filled in their dearest ways, they do not fit. */
struct fit_weights {
	int64_t *of;   /* [item] */
	int64_t *best; /* [class]: its hosts' dearest way */
	int64_t *rest; /* [class + 1]: what all hosts from that class on can hold */
};

struct fit_patterns {
	struct arena arena;
	const struct fit_problem *p;
	struct fit_class *classes;
	size_t n_classes;
	struct fit_weights weights[PATTERNS_MAX_WEIGHTS];
	size_t n_weights;
};

/* 1: all are listed; 0: there are too many; < 0: no memory. */
int fit_patterns_init(struct fit_patterns *, const struct fit_problem *, int64_t *steps);
void fit_patterns_finish(struct fit_patterns *);

/* Looks for weights that prove that they do not fit, and keeps those that say most. 1: found; 0: not; < 0. */
int fit_weights_find(struct fit_patterns *, int64_t *steps);

int64_t fit_pattern_worth(const struct fit_patterns *, const int64_t weights[], const int32_t pattern[]);

#endif
