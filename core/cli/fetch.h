/* SPDX-License-Identifier: Apache-2.0 */
/* One request to a broker after the other, over connections that are kept. The only HTTP of the client. */
#ifndef CLI_FETCH_H
#define CLI_FETCH_H

#include "base/mem.h"

#include <gpubroker/error.h>

struct fetch;

struct fetch_request {
	const char *path; /* "/v1/flavors?region=x", escaped */
	const char *body; /* JSON to POST; NULL: GET */
	const char *etag; /* If-None-Match; NULL: none */
	int64_t timeout_ms; /* 0: FETCH_TIMEOUT_MS */
	bool (*give_up)(void *context); /* asked several times a second; NULL: never */
	void *context;
};

enum {
	FETCH_TIMEOUT_MS = 40 * 1000, /* a broker that has just started lets wait for 25 s */
	FETCH_CONNECT_TIMEOUT_MS = 5 * 1000,
	FETCH_MAX_BYTES = 256 << 20,
};

struct fetch_answer {
	long status;
	char *body; /* terminated */
	size_t n;
	char etag[128];     /* "" : none, or one that is too long to be of use */
	int64_t expires_ms; /* wall clock, by the broker's Date; 0: not said */
};
void fetch_answer_finish(struct fetch_answer *);

/* "http://HOST:PORT", "https://…", with a path in front of /v1 if there is one, or "unix:/PATH".
 * < 0: CONFIG, INTERNAL. */
int fetch_new(struct fetch **ret, const char *endpoint, struct gpubroker_error *reterr);
void fetch_free(struct fetch *);
DEFINE_CLEANUP(struct fetch *, fetch_free);
const char *fetch_endpoint(const struct fetch *); /* without user and password */

/* 0: an answer, whatever its status. A GET whose connection broke is repeated once, on a new one.
 * < 0: NETWORK, TIMEOUT, LIMIT (the answer is too large), INTERNAL (no memory, or given up). */
int fetch(struct fetch *, const struct fetch_request *, struct fetch_answer *ret, struct gpubroker_error *reterr);

#endif
