/* SPDX-License-Identifier: Apache-2.0 */
/* What is kept of a request from one call of libmicrohttpd's handler to the next: few requests need it. */
#ifndef REST_EXCHANGE_H
#define REST_EXCHANGE_H

#include "base/str.h"
#include "rest/request.h"
#include "rest/waiters.h"

enum {
	BODY_MAX = 64 * 1024, /* of bodies. Those that nobody asked for are read for keep-alive's sake */
	BODY_TIME_S = 10, /* from its first byte to its last, or as long as the connection may be idle */
	BODY_PATIENCE = 1024 * 1024, /* what is read of one without a length before the connection is cut */
};

struct exchange {
	struct waiter *waiter; /* NULL: it has not waited */
	struct strbuf body;
	size_t n_received;
	int64_t body_began_ms; /* of which n_received tells whether it is set */
	bool body_too_long;
};

/* A context of libmicrohttpd is NULL, this – nothing is kept – or an exchange. */
extern void *const exchange_none;
struct exchange *exchange_find(void *context); /* NULL: there is none */
struct exchange *exchange_of(void **context);  /* makes one where there is none; NULL: no memory */
void exchange_free(struct exchange *, struct waiters *);

bool exchange_has_waited(void *context);
/* The request's waiter, made when it first waits. NULL: no memory. */
struct waiter *exchange_waiter(void **context, struct MHD_Connection *, int64_t now_ms);

/* Keeps a part of the body, or throws it away where that gets too long. false: the connection is to be cut. */
bool exchange_add(struct exchange *, const char *data, size_t n);
/* Asked before each part of the body is added: false: it takes too long, and the connection is to be cut. */
bool exchange_in_time(struct exchange *, int64_t now_ms, int64_t idle_timeout_s);
/* The request's body; x NULL: an empty one. */
void exchange_body(const struct exchange *x, struct request *);

/* The value of a header Content-Length says that it is not worth reading. length may be NULL (not sent). */
bool body_is_long(const char *length);
/* Whether the route takes a body. url: without query. */
bool body_is_wanted(const char *url, const char *method);

#endif
