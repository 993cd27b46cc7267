/* SPDX-License-Identifier: Apache-2.0 */
/* What a YAML or JSON file says, whatever it was written in: maps, lists and plain values. */
#ifndef OPENSTACK_TREE_H
#define OPENSTACK_TREE_H

#include <gpubroker/error.h>

#include <stdbool.h>
#include <stddef.h>

enum tree_kind { TREE_NULL = 0, TREE_BOOLEAN, TREE_NUMBER, TREE_TEXT, TREE_LIST, TREE_MAP };

enum {
	TREE_MAX_NODES = 100000, /* of a file with its aliases written out; no clouds.yaml has a thousand */
	TREE_MAX_DEPTH = 64,
	TREE_MAX_BYTES = 4 * 1024 * 1024, /* of a file */
};

struct tree {
	enum tree_kind kind;
	char *text; /* NUMBER: as Python would print it; BOOLEAN: "True" or "False"; NULL for the others */
	char **keys; /* MAP */
	struct tree **items; /* LIST, MAP */
	size_t n, room;
};

struct tree *tree_new(enum tree_kind, const char *text); /* text is copied; NULL: no memory */
void tree_free(struct tree *);
void tree_freep(struct tree **);
struct tree *tree_copy(const struct tree *);

/* Takes the item, also where it fails for want of memory. A key that is there already is replaced. key NULL: at
 * the end of a list. */
bool tree_add(struct tree *, const char *key, struct tree *item);
void tree_remove(struct tree *map, const char *key);
/* A member; NULL: there is none, or `map` is no map. */
struct tree *tree_get(const struct tree *map, const char *key);
/* A member's text, whatever plain value it is; NULL: there is none, or it is null, a list or a map. */
const char *tree_text(const struct tree *map, const char *key);
/* Neither absent nor what Python calls false: null, False, "", 0, an empty list or map. */
bool tree_is_true(const struct tree *);

/* Puts the members of `from` over those of `map`; maps in maps are merged the same way, all else is replaced. */
bool tree_merge(struct tree *map, const struct tree *from);

/* tree_yaml.c, tree_json.c: a document. what: the file, for errors. An empty YAML document is TREE_NULL.
 * < 0: CONFIG with the line, LIMIT or INTERNAL. Without libyaml YAML is refused. */
int tree_from_yaml(struct tree **ret, const char *data, size_t n, const char *what, struct gpubroker_error *);
int tree_from_json(struct tree **ret, const char *data, size_t n, const char *what, struct gpubroker_error *);

#endif
