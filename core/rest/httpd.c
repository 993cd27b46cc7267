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
#include "rest/front.h"
#include "rest/http/limiter.h"
#include "rest/route.h"

#include <errno.h>
#include <fcntl.h>
#include <microhttpd.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

enum {
	CONNECTION_MEMORY = 8 * 1024, /* request line, headers and answer headers; it is resident */
	REFUSED_CONNECTIONS = 64,     /* beyond max_connections: they are told why */
	BODY_MAX = 64 * 1024,         /* a body nobody asked for is read up to here, for keep-alive's sake */
};

const unsigned http_codes[N_HTTP_CODES] = {200, 304, 400, 404, 405, 414, 429, 431, 500, 503, 0};

struct listener { /* one daemon of libmicrohttpd */
	struct httpd *httpd;
	struct MHD_Daemon *daemon;
	atomic_size_t in_flight;
	atomic_uint_fast64_t *counts; /* (n_routes + 1) × N_HTTP_CODES */
};

struct waiter { /* a request that is suspended or was */
	struct waiter *previous, *next;
	struct MHD_Connection *connection;
	int64_t deadline_ms;
	bool listed;
};

struct httpd {
	struct rest *rest;
	struct listener *listeners;
	size_t n_listeners;
	struct limiter *limiter; /* NULL: no limits per address */
	struct networks trusted;
	int64_t max_connections;
	atomic_int_fast64_t n_connections;
	bool access_log;
	atomic_bool stopping;
	pthread_mutex_t lock; /* of what follows */
	pthread_cond_t drained;
	struct waiter waiters; /* head of a ring */
	size_t n_waiters;
	uint64_t n_wakes; /* publications: a request that saw an older one must look again */
};

/* What a connection's context says of it. */
static char connection_fine, connection_counted, connection_surplus, connection_over_address_limit;
/* What a request's context says of it, unless it is a waiter. */
static char request_started;

/* Responses. */

static void add_header(struct MHD_Response *response, const char *name, const char *value)
{
	if (value) {
		MHD_add_response_header(response, name, value);
	}
}

static void add_time(struct MHD_Response *response, const char *name, int64_t time_ms)
{
	char text[TIME_TEXT_SIZE];

	time_http(text, time_ms);
	add_header(response, name, text);
}

static void release_body(void *blob)
{
	blob_unref(blob);
}

struct MHD_Response *response_new(const struct response_head *head, struct blob *body)
{
	char seconds[16];
	struct MHD_Response *response = MHD_create_response_from_buffer_with_free_callback_cls(
		body->n, body->data, release_body, blob_ref(body));

	if (!response) {
		blob_unref(body);
		return NULL;
	}
	add_header(response, "Content-Type", body->n > 0 ? head->content_type : NULL);
	add_header(response, "Content-Encoding", head->gzip ? "gzip" : NULL);
	add_header(response, "X-Region-Status", head->region_status);
	add_header(response, "Allow", head->allow);
	add_header(response, "Connection", head->close ? "close" : NULL);
	if (head->is_page) {
		add_header(response, "ETag", head->etag);
		add_time(response, "Last-Modified", head->modified_ms);
		add_time(response, "Expires", head->expires_ms);
		add_header(response, "Vary", "Accept-Encoding");
	} else {
		add_header(response, "Cache-Control", "no-store");
	}
	if (head->retry_after_s > 0) {
		snprintf(seconds, sizeof(seconds), "%d", head->retry_after_s);
		add_header(response, "Retry-After", seconds);
	}
	return response;
}

void response_free(struct MHD_Response *response)
{
	if (response) {
		MHD_destroy_response(response);
	}
}

static struct MHD_Response *response_of_draft(struct draft *d, bool close_it)
{
	const struct response_head head = {
		.content_type = d->content_type,
		.allow = d->allow,
		.retry_after_s = d->retry_after_s,
		.close = d->close || close_it,
	};
	size_t n = 0;
	char *data = strbuf_take(&d->body, &n);
	struct blob *body = data ? blob_new(data, n) : NULL;
	struct MHD_Response *response = body ? response_new(&head, body) : NULL;

