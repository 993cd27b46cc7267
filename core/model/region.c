/* SPDX-License-Identifier: Apache-2.0 */
/* What is known of a region beside its snapshot: see region.h. */
#include "model/region.h"

#include "base/str.h"

#include <stddef.h>
#include <string.h>

/* ---- words ---- */

static const char *const state_words[] = {
	[REGION_PENDING] = "pending",
	[REGION_OK] = "ok",
	[REGION_STALE] = "stale",
	[REGION_ERROR] = "error",
	[REGION_DISABLED] = "disabled",
	[REGION_MAINTENANCE] = "maintenance",
};

const char *region_state_word(enum region_state state)
{
	return state_words[state];
}

struct code_row {
	enum gpubroker_code code;
	const char *word, *detail;
	bool retry;
};

/* The first row is also what a code that is in no row is taken for. */
/* clang-format off */
static const struct code_row code_rows[] = {
	{GPUBROKER_OK, "ok", "", false},
#define X(name, value, word, retry, detail) {GPUBROKER_E_##name, (word), (detail), (retry) != 0},
	GPUBROKER_CODES(X)
#undef X
};
/* clang-format on */

static const struct code_row *find_code(enum gpubroker_code code)
{
	for (size_t i = 0; i < ARRAY_SIZE(code_rows); i++) {
		if (code_rows[i].code == code) {
			return &code_rows[i];
		}
	}
	return &code_rows[0];
}

const char *gpubroker_code_word(enum gpubroker_code code)
{
	return find_code(code)->word;
}

const char *gpubroker_code_detail(enum gpubroker_code code)
{
	return find_code(code)->detail;
}

bool gpubroker_code_retry(enum gpubroker_code code)
{
	return find_code(code)->retry;
}

bool gpubroker_code_parse(const char *word, enum gpubroker_code *ret)
{
	for (size_t i = 0; i < ARRAY_SIZE(code_rows); i++) {
		if (strcmp(code_rows[i].word, word) == 0) {
			*ret = code_rows[i].code;
			return true;
		}
	}
	return false;
}

/* ---- as a message, and copies ---- */

struct member {
	const char *key;
	size_t offset;
	bool required;
};

static const struct member strings[] = {
	{"name",        offsetof(struct region_status, name),        true },
	{"title",       offsetof(struct region_status, title),       true },
	{"site",        offsetof(struct region_status, site),        true },
	{"plugin",      offsetof(struct region_status, plugin),      true },
	{"maintenance", offsetof(struct region_status, maintenance), false},
	{"error_text",  offsetof(struct region_status, error_text),  false},
};

static const struct member integers[] = {
	{"interval_ms",     offsetof(struct region_status, interval_ms),     true},
	{"stale_after_ms",  offsetof(struct region_status, stale_after_ms),  true},
	{"next_refresh_ms", offsetof(struct region_status, next_refresh_ms), true},
	{"failed_since_ms", offsetof(struct region_status, failed_since_ms), true},
};

static const struct member booleans[] = {
	{"enabled",   offsetof(struct region_status, enabled),   true},
	{"attempted", offsetof(struct region_status, attempted), true},
};

static void *member_of(struct region_status *s, const struct member *m)
{
	return (char *)s + m->offset;
}

static const void *const_member_of(const struct region_status *s, const struct member *m)
{
	return (const char *)s + m->offset;
}

static const char *string_of(const struct region_status *s, const struct member *m)
{
	return *(char *const *)const_member_of(s, m);
}

void region_status_finish(struct region_status *s)
{
	for (size_t i = 0; i < ARRAY_SIZE(strings); i++) {
		free(*(char **)member_of(s, &strings[i]));
	}
	*s = (struct region_status){0};
}

/* NULL stays NULL; false: no memory. */
static bool set_string(struct region_status *s, const struct member *m, const char *text)
{
	char **to = member_of(s, m);

	*to = text ? strdup(text) : NULL;
	return !text || *to;
}

