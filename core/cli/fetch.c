/* SPDX-License-Identifier: Apache-2.0 */
/* HTTP with libcurl: see fetch.h. */
#include "cli/fetch.h"

#include "base/mono.h"
#include "base/str.h"

#include <curl/curl.h>

#include <ctype.h>
#include <string.h>
#include <strings.h>

struct fetch {
	CURL *easy;
	char *base;   /* what stands before the path */
	char *shown;  /* the endpoint without secrets */
	char *socket; /* NULL: TCP */
	char *no_proxy;
	char reason[CURL_ERROR_SIZE];
	const struct fetch_request *request; /* that is under way */
	struct fetch_answer *answer;
	size_t room;
	int64_t date_ms, expires_ms; /* by the broker's clock */
	bool too_large, no_memory;
};

static size_t on_body(char *data, size_t size, size_t n, void *user)
{
	struct fetch *f = user;
	struct fetch_answer *a = f->answer;
	size_t bytes = size * n;

	if (bytes > (size_t)FETCH_MAX_BYTES - a->n) {
		f->too_large = true;
		return 0;
	}
	if (f->room < a->n + bytes + 1) {
		size_t room = (a->n + bytes) * 2 + 4096;
		char *bigger = realloc(a->body, room);

		if (!bigger) {
			f->no_memory = true;
			return 0;
		}
		a->body = bigger;
		f->room = room;
	}
	memcpy(a->body + a->n, data, bytes);
	a->n += bytes;
	a->body[a->n] = '\0';
	return bytes;
}

/* The value of a header line if it has that name. false: another one, or too long for ret. */
static bool header_value(const char *line, size_t n, const char *name, char *ret, size_t room)
{
	size_t at = strlen(name);

	if (n <= at || strncasecmp(line, name, at) != 0 || line[at] != ':') {
		return false;
	}
	at++;
	while (at < n && (line[at] == ' ' || line[at] == '\t')) {
		at++;
	}
	while (n > at && isspace((unsigned char)line[n - 1])) {
		n--;
	}
	if (n - at >= room) {
		return false;
	}
	memcpy(ret, line + at, n - at);
	ret[n - at] = '\0';
	return true;
}

static size_t on_header(char *data, size_t size, size_t n, void *user)
{
	struct fetch *f = user;
	size_t bytes = size * n;
	char text[TIME_TEXT_SIZE];

	if (bytes > 5 && memcmp(data, "HTTP/", 5) == 0) {
		f->answer->n = 0; /* what came before was an interim answer or a redirection */
		f->answer->etag[0] = '\0';
		f->date_ms = f->expires_ms = 0;
	} else if (header_value(data, bytes, "date", text, sizeof(text))) {
		time_parse_http(text, &f->date_ms);
	} else if (header_value(data, bytes, "expires", text, sizeof(text))) {
		time_parse_http(text, &f->expires_ms);
	} else {
		header_value(data, bytes, "etag", f->answer->etag, sizeof(f->answer->etag));
	}
	return bytes;
}

static int on_progress(void *user, curl_off_t a, curl_off_t b, curl_off_t c, curl_off_t d)
{
	struct fetch *f = user;

	return f->request->give_up && f->request->give_up(f->request->context);
}

/* user:password@ is for the broker alone. NULL: no memory. */
static char *without_secrets(const char *url)
{
	const char *scheme = strstr(url, "://"), *host = scheme ? scheme + 3 : url;
	size_t authority = strcspn(host, "/?#");
	const char *at = memrchr(host, '@', authority);
	char *shown;

	if (!at) {
		return strdup(url);
	}
	return asprintf(&shown, "%.*s%s", (int)(host - url), url, at + 1) < 0 ? NULL : shown;
}

/* The machine itself is never asked through a proxy. */
static char *proxies_to_avoid(void)
{
	const char *given = getenv("no_proxy") ? getenv("no_proxy") : getenv("NO_PROXY");
	char *all;

	return asprintf(&all, "%s%slocalhost,127.0.0.1,::1", given ? given : "",
		       given && *given ? "," : "") < 0
		       ? NULL
		       : all;
}

/* Without the slashes at its end; with a scheme. NULL: no memory. */
static char *base_of(const char *endpoint)
{
	_cleanup_(freep) char *copy = strdup(endpoint);
	char *base = NULL;

	for (size_t n = copy ? strlen(copy) : 0; n > 0 && copy[n - 1] == '/'; n--) {
		copy[n - 1] = '\0';
	}
	if (!copy || asprintf(&base, "%s%s", strstr(copy, "://") ? "" : "http://", copy) < 0) {
		return NULL;
	}
	wipe(copy, strlen(copy));
	return base;
}

