/* SPDX-License-Identifier: Apache-2.0 */
/* HTTP by libmicrohttpd: sockets, threads, limits and responses. httpd.c is the only file that includes it. */
#ifndef REST_HTTPD_H
#define REST_HTTPD_H

#include "rest/rest.h"

struct blob;
struct httpd;
struct MHD_Response;

struct response_head {
	const char *content_type;
	const char *etag;          /* of a page */
	const char *region_status; /* NULL: none */
	const char *allow;         /* NULL: none */
	int64_t modified_ms, expires_ms;
	int retry_after_s; /* 0: none */
	bool gzip;
	bool is_page; /* ETag, Last-Modified, Expires and Vary; else not to be stored anywhere */
	bool close;   /* the connection, afterwards */
};
/* Takes a reference of the body, which lives as long as the response. NULL: no memory. */
struct MHD_Response *response_new(const struct response_head *, struct blob *body);
void response_free(struct MHD_Response *);

/* One daemon of libmicrohttpd, with one thread, for each listening socket and thread: a socket needs its own,
 * and so nothing of ours is shared between threads that need not be. The sockets stay the caller's. */
int httpd_new(struct httpd **ret, struct rest *, const struct rest_settings *, const int fds[], size_t n_fds,
	struct gpubroker_error *reterr);
/* Looks again at requests that wait; all: at every one, else at those whose time is over. How many still do. */
size_t httpd_wake(struct httpd *, bool all);
/* Stops accepting, answers what is there, closes. Waiting requests get what is known. */
void httpd_free(struct httpd *, int64_t timeout_ms);

/* Answers sent so far. code_index: see http_codes. */
enum { N_HTTP_CODES = 11 };
extern const unsigned http_codes[N_HTTP_CODES];
uint64_t httpd_count(const struct httpd *, size_t route, size_t code_index);

#endif
