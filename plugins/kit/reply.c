/* SPDX-License-Identifier: Apache-2.0 */
/* Typed reading of JSON replies: see reply.h. The only file of the plugins that knows jansson. */
#include "kit/reply.h"

#include "kit/cleanup.h"
#include "kit/text.h"

#include <errno.h>
#include <jansson.h>
#include <string.h>

enum { PATH_MAX_DEPTH = 16 };

struct reply {
	json_t *root;
	char *what;
};

int reply_parse(struct reply **ret, const char *body, size_t n, const char *what,
	struct gpubroker_error *reterr)
{
	/* A user may put a NUL character into a server's metadata: only strings that are read are checked. */
	const size_t flags = JSON_REJECT_DUPLICATES | JSON_ALLOW_NUL;
	_cleanup_(reply_freep) struct reply *reply = calloc(1, sizeof(*reply));
	json_error_t error;

	if (!reply) {
		return gpubroker_fail(reterr, GPUBROKER_E_INTERNAL, "%s: no memory", what);
	}
	if (n > REPLY_MAX_BYTES) {
		return gpubroker_fail(reterr, GPUBROKER_E_LIMIT, "%s: more than %d MiB", what,
			REPLY_MAX_BYTES / (1024 * 1024));
	}
	reply->what = strdup(what);
	reply->root = reply->what ? json_loadb(n > 0 ? body : "", n, flags, &error) : NULL;
	if (!reply->what || (!reply->root && error.text[0] == '\0')) { /* no word of jansson's */
		return gpubroker_fail(reterr, GPUBROKER_E_INTERNAL, "%s: no memory", what);
	}
	if (!reply->root) {
		/* Not jansson's text, which quotes the document. */
		return gpubroker_fail(reterr, GPUBROKER_E_BAD_REPLY, "%s: %s (line %d, byte %d)",
			what,
			json_error_code(&error) == json_error_numeric_overflow
				? "a number beyond 64 bits"
				: "not JSON",
			error.line, error.position);
	}
	*ret = TAKE_PTR(reply);
	return 0;
}

void reply_free(struct reply *reply)
{
	if (!reply) {
		return;
	}
	json_decref(reply->root);
	free(reply->what);
	free(reply);
}

void reply_freep(struct reply **reply)
{
	reply_free(*reply);
}

struct reply_at reply_root(const struct reply *reply)
{
	return (struct reply_at){.reply = reply, .json = reply->root};
}

static void add_step(struct text *path, const char *key, size_t index)
{
	if (!key) {
		text_addf(path, "[%zu]", index);
		return;
	}
	if (path->len > 0) {
		text_add(path, ".");
	}
	for (; *key; key++) {
		text_add_n(path, (unsigned char)*key < 0x20 || *key == 0x7f ? "?" : key, 1);
	}
}

static void path_of(struct text *path, const struct reply_at *at, const char *key)
{
	const struct reply_at *steps[PATH_MAX_DEPTH];
	size_t n = 0;

	for (; at->parent && n < PATH_MAX_DEPTH; at = at->parent) {
		steps[n++] = at;
	}
	while (n-- > 0) {
		add_step(path, steps[n]->key, steps[n]->index);
	}
	if (key) {
		add_step(path, key, 0);
	}
}

int reply_fail(struct gpubroker_error *reterr, const struct reply_at *at, const char *key,
	const char *format, ...)
{
	_cleanup_(text_finish) struct text path = {0};
	char sentence[200];
	va_list ap;

	path_of(&path, at, key);
	va_start(ap, format);
	vsnprintf(sentence, sizeof(sentence), format, ap);
	va_end(ap);
	return gpubroker_fail(reterr, GPUBROKER_E_BAD_REPLY, "%s: %s %s", at->reply->what,
		path.len > 0 ? path.data : "the document", sentence);
}

