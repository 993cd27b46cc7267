/* SPDX-License-Identifier: Apache-2.0 */
/* HTTP by libmicrohttpd 0.9.75: see httpd.h. What it makes necessary:
 *
 * - MHD_stop_daemon() would shut the inherited socket down for every process: each daemon gets a duplicate and
 *   is quiesced first, which takes the socket away from it.
 * - It panics if connections are suspended when it stops: they are resumed first.
 * - A response queued on the handler's first call costs the connection: it is queued on the second, except
 *   where the connection has to go anyway.
 * - It decodes the URL before anybody has split it, unless its callback does nothing.
 * - Its own limit per address closes without a word: ours answers 429.
 * - A 304 gets the page's own response: an empty one would say Content-Length: 0. */
#include "rest/httpd.h"

#include "base/mem.h"
#include "base/mono.h"
#include "base/str.h"
#include "rest/answer.h"
#include "rest/exchange.h"
#include "rest/front.h"
#include "rest/gate.h"
#include "rest/http/access_log.h"
#include "rest/response.h"
#include "rest/route.h"

#include <errno.h>
#include <fcntl.h>
#include <microhttpd.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

enum {
	CONNECTION_MEMORY = 8 * 1024, /* request line, headers and answer headers; it is resident */
	ANSWER_MEMORY = 2 * 1024,     /* of it, kept for the answer's headers */
	HEADER_MEMORY = 64,           /* what a header takes beside its text */
};

const unsigned http_codes[N_HTTP_CODES] = {
	200, 304, 400, 404, 405, 409, 413, 414, 429, 431, 500, 503, 0};

struct listener { /* one daemon of libmicrohttpd */
	struct httpd *httpd;
	struct MHD_Daemon *daemon;
	atomic_size_t in_flight;
	atomic_uint_fast64_t *counts; /* (n_routes + 1) × N_HTTP_CODES */
};

struct httpd {
	struct rest *rest;
	struct listener *listeners;
	size_t n_listeners;
	struct gate *gate;
	bool access_log;
	int64_t idle_timeout_s;
	atomic_bool stopping;
	pthread_mutex_t lock; /* of drained */
	pthread_cond_t drained;
	struct waiters waiters;
};

static const struct sockaddr *peer_of(struct MHD_Connection *c)
{
	const union MHD_ConnectionInfo *info =
		MHD_get_connection_info(c, MHD_CONNECTION_INFO_CLIENT_ADDRESS);

	return info ? info->client_addr : NULL;
}

static void on_connection(void *context, struct MHD_Connection *connection, void **socket_context,
	enum MHD_ConnectionNotificationCode what)
{
	struct httpd *httpd = context;

	if (what == MHD_CONNECTION_NOTIFY_STARTED) {
		*socket_context =
			gate_open(httpd->gate, peer_of(connection), httpd->rest->mono_ms());
	} else {
		gate_close(httpd->gate, *socket_context, peer_of(connection));
	}
}

static const char *header_of(const struct request *r, const char *name)
{
	return MHD_lookup_connection_value(r->connection, MHD_HEADER_KIND, name);
}

static enum MHD_Result add_forwarded(
	void *context, enum MHD_ValueKind kind, const char *key, const char *value)
{
	if (value && strcasecmp(key, FORWARDED_HEADER) == 0) {
		forwarded_add(context, value);
	}
	return MHD_YES;
}

/* All lines of that header as one: a proxy may have added its own behind the client's. */
static const char *forwarded_for(const struct request *r, struct forwarded *room)
{
	if (!r->header(r, FORWARDED_HEADER)) {
		return NULL;
	}
	forwarded_init(room);
	MHD_get_connection_values(r->connection, MHD_HEADER_KIND, add_forwarded, room);
	return room->text;
}

/* 0: within the limits. */
static unsigned limit_status(struct httpd *httpd, const struct request *r, bool *ret_close)
{
	const union MHD_ConnectionInfo *info =
		MHD_get_connection_info(r->connection, MHD_CONNECTION_INFO_SOCKET_CONTEXT);

	struct forwarded room;

	return gate_request(httpd->gate, info ? info->socket_context : NULL, peer_of(r->connection),
		forwarded_for(r, &room), httpd->rest->mono_ms(), ret_close);
}

/* Requests. */

static enum MHD_Result add_argument(
	void *context, enum MHD_ValueKind kind, const char *key, const char *value)
{
	target_add(context, key, value);
	return MHD_YES;
}

