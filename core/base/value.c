/* SPDX-License-Identifier: Apache-2.0 */
/* A tree of typed values: see value.h. */
#include "base/value.h"

#include "base/str.h"

#include <string.h>

struct value *value_new(enum value_type type, const char *key)
{
	struct value *v = calloc(1, sizeof(*v));

	if (!v) {
		return NULL;
	}
	v->type = type;
	if (key) {
		v->key = strdup(key);
		if (!v->key) {
			free(v);
			return NULL;
		}
	}
	return v;
}

void value_free(struct value *v)
{
	if (!v) {
		return;
	}
	for (size_t i = 0; i < v->n_items; i++) {
		value_free(v->items[i]);
	}
	if (v->string) {
		wipe(v->string, strlen(v->string)); /* it may have been a secret */
	}
	free(v->items);
	free(v->string);
	free(v->file);
	free(v->key);
	free(v);
}

bool value_set_origin(struct value *v, const char *file, unsigned line)
{
	char *copy = file ? strdup(file) : NULL;

	if (file && !copy) {
		return false;
	}
	free(v->file);
	v->file = copy;
	v->line = line;
	return true;
}

bool value_append(struct value *parent, struct value *child)
{
	if (!child || !GROW(parent->items, parent->n_items, parent->room)) {
		value_free(child);
		return false;
	}
	parent->items[parent->n_items++] = child;
	return true;
}

static struct value *append_new(struct value *parent, const char *key, enum value_type type)
{
	struct value *v = value_new(type, key);

	return value_append(parent, v) ? v : NULL;
}

struct value *value_add_string(struct value *parent, const char *key, const char *text)
{
	struct value *v = value_new(VALUE_STRING, key);

	if (!v) {
		return NULL;
	}
	v->string = strdup(text);
	if (!v->string) {
		value_free(v);
		return NULL;
	}
	return value_append(parent, v) ? v : NULL;
}

struct value *value_add_integer(struct value *parent, const char *key, int64_t integer)
{
	struct value *v = append_new(parent, key, VALUE_INTEGER);

	if (v) {
		v->integer = integer;
	}
	return v;
}

struct value *value_add_boolean(struct value *parent, const char *key, bool boolean)
{
	struct value *v = append_new(parent, key, VALUE_BOOLEAN);

	if (v) {
		v->boolean = boolean;
	}
	return v;
}

struct value *value_add_real(struct value *parent, const char *key, double real)
{
	struct value *v = append_new(parent, key, VALUE_REAL);

	if (v) {
		v->real = real;
	}
	return v;
}

struct value *value_add_list(struct value *parent, const char *key)
{
	return append_new(parent, key, VALUE_LIST);
}

struct value *value_add_group(struct value *parent, const char *key)
{
	return append_new(parent, key, VALUE_GROUP);
}

struct value *value_copy(const struct value *v)
{
	_cleanup_(value_freep) struct value *copy = value_new(v->type, v->key);

	if (!copy || !value_set_origin(copy, v->file, v->line)) {
		return NULL;
	}
	copy->boolean = v->boolean;
	copy->integer = v->integer;
	copy->real = v->real;
	if (v->string) {
		copy->string = strdup(v->string);
		if (!copy->string) {
			return NULL;
		}
	}
	for (size_t i = 0; i < v->n_items; i++) {
		if (!value_append(copy, value_copy(v->items[i]))) {
			return NULL;
		}
	}
	return TAKE_PTR(copy);
}

const struct value *value_get(const struct value *group, const char *key)
{
	for (size_t i = 0; group && i < group->n_items; i++) {
		if (str_equal(group->items[i]->key, key)) {
			return group->items[i];
		}
	}
	return NULL;
}

static const struct value *get_typed(
	const struct value *group, const char *key, enum value_type type)
{
	const struct value *v = value_get(group, key);

	return v && v->type == type ? v : NULL;
}

const char *value_string(const struct value *group, const char *key)
{
	const struct value *v = get_typed(group, key, VALUE_STRING);

	return v ? v->string : NULL;
}

int64_t value_integer(const struct value *group, const char *key, int64_t fallback)
{
	const struct value *v = get_typed(group, key, VALUE_INTEGER);

	return v ? v->integer : fallback;
}

bool value_boolean(const struct value *group, const char *key, bool fallback)
{
	const struct value *v = get_typed(group, key, VALUE_BOOLEAN);

	return v ? v->boolean : fallback;
}

static bool scalars_equal(const struct value *a, const struct value *b)
{
	switch (a->type) {
	case VALUE_BOOLEAN:
		return a->boolean == b->boolean;
	case VALUE_INTEGER:
		return a->integer == b->integer;
	case VALUE_REAL:
		return !(a->real < b->real) && !(a->real > b->real);
	default:
		return str_equal(a->string, b->string);
	}
}

