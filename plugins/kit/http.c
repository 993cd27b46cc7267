/* SPDX-License-Identifier: Apache-2.0 */
/* Requests over libcurl's multi interface: see http.h.
 *
 * A fixed set of slots, each with an easy handle that keeps being reused; exchanges wait in a list until
 * a slot is free. curl keeps the connections in the multi handle, from one reading to the next. */
#include "kit/http.h"

#include "kit/cleanup.h"
#include "kit/http_outcome.h"

#include <curl/curl.h>

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>

struct http_limits http_limits = {
	.connect_ms = 10 * 1000,
	.total_ms = 170 * 1000,
	.retry_after_s = 30,
	.reply_bytes = (size_t)64 << 20,
};

enum { MAX_WAIT_MS = 1000 };

struct slot {
	CURL *easy;
	struct http_exchange *exchange; /* NULL: free */
	struct curl_slist *headers;
	size_t room;
	bool too_big, no_memory;
	char curl_text[CURL_ERROR_SIZE];
	struct http *http;
};

struct http {
	struct http_settings settings;
	const struct gpubroker_core *core;
	char user_agent[64];
	CURLM *multi;
	struct slot slots[HTTP_MAX_PARALLEL];
	struct http_exchange *waiting; /* in the order of http_start() */
	int64_t end_ms;                /* of the reading; 0: none */
};

static size_t on_body(char *data, size_t size, size_t n, void *user)
{
	struct slot *slot = user;
	struct http_exchange *x = slot->exchange;
	size_t bytes = size * n, room;
	char *bigger;

	if (bytes > http_limits.reply_bytes - x->reply_n) {
		slot->too_big = true;
		return 0;
	}
	if (slot->room - x->reply_n <= bytes) {
		room = (x->reply_n + bytes) * 2 + 4096;
		bigger = realloc(x->reply, room);
		if (!bigger) {
			slot->no_memory = true;
			return 0;
		}
		x->reply = bigger;
		slot->room = room;
	}
	memcpy(x->reply + x->reply_n, data, bytes);
	x->reply_n += bytes;
	x->reply[x->reply_n] = '\0';
	return bytes;
}

static size_t on_header(char *data, size_t size, size_t n, void *user)
{
	struct slot *slot = user;
	size_t bytes = size * n, len = bytes;
	char *line, *value;

	if (bytes > 5 && !memcmp(data, "HTTP/", 5)) {
		http_outcome_clear(
			slot->exchange); /* what came before was an interim answer or a proxy's */
		slot->room = 0;
		return bytes;
	}
	while (len > 0 && isspace((unsigned char)data[len - 1])) {
		len--;
	}
	line = strndup(data, len);
	if (!line) {
		slot->no_memory = true;
		return 0;
	}
	value = strchr(line, ':');
	if (value) {
		*value++ = '\0';
		slot->no_memory |= !http_take_header(slot->exchange, line,
			value + strspn(value, " \t"), slot->http->core->wall_ms());
		http_wipe(value);
	}
	free(line);
	return bytes;
}

static void add_header(struct slot *slot, const char *name, const char *value)
{
	struct curl_slist *longer = NULL;
	char *line;

	if (!value) {
		return;
	}
	if (asprintf(&line, "%s: %s", name, value) >= 0) {
		longer = curl_slist_append(slot->headers, line);
		http_wipe(line);
		free(line);
	}
	if (longer) {
		slot->headers = longer;
	} else {
		slot->no_memory = true;
	}
}

static void drop_headers(struct slot *slot)
{
	struct curl_slist *h;

	for (h = slot->headers; h; h = h->next) {
		http_wipe(h->data);
	}
	curl_slist_free_all(slot->headers);
	slot->headers = NULL;
}

static bool is_folder(const char *path)
{
	struct stat st;

	return stat(path, &st) == 0 && S_ISDIR(st.st_mode);
}

static void set_tls(CURL *easy, const struct http_settings *s)
{
	curl_easy_setopt(easy, CURLOPT_SSL_VERIFYPEER, s->insecure ? 0L : 1L);
	curl_easy_setopt(easy, CURLOPT_SSL_VERIFYHOST, s->insecure ? 0L : 2L);
	if (s->cacert && !s->insecure) {
		/* Both: the one left alone would be the system's. */
		curl_easy_setopt(easy, CURLOPT_CAPATH, is_folder(s->cacert) ? s->cacert : NULL);
		curl_easy_setopt(easy, CURLOPT_CAINFO, is_folder(s->cacert) ? NULL : s->cacert);
	}
	if (s->cert) {
		curl_easy_setopt(easy, CURLOPT_SSLCERT, s->cert);
		curl_easy_setopt(easy, CURLOPT_SSLKEY, s->key ? s->key : s->cert);
	}
}

