/* SPDX-License-Identifier: Apache-2.0 */
/* A web server in a thread that answers from a list, for tests of what speaks HTTP. */
#ifndef CANNED_HTTP_H
#define CANNED_HTTP_H

#include <gpubroker/plugin.h>

#include <stddef.h>

struct canned { /* one answer; used once, by the first request whose text contains `match` */
	const char *match;
	int status; /* 0: the connection is closed; < 0: nothing is said until canned_stop() */
	const char *headers; /* "Name: value\r\n…" or NULL */
	const char *body;    /* NULL: empty */
};

struct canned_server;
struct canned_server *canned_start(const struct canned *, size_t n); /* n at most 64; copied */
void canned_stop(struct canned_server *);
const char *canned_url(const struct canned_server *); /* "http://127.0.0.1:PORT" */
size_t canned_requests(struct canned_server *);       /* so far */
/* The text (head and body) of a request; valid until canned_stop(). */
const char *canned_request(struct canned_server *, size_t i);
size_t canned_connections(struct canned_server *);

/* fake_core with clocks: the monotonic one runs ahead by canned_ahead_ms. */
extern int64_t canned_ahead_ms;
struct gpubroker_core canned_core(void);

#endif
