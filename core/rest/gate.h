/* SPDX-License-Identifier: Apache-2.0 */
/* Who is let in: connections altogether and per address, requests per second, clients behind proxies. Safe for
 * threads. A peer without an address – a unix socket – is limited by max_connections alone. */
#ifndef REST_GATE_H
#define REST_GATE_H

#include "rest/http/address.h"
#include "rest/rest.h"

struct gate;

int gate_new(struct gate **ret, const struct rest_settings *, struct gpubroker_error *reterr);
void gate_free(struct gate *);

/* What a listener may hold: a few more than max_connections, so that those can be told why they are refused. */
unsigned gate_connection_limit(const struct gate *);

/* A connection begins: what to remember of it, never NULL. It has to be closed whatever that says. */
void *gate_open(struct gate *, const struct sockaddr *peer, int64_t now_ms);
void gate_close(struct gate *, const void *remembered, const struct sockaddr *peer);

/* A request on it: 0, or 429 or 503. *ret_close: the connection is one too many. */
unsigned gate_request(struct gate *, const void *remembered, const struct sockaddr *peer,
	const char *forwarded_for, int64_t now_ms, bool *ret_close);

/* The client's address, proxies aside. false: it has none. */
bool gate_client(const struct gate *, const struct sockaddr *peer, const char *forwarded_for,
	struct address *ret);

#endif