bool value_equal(const struct value *a, const struct value *b)
{
	if (!a || !b) {
		return a == b;
	}
	if (a->type != b->type || !str_equal(a->key, b->key) || a->n_items != b->n_items ||
		!scalars_equal(a, b)) {
		return false;
	}
	for (size_t i = 0; i < a->n_items; i++) {
		if (!value_equal(a->items[i], b->items[i])) {
			return false;
		}
	}
	return true;
}

/* Wire form of a value: type (1 byte), line (4), key, file, then by type: 8 bytes, a string, or a
 * count (4) and the items. A string is its length + 1 (4 bytes; 0: NULL) and its bytes. */

static void put_u32(struct strbuf *out, uint32_t n)
{
	unsigned char bytes[4] = {n & 0xff, n >> 8 & 0xff, n >> 16 & 0xff, n >> 24 & 0xff};

	strbuf_add(out, bytes, sizeof(bytes));
}

static void put_string(struct strbuf *out, const char *s)
{
	size_t n = s ? strlen(s) : 0;

	put_u32(out, s ? (uint32_t)n + 1 : 0);
	strbuf_add(out, s, n);
}

void value_encode(const struct value *v, struct strbuf *out)
{
	strbuf_addc(out, (char)v->type);
	put_u32(out, v->line);
	put_string(out, v->key);
	put_string(out, v->file);
	switch (v->type) {
	case VALUE_BOOLEAN:
		strbuf_addc(out, v->boolean ? 1 : 0);
		break;
	case VALUE_INTEGER:
		strbuf_add(out, &v->integer, sizeof(v->integer));
		break;
	case VALUE_REAL:
		strbuf_add(out, &v->real, sizeof(v->real));
		break;
	case VALUE_STRING:
		put_string(out, v->string ? v->string : "");
		break;
	case VALUE_LIST:
	case VALUE_GROUP:
		put_u32(out, (uint32_t)v->n_items);
		for (size_t i = 0; i < v->n_items; i++) {
			value_encode(v->items[i], out);
		}
		break;
	}
}

struct reader {
	const unsigned char *at, *end;
	bool bad;
};

static void get_bytes(struct reader *r, void *to, size_t n)
{
	if (r->bad || (size_t)(r->end - r->at) < n) {
		r->bad = true;
		memset(to, 0, n);
		return;
	}
	memcpy(to, r->at, n);
	r->at += n;
}

static uint32_t get_u32(struct reader *r)
{
	unsigned char b[4];

	get_bytes(r, b, sizeof(b));
	return (uint32_t)b[0] | (uint32_t)b[1] << 8 | (uint32_t)b[2] << 16 | (uint32_t)b[3] << 24;
}

static char *get_string(struct reader *r)
{
	uint32_t n = get_u32(r);
	char *s;

	if (r->bad || n == 0) {
		return NULL;
	}
	n--;
	if ((size_t)(r->end - r->at) < n || memchr(r->at, '\0', n)) {
		r->bad = true;
		return NULL;
	}
	s = malloc((size_t)n + 1);
	if (!s) {
		r->bad = true;
		return NULL;
	}
	memcpy(s, r->at, n);
	s[n] = '\0';
	r->at += n;
	return s;
}

static struct value *get_value(struct reader *r, unsigned depth);

static void get_items(struct reader *r, struct value *v, unsigned depth)
{
	uint32_t n = get_u32(r);

	for (uint32_t i = 0; i < n && !r->bad; i++) {
		struct value *item = get_value(r, depth + 1);

		if (!item || !value_append(v, item)) {
			r->bad = true;
		}
	}
}

static struct value *get_value(struct reader *r, unsigned depth)
{
	unsigned char type = 0, boolean = 0;
	_cleanup_(value_freep) struct value *v = NULL;

	get_bytes(r, &type, 1);
	if (r->bad || type < VALUE_BOOLEAN || type > VALUE_GROUP || depth > VALUE_MAX_DEPTH) {
		return NULL;
	}
	v = value_new((enum value_type)type, NULL);
	if (!v) {
		return NULL;
	}
	v->line = get_u32(r);
	v->key = get_string(r);
	v->file = get_string(r);
	switch (v->type) {
	case VALUE_BOOLEAN:
		get_bytes(r, &boolean, 1);
		v->boolean = boolean != 0;
		break;
	case VALUE_INTEGER:
		get_bytes(r, &v->integer, sizeof(v->integer));
		break;
	case VALUE_REAL:
		get_bytes(r, &v->real, sizeof(v->real));
		break;
	case VALUE_STRING:
		v->string = get_string(r);
		r->bad = r->bad || !v->string;
		break;
	case VALUE_LIST:
	case VALUE_GROUP:
		get_items(r, v, depth);
		break;
	}
	return r->bad ? NULL : TAKE_PTR(v);
}

struct value *value_decode(const void *data, size_t n)
{
	struct reader r = {.at = data, .end = (const unsigned char *)data + n};
	_cleanup_(value_freep) struct value *v = get_value(&r, 0);

	return v && r.at == r.end ? TAKE_PTR(v) : NULL;
}
