/* SPDX-License-Identifier: Apache-2.0 */
/* Who is let in: see gate.h. libmicrohttpd's own limit per address closes without a word; this one answers. */
#include "rest/gate.h"

#include "base/mem.h"
#include "rest/http/limiter.h"

#include <stdatomic.h>

enum { REFUSED_CONNECTIONS = 64, UNLIMITED = 1 << 30 };

struct gate {
	struct limiter *limiter; /* NULL: no limits per address */
	struct networks trusted;
	int64_t max_connections;
	atomic_int_fast64_t n_connections;
};

/* What is remembered of a connection is the address of one of these. */
static char fine, counted, surplus, surplus_of_address;

int gate_new(
	struct gate **ret, const struct rest_settings *settings, struct gpubroker_error *reterr)
{
	struct gate *gate = calloc(1, sizeof(*gate));
	int r;

	if (!gate) {
		return gpubroker_fail(reterr, GPUBROKER_E_INTERNAL, "no memory");
	}
	gate->max_connections =
		settings->max_connections > 0 ? settings->max_connections : UNLIMITED;
	r = networks_parse(
		&gate->trusted, settings->trusted_proxies, settings->n_trusted_proxies, reterr);
	if (r >= 0) {
		r = limiter_new(&gate->limiter, settings->max_connections_per_address,
			settings->requests_per_s_per_address, reterr);
	}
	if (r < 0) {
		gate_free(gate);
		return r;
	}
	*ret = gate;
	return 0;
}

void gate_free(struct gate *gate)
{
	if (!gate) {
		return;
	}
	limiter_free(gate->limiter);
	networks_finish(&gate->trusted);
	free(gate);
}

unsigned gate_connection_limit(const struct gate *gate)
{
	return (unsigned)MIN(gate->max_connections, (int64_t)UNLIMITED) + REFUSED_CONNECTIONS;
}

void *gate_open(struct gate *gate, const struct sockaddr *peer, int64_t now_ms)
{
	struct address a;
	bool too_many = atomic_fetch_add(&gate->n_connections, 1) >= gate->max_connections;

	if (too_many) {
		return &surplus;
	}
	if (!gate->limiter || !address_from_socket(peer, &a) ||
		networks_contain(&gate->trusted, &a)) {
		return &fine; /* a proxy's connections are many clients' */
	}
	return limiter_open(gate->limiter, &a, now_ms) ? &counted : &surplus_of_address;
}

void gate_close(struct gate *gate, const void *remembered, const struct sockaddr *peer)
{
	struct address a;

	atomic_fetch_sub(&gate->n_connections, 1);
	if ((remembered == &counted || remembered == &surplus_of_address) &&
		address_from_socket(peer, &a)) {
		limiter_close(gate->limiter, &a);
	}
}

bool gate_client(const struct gate *gate, const struct sockaddr *peer, const char *forwarded_for,
	struct address *ret)
{
	struct address a;

	if (!address_from_socket(peer, &a)) {
		return false;
	}
	*ret = address_forwarded(&gate->trusted, &a, forwarded_for);
	return true;
}

unsigned gate_request(struct gate *gate, const void *remembered, const struct sockaddr *peer,
	const char *forwarded_for, int64_t now_ms, bool *ret_close)
{
	struct address a;

	*ret_close = remembered == &surplus || remembered == &surplus_of_address;
	if (*ret_close) {
		return remembered == &surplus ? 503 : 429;
	}
	if (!gate->limiter || !gate_client(gate, peer, forwarded_for, &a)) {
		return 0;
	}
	return limiter_request(gate->limiter, &a, now_ms) ? 0 : 429;
}
