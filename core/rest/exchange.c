/* SPDX-License-Identifier: Apache-2.0 */
/* What is kept of a request between calls: see exchange.h. */
#include "rest/exchange.h"

#include "base/mem.h"
#include "rest/route.h"

#include <string.h>

static char none;
void *const exchange_none = &none;

struct exchange *exchange_find(void *context)
{
	return context != exchange_none ? context : NULL;
}

struct exchange *exchange_of(void **context)
{
	if (!exchange_find(*context)) {
		void *x = calloc(1, sizeof(struct exchange));

		*context = x ? x : exchange_none;
	}
	return exchange_find(*context);
}

bool exchange_has_waited(void *context)
{
	const struct exchange *x = exchange_find(context);

	return x && x->waiter;
}

struct waiter *exchange_waiter(void **context, struct MHD_Connection *connection, int64_t now_ms)
{
	struct exchange *x = exchange_of(context);

	if (x && !x->waiter) {
		x->waiter = waiter_new(connection, now_ms);
	}
	return x ? x->waiter : NULL;
}

void exchange_free(struct exchange *x, struct waiters *waiters)
{
	if (!x) {
		return;
	}
	if (x->waiter) {
		waiters_remove(waiters, x->waiter);
		free(x->waiter);
	}
	strbuf_finish(&x->body);
	free(x);
}

bool exchange_add(struct exchange *x, const char *data, size_t n)
{
	x->n_received += n;
	if (x->n_received > BODY_MAX) {
		x->body_too_long = true;
		strbuf_finish(&x->body);
		return x->n_received <= BODY_PATIENCE;
	}
	strbuf_add(&x->body, data, n);
	return !x->body.failed;
}

bool exchange_in_time(struct exchange *x, int64_t now_ms, int64_t idle_timeout_s)
{
	if (x->n_received == 0) {
		x->body_began_ms = now_ms;
	}
	return now_ms - x->body_began_ms <= MAX((int64_t)BODY_TIME_S, idle_timeout_s) * 1000;
}

void exchange_body(const struct exchange *x, struct request *r)
{
	r->body = x && x->body.data ? x->body.data : "";
	r->body_length = x && x->body.data ? x->body.len : 0;
	r->body_too_long = x && x->body_too_long;
}

bool body_is_long(const char *length)
{
	int64_t n;

	return length && (!str_to_int64(length, &n) || n > BODY_MAX);
}

bool body_is_wanted(const char *url, const char *method)
{
	struct request r;

	url = target_path(url);
	if (method_parse(method) != METHOD_POST || strlen(url) > URL_MAX_BYTES) {
		return false;
	}
	request_parse(&r, url);
	return r.route && (r.route->flags & ROUTE_POST);
}
