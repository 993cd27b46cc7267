/* SPDX-License-Identifier: Apache-2.0 */
/* JSON into a tree: see tree.h. */
#include "kit/cleanup.h"
#include "openstack/clouds/tree.h"

#include <jansson.h>

#include <inttypes.h>
#include <stdio.h>

static struct tree *make(const json_t *json, unsigned depth);

static struct tree *make_number(const json_t *json)
{
	char text[64];

	if (json_is_integer(json)) {
		snprintf(text, sizeof(text), "%" PRId64, (int64_t)json_integer_value(json));
	} else {
		snprintf(text, sizeof(text), "%.15g", json_real_value(json));
	}
	return tree_new(TREE_NUMBER, text);
}

static struct tree *make_list(const json_t *json, unsigned depth)
{
	_cleanup_(tree_freep) struct tree *t = tree_new(TREE_LIST, NULL);

	for (size_t i = 0; t && i < json_array_size(json); i++) {
		struct tree *item = make(json_array_get(json, i), depth + 1);

		if (!item || !tree_add(t, NULL, item)) {
			return NULL;
		}
	}
	return TAKE_PTR(t);
}

static struct tree *make_map(json_t *json, unsigned depth)
{
	_cleanup_(tree_freep) struct tree *t = tree_new(TREE_MAP, NULL);
	const char *key;
	json_t *value;

	json_object_foreach(json, key, value)
	{
		struct tree *item = t ? make(value, depth + 1) : NULL;

		if (!item || !tree_add(t, key, item)) {
			return NULL;
		}
	}
	return TAKE_PTR(t);
}

static struct tree *make(const json_t *json, unsigned depth)
{
	if (depth > TREE_MAX_DEPTH) {
		return NULL;
	}
	switch (json_typeof(json)) {
	case JSON_OBJECT:
		return make_map((json_t *)json, depth);
	case JSON_ARRAY:
		return make_list(json, depth);
	case JSON_STRING:
		return tree_new(TREE_TEXT, json_string_value(json));
	case JSON_INTEGER:
	case JSON_REAL:
		return make_number(json);
	case JSON_TRUE:
		return tree_new(TREE_BOOLEAN, "True");
	case JSON_FALSE:
		return tree_new(TREE_BOOLEAN, "False");
	default:
		return tree_new(TREE_NULL, NULL);
	}
}

int tree_from_json(struct tree **ret, const char *data, size_t n, const char *what,
	struct gpubroker_error *reterr)
{
	json_error_t error = {.text = ""};
	json_t *json = json_loadb(data, n, JSON_DECODE_ANY, &error);

	if (!json) {
		return gpubroker_fail(
			reterr, GPUBROKER_E_CONFIG, "%s:%d: %s", what, error.line, error.text);
	}
	*ret = make(json, 0);
	json_decref(json);
	return *ret ? 0
		    : gpubroker_fail(reterr, GPUBROKER_E_INTERNAL,
			      "%s: no memory, or it is too deep", what);
}
