/* SPDX-License-Identifier: Apache-2.0 */
/* Maps, lists and plain values: see tree.h. */
#include "openstack/clouds/tree.h"

#include "kit/cleanup.h"

#include <stdlib.h>
#include <string.h>

struct tree *tree_new(enum tree_kind kind, const char *text)
{
	struct tree *t = calloc(1, sizeof(*t));

	if (!t) {
		return NULL;
	}
	t->kind = kind;
	if (text) {
		t->text = strdup(text);
		if (!t->text) {
			free(t);
			return NULL;
		}
	}
	return t;
}

static void wipe_text(char *text)
{
	if (text) {
		explicit_bzero(text, strlen(text)); /* it may be a password */
		free(text);
	}
}

void tree_free(struct tree *t)
{
	if (!t) {
		return;
	}
	for (size_t i = 0; i < t->n; i++) {
		tree_free(t->items[i]);
		if (t->keys) {
			free(t->keys[i]);
		}
	}
	free(t->items);
	free(t->keys);
	wipe_text(t->text);
	free(t);
}

void tree_freep(struct tree **t)
{
	tree_free(*t);
}

struct tree *tree_copy(const struct tree *from)
{
	_cleanup_(tree_freep) struct tree *t = tree_new(from->kind, from->text);

	for (size_t i = 0; t && i < from->n; i++) {
		struct tree *item = tree_copy(from->items[i]);

		if (!item || !tree_add(t, from->keys ? from->keys[i] : NULL, item)) {
			return NULL;
		}
	}
	return TAKE_PTR(t);
}

static size_t index_of(const struct tree *map, const char *key)
{
	size_t i = 0;

	while (i < map->n && (!map->keys || strcmp(map->keys[i], key) != 0)) {
		i++;
	}
	return i;
}

static bool make_room(struct tree *t)
{
	size_t room = t->room ? t->room * 2 : 8;
	struct tree **items;
	char **keys;

	if (t->n < t->room) {
		return true;
	}
	items = realloc(t->items, room * sizeof(struct tree *));
	if (!items) {
		return false;
	}
	t->items = items;
	if (t->kind == TREE_MAP) {
		keys = realloc(t->keys, room * sizeof(char *));
		if (!keys) {
			return false;
		}
		t->keys = keys;
	}
	t->room = room;
	return true;
}

bool tree_add(struct tree *t, const char *key, struct tree *item)
{
	size_t i = key ? index_of(t, key) : t->n;
	char *copy;

	if (i < t->n) {
		tree_free(t->items[i]);
		t->items[i] = item;
		return true;
	}
	copy = key ? strdup(key) : NULL;
	if ((key && !copy) || !make_room(t)) {
		free(copy);
		tree_free(item);
		return false;
	}
	if (t->keys) {
		t->keys[t->n] = copy;
	}
	t->items[t->n++] = item;
	return true;
}

void tree_remove(struct tree *map, const char *key)
{
	size_t i = index_of(map, key);

	if (i == map->n) {
		return;
	}
	tree_free(map->items[i]);
	free(map->keys[i]);
	map->n--;
	memmove(map->items + i, map->items + i + 1, (map->n - i) * sizeof(*map->items));
	memmove(map->keys + i, map->keys + i + 1, (map->n - i) * sizeof(*map->keys));
}

struct tree *tree_get(const struct tree *map, const char *key)
{
	size_t i = map && map->kind == TREE_MAP ? index_of(map, key) : 0;

	return map && map->kind == TREE_MAP && i < map->n ? map->items[i] : NULL;
}

const char *tree_text(const struct tree *map, const char *key)
{
	const struct tree *t = tree_get(map, key);

	return t ? t->text : NULL;
}

bool tree_is_true(const struct tree *t)
{
	if (!t) {
		return false;
	}
	switch (t->kind) {
	case TREE_BOOLEAN:
		return strcmp(t->text, "True") == 0;
	case TREE_NUMBER:
		return strspn(t->text, "-0.") != strlen(t->text);
	case TREE_TEXT:
		return t->text[0] != '\0';
	case TREE_LIST:
	case TREE_MAP:
		return t->n > 0;
	default:
		return false;
	}
}

bool tree_merge(struct tree *map, const struct tree *from)
{
	for (size_t i = 0; i < from->n; i++) {
		struct tree *mine = tree_get(map, from->keys[i]);
		const struct tree *item = from->items[i];
		bool nested = mine && mine->kind == TREE_MAP && item->kind == TREE_MAP;
		struct tree *copy = nested ? NULL : tree_copy(item);

		if (nested ? !tree_merge(mine, item)
			   : !copy || !tree_add(map, from->keys[i], copy)) {
			return false;
		}
	}
	return true;
}
