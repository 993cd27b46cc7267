/* SPDX-License-Identifier: Apache-2.0 */
/* What one address may do: connections at a time, requests a second. Safe for threads. */
#ifndef REST_LIMITER_H
#define REST_LIMITER_H

#include "rest/http/address.h"

struct limiter;

/* 0 means no limit; NULL and 0 if both are. < 0: no memory. */
int limiter_new(struct limiter **ret, int64_t connections, int64_t requests_per_s,
	struct gpubroker_error *reterr);
void limiter_free(struct limiter *);

/* A connection opens: false: it is one too many (and has to be closed all the same). */
bool limiter_open(struct limiter *, const struct address *, int64_t now_ms);
void limiter_close(struct limiter *, const struct address *);
/* A request: false: too many in a second. An address saves up at most one second's worth. */
bool limiter_request(struct limiter *, const struct address *, int64_t now_ms);

#endif