static void set_transport(struct slot *slot)
{
	CURL *easy = slot->easy;

	curl_easy_setopt(easy, CURLOPT_PROTOCOLS_STR, "http,https");
	curl_easy_setopt(easy, CURLOPT_FOLLOWLOCATION, 0L); /* the token would go along */
	curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
	curl_easy_setopt(easy, CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_1_1);
	curl_easy_setopt(easy, CURLOPT_TCP_KEEPALIVE, 1L);
	curl_easy_setopt(easy, CURLOPT_CONNECTTIMEOUT_MS, (long)http_limits.connect_ms);
	curl_easy_setopt(easy, CURLOPT_ACCEPT_ENCODING, "gzip");
	curl_easy_setopt(easy, CURLOPT_USERAGENT, slot->http->user_agent);
	curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, on_body);
	curl_easy_setopt(easy, CURLOPT_WRITEDATA, slot);
	curl_easy_setopt(easy, CURLOPT_HEADERFUNCTION, on_header);
	curl_easy_setopt(easy, CURLOPT_HEADERDATA, slot);
	curl_easy_setopt(easy, CURLOPT_ERRORBUFFER, slot->curl_text);
	curl_easy_setopt(easy, CURLOPT_PRIVATE, slot);
	set_tls(easy, &slot->http->settings);
}

void http_begin(struct http *h)
{
	int64_t deadline_ms = h->core->deadline_ms;

	/* A tenth is left for what is not waiting, so that the reading ends with a reason, not with a signal. */
	h->end_ms = h->core->mono_ms() +
		    (deadline_ms > 0 ? deadline_ms - deadline_ms / 10 : http_limits.total_ms);
}

static void set_request(struct slot *slot, const struct http_exchange *x, int64_t ms)
{
	add_header(slot, "Accept", "application/json");
	add_header(slot, "X-Auth-Token", x->token);
	add_header(slot, "OpenStack-API-Version", x->api_version);
	if (x->body) {
		add_header(slot, "Content-Type", "application/json");
		add_header(slot, "Expect", ""); /* no 100-continue round */
		curl_easy_setopt(slot->easy, CURLOPT_POST, 1L);
		curl_easy_setopt(slot->easy, CURLOPT_POSTFIELDSIZE, (long)strlen(x->body));
		curl_easy_setopt(slot->easy, CURLOPT_POSTFIELDS, x->body);
	}
	curl_easy_setopt(slot->easy, CURLOPT_TIMEOUT_MS, (long)ms);
	curl_easy_setopt(slot->easy, CURLOPT_HTTPHEADER, slot->headers);
	if (curl_easy_setopt(slot->easy, CURLOPT_URL, x->url) != CURLE_OK) {
		slot->no_memory = true;
	}
}

/* false: it could not be begun, and the exchange holds the error. */
static bool slot_begin(struct slot *slot, struct http_exchange *x)
{
	const int64_t ms = http_time_ms(x, slot->http->core->mono_ms(), slot->http->end_ms);

	slot->exchange = x;
	slot->room = 0;
	slot->too_big = slot->no_memory = false;
	slot->curl_text[0] = '\0';
	http_outcome_clear(x);
	if (ms <= 0) {
		slot->exchange = NULL;
		http_fail_late(x);
		return false;
	}
	if (slot->easy) {
		curl_easy_reset(slot->easy);
	} else {
		slot->easy = curl_easy_init();
	}
	if (slot->easy) {
		set_transport(slot);
		set_request(slot, x, ms);
		if (!slot->no_memory &&
			curl_multi_add_handle(slot->http->multi, slot->easy) == CURLM_OK) {
			return true;
		}
	}
	drop_headers(slot);
	slot->exchange = NULL;
	x->r = gpubroker_fail(
		&x->error, GPUBROKER_E_INTERNAL, "%s: no memory for a request", x->service);
	return false;
}

static struct http_exchange *slot_end(struct slot *slot)
{
	struct http_exchange *x = slot->exchange;

	curl_multi_remove_handle(slot->http->multi, slot->easy);
	drop_headers(slot);
	slot->exchange = NULL;
	return x;
}

