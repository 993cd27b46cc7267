/* SPDX-License-Identifier: Apache-2.0 */
/* Nova's four documents with a case's edits: see edited_docs.h. */
#include "edited_docs.h"

#include "data_file.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static const char *const names[] = {"aggregates", "hypervisors", "flavors", "servers"};

json_t *docs_load(const char *folder)
{
	json_t *docs = json_object();

	for (size_t i = 0; i < 4; i++) {
		char path[256], *text;
		json_t *doc;

		snprintf(path, sizeof(path), "%s/%s.json", folder, names[i]);
		text = data_file(path, NULL);
		doc = json_loads(text, 0, NULL);
		assert_non_null(doc);
		json_object_update(docs, doc);
		json_decref(doc);
		free(text);
	}
	return docs;
}

static json_t *child(json_t *at, const char *key)
{
	json_t *found = json_is_array(at) ? json_array_get(at, strtoul(key, NULL, 10))
					  : json_object_get(at, key);

	if (!found) {
		fail_msg("no '%s' in the documents", key);
	}
	return found;
}

/* The parent of a path's last step, which is *ret_key. The key may hold no slash. */
static json_t *walk(json_t *docs, const char *path, char ret_key[static 128])
{
	const char *slash;

	for (; (slash = strchr(path, '/')); path = slash + 1) {
		snprintf(ret_key, 128, "%.*s", (int)(slash - path), path);
		docs = child(docs, ret_key);
	}
	snprintf(ret_key, 128, "%s", path);
	return docs;
}

static void set(json_t *docs, const char *path, json_t *value)
{
	char key[128];
	json_t *parent = walk(docs, path, key);

	if (json_is_array(parent)) {
		assert_int_equal(json_array_set(parent, strtoul(key, NULL, 10), value), 0);
	} else {
		assert_int_equal(json_object_set(parent, key, value), 0);
	}
}

static void drop(json_t *docs, const char *path)
{
	char key[128];
	json_t *parent = walk(docs, path, key);

	if (json_is_array(parent)) {
		assert_int_equal(json_array_remove(parent, strtoul(key, NULL, 10)), 0);
	} else {
		assert_int_equal(json_object_del(parent, key), 0);
	}
}

static void reverse(json_t *docs, const char *path)
{
	char key[128];
	json_t *parent = walk(docs, path, key), *old = child(parent, key), *turned = json_array();

	for (size_t i = json_array_size(old); i-- > 0;) {
		json_array_append(turned, json_array_get(old, i));
	}
	json_object_set_new(parent, key, turned);
}

json_t *docs_edited(const json_t *docs, const json_t *the_case)
{
	json_t *copy = json_deep_copy(docs), *value;
	char key[128];
	const char *path;
	size_t i;

	json_object_foreach(json_object_get(the_case, "set"), path, value)
	{
		set(copy, path, value);
	}
	json_array_foreach(json_object_get(the_case, "remove"), i, value)
	{
		drop(copy, json_string_value(value));
	}
	json_object_foreach(json_object_get(the_case, "add"), path, value)
	{
		json_array_append(child(walk(copy, path, key), key), value);
	}
	json_array_foreach(json_object_get(the_case, "reverse"), i, value)
	{
		reverse(copy, json_string_value(value));
	}
	return copy;
}

typedef int parse_fn(
	struct nova_region *, const char *body, const char *what, struct gpubroker_error *);

#define DEFINE_PARSE(name)                                                                         \
	static int parse_##name(struct nova_region *region, const char *body, const char *what,    \
		struct gpubroker_error *reterr)                                                    \
	{                                                                                          \
		return nova_parse_##name(&region->name, body, strlen(body), what, NULL, reterr);   \
	}                                                                                          \
	struct parse_##name##_swallows_the_semicolon
DEFINE_PARSE(aggregates);
DEFINE_PARSE(hypervisors);
DEFINE_PARSE(flavors);
DEFINE_PARSE(servers);

int docs_to_region(const json_t *docs, struct nova_region *ret, struct gpubroker_error *reterr)
{
	static parse_fn *const parsers[] = {
		parse_aggregates, parse_hypervisors, parse_flavors, parse_servers};
	int r = 0;

	for (size_t i = 0; r == 0 && i < 4; i++) {
		json_t *one = json_pack("{s:O}", names[i], json_object_get(docs, names[i]));
		char *body = json_dumps(one, JSON_COMPACT);

		r = parsers[i](ret, body, names[i], reterr);
		free(body);
		json_decref(one);
	}
	return r;
}
