/* SPDX-License-Identifier: Apache-2.0 */
/* Documents with a case's edits: see edited_docs.h. */
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

json_t *docs_load_file(const char *name)
{
	char *text = data_file(name, NULL);
	json_t *docs = json_loads(text, 0, NULL);

	assert_non_null(docs);
	free(text);
	return docs;
}

/* All of `from` in a text; the caller's. */
static char *replaced(const char *text, const char *from, const char *to)
{
	size_t n = 0, room = strlen(text) * (strlen(to) + 1) + 1;
	char *out = malloc(room);
	const char *hit;

	assert_non_null(out);
	for (; (hit = strstr(text, from)); text = hit + strlen(from)) {
		n += (size_t)snprintf(out + n, room - n, "%.*s%s", (int)(hit - text), text, to);
	}
	snprintf(out + n, room - n, "%s", text);
	return out;
}

static json_t *copy_replaced(const json_t *docs, const json_t *replace)
{
	char *text = json_dumps(docs, 0), *next;
	const char *from;
	json_t *to, *copy;

	json_object_foreach((json_t *)(uintptr_t)replace, from, to)
	{
		next = replaced(text, from, json_string_value(to));
		free(text);
		text = next;
	}
	copy = json_loads(text, 0, NULL);
	assert_non_null(copy);
	free(text);
	return copy;
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
	json_t *copy = copy_replaced(docs, json_object_get(the_case, "replace")), *value;
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
		json_t *array = child(walk(copy, path, key), key);

		if (json_is_array(value)) {
			json_array_extend(array, value);
		} else {
			json_array_append(array, value);
		}
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
DEFINE_PARSE(migrations);

/* {"<key>": value} as text. */
static char *wrapped(const char *key, json_t *value)
{
	json_t *one = json_pack("{s:O}", key, value);
	char *body = json_dumps(one, JSON_COMPACT);

	json_decref(one);
	return body;
}

typedef int provider_fn(struct placement_provider *, const char *body, size_t n, const char *what,
	struct gpubroker_error *);

static int parse_parts(struct placement_region *region, const json_t *docs, const char *part,
	provider_fn *parse, struct gpubroker_error *reterr)
{
	const char *uuid;
	json_t *value;
	int r = 0;

	json_object_foreach(json_object_get(docs, part), uuid, value)
	{
		struct placement_provider *p = placement_find(region, uuid);
		char *body = wrapped(part, value);

		r = r < 0 || !p ? r : parse(p, body, strlen(body), part, reterr);
		free(body);
	}
	return r;
}

static int parse_allocations(
	struct placement_region *region, const json_t *docs, struct gpubroker_error *reterr)
{
	const char *consumer;
	json_t *value;
	int r = 0;

	json_object_foreach(json_object_get(docs, "allocations"), consumer, value)
	{
		char *body = wrapped("allocations", value);

		r = r < 0 ? r
			  : placement_parse_allocations(
				    region, consumer, body, strlen(body), "allocations", reterr);
		free(body);
	}
	return r;
}

static int docs_to_placement(
	const json_t *docs, struct nova_region *ret, struct gpubroker_error *reterr)
{
	json_t *providers = json_object_get(docs, "resource_providers");
	char *body = providers ? wrapped("resource_providers", providers) : NULL;
	int r;

	if (!body) {
		return 0;
	}
	ret->placement = calloc(1, sizeof(*ret->placement));
	assert_non_null(ret->placement);
	r = placement_parse_providers(
		ret->placement, body, strlen(body), "resource_providers", reterr);
	free(body);
	r = r < 0 ? r
		  : parse_parts(ret->placement, docs, "inventories", placement_parse_inventories,
			    reterr);
	r = r < 0 ? r : parse_parts(ret->placement, docs, "usages", placement_parse_usages, reterr);
	r = r < 0 ? r : parse_parts(ret->placement, docs, "traits", placement_parse_traits, reterr);
	return r < 0 ? r : parse_allocations(ret->placement, docs, reterr);
}

int docs_to_region(const json_t *docs, struct nova_region *ret, struct gpubroker_error *reterr)
{
	static parse_fn *const parsers[] = {parse_aggregates, parse_hypervisors, parse_flavors,
		parse_servers, parse_migrations};
	static const char *const keys[] = {
		"aggregates", "hypervisors", "flavors", "servers", "migrations"};
	int r = 0;

	for (size_t i = 0; r == 0 && i < 5; i++) {
		json_t *value = json_object_get(docs, keys[i]);
		char *body = value ? wrapped(keys[i], value) : NULL;

		r = body ? parsers[i](ret, body, keys[i], reterr) : 0;
		free(body);
	}
	return r < 0 ? r : docs_to_placement(docs, ret, reterr);
}
