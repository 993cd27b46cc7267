/* SPDX-License-Identifier: Apache-2.0 */
/* JSON from anywhere as a tree of values: see json_tree.h. */
#include "cli/json_tree.h"

#include <jansson.h>

#include <string.h>

static struct value *convert(const json_t *json, const char *key, unsigned depth, bool *too_deep);

static struct value *convert_scalar(const json_t *json, const char *key)
{
	_cleanup_(value_freep) struct value *v = NULL;

	switch (json_typeof(json)) {
	case JSON_TRUE:
	case JSON_FALSE:
		v = value_new(VALUE_BOOLEAN, key);
		if (v) {
			v->boolean = json_is_true(json);
		}
		break;
	case JSON_INTEGER:
		v = value_new(VALUE_INTEGER, key);
		if (v) {
			v->integer = json_integer_value(json);
		}
		break;
	case JSON_REAL:
		v = value_new(VALUE_REAL, key);
		if (v) {
			v->real = json_real_value(json);
		}
		break;
	default: /* a string or null */
		v = value_new(VALUE_STRING, key);
		if (v && json_is_string(json)) {
			v->string = strdup(json_string_value(json));
			if (!v->string) {
				return NULL;
			}
		}
	}
	return TAKE_PTR(v);
}

static bool convert_members(const json_t *json, struct value *into, unsigned depth, bool *too_deep)
{
	const char *key;
	json_t *member;
	size_t i;

	if (json_is_array(json)) {
		json_array_foreach(json, i, member)
		{
			if (!value_append(into, convert(member, NULL, depth + 1, too_deep))) {
				return false;
			}
		}
		return true;
	}
	json_object_foreach((json_t *)json, key, member)
	{
		if (!value_append(into, convert(member, key, depth + 1, too_deep))) {
			return false;
		}
	}
	return true;
}

static struct value *convert(const json_t *json, const char *key, unsigned depth, bool *too_deep)
{
	_cleanup_(value_freep) struct value *v = NULL;

	if (!json_is_array(json) && !json_is_object(json)) {
		return convert_scalar(json, key);
	}
	if (depth >= VALUE_MAX_DEPTH) {
		*too_deep = true;
		return NULL;
	}
	v = value_new(json_is_array(json) ? VALUE_LIST : VALUE_GROUP, key);
	if (!v || !convert_members(json, v, depth, too_deep)) {
		return NULL;
	}
	return TAKE_PTR(v);
}

int json_tree_read(const char *text, size_t n, struct value **ret, struct gpubroker_error *reterr)
{
	json_error_t error;
	json_auto_t *json = json_loadb(text, n, JSON_REJECT_DUPLICATES, &error);
	bool too_deep = false;

	if (!json) {
		return gpubroker_fail(reterr, GPUBROKER_E_BAD_REPLY,
			"the answer is not JSON (line %d: %s)", error.line, error.text);
	}
	*ret = convert(json, NULL, 0, &too_deep);
	if (too_deep) {
		return gpubroker_fail(reterr, GPUBROKER_E_BAD_REPLY,
			"the answer is nested more than %d deep", VALUE_MAX_DEPTH);
	}
	return *ret ? 0 : gpubroker_fail(reterr, GPUBROKER_E_INTERNAL, "no memory for the answer");
}

static const struct value *find(const struct value *group, const char *key, size_t n)
{
	for (size_t i = 0; group && group->type == VALUE_GROUP && i < group->n_items; i++) {
		const struct value *item = group->items[i];

		if (strncmp(item->key, key, n) == 0 && item->key[n] == '\0') {
			return item;
		}
	}
	return NULL;
}

const struct value *json_tree_at(const struct value *v, const char *path)
{
	size_t n;

	for (; v && *path; path += n + (path[n] == '.')) {
		n = strcspn(path, ".");
		v = find(v, path, n);
	}
	return v && v->type == VALUE_STRING && !v->string ? NULL : v;
}