static const struct {
	CURLcode curl;
	enum gpubroker_code code;
	const char *sentence;
} curl_codes[] = {
	{CURLE_OPERATION_TIMEDOUT,       GPUBROKER_E_TIMEOUT,   "did not answer in time"                    },
	{CURLE_COULDNT_RESOLVE_HOST,     GPUBROKER_E_NETWORK,   "has a name that cannot be resolved"        },
	{CURLE_COULDNT_RESOLVE_PROXY,    GPUBROKER_E_NETWORK,
         "is behind a proxy whose name cannot be resolved"                                                  },
	{CURLE_COULDNT_CONNECT,          GPUBROKER_E_NETWORK,   "cannot be connected to"                    },
	{CURLE_PARTIAL_FILE,             GPUBROKER_E_NETWORK,   "broke off in the middle of its answer"     },
	{CURLE_GOT_NOTHING,              GPUBROKER_E_NETWORK,   "closed the connection without an answer"   },
	{CURLE_RECV_ERROR,               GPUBROKER_E_NETWORK,   "broke the connection"                      },
	{CURLE_SEND_ERROR,               GPUBROKER_E_NETWORK,   "broke the connection"                      },
	{CURLE_PEER_FAILED_VERIFICATION, GPUBROKER_E_NETWORK,
         "has a certificate that cannot be trusted"                                                         },
	{CURLE_SSL_CONNECT_ERROR,        GPUBROKER_E_NETWORK,   "does not agree on TLS"                     },
	{CURLE_SSL_CACERT_BADFILE,       GPUBROKER_E_CONFIG,    "cannot be checked: cacert is not usable"   },
	{CURLE_SSL_CERTPROBLEM,          GPUBROKER_E_CONFIG,    "cannot be asked: cert or key is not usable"},
	{CURLE_URL_MALFORMAT,            GPUBROKER_E_CONFIG,    "is not a URL"                              },
	{CURLE_UNSUPPORTED_PROTOCOL,     GPUBROKER_E_BAD_REPLY, "did not answer in HTTP"                    },
	{CURLE_BAD_CONTENT_ENCODING,     GPUBROKER_E_BAD_REPLY, "answered with broken compression"          },
	{CURLE_WEIRD_SERVER_REPLY,       GPUBROKER_E_BAD_REPLY, "did not answer in HTTP"                    },
	{CURLE_OUT_OF_MEMORY,            GPUBROKER_E_INTERNAL,  "could not be asked: no memory"             },
};

static int fail_transfer(const struct slot *slot, struct http_exchange *x, CURLcode curl)
{
	size_t i;

	if (slot->too_big) {
		return gpubroker_fail(&x->error, GPUBROKER_E_LIMIT,
			"%s: %.200s answered more than %zu MiB", x->service, x->url,
			http_limits.reply_bytes >> 20);
	}
	if (slot->no_memory) {
		return gpubroker_fail(
			&x->error, GPUBROKER_E_INTERNAL, "%s: no memory for a reply", x->service);
	}
	for (i = 0; i < ARRAY_SIZE(curl_codes); i++) {
		if (curl_codes[i].curl == curl) {
			return gpubroker_fail(&x->error, curl_codes[i].code,
				"%s: %.200s %s (%.160s)", x->service, x->url,
				curl_codes[i].sentence,
				slot->curl_text[0] ? slot->curl_text : curl_easy_strerror(curl));
		}
	}
	return gpubroker_fail(&x->error, GPUBROKER_E_NETWORK, "%s: %.200s: %.200s", x->service,
		x->url, slot->curl_text[0] ? slot->curl_text : curl_easy_strerror(curl));
}

static void count(
	const struct http *h, const struct slot *slot, const struct http_exchange *x, int status)
{
	curl_off_t body = 0;
	long header = 0;

	curl_easy_getinfo(slot->easy, CURLINFO_SIZE_DOWNLOAD_T, &body);
	curl_easy_getinfo(slot->easy, CURLINFO_HEADER_SIZE, &header);
	if (h->core->count_request) {
		h->core->count_request(x->service, status, (uint64_t)body + (uint64_t)header);
	}
}

static void enqueue(struct http *h, struct http_exchange *x)
{
	struct http_exchange **end = &h->waiting;

	while (*end) {
		end = &(*end)->next;
	}
	x->next = NULL;
	*end = x;
}

static bool repeat_later(struct http *h, struct http_exchange *x)
{
	if (!http_take_repeat(x, h->core->mono_ms(), h->end_ms)) {
		return false;
	}
	enqueue(h, x);
	return true;
}

static struct http_exchange *finish(struct http *h, struct slot *slot, CURLcode result)
{
	struct http_exchange *x = slot->exchange;
	long status = 0;