	blob_unref(body);
	return response;
}

/* The page's response, but one that ends the connection. */
static struct MHD_Response *response_of_last_page(const struct page_use *use)
{
	const struct response_head head = {
		.content_type = use->page->head.content_type,
		.region_status = use->page->region_status,
		.modified_ms = use->page->head.modified_ms,
		.expires_ms = use->page->head.expires_ms,
		.etag = use->variant->etag,
		.gzip = use->variant != &use->page->plain,
		.is_page = true,
		.close = true,
	};

	return response_new(&head, use->variant->body);
}

/* Connections and their addresses. */

static bool address_of(struct MHD_Connection *connection, struct address *ret)
{
	const union MHD_ConnectionInfo *info =
		MHD_get_connection_info(connection, MHD_CONNECTION_INFO_CLIENT_ADDRESS);

	return info && address_from_socket(info->client_addr, ret);
}

static void *open_connection(struct httpd *httpd, struct MHD_Connection *connection)
{
	struct address a;

	if (atomic_fetch_add(&httpd->n_connections, 1) >= httpd->max_connections) {
		return &connection_surplus;
	}
	if (!httpd->limiter || !address_of(connection, &a) || networks_contain(&httpd->trusted, &a)) {
		return &connection_fine;
	}
	return limiter_open(httpd->limiter, &a, httpd->rest->mono_ms()) ? &connection_counted
									: &connection_over_address_limit;
}

static void on_connection(void *context, struct MHD_Connection *connection, void **socket_context,
	enum MHD_ConnectionNotificationCode what)
{
	struct httpd *httpd = context;
	struct address a;

	if (what == MHD_CONNECTION_NOTIFY_STARTED) {
		*socket_context = open_connection(httpd, connection);
		return;
	}
	atomic_fetch_sub(&httpd->n_connections, 1);
	if ((*socket_context == &connection_counted ||
		    *socket_context == &connection_over_address_limit) &&
		address_of(connection, &a)) {
		limiter_close(httpd->limiter, &a);
	}
}

static const char *header_of(const struct request *r, const char *name)
{
	return MHD_lookup_connection_value(r->connection, MHD_HEADER_KIND, name);
}

/* Who asks, proxies aside; false: a unix socket. */
static bool client_of(struct httpd *httpd, const struct request *r, struct address *ret)
{
	struct address peer;

	if (!address_of(r->connection, &peer)) {
		return false;
	}
	*ret = httpd->trusted.n == 0
		? peer
		: address_forwarded(&httpd->trusted, &peer, r->header(r, "X-Forwarded-For"));
	return true;
}

/* 0: within the limits. */
static unsigned limit_status(struct httpd *httpd, const struct request *r, bool *ret_close)
{
	const union MHD_ConnectionInfo *info =
		MHD_get_connection_info(r->connection, MHD_CONNECTION_INFO_SOCKET_CONTEXT);
	struct address a;

	*ret_close = true;
	if (info && info->socket_context == &connection_surplus) {
		return 503;
	}
	if (info && info->socket_context == &connection_over_address_limit) {
		return 429;
	}
	*ret_close = false;
	if (!httpd->limiter || !client_of(httpd, r, &a)) {
		return 0;
	}
	return limiter_request(httpd->limiter, &a, httpd->rest->mono_ms()) ? 0 : 429;
}

/* Requests. */

struct target { /* a URL with its query, put together again */
	char text[URL_MAX_BYTES + 1];
	size_t n;
	bool too_long;
};

static void add_text(struct target *t, const char *text, size_t n)
{
	if (n > URL_MAX_BYTES - t->n) {
		t->too_long = true;
		return;
	}
	memcpy(t->text + t->n, text, n);
	t->n += n;
	t->text[t->n] = '\0';
}