bool region_status_copy(const struct region_status *from, struct region_status *ret)
{
	_cleanup_(region_status_finish) struct region_status copy = *from;

	for (size_t i = 0; i < ARRAY_SIZE(strings); i++) {
		*(char **)member_of(&copy, &strings[i]) = NULL;
	}
	for (size_t i = 0; i < ARRAY_SIZE(strings); i++) {
		if (!set_string(&copy, &strings[i], string_of(from, &strings[i]))) {
			return false;
		}
	}
	*ret = copy;
	copy = (struct region_status){0};
	return true;
}

struct value *region_status_to_value(const struct region_status *s)
{
	_cleanup_(value_freep) struct value *v = value_new(VALUE_GROUP, NULL);
	bool good = v != NULL;

	for (size_t i = 0; good && i < ARRAY_SIZE(strings); i++) {
		const char *text = string_of(s, &strings[i]);

		good = !text || value_add_string(v, strings[i].key, text);
	}
	for (size_t i = 0; good && i < ARRAY_SIZE(integers); i++) {
		good = value_add_integer(
			v, integers[i].key, *(const int64_t *)const_member_of(s, &integers[i]));
	}
	for (size_t i = 0; good && i < ARRAY_SIZE(booleans); i++) {
		good = value_add_boolean(
			v, booleans[i].key, *(const bool *)const_member_of(s, &booleans[i]));
	}
	good = good && value_add_string(v, "code", gpubroker_code_word(s->code));
	return good ? TAKE_PTR(v) : NULL;
}

/* false: not there although required, or of another type. */
static bool get_member(const struct value *v, const struct member *m, enum value_type type,
	const struct value **ret)
{
	*ret = value_get(v, m->key);
	return *ret ? (*ret)->type == type : !m->required;
}

bool region_status_from_value(const struct value *v, struct region_status *ret)
{
	_cleanup_(region_status_finish) struct region_status s = {0};
	const struct value *item = NULL;
	const char *code = value_string(v, "code");
	bool good = v->type == VALUE_GROUP && code && gpubroker_code_parse(code, &s.code);

	for (size_t i = 0; good && i < ARRAY_SIZE(strings); i++) {
		good = get_member(v, &strings[i], VALUE_STRING, &item) &&
		       set_string(&s, &strings[i], item ? item->string : NULL);
	}
	for (size_t i = 0; good && i < ARRAY_SIZE(integers); i++) {
		good = get_member(v, &integers[i], VALUE_INTEGER, &item);
		if (good) {
			*(int64_t *)member_of(&s, &integers[i]) = item->integer;
		}
	}
	for (size_t i = 0; good && i < ARRAY_SIZE(booleans); i++) {
		good = get_member(v, &booleans[i], VALUE_BOOLEAN, &item);
		if (good) {
			*(bool *)member_of(&s, &booleans[i]) = item->boolean;
		}
	}
	if (good) {
		*ret = s;
		s = (struct region_status){0};
	}
	return good;
}

/* ---- state ---- */

static bool is_in_maintenance(const struct region_status *s)
{
	return s->maintenance && *s->maintenance;
}

enum region_state region_state_at(
	const struct region_status *s, int64_t observed_at_ms, int64_t now_ms)
{
	if (!s->enabled) {
		return REGION_DISABLED;
	}
	if (is_in_maintenance(s)) {
		return REGION_MAINTENANCE;
	}
	if (observed_at_ms == 0) {
		return s->attempted && s->code != GPUBROKER_OK ? REGION_ERROR : REGION_PENDING;
	}
	if (s->code != GPUBROKER_OK ||
		(s->stale_after_ms > 0 && now_ms - observed_at_ms > s->stale_after_ms)) {
		return REGION_STALE;
	}
	return REGION_OK;
}

int64_t region_state_changes_at(
	const struct region_status *s, int64_t observed_at_ms, int64_t now_ms)
{
	if (region_state_at(s, observed_at_ms, now_ms) != REGION_OK || s->stale_after_ms <= 0) {
		return 0;
	}
	return observed_at_ms + s->stale_after_ms + 1;
}
