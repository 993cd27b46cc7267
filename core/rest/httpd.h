/* SPDX-License-Identifier: Apache-2.0 */
/* HTTP by libmicrohttpd: sockets, threads, requests that wait. Only httpd.c and response.c include it. */
#ifndef REST_HTTPD_H
#define REST_HTTPD_H

#include "rest/rest.h"

struct httpd;

/* One daemon of libmicrohttpd, with one thread, for each listening socket and thread: a socket needs its own,
 * and so nothing of ours is shared between threads that need not be. The sockets stay the caller's. */
int httpd_new(struct httpd **ret, struct rest *, const struct rest_settings *, const int fds[], size_t n_fds,
	struct gpubroker_error *reterr);
/* Looks again at requests that wait; all: at every one, else at those whose time is over. How many still do. */
size_t httpd_wake(struct httpd *, bool all);
/* Stops accepting, answers what is there, closes. Waiting requests get what is known. */
void httpd_free(struct httpd *, int64_t timeout_ms);

/* Answers sent so far. code_index: see http_codes. */
enum { N_HTTP_CODES = 13 };
extern const unsigned http_codes[N_HTTP_CODES];
uint64_t httpd_count(const struct httpd *, size_t route, size_t code_index);

#endif