/* The member, or REPLY_ABSENT. */
static int find(const struct reply_at *at, const char *key, const json_t **ret,
	struct gpubroker_error *reterr)
{
	const json_t *member;

	if (!json_is_object((const json_t *)at->json)) {
		return reply_fail(reterr, at, NULL, "is not an object");
	}
	member = json_object_get(at->json, key);
	if (!member || json_is_null(member)) {
		return REPLY_ABSENT;
	}
	*ret = member;
	return 0;
}

static int absent_is_error(
	int r, const struct reply_at *at, const char *key, struct gpubroker_error *reterr)
{
	if (r != REPLY_ABSENT) {
		return r;
	}
	return reply_fail(reterr, at, key, reply_has(at, key) ? "is null" : "is missing");
}

static int as_string(const json_t *value, const struct reply_at *at, const char *key,
	const char **ret, struct gpubroker_error *reterr)
{
	if (!json_is_string(value)) {
		return reply_fail(reterr, at, key, "is not a string");
	}
	if (strlen(json_string_value(value)) != json_string_length(value)) {
		return reply_fail(reterr, at, key, "holds a NUL character");
	}
	*ret = json_string_value(value);
	return 0;
}

int reply_find_string(const struct reply_at *at, const char *key, const char **ret,
	struct gpubroker_error *reterr)
{
	const json_t *value = NULL;
	int r = find(at, key, &value, reterr);

	return r != 0 ? r : as_string(value, at, key, ret, reterr);
}

int reply_need_string(const struct reply_at *at, const char *key, const char **ret,
	struct gpubroker_error *reterr)
{
	return absent_is_error(reply_find_string(at, key, ret, reterr), at, key, reterr);
}

static bool floor_of(double value, int64_t *ret)
{
	if (!(value > -9e15 && value < 9e15)) {
		return false;
	}
	*ret = (int64_t)value;
	if ((double)*ret > value) {
		*ret -= 1;
	}
	return true;
}

/* "28", " 28 ", "-3", "385534.9". */
static bool integer_of_text(const char *s, int64_t *ret)
{
	static const char blanks[] = " \t\r\n";
	bool negative, fraction = false;
	char *end;

	s += strspn(s, blanks);
	negative = *s == '-';
	if (s[negative || *s == '+'] < '0' || s[negative || *s == '+'] > '9') {
		return false;
	}
	errno = 0;
	*ret = strtoll(s, &end, 10);
	if (errno != 0) {
		return false;
	}
	if (*end == '.') {
		size_t digits = strspn(end + 1, "0123456789");

		fraction = strspn(end + 1, "0") < digits;
		end += 1 + digits;
	}
	*ret -= negative && fraction && *ret > INT64_MIN;
	return end[strspn(end, blanks)] == '\0';
}

int reply_find_integer(
	const struct reply_at *at, const char *key, int64_t *ret, struct gpubroker_error *reterr)
{
	const json_t *value = NULL;
	int r = find(at, key, &value, reterr);
	int64_t integer = 0;
	bool good;

	if (r != 0) {
		return r;
	}
	if (json_is_integer(value)) {
		*ret = json_integer_value(value);
		return 0;
	}
	good = json_is_real(value) ? floor_of(json_real_value(value), &integer)
				   : json_is_string(value) &&
					     integer_of_text(json_string_value(value), &integer);
	if (!good) {
		return reply_fail(reterr, at, key, "is not an integer");
	}
	*ret = integer;
	return 0;
}

int reply_need_integer(
	const struct reply_at *at, const char *key, int64_t *ret, struct gpubroker_error *reterr)
{
	return absent_is_error(reply_find_integer(at, key, ret, reterr), at, key, reterr);
}

static double real_of_text(const char *s)
{
	char *end;
	double value = strtod(s, &end);

	return end != s && *end == '\0' ? value : -1;
}