static enum MHD_Result add_argument(
	void *context, enum MHD_ValueKind kind, const char *key, const char *value)
{
	struct target *t = context;

	add_text(t, strchr(t->text, '?') ? "&" : "?", 1);
	add_text(t, key, strlen(key));
	if (value) {
		add_text(t, "=", 1);
		add_text(t, value, strlen(value));
	}
	return t->too_long ? MHD_NO : MHD_YES;
}

/* "http://host/path" is the same as "/path". */
static const char *strip_authority(const char *url)
{
	const char *path = NULL;

	if (strncmp(url, "http://", 7) == 0 || strncmp(url, "https://", 8) == 0) {
		path = strchr(strchr(url, ':') + 3, '/');
	}
	return path ? path : url;
}

/* room is used only if there is a query. false: too long. */
static bool parse_request(struct request *r, const char *url, struct target *room)
{
	size_t n;

	url = strip_authority(url);
	n = strlen(url);
	room->n = 0;
	room->too_long = n > URL_MAX_BYTES;
	if (!room->too_long &&
		MHD_get_connection_values(r->connection, MHD_GET_ARGUMENT_KIND, NULL, NULL) > 0) {
		add_text(room, url, n);
		MHD_get_connection_values(r->connection, MHD_GET_ARGUMENT_KIND, add_argument, room);
		url = room->text;
	}
	if (room->too_long) {
		r->target = "";
		r->path_length = 0;
		r->route = NULL;
		return false;
	}
	request_parse(r, url);
	return true;
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

/* One line, one write: what strangers send is printable ASCII or a question mark. */
static void write_access_log(struct httpd *httpd, const struct request *r, const char *method,
	const struct answer *a)
{
	char line[URL_MAX_BYTES + 256], who[ADDRESS_TEXT_SIZE] = "unix", when[TIME_TEXT_SIZE];
	struct address address;
	int n;

	if (client_of(httpd, r, &address)) {
		address_write(who, &address);
	}
	time_rfc3339(when, httpd->rest->wall_ms());
	n = snprintf(line, sizeof(line), "%s request address=%s method=%.16s status=%u path=%.*s", when, who,
		method, a->status, (int)r->path_length, r->target);
	n = MIN(n, (int)sizeof(line) - 2);
	for (int i = 0; i < n; i++) {
		line[i] = line[i] >= ' ' && line[i] <= '~' ? line[i] : '?';
	}
	line[n] = '\n';
	if (write(STDOUT_FILENO, line, (size_t)n + 1) < 0) {
		return; /* nobody reads it: no reason not to answer */
	}
}

static enum MHD_Result queue(struct listener *listener, const struct request *r, struct answer *a)
{
	bool last = atomic_load_explicit(&listener->httpd->stopping, memory_order_relaxed);
	struct MHD_Response *own = NULL;
	enum MHD_Result result = MHD_NO;

	if (a->use.variant && !last) {
		return MHD_queue_response(r->connection, a->status, a->use.variant->response);
	}
	own = a->use.variant ? response_of_last_page(&a->use) : response_of_draft(&a->draft, last);
	if (own) {
		result = MHD_queue_response(r->connection, a->status, own);
	}
	response_free(own);
	return result;
}

/* Suspends the request unless there was a publication since it was looked at. */
static bool suspend(struct httpd *httpd, struct waiter *w, uint64_t seen_wakes)
{
	bool still = false;

	pthread_mutex_lock(&httpd->lock);
	if (httpd->n_wakes == seen_wakes) {
		still = true;
		w->previous = httpd->waiters.previous;
		w->next = &httpd->waiters;
		w->previous->next = w;
		w->next->previous = w;
		w->listed = true;
		httpd->n_waiters++;
		MHD_suspend_connection(w->connection);
	}
	pthread_mutex_unlock(&httpd->lock);
	return still;
}

static void unlist(struct httpd *httpd, struct waiter *w)
{
	if (w->listed) {
		w->previous->next = w->next;
		w->next->previous = w->previous;
		w->listed = false;
		httpd->n_waiters--;
	}
}

static uint64_t wakes(struct httpd *httpd)
{
	uint64_t n;

	pthread_mutex_lock(&httpd->lock);
	n = httpd->n_wakes;
	pthread_mutex_unlock(&httpd->lock);
	return n;
}

/* The request's waiter, made when it first waits. NULL: no memory. */
static struct waiter *waiter_of(struct httpd *httpd, struct MHD_Connection *connection, void **context)
{
	struct waiter *w = *context != &request_started ? *context : NULL;

	if (!w) {
		w = calloc(1, sizeof(*w));
		if (!w) {
			return NULL;
		}
		w->connection = connection;
		w->deadline_ms = httpd->rest->mono_ms() + httpd->rest->cold_wait_ms;
		*context = w;
	}
	return w;
}

/* true: it is suspended, and the handler will be called again. */
static bool wait_for_view(struct listener *listener, struct request *r, struct answer *a, void **context)
{
	struct httpd *httpd = listener->httpd;
	bool suspended = false;

	while (a->wait && !suspended) {
		uint64_t seen = wakes(httpd);
		struct waiter *w = waiter_of(httpd, r->connection, context);
		bool may_wait = w && !atomic_load(&httpd->stopping) &&
			httpd->rest->mono_ms() < w->deadline_ms;

		answer_finish(a);
		answer_make(a, httpd->rest, r, may_wait);
		suspended = a->wait && suspend(httpd, w, seen);
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
	if (!parse_request(&r, url, &room)) {
		answer_refuse(&a, &r, 414);
	} else if (*context == &request_started && (refusal = limit_status(httpd, &r, &close_it))) {
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
		write_access_log(httpd, &r, method, &a);
	}
	return result;
}

/* A body that is not worth reading: the answer goes out at once and the connection ends. */
static bool has_large_body(struct MHD_Connection *connection)
{
	const char *length = MHD_lookup_connection_value(connection, MHD_HEADER_KIND, "Content-Length");
	int64_t n;

	return MHD_lookup_connection_value(connection, MHD_HEADER_KIND, "Transfer-Encoding") ||
		(length && (!str_to_int64(length, &n) || n > BODY_MAX));
}

static enum MHD_Result on_request(void *context, struct MHD_Connection *connection, const char *url,
	const char *method, const char *version, const char *upload, size_t *upload_size,
	void **request_context)
{
	struct listener *listener = context;

	if (!*request_context) {
		*request_context = &request_started;
		atomic_fetch_add_explicit(&listener->in_flight, 1, memory_order_relaxed);
		return has_large_body(connection)
			? answer_request(listener, connection, url, method, request_context)
			: MHD_YES;
	}
	if (*upload_size > 0) {
		*upload_size = 0;
		return MHD_YES;
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
	if (*request_context != &request_started) {
		pthread_mutex_lock(&httpd->lock);
		unlist(httpd, *request_context);
		pthread_mutex_unlock(&httpd->lock);
		free(*request_context);
	}
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

/* Daemons. */

static int start_listener(struct listener *listener, const struct rest_settings *settings, int fd,
	struct gpubroker_error *reterr)
{
	struct httpd *httpd = listener->httpd;
	int own = fcntl(fd, F_DUPFD_CLOEXEC, 0);

	listener->counts = calloc((n_routes + 1) * N_HTTP_CODES, sizeof(*listener->counts));
	if (own < 0 || !listener->counts) {
		return gpubroker_fail(reterr, GPUBROKER_E_INTERNAL, "http: no descriptor or memory");
	}
	listener->daemon = MHD_start_daemon(MHD_USE_EPOLL_INTERNAL_THREAD | MHD_ALLOW_SUSPEND_RESUME, 0, NULL,
		NULL, on_request, listener, MHD_OPTION_LISTEN_SOCKET, own, MHD_OPTION_CONNECTION_LIMIT,
		(unsigned)(httpd->max_connections + REFUSED_CONNECTIONS), MHD_OPTION_CONNECTION_MEMORY_LIMIT,
		(size_t)CONNECTION_MEMORY, MHD_OPTION_CONNECTION_TIMEOUT, (unsigned)settings->idle_timeout_s,
		MHD_OPTION_UNESCAPE_CALLBACK, leave_encoded, NULL, MHD_OPTION_NOTIFY_CONNECTION, on_connection,
		httpd, MHD_OPTION_NOTIFY_COMPLETED, on_completed, listener, MHD_OPTION_END);
	if (!listener->daemon) {
		return gpubroker_fail(reterr, GPUBROKER_E_INTERNAL, "http: a thread could not be started: %s",
			strerror(errno));
	}
	return 0;
}

static int start_listeners(struct httpd *httpd, const struct rest_settings *settings, const int fds[],
	size_t n_fds, struct gpubroker_error *reterr)
{
	size_t threads = (size_t)MAX(settings->threads, (int64_t)1);

	httpd->listeners = calloc(n_fds * threads + 1, sizeof(*httpd->listeners));
	if (!httpd->listeners) {
		return gpubroker_fail(reterr, GPUBROKER_E_INTERNAL, "no memory");
	}
	while (httpd->n_listeners < n_fds * threads) {
		struct listener *listener = &httpd->listeners[httpd->n_listeners];
		int r;

		listener->httpd = httpd;
		r = start_listener(listener, settings, fds[httpd->n_listeners / threads], reterr);
		httpd->n_listeners++;
		if (r < 0) {
			return r;
		}
	}
	return 0;
}

int httpd_new(struct httpd **ret, struct rest *rest, const struct rest_settings *settings, const int fds[],
	size_t n_fds, struct gpubroker_error *reterr)
{
	struct httpd *httpd = calloc(1, sizeof(*httpd));
	pthread_condattr_t monotonic;
	int r;

	if (!httpd) {
		return gpubroker_fail(reterr, GPUBROKER_E_INTERNAL, "no memory");
	}
	httpd->rest = rest;
	httpd->access_log = settings->access_log;
	httpd->max_connections = settings->max_connections > 0 ? settings->max_connections : INT32_MAX / 2;
	httpd->waiters.previous = httpd->waiters.next = &httpd->waiters;
	pthread_mutex_init(&httpd->lock, NULL);
	pthread_condattr_init(&monotonic);
	pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
	pthread_cond_init(&httpd->drained, &monotonic);
	pthread_condattr_destroy(&monotonic);
	r = networks_parse(&httpd->trusted, settings->trusted_proxies, settings->n_trusted_proxies, reterr);
	if (r >= 0) {
		r = limiter_new(&httpd->limiter, settings->max_connections_per_address,
			settings->requests_per_s_per_address, reterr);
	}
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
	int64_t now_ms = httpd->rest->mono_ms();
	struct waiter *next;
	size_t left;

	pthread_mutex_lock(&httpd->lock);
	httpd->n_wakes += all;
	for (struct waiter *w = httpd->waiters.next; w != &httpd->waiters; w = next) {
		next = w->next;
		if (all || now_ms >= w->deadline_ms) {
			unlist(httpd, w);
			MHD_resume_connection(w->connection);
		}
	}
	left = httpd->n_waiters;
	pthread_mutex_unlock(&httpd->lock);
	return left;
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
	const struct timespec until = {.tv_sec = until_ms / 1000, .tv_nsec = until_ms % 1000 * 1000000};
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
	limiter_free(httpd->limiter);
	networks_finish(&httpd->trusted);
	pthread_mutex_destroy(&httpd->lock);
	pthread_cond_destroy(&httpd->drained);
	free(httpd->listeners);
	free(httpd);
}

uint64_t httpd_count(const struct httpd *httpd, size_t route, size_t code_index)
{
	uint64_t n = 0;

	for (size_t i = 0; i < httpd->n_listeners; i++) {
		n += atomic_load_explicit(&httpd->listeners[i].counts[route * N_HTTP_CODES + code_index],
			memory_order_relaxed);
	}
	return n;
}
