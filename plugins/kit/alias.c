/* SPDX-License-Identifier: Apache-2.0 */
/* pci_passthrough:alias and what it means: see alias.h. */
#include "kit/alias.h"

#include "kit/cleanup.h"
#include "kit/text.h"

#include <string.h>

enum { ALIAS_NAME_MAX = 255 }; /* bytes: an extra spec's value is no longer */

void alias_requests_finish(struct alias_requests *r)
{
	for (size_t i = 0; i < r->n; i++) {
		free(r->items[i].alias);
	}
	free(r->items);
	*r = (struct alias_requests){0};
}

bool python_int(const char *s, size_t n, int64_t *ret)
{
	bool negative, after_digit = false;
	int64_t value = 0;

	text_strip(&s, &n);
	negative = n > 0 && *s == '-';
	if (n > 0 && (*s == '-' || *s == '+')) {
		s++;
		n--;
	}
	for (size_t i = 0; i < n; i++) {
		if (s[i] == '_' && after_digit) { /* between digits only */
			after_digit = false;
			continue;
		}
		if (s[i] < '0' || s[i] > '9') {
			return false;
		}
		value = MIN(value * 10 + (s[i] - '0'), ALIAS_COUNT_MAX);
		after_digit = true;
	}
	*ret = negative ? -value : value;
	return after_digit;
}

/* One part between commas: name, colon, count. more: there is a second colon. */
struct part {
	const char *name, *count;
	size_t n_name, n_count;
	bool has_count, more;
};

static struct part split(const char *s, size_t n)
{
	const char *colon = memchr(s, ':', n), *second;
	struct part p = {.name = s, .n_name = n};

	if (colon) {
		p.n_name = (size_t)(colon - s);
		p.has_count = true;
		p.count = colon + 1;
		p.n_count = n - p.n_name - 1;
		second = memchr(p.count, ':', p.n_count);
		p.more = second != NULL;
		p.n_count = second ? (size_t)(second - p.count) : p.n_count;
	}
	text_strip(&p.name, &p.n_name);
	return p;
}

/* Why a part cannot be asked for; CONFIG or 0. */
static int check(
	const struct part *p, bool strict, int64_t *ret_count, struct gpubroker_error *reterr)
{
	const int n = (int)MIN(p->n_name, (size_t)ALIAS_NAME_MAX);

	if (p->n_name == 0) {
		return gpubroker_fail(reterr, GPUBROKER_E_CONFIG, "an alias has no name");
	}
	if (p->n_name > ALIAS_NAME_MAX) {
		return gpubroker_fail(reterr, GPUBROKER_E_CONFIG, "an alias's name is too long");
	}
	if (!p->has_count) {
		return gpubroker_fail(
			reterr, GPUBROKER_E_CONFIG, "alias '%.*s' has no count", n, p->name);
	}
	if (p->more && strict) {
		return gpubroker_fail(
			reterr, GPUBROKER_E_CONFIG, "alias '%.*s' has a second colon", n, p->name);
	}
	if (!python_int(p->count, p->n_count, ret_count)) {
		return gpubroker_fail(reterr, GPUBROKER_E_CONFIG,
			"the count of alias '%.*s' is not a whole number", n, p->name);
	}
	if (*ret_count < 0) {
		return gpubroker_fail(reterr, GPUBROKER_E_CONFIG,
			"the count of alias '%.*s' is negative", n, p->name);
	}
	return 0;
}

static int add(struct alias_requests *r, const struct part *p, int64_t count,
	struct gpubroker_error *reterr)
{
	for (size_t i = 0; i < r->n; i++) {
		char *alias = r->items[i].alias;

		if (strlen(alias) == p->n_name && memcmp(alias, p->name, p->n_name) == 0) {
			r->items[i].count = MIN(r->items[i].count + count, ALIAS_COUNT_MAX);
			return 0;
		}
	}
	if (r->n >= ALIAS_MAX_ENTRIES) {
		return gpubroker_fail(
			reterr, GPUBROKER_E_CONFIG, "more than %d aliases", ALIAS_MAX_ENTRIES);
	}
	r->items[r->n].alias = strndup(p->name, p->n_name);
	if (!r->items[r->n].alias) {
		return gpubroker_fail(reterr, GPUBROKER_E_INTERNAL, "no memory for an alias");
	}
	r->items[r->n++].count = count;
	return text_is_name(r->items[r->n - 1].alias)
		       ? 0
		       : gpubroker_fail(reterr, GPUBROKER_E_CONFIG,
				 "an alias's name holds a control character");
}

static int parse(
	const char *text, bool strict, struct alias_requests *ret, struct gpubroker_error *reterr)
{
	_cleanup_(alias_requests_finish) struct alias_requests found = {0};
	int outcome = 0;

	found.items = calloc(ALIAS_MAX_ENTRIES, sizeof(*found.items));
	if (!found.items) {
		return gpubroker_fail(reterr, GPUBROKER_E_INTERNAL, "no memory for an alias");
	}
	for (const char *s = text, *end; s; s = *end ? end + 1 : NULL) {
		struct part part;
		int64_t count;
		int r;

		end = strchrnul(s, ',');
		part = split(s, (size_t)(end - s));
		r = check(&part, strict, &count, reterr);
		if (r == 0) {
			r = add(&found, &part, count, reterr);
		}
		if (r == GPUBROKER_E_INTERNAL || (r < 0 && strict)) {
			return r;
		}
		outcome = r < 0 ? ALIAS_PARTLY : outcome;
	}
	*ret = found;
	found = (struct alias_requests){0};
	return outcome;
}

int alias_parse(const char *text, struct alias_requests *ret, struct gpubroker_error *reterr)
{
	return parse(text, true, ret, reterr);
}

int alias_parse_held(const char *text, struct alias_requests *ret, struct gpubroker_error *reterr)
{
	return parse(text, false, ret, reterr);
}

const char *alias_gpu_type(const struct gpubroker_groups *alias_map, const char *alias)
{
	const struct alias_rule *rules = alias_map->items;

	for (size_t i = 0; i < alias_map->n; i++) {
		if (strcmp(rules[i].alias, alias) == 0) {
			return rules[i].gpu_type;
		}
	}
	return alias;
}