/* room is used only if there is a query. false: too long. */
static bool parse_request(struct request *r, const char *url, struct target *room)
{
	url = target_path(url);
	target_init(room);
	if (strlen(url) <= URL_MAX_BYTES &&
		MHD_get_connection_values(r->connection, MHD_GET_ARGUMENT_KIND, NULL, NULL) > 0) {
		target_add_path(room, url);
		MHD_get_connection_values(r->connection, MHD_GET_ARGUMENT_KIND, add_argument, room);
		url = room->text;
	}
	if (room->too_long || strlen(url) > URL_MAX_BYTES) {
		request_clear(r, url);
		return false;
	}
	request_parse(r, url);
	return true;
}

/* Without room for the answer's headers, libmicrohttpd would close the connection without a word. */
static bool leaves_room(const struct request *r)
{
	const union MHD_ConnectionInfo *info =
		MHD_get_connection_info(r->connection, MHD_CONNECTION_INFO_REQUEST_HEADER_SIZE);
	int n = MHD_get_connection_values(
		r->connection, MHD_HEADER_KIND | MHD_GET_ARGUMENT_KIND, NULL, NULL);

	return info && info->header_size + (size_t)MAX(n, 0) * HEADER_MEMORY <=
			       CONNECTION_MEMORY - ANSWER_MEMORY;
}

static void count(struct listener *listener, const struct request *r, unsigned status)
{
	size_t code = 0;

	while (code + 1 < N_HTTP_CODES && http_codes[code] != status) {
		code++;
	}
	atomic_fetch_add_explicit(&listener->counts[route_index(r->route) * N_HTTP_CODES + code], 1,
		memory_order_relaxed);
}

static void log_access(
	struct httpd *httpd, const struct request *r, const char *method, unsigned status)
{
	struct address client;
	struct forwarded room;
	bool has_address =
		gate_client(httpd->gate, peer_of(r->connection), forwarded_for(r, &room), &client);
	const struct access access = {
		.at_wall_ms = httpd->rest->wall_ms(),
		.client = has_address ? &client : NULL,
		.method = method,
		.path = r->target,
		.path_length = r->path_length,
		.status = status,
	};

	access_write(&access);
}

static enum MHD_Result queue(struct listener *listener, const struct request *r, struct answer *a)
{
	bool last = atomic_load_explicit(&listener->httpd->stopping, memory_order_relaxed);
	struct MHD_Response *own = NULL;
	enum MHD_Result result = MHD_NO;

	if (a->use.variant && !last) {
		return MHD_queue_response(r->connection, a->status, a->use.variant->response);
	}
	own = a->use.variant ? response_of_last_page(a->use.page, a->use.variant)
			     : response_of_draft(&a->draft, last);
	if (own) {
		result = MHD_queue_response(r->connection, a->status, own);
	}
	response_free(own);
	return result;
}

/* true: it is suspended, and the handler will be called again. */
static bool wait_for_view(
	struct listener *listener, struct request *r, struct answer *a, void **context)
{
	struct httpd *httpd = listener->httpd;
	bool suspended = false;

	while (a->wait && !suspended) {
		uint64_t seen = waiters_seen(&httpd->waiters);
		struct waiter *w = exchange_waiter(context, r->connection, httpd->rest->mono_ms());
		bool may_wait = waiter_may_wait(w, answer_patience_ms(a, httpd->rest),
					httpd->rest->mono_ms()) &&
				!atomic_load(&httpd->stopping);

		answer_finish(a);
		answer_make(a, httpd->rest, r, may_wait);
		suspended = a->wait && waiters_add(&httpd->waiters, w, seen);
	}
	return suspended;
}

static enum MHD_Result answer_request(struct listener *listener, struct MHD_Connection *connection,
	const char *url, const char *method, void **context)
{
	struct httpd *httpd = listener->httpd;
	struct request r;
	struct target room;
	_cleanup_(answer_finish) struct answer a = {0};
	enum MHD_Result result;
	unsigned refusal;
	bool close_it;

	r.method = method_parse(method);
	r.connection = connection;
	r.header = header_of;
	exchange_body(exchange_find(*context), &r);
	if (!parse_request(&r, url, &room)) {
		answer_refuse(&a, &r, 414);
	} else if (!leaves_room(&r)) {
		answer_refuse(&a, &r, 431);
	} else if (!exchange_has_waited(*context) &&
		   (refusal = limit_status(httpd, &r, &close_it))) {
		answer_refuse(&a, &r, refusal);
		a.draft.close = close_it;
	} else {
		answer_make(&a, httpd->rest, &r, true);
		if (wait_for_view(listener, &r, &a, context)) {
			return MHD_YES;
		}
	}
	result = queue(listener, &r, &a);
	count(listener, &r, a.status);
	if (httpd->access_log) {
		log_access(httpd, &r, method, a.status);
	}
	return result;
}