static bool set_texts(struct fetch *f, const char *endpoint)
{
	bool is_socket = strncmp(endpoint, "unix:", 5) == 0;

	f->socket = is_socket ? strdup(endpoint + 5) : NULL;
	f->base = is_socket ? strdup("http://localhost") : base_of(endpoint);
	f->shown = without_secrets(endpoint);
	f->no_proxy = proxies_to_avoid();
	return f->base && f->shown && f->no_proxy && (f->socket || !is_socket);
}

/* What holds for each request. */
static void set_up(struct fetch *f)
{
	CURL *easy = f->easy;

	curl_easy_setopt(easy, CURLOPT_PROTOCOLS_STR, "http,https");
	curl_easy_setopt(easy, CURLOPT_REDIR_PROTOCOLS_STR, "http,https");
	curl_easy_setopt(easy, CURLOPT_FOLLOWLOCATION, 1L);
	curl_easy_setopt(easy, CURLOPT_MAXREDIRS, 3L);
	curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
	curl_easy_setopt(easy, CURLOPT_CONNECTTIMEOUT_MS, (long)FETCH_CONNECT_TIMEOUT_MS);
	curl_easy_setopt(easy, CURLOPT_ACCEPT_ENCODING, "");
	curl_easy_setopt(easy, CURLOPT_USERAGENT, "gpubroker/" GPUBROKER_VERSION);
	curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, on_body);
	curl_easy_setopt(easy, CURLOPT_WRITEDATA, f);
	curl_easy_setopt(easy, CURLOPT_HEADERFUNCTION, on_header);
	curl_easy_setopt(easy, CURLOPT_HEADERDATA, f);
	curl_easy_setopt(easy, CURLOPT_ERRORBUFFER, f->reason);
	curl_easy_setopt(easy, CURLOPT_NOPROGRESS, 0L);
	curl_easy_setopt(easy, CURLOPT_XFERINFOFUNCTION, on_progress);
	curl_easy_setopt(easy, CURLOPT_XFERINFODATA, f);
	curl_easy_setopt(easy, CURLOPT_NOPROXY, f->no_proxy);
	if (f->socket) {
		curl_easy_setopt(easy, CURLOPT_UNIX_SOCKET_PATH, f->socket);
	}
}

int fetch_new(struct fetch **ret, const char *endpoint, struct gpubroker_error *reterr)
{
	_cleanup_(fetch_freep) struct fetch *f = calloc(1, sizeof(*f));

	if (f && curl_global_init(CURL_GLOBAL_DEFAULT) == CURLE_OK) {
		f->easy = curl_easy_init();
	}
	if (!f || !f->easy || !set_texts(f, endpoint)) {
		return gpubroker_fail(reterr, GPUBROKER_E_INTERNAL, "no memory for HTTP");
	}
	if (f->socket ? f->socket[0] != '/' : strncmp(f->base, "http", 4) != 0) {
		return gpubroker_fail(reterr, GPUBROKER_E_CONFIG,
			"the endpoint %.200s is no http:// or https:// address, nor unix:/PATH",
			f->shown);
	}
	set_up(f);
	*ret = TAKE_PTR(f);
	return 0;
}

void fetch_free(struct fetch *f)
{
	if (!f) {
		return;
	}
	if (f->easy) {
		curl_easy_cleanup(f->easy);
	}
	if (f->base) {
		wipe(f->base, strlen(f->base));
	}
	free(f->base);
	free(f->shown);
	free(f->socket);
	free(f->no_proxy);
	free(f);
}

const char *fetch_endpoint(const struct fetch *f)
{
	return f->shown;
}

static bool add_header(struct curl_slist **list, const char *name, const char *value)
{
	struct curl_slist *longer = NULL;
	char *line;

	if (!value || !*value) {
		return true;
	}
	if (asprintf(&line, "%s: %s", name, value) >= 0) {
		longer = curl_slist_append(*list, line);
		free(line);
	}
	*list = longer ? longer : *list;
	return longer;
}

