/* SPDX-License-Identifier: Apache-2.0 */
/* Requests to a cloud: blocking, several at a time, over connections that are kept between readings.
 * The only user of libcurl. No redirect is followed, no body and no token ever reaches an error text. */
#ifndef KIT_HTTP_H
#define KIT_HTTP_H

#include <gpubroker/error.h>
#include <gpubroker/plugin.h>

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { HTTP_MAX_PARALLEL = 4 }; /* a cloud's API has other users */

/* Not constants so that tests can make them small; nobody else writes them. */
struct http_limits {
	int64_t connect_ms; /* until the connection (with TLS) stands */
	/* One request: real Nova answers after 60 to 120 s when a cell is down. All of a reading since
	 * http_begin(), where the region has no deadline. */
	int64_t total_ms;
	int64_t retry_after_s; /* a Retry-After up to this is waited for, once */
	size_t reply_bytes; /* decoded: what a region of 10,000 flavors or 1,000 servers cannot reach */
};
extern struct http_limits http_limits;

struct http_settings {      /* strings are borrowed until http_free() */
	const char *cacert; /* a file, or a folder of hashed certificates; NULL: the system's */
	const char *cert, *key;
	bool insecure; /* certificates are not checked */
};

struct http;
/* core is borrowed: its clocks, its version for User-Agent, its count_request(). */
int http_new(const struct http_settings *, const struct gpubroker_core *, struct http **ret,
	struct gpubroker_error *reterr);
void http_free(struct http *);

struct http_exchange { /* zeroed; the caller's, at a fixed address while it is under way */
	/* The request; strings are borrowed until http_next() hands the exchange back. */
	const char *service; /* "nova": first word of errors, label of metrics */
	const char *url;
	const char *body;        /* JSON to POST; NULL: GET */
	const char *token;       /* X-Auth-Token */
	const char *api_version; /* OpenStack-API-Version, "compute 2.53" */
	int64_t timeout_ms;      /* shorter than http_limits.total_ms; 0: that */

	/* The outcome. r < 0: no answer came and error says why; 0: any answer, see status. */
	int r;
	struct gpubroker_error error;
	int status;
	char *reply; /* terminated */
	size_t reply_n;
	char *subject_token;       /* X-Subject-Token; NULL: none */
	char answered_version[48]; /* OpenStack-API-Version of the answer; "": none */
	char request_id[64];
	char location[160];
	bool auth_receipt;     /* Openstack-Auth-Receipt: another factor is wanted */
	int64_t retry_after_s; /* -1: none */

	/* http.c's own */
	struct http_exchange *next;
	int64_t not_before_ms;
	bool repeated;
};
void http_exchange_finish(struct http_exchange *); /* frees the outcome, wipes what is secret */

/* A reading begins: its requests and waits together have nine tenths of the region's deadline. Without it, each
 * request has http_limits.total_ms. */
void http_begin(struct http *);
/* Queues; it runs while http_next() waits. */
void http_start(struct http *, struct http_exchange *);
/* The next exchange that is over, in any order; NULL: none is under way. */
struct http_exchange *http_next(struct http *);
/* Drops everything under way: what a reading that failed leaves behind. */
void http_cancel(struct http *);

/* 0: status 2xx. < 0: r and error of the exchange, or what the status means:
 * "nova: http://…/os-aggregates answered 403 [req-…]". */
int http_check(const struct http_exchange *, struct gpubroker_error *reterr);

/* Seconds of a Retry-After value: a number or an HTTP date; -1: neither. */
int64_t http_retry_after_s(const char *value, int64_t wall_ms);

#endif