	curl_easy_getinfo(slot->easy, CURLINFO_RESPONSE_CODE, &status);
	x->status = (int)status;
	if (result != CURLE_OK || slot->no_memory) {
		x->r = fail_transfer(slot, x, result);
		x->status = 0;
	}
	count(h, slot, x, x->status);
	slot_end(slot);
	return repeat_later(h, x) ? NULL : x;
}

/* Fills free slots. Returns an exchange that could not be begun, else NULL. */
static struct http_exchange *fill_slots(struct http *h, int64_t now)
{
	struct http_exchange **at = &h->waiting, *x;
	size_t i;

	for (i = 0; i < HTTP_MAX_PARALLEL && *at; i++) {
		if (h->slots[i].exchange) {
			continue;
		}
		while (*at && (*at)->not_before_ms > now) {
			at = &(*at)->next;
		}
		if (!*at) {
			break;
		}
		x = *at;
		*at = x->next;
		x->next = NULL;
		if (!slot_begin(&h->slots[i], x)) {
			return x;
		}
	}
	return NULL;
}

static bool has_free_slot(const struct http *h)
{
	size_t i;

	for (i = 0; i < HTTP_MAX_PARALLEL && h->slots[i].exchange; i++) {
	}
	return i < HTTP_MAX_PARALLEL;
}

static int wait_ms(const struct http *h, int64_t now)
{
	const struct http_exchange *x;
	int64_t ms = MAX_WAIT_MS;

	for (x = h->waiting; x && has_free_slot(h); x = x->next) {
		ms = MIN(ms, MAX(x->not_before_ms - now, (int64_t)0));
	}
	return (int)ms;
}

static bool is_idle(const struct http *h)
{
	size_t i;

	for (i = 0; i < HTTP_MAX_PARALLEL; i++) {
		if (h->slots[i].exchange) {
			return false;
		}
	}
	return !h->waiting;
}

void http_start(struct http *h, struct http_exchange *x)
{
	http_outcome_clear(x);
	x->repeated = false;
	x->not_before_ms = 0;
	enqueue(h, x);
}

struct http_exchange *http_next(struct http *h)
{
	struct http_exchange *x;
	struct slot *slot;
	CURLMsg *message;
	int n;

	while (!is_idle(h)) {
		x = fill_slots(h, h->core->mono_ms());
		if (x) {
			return x;
		}
		curl_multi_perform(h->multi, &n);
		while ((message = curl_multi_info_read(h->multi, &n))) {
			if (message->msg != CURLMSG_DONE) {
				continue;
			}
			curl_easy_getinfo(message->easy_handle, CURLINFO_PRIVATE, (char **)&slot);
			x = finish(h, slot, message->data.result);
			if (x) {
				return x;
			}
		}
		if (!is_idle(h)) {
			curl_multi_poll(h->multi, NULL, 0, wait_ms(h, h->core->mono_ms()), NULL);
		}
	}
	return NULL;
}

void http_cancel(struct http *h)
{
	h->waiting = NULL;
	for (size_t i = 0; i < HTTP_MAX_PARALLEL; i++) {
		if (h->slots[i].exchange) {
			slot_end(&h->slots[i]);
		}
	}
}

int http_new(const struct http_settings *settings, const struct gpubroker_core *core,
	struct http **ret, struct gpubroker_error *reterr)
{
	struct http *h = calloc(1, sizeof(*h));

	if (!h || curl_global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK) {
		free(h);
		return gpubroker_fail(reterr, GPUBROKER_E_INTERNAL, "no memory for HTTP");
	}
	h->settings = *settings;
	h->core = core;
	snprintf(h->user_agent, sizeof(h->user_agent), "gpubroker/%s",
		core->broker_version ? core->broker_version : "0");
	h->multi = curl_multi_init();
	if (!h->multi) {
		http_free(h);
		return gpubroker_fail(reterr, GPUBROKER_E_INTERNAL, "no memory for HTTP");
	}
	for (size_t i = 0; i < HTTP_MAX_PARALLEL; i++) {
		h->slots[i].http = h;
	}
	*ret = h;
	return 0;
}

void http_free(struct http *h)
{
	if (!h) {
		return;
	}
	if (h->multi) {
		http_cancel(h);
	}
	for (size_t i = 0; i < HTTP_MAX_PARALLEL; i++) {
		curl_easy_cleanup(h->slots[i].easy);
	}
	curl_multi_cleanup(h->multi);
	free(h);
	curl_global_cleanup();
}
