/* SPDX-License-Identifier: Apache-2.0 */
/* What came of an exchange: headers, status, and what a status means. */
#include "kit/http_outcome.h"

#include "kit/cleanup.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>
#include <time.h>

void http_wipe(char *s)
{
	if (s) {
		explicit_bzero(s, strlen(s));
	}
}

void http_outcome_clear(struct http_exchange *x)
{
	free(x->reply);
	http_wipe(x->subject_token);
	free(x->subject_token);
	x->reply = NULL;
	x->subject_token = NULL;
	x->reply_n = 0;
	x->r = 0;
	x->status = 0;
	x->error = (struct gpubroker_error){0};
	x->answered_version[0] = x->request_id[0] = x->location[0] = '\0';
	x->auth_receipt = false;
	x->retry_after_s = -1;
}

void http_exchange_finish(struct http_exchange *x)
{
	/* A reply to a login holds no token, but a page of servers holds user data of others. */
	if (x->reply) {
		explicit_bzero(x->reply, x->reply_n);
	}
	http_outcome_clear(x);
}

/* What a header says goes into error texts: printable ASCII only. */
static void keep_printable(char *out, size_t room, const char *value)
{
	size_t i;

	for (i = 0; i + 1 < room && value[i]; i++) {
		out[i] = value[i] > ' ' && value[i] < 0x7f ? value[i]
							   : (value[i] == ' ' ? ' ' : '?');
	}
	out[i] = '\0';
}

enum { MAX_RETRY_AFTER_S = 24 * 3600 };

int64_t http_retry_after_s(const char *value, int64_t wall_ms)
{
	int64_t s;
	struct tm tm = {0};
	char *end;

	if (isdigit((unsigned char)*value)) {
		s = strtoll(value, &end, 10);
		return *end ? -1 : (s > MAX_RETRY_AFTER_S ? MAX_RETRY_AFTER_S : s);
	}
	end = strptime(value, "%a, %d %b %Y %H:%M:%S GMT", &tm);
	if (!end || *end) {
		return -1;
	}
	s = (int64_t)timegm(&tm) - wall_ms / 1000;
	return s < 0 ? 0 : (s > MAX_RETRY_AFTER_S ? MAX_RETRY_AFTER_S : s);
}

bool http_take_header(struct http_exchange *x, const char *name, const char *value, int64_t wall_ms)
{
	if (!strcasecmp(name, "X-Subject-Token")) {
		http_wipe(x->subject_token);
		free(x->subject_token);
		x->subject_token = strdup(value);
		return x->subject_token != NULL;
	} else if (!strcasecmp(name, "OpenStack-API-Version")) {
		keep_printable(x->answered_version, sizeof(x->answered_version), value);
	} else if (!strcasecmp(name, "X-Openstack-Request-Id")) {
		keep_printable(x->request_id, sizeof(x->request_id), value);
	} else if (!strcasecmp(name, "Location")) {
		keep_printable(x->location, sizeof(x->location), value);
	} else if (!strcasecmp(name, "Retry-After")) {
		x->retry_after_s = http_retry_after_s(value, wall_ms);
	} else if (!strcasecmp(name, "Openstack-Auth-Receipt")) {
		x->auth_receipt = true;
	}
	return true;
}

static const struct {
	int first, last;
	enum gpubroker_code code;
} status_codes[] = {
	{300, 399, GPUBROKER_E_BAD_REPLY  },
	{401, 401, GPUBROKER_E_AUTH       },
	{403, 403, GPUBROKER_E_DENIED     },
	{429, 429, GPUBROKER_E_UNAVAILABLE},
	{500, 599, GPUBROKER_E_UNAVAILABLE},
};

static enum gpubroker_code status_code(int status)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(status_codes); i++) {
		if (status >= status_codes[i].first && status <= status_codes[i].last) {
			return status_codes[i].code;
		}
	}
	return GPUBROKER_E_BAD_REPLY;
}

int http_check(const struct http_exchange *x, struct gpubroker_error *reterr)
{
	char why[200] = "", id[80] = "";

	if (x->r < 0) {
		if (reterr) {
			*reterr = x->error;
		}
		return x->r;
	}
	if (x->status >= 200 && x->status < 300) {
		return 0;
	}
	if (x->status < 400) {
		snprintf(why, sizeof(why), " and points to '%s', which is not followed",
			x->location);
	} else if (x->retry_after_s >= 0) {
		snprintf(why, sizeof(why), " and asks to wait %lld s", (long long)x->retry_after_s);
	}
	if (x->request_id[0]) {
		snprintf(id, sizeof(id), " [%s]", x->request_id);
	}
	return gpubroker_fail(reterr, status_code(x->status), "%s: %.200s answered %d%s%s",
		x->service, x->url, x->status, why, id);
}

int64_t http_time_ms(const struct http_exchange *x, int64_t now_ms, int64_t end_ms)
{
	int64_t ms = http_limits.total_ms;

	if (x->timeout_ms > 0) {
		ms = MIN(ms, x->timeout_ms);
	}
	return end_ms ? MIN(ms, end_ms - now_ms) : ms;
}

void http_fail_late(struct http_exchange *x)
{
	x->r = gpubroker_fail(&x->error, GPUBROKER_E_TIMEOUT,
		"%s: %.200s was not asked any more: the reading takes longer than %lld s",
		x->service, x->url, (long long)(http_limits.total_ms / 1000));
}

bool http_take_repeat(struct http_exchange *x, int64_t now_ms, int64_t end_ms)
{
	int64_t not_before_ms = now_ms + x->retry_after_s * 1000;

	if (x->r < 0 || (x->status != 429 && x->status != 503) || x->repeated ||
		x->retry_after_s < 0 || x->retry_after_s > http_limits.retry_after_s ||
		(end_ms && not_before_ms >= end_ms)) {
		return false;
	}
	x->repeated = true;
	x->not_before_ms = not_before_ms;
	return true;
}