static const char *connection_header(struct MHD_Connection *connection, const char *name)
{
	return MHD_lookup_connection_value(connection, MHD_HEADER_KIND, name);
}

/* A body that is not worth reading is not read: the answer goes out at once and the connection ends. */
static enum MHD_Result begin_request(struct listener *listener, struct MHD_Connection *connection,
	const char *url, const char *method, void **context)
{
	bool long_body = body_is_long(connection_header(connection, "Content-Length"));

	*context = exchange_none;
	atomic_fetch_add_explicit(&listener->in_flight, 1, memory_order_relaxed);
	if (body_is_wanted(url, method)) {
		struct exchange *x = exchange_of(context);

		if (!x) {
			return MHD_NO;
		}
		x->body_too_long = long_body;
	} else if (connection_header(connection, "Transfer-Encoding")) {
		long_body = true;
	}
	return long_body ? answer_request(listener, connection, url, method, context) : MHD_YES;
}

static bool add_body(const struct httpd *h, struct exchange *x, const char *data, size_t n)
{
	return exchange_in_time(x, h->rest->mono_ms(), h->idle_timeout_s) &&
	       exchange_add(x, data, n);
}

static enum MHD_Result on_request(void *context, struct MHD_Connection *connection, const char *url,
	const char *method, const char *version, const char *upload, size_t *upload_size,
	void **request_context)
{
	struct listener *listener = context;
	struct exchange *x = exchange_find(*request_context);
	const size_t n = *upload_size;

	if (!*request_context) {
		return begin_request(listener, connection, url, method, request_context);
	}
	if (n > 0) {
		*upload_size = 0;
		return !x || add_body(listener->httpd, x, upload, n) ? MHD_YES : MHD_NO;
	}
	return answer_request(listener, connection, url, method, request_context);
}

static void on_completed(void *context, struct MHD_Connection *connection, void **request_context,
	enum MHD_RequestTerminationCode how)
{
	struct listener *listener = context;
	struct httpd *httpd = listener->httpd;

	if (!*request_context) {
		return;
	}
	exchange_free(exchange_find(*request_context), &httpd->waiters);
	*request_context = NULL;
	atomic_fetch_sub(&listener->in_flight, 1);
	if (atomic_load(&httpd->stopping)) {
		pthread_mutex_lock(&httpd->lock);
		pthread_cond_broadcast(&httpd->drained);
		pthread_mutex_unlock(&httpd->lock);
	}
}

/* Nothing is decoded here: segments are split first. */
static size_t leave_encoded(void *context, struct MHD_Connection *connection, char *text)
{
	return strlen(text);
}

static int start_listener(struct listener *listener, const struct rest_settings *settings, int fd,
	struct gpubroker_error *reterr)
{
	struct httpd *httpd = listener->httpd;
	int own = fcntl(fd, F_DUPFD_CLOEXEC, 0);

	if (own < 0) {
		return gpubroker_fail(
			reterr, GPUBROKER_E_INTERNAL, "http: no descriptor: %s", strerror(errno));
	}
	listener->daemon = MHD_start_daemon(
		MHD_USE_EPOLL_INTERNAL_THREAD | MHD_ALLOW_SUSPEND_RESUME, 0, NULL, NULL, on_request,
		listener, MHD_OPTION_LISTEN_SOCKET, own, MHD_OPTION_CONNECTION_LIMIT,
		gate_connection_limit(httpd->gate), MHD_OPTION_CONNECTION_MEMORY_LIMIT,
		(size_t)CONNECTION_MEMORY, MHD_OPTION_CONNECTION_TIMEOUT,
		(unsigned)settings->idle_timeout_s, MHD_OPTION_UNESCAPE_CALLBACK, leave_encoded,
		NULL, MHD_OPTION_NOTIFY_CONNECTION, on_connection, httpd,
		MHD_OPTION_NOTIFY_COMPLETED, on_completed, listener, MHD_OPTION_END);
	if (!listener->daemon) {
		return gpubroker_fail(reterr, GPUBROKER_E_INTERNAL,
			"http: a thread could not be started: %s", strerror(errno));
	}
	return 0;
}