int reply_need_millionths(
	const struct reply_at *at, const char *key, int64_t *ret, struct gpubroker_error *reterr)
{
	const json_t *value = NULL;
	int r = absent_is_error(find(at, key, &value, reterr), at, key, reterr);
	double real;

	if (r < 0) {
		return r;
	}
	real = json_is_string(value)   ? real_of_text(json_string_value(value))
	       : json_is_number(value) ? json_number_value(value)
				       : -1;
	if (!(real >= 0 && real <= 1e12)) {
		return reply_fail(reterr, at, key, "is not a ratio");
	}
	*ret = (int64_t)(real * 1e6 + 0.5);
	return 0;
}

int reply_find_boolean(
	const struct reply_at *at, const char *key, bool *ret, struct gpubroker_error *reterr)
{
	const json_t *value = NULL;
	int r = find(at, key, &value, reterr);

	if (r != 0) {
		return r;
	}
	if (!json_is_boolean(value)) {
		return reply_fail(reterr, at, key, "is neither true nor false");
	}
	*ret = json_is_true(value);
	return 0;
}

static int find_container(const struct reply_at *at, const char *key, json_type type,
	struct reply_at *ret, struct gpubroker_error *reterr)
{
	const json_t *value = NULL;
	int r = find(at, key, &value, reterr);

	if (r != 0) {
		return r;
	}
	if (json_typeof(value) != type) {
		return reply_fail(reterr, at, key,
			type == JSON_OBJECT ? "is not an object" : "is not a list");
	}
	*ret = (struct reply_at){.reply = at->reply, .parent = at, .key = key, .json = value};
	return 0;
}

int reply_find_object(const struct reply_at *at, const char *key, struct reply_at *ret,
	struct gpubroker_error *reterr)
{
	return find_container(at, key, JSON_OBJECT, ret, reterr);
}

int reply_need_object(const struct reply_at *at, const char *key, struct reply_at *ret,
	struct gpubroker_error *reterr)
{
	return absent_is_error(find_container(at, key, JSON_OBJECT, ret, reterr), at, key, reterr);
}

int reply_find_array(const struct reply_at *at, const char *key, struct reply_at *ret,
	struct gpubroker_error *reterr)
{
	return find_container(at, key, JSON_ARRAY, ret, reterr);
}

int reply_need_array(const struct reply_at *at, const char *key, struct reply_at *ret,
	struct gpubroker_error *reterr)
{
	return absent_is_error(find_container(at, key, JSON_ARRAY, ret, reterr), at, key, reterr);
}

bool reply_has(const struct reply_at *at, const char *key)
{
	return json_object_get(at->json, key) != NULL;
}

bool reply_is_string(const struct reply_at *at, const char *key)
{
	return json_is_string(json_object_get(at->json, key));
}

size_t reply_count(const struct reply_at *at)
{
	return json_is_array((const json_t *)at->json) ? json_array_size(at->json)
						       : json_object_size(at->json);
}

int reply_item_object(const struct reply_at *array, size_t i, struct reply_at *ret,
	struct gpubroker_error *reterr)
{
	const json_t *item = json_array_get(array->json, i);
	struct reply_at at = {.reply = array->reply, .parent = array, .index = i, .json = item};

	if (!json_is_object(item)) {
		return reply_fail(reterr, &at, NULL, "is not an object");
	}
	*ret = at;
	return 0;
}

int reply_item_string(
	const struct reply_at *array, size_t i, const char **ret, struct gpubroker_error *reterr)
{
	const json_t *item = json_array_get(array->json, i);
	struct reply_at at = {.reply = array->reply, .parent = array, .index = i, .json = item};

	return as_string(item, &at, NULL, ret, reterr);
}

const char *reply_next_key(const struct reply_at *object, const char *previous)
{
	json_t *json = (json_t *)(uintptr_t)object->json;
	void *iter = previous ? json_object_iter_next(json, json_object_key_to_iter(previous))
			      : json_object_iter(json);

	return iter ? json_object_iter_key(iter) : NULL;
}
