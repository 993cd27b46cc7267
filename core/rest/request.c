/* SPDX-License-Identifier: Apache-2.0 */
/* A request, taken apart once: see request.h. Segments and parameters are split first, then decoded, so an
 * encoded slash or ampersand is a part of its text. */
#include "rest/request.h"

#include "base/mem.h"
#include "base/str.h"
#include "rest/http/percent.h"
#include "rest/route.h"

#include <string.h>

struct text { /* the request's own, being filled */
	char *at;
	size_t room;
};

enum method method_parse(const char *word)
{
	return strcmp(word, "GET") == 0       ? METHOD_GET
	       : strcmp(word, "HEAD") == 0    ? METHOD_HEAD
	       : strcmp(word, "POST") == 0    ? METHOD_POST
	       : strcmp(word, "OPTIONS") == 0 ? METHOD_OPTIONS
					      : METHOD_OTHER;
}

static const char *decode(struct text *text, const char *from, size_t n, bool *fine)
{
	const char *decoded = text->at;
	size_t len = 0;

	if (text->room == 0) {
		*fine = false;
		return "";
	}
	if (!percent_decode(from, n, text->at, text->room, &len)) {
		*fine = false;
	}
	text->at += len + 1;
	text->room -= len + 1;
	return decoded;
}

/* Splits the path; false: it has more segments than any route. */
static bool split_path(struct request *r, struct text *text, struct segments *ret)
{
	const char *at = r->target, *end = r->target + r->path_length;

	ret->n = 0;
	while (at < end && *at == '/') {
		const char *start = at + 1;
		bool fine = true;

		at = memchr(start, '/', (size_t)(end - start));
		at = at ? at : end;
		if (ret->n == MAX_SEGMENTS) {
			return false;
		}
		ret->items[ret->n] = decode(text, start, (size_t)(at - start), &fine);
		if (!fine) {
			ret->items[ret->n] = "\xff"; /* equal to no name, for names are UTF-8 */
			r->path_fine = false;
		}
		ret->n++;
	}
	return at == end;
}

static void add_parameter(struct request *r, struct text *text, const char *from, size_t n)
{
	const char *equals = memchr(from, '=', n);
	size_t key_length = equals ? (size_t)(equals - from) : n;
	struct parameter *p;

	if (r->n_parameters == MAX_PARAMETERS) {
		r->too_many_parameters = true;
		return;
	}
	p = &r->parameters[r->n_parameters++];
	p->fine = true;
	p->raw = from;
	p->raw_length = n;
	p->key = decode(text, from, key_length, &p->fine);
	p->value = equals ? decode(text, equals + 1, n - key_length - 1, &p->fine) : "";
}

static void split_query(struct request *r, struct text *text, const char *query)
{
	while (*query) {
		size_t n = strcspn(query, "&");

		if (n > 0) {
			add_parameter(r, text, query, n);
		}
		query += n + (query[n] == '&');
	}
}

static void find_route(struct request *r, struct text *text)
{
	const char *variables[2];
	struct segments segments;
	bool fits = split_path(r, text, &segments);

	r->below_v1 = segments.n > 0 && strcmp(segments.items[0], "v1") == 0;
	r->route = fits ? route_match(&segments, variables) : NULL;
	if (r->route && variables[0]) {
		bool has_region = strstr(r->route->pattern, "{region}") != NULL;

		r->region = has_region ? variables[0] : NULL;
		r->flavor_id = has_region ? variables[1] : variables[0];
	}
}

void target_init(struct target *t)
{
	t->text[0] = '\0';
	t->n = 0;
	t->too_long = false;
}

static void target_append(struct target *t, const char *text)
{
	size_t n = strlen(text);

	if (n > URL_MAX_BYTES - t->n) {
		t->too_long = true;
		return;
	}
	memcpy(t->text + t->n, text, n + 1);
	t->n += n;
}

void target_add_path(struct target *t, const char *path)
{
	target_append(t, path);
}

void target_add(struct target *t, const char *key, const char *value)
{
	target_append(t, strchr(t->text, '?') ? "&" : "?");
	target_append(t, key);
	if (value) {
		target_append(t, "=");
		target_append(t, value);
	}
}

const char *target_path(const char *url)
{
	const char *path = NULL;

	if (strncmp(url, "http://", 7) == 0 || strncmp(url, "https://", 8) == 0) {
		path = strchr(strchr(url, ':') + 3, '/');
	}
	return path ? path : url;
}

void request_clear(struct request *r, const char *target)
{
	r->target = target;
	r->path_length = MIN(strcspn(target, "?"), (size_t)URL_MAX_BYTES);
	r->route = NULL;
	r->region = r->flavor_id = NULL;
	r->path_fine = true;
	r->below_v1 = false;
	r->n_parameters = 0;
	r->too_many_parameters = false;
}

void request_parse(struct request *r, const char *target)
{
	struct text text = {.at = r->text, .room = sizeof(r->text)};

	request_clear(r, target);
	find_route(r, &text);
	if (target[r->path_length] == '?') {
		split_query(r, &text, target + r->path_length + 1);
	}
}

const char *request_allow(const struct request *r)
{
	return r->route->flags & ROUTE_POST ? "POST, OPTIONS" : "GET, HEAD, OPTIONS";
}

const struct parameter *request_parameter(const struct request *r, const char *key)
{
	for (size_t i = 0; i < r->n_parameters; i++) {
		if (str_equal(r->parameters[i].key, key)) {
			return &r->parameters[i];
		}
	}
	return NULL;
}

bool request_knows(const struct request *r, const char *key)
{
	for (const char *const *known = r->route->parameters; known && *known; known++) {
		if (str_equal(*known, key)) {
			return true;
		}
	}
	return false;
}

size_t request_key(const struct request *r, char ret[URL_MAX_BYTES + 1])
{
	bool bare = !r->region && !r->flavor_id;
	size_t n = MIN(r->path_length, (size_t)URL_MAX_BYTES);

	memcpy(ret, r->target, n);
	for (size_t i = 0; i < r->n_parameters; i++) {
		const struct parameter *p = &r->parameters[i];

		if (!request_knows(r, p->key) || n + 1 + p->raw_length > URL_MAX_BYTES) {
			continue;
		}
		ret[n] = memchr(ret, '?', n) ? '&' : '?';
		n++;
		memcpy(ret + n, p->raw, p->raw_length);
		n += p->raw_length;
		bare = false;
	}
	ret[n] = '\0';
	return bare ? 0 : n;
}