/* Everything that threads look at is there before the first of them starts. */
static int make_listeners(struct httpd *httpd, size_t n, struct gpubroker_error *reterr)
{
	httpd->listeners = calloc(n + 1, sizeof(*httpd->listeners));
	for (; httpd->listeners && httpd->n_listeners < n; httpd->n_listeners++) {
		struct listener *listener = &httpd->listeners[httpd->n_listeners];

		listener->httpd = httpd;
		listener->counts = calloc((n_routes + 1) * N_HTTP_CODES, sizeof(*listener->counts));
		if (!listener->counts) {
			break;
		}
	}
	return httpd->listeners && httpd->n_listeners == n
		       ? 0
		       : gpubroker_fail(reterr, GPUBROKER_E_INTERNAL, "no memory");
}

static int start_listeners(struct httpd *httpd, const struct rest_settings *settings,
	const int fds[], size_t n_fds, struct gpubroker_error *reterr)
{
	size_t threads = (size_t)MAX(settings->threads, (int64_t)1);
	int r = make_listeners(httpd, n_fds * threads, reterr);

	for (size_t i = 0; r >= 0 && i < httpd->n_listeners; i++) {
		r = start_listener(&httpd->listeners[i], settings, fds[i / threads], reterr);
	}
	return r;
}

int httpd_new(struct httpd **ret, struct rest *rest, const struct rest_settings *settings,
	const int fds[], size_t n_fds, struct gpubroker_error *reterr)
{
	struct httpd *httpd = calloc(1, sizeof(*httpd));
	pthread_condattr_t monotonic;
	int r;

	if (!httpd) {
		return gpubroker_fail(reterr, GPUBROKER_E_INTERNAL, "no memory");
	}
	httpd->rest = rest;
	httpd->access_log = settings->access_log;
	httpd->idle_timeout_s = settings->idle_timeout_s;
	waiters_init(&httpd->waiters, MHD_suspend_connection, MHD_resume_connection);
	pthread_mutex_init(&httpd->lock, NULL);
	pthread_condattr_init(&monotonic);
	pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
	pthread_cond_init(&httpd->drained, &monotonic);
	pthread_condattr_destroy(&monotonic);
	r = gate_new(&httpd->gate, settings, reterr);
	*ret = httpd; /* the threads use it */
	if (r >= 0) {
		r = start_listeners(httpd, settings, fds, n_fds, reterr);
	}
	if (r < 0) {
		*ret = NULL;
		httpd_free(httpd, 0);
	}
	return r;
}

size_t httpd_wake(struct httpd *httpd, bool all)
{
	return waiters_wake(&httpd->waiters, all, httpd->rest->mono_ms());
}

static size_t in_flight(const struct httpd *httpd)
{
	size_t n = 0;

	for (size_t i = 0; i < httpd->n_listeners; i++) {
		n += atomic_load(&httpd->listeners[i].in_flight);
	}
	return n;
}

static void drain(struct httpd *httpd, int64_t timeout_ms)
{
	int64_t until_ms = mono_ms() + timeout_ms;
	const struct timespec until = {
		.tv_sec = until_ms / 1000, .tv_nsec = until_ms % 1000 * 1000000};
	bool in_time = timeout_ms > 0;

	pthread_mutex_lock(&httpd->lock);
	while (in_time && in_flight(httpd) > 0) {
		in_time = pthread_cond_timedwait(&httpd->drained, &httpd->lock, &until) == 0;
	}
	pthread_mutex_unlock(&httpd->lock);
}

static void stop_accepting(struct listener *listener)
{
	int fd = listener->daemon ? MHD_quiesce_daemon(listener->daemon) : -1;

	if (fd >= 0) {
		close(fd);
	}
}

void httpd_free(struct httpd *httpd, int64_t timeout_ms)
{
	if (!httpd) {
		return;
	}
	atomic_store(&httpd->stopping, true);
	for (size_t i = 0; i < httpd->n_listeners; i++) {
		stop_accepting(&httpd->listeners[i]);
	}
	httpd_wake(httpd, true);
	drain(httpd, timeout_ms);
	for (size_t i = 0; i < httpd->n_listeners; i++) {
		if (httpd->listeners[i].daemon) {
			MHD_stop_daemon(httpd->listeners[i].daemon);
		}
		free(httpd->listeners[i].counts);
	}
	gate_free(httpd->gate);
	waiters_finish(&httpd->waiters);
	pthread_mutex_destroy(&httpd->lock);
	pthread_cond_destroy(&httpd->drained);
	free(httpd->listeners);
	free(httpd);
}

uint64_t httpd_count(const struct httpd *httpd, size_t route, size_t code_index)
{
	uint64_t n = 0;

	for (size_t i = 0; i < httpd->n_listeners; i++) {
		n += atomic_load_explicit(
			&httpd->listeners[i].counts[route * N_HTTP_CODES + code_index],
			memory_order_relaxed);
	}
	return n;
}