static CURLcode transfer(struct fetch *f, struct curl_slist *headers, const char *url)
{
	const struct fetch_request *r = f->request;
	CURL *easy = f->easy;

	fetch_answer_finish(f->answer);
	f->room = 0;
	f->reason[0] = '\0';
	f->date_ms = f->expires_ms = 0;
	if (r->body) {
		curl_easy_setopt(easy, CURLOPT_POST, 1L);
		curl_easy_setopt(easy, CURLOPT_POSTFIELDSIZE, (long)strlen(r->body));
		curl_easy_setopt(easy, CURLOPT_POSTFIELDS, r->body);
	} else {
		curl_easy_setopt(easy, CURLOPT_HTTPGET, 1L);
	}
	curl_easy_setopt(easy, CURLOPT_TIMEOUT_MS,
		(long)(r->timeout_ms > 0 ? r->timeout_ms : FETCH_TIMEOUT_MS));
	curl_easy_setopt(easy, CURLOPT_HTTPHEADER, headers);
	curl_easy_setopt(easy, CURLOPT_URL, url);
	return curl_easy_perform(easy);
}

/* The server, or what stands before it, closed the connection while it owed an answer. */
static bool is_broken_connection(CURLcode code)
{
	return code == CURLE_RECV_ERROR || code == CURLE_SEND_ERROR || code == CURLE_GOT_NOTHING ||
	       code == CURLE_PARTIAL_FILE;
}

static int explain(const struct fetch *f, CURLcode code, struct gpubroker_error *reterr)
{
	const char *reason = f->reason[0] ? f->reason : curl_easy_strerror(code);

	if (f->too_large) {
		return gpubroker_fail(reterr, GPUBROKER_E_LIMIT,
			"%.200s: the answer is larger than %d MiB", f->shown,
			FETCH_MAX_BYTES >> 20);
	}
	if (f->no_memory || code == CURLE_OUT_OF_MEMORY) {
		return gpubroker_fail(reterr, GPUBROKER_E_INTERNAL, "no memory for the answer");
	}
	if (code == CURLE_ABORTED_BY_CALLBACK) {
		return gpubroker_fail(reterr, GPUBROKER_E_INTERNAL, "given up");
	}
	if (code == CURLE_COULDNT_CONNECT || code == CURLE_COULDNT_RESOLVE_HOST) {
		return gpubroker_fail(reterr, GPUBROKER_E_NETWORK,
			"there is no broker at %.150s (%.120s); --endpoint or GPUBROKER_ENDPOINT say where it is",
			f->shown, reason);
	}
	return gpubroker_fail(reterr,
		code == CURLE_OPERATION_TIMEDOUT ? GPUBROKER_E_TIMEOUT : GPUBROKER_E_NETWORK,
		"%.200s: %.200s", f->shown, reason);
}

int fetch(struct fetch *f, const struct fetch_request *r, struct fetch_answer *ret,
	struct gpubroker_error *reterr)
{
	_cleanup_(freep) char *url = NULL;
	struct curl_slist *headers = NULL;
	CURLcode code = CURLE_OUT_OF_MEMORY;

	f->request = r;
	f->answer = ret;
	f->too_large = f->no_memory = false;
	if (asprintf(&url, "%s%s", f->base, r->path) < 0) {
		url = NULL;
	}
	if (url && add_header(&headers, "Accept", "application/json") &&
		add_header(&headers, "If-None-Match", r->etag) &&
		add_header(&headers, "Content-Type", r->body ? "application/json" : NULL)) {
		code = transfer(f, headers, url);
		if (is_broken_connection(code) && !r->body && !f->too_large && !f->no_memory) {
			curl_easy_setopt(f->easy, CURLOPT_FRESH_CONNECT, 1L);
			code = transfer(f, headers, url);
			curl_easy_setopt(f->easy, CURLOPT_FRESH_CONNECT, 0L);
		}
	}
	curl_easy_setopt(f->easy, CURLOPT_HTTPHEADER, NULL);
	curl_slist_free_all(headers);
	f->request = NULL;
	f->answer = NULL;
	if (code != CURLE_OK) {
		fetch_answer_finish(ret);
		return explain(f, code, reterr);
	}
	curl_easy_getinfo(f->easy, CURLINFO_RESPONSE_CODE, &ret->status);
	if (f->expires_ms > 0) { /* their clock may not be ours */
		ret->expires_ms =
			wall_ms() + f->expires_ms - (f->date_ms > 0 ? f->date_ms : wall_ms());
	}
	return 0;
}

void fetch_answer_finish(struct fetch_answer *a)
{
	free(a->body);
	*a = (struct fetch_answer){0};
}
