/* SPDX-License-Identifier: Apache-2.0 */
/* From a request to its answer: routing, refusals, waiting, conditions. Knows nothing of connections. */
#ifndef REST_ANSWER_H
#define REST_ANSWER_H

#include "rest/generation.h"

struct answer {
	unsigned status;
	bool wait;           /* there is no answer yet: ask again after the next publication */
	struct page_use use; /* a page: use.variant is not NULL */
	struct generation *generation; /* that keeps it */
	struct draft draft;            /* anything else */
};

/* The request has been parsed. may_wait: its time to wait is not over. */
void answer_make(struct answer *ret, struct rest *, const struct request *, bool may_wait);
void answer_refuse(struct answer *ret, const struct request *, unsigned status);
/* How long a request may wait in all, after an answer that says so. */
int64_t answer_patience_ms(const struct answer *, const struct rest *);
void answer_finish(struct answer *);

#endif
