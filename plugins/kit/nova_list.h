/* SPDX-License-Identifier: Apache-2.0 */
/* The walk that all lists of nova_reply.h share: a document's array into typed items, duplicates dropped, all
 * of a document or nothing. For the files that read lists. */
#ifndef KIT_NOVA_LIST_H
#define KIT_NOVA_LIST_H

#include "kit/reply.h"

typedef int read_fn(void *item, const struct reply_at *, struct gpubroker_error *);

/* How the generic walk below sees a list. */
struct list_kind {
	const char *key; /* of the array in the document */
	size_t item_size;
	size_t id_offset; /* of the id by which duplicates are dropped; SIZE_MAX: none are */
	read_fn *read;
	void (*finish)(void *item);
};

struct any_list { /* the layout that NOVA_LIST gives every list */
	char *items;
	size_t n, room;
	void *seen;
};

struct document {
	const char *body;
	size_t n;
	const char *what;
};

void list_finish(struct any_list *, const struct list_kind *);
bool list_has(const struct any_list *, const char *id); /* of a list that drops duplicates */
/* Forgets the items that `drop` says true of, as if they had never been read. */
void list_drop(struct any_list *, const struct list_kind *,
	bool (*drop)(const void *item, const void *arg), const void *arg);
int list_parse(struct any_list *, const struct list_kind *, const struct document *, size_t *ret_n,
	struct gpubroker_error *reterr);
/* One item, read from `at`: dropped where it is in the list. */
int list_add(struct any_list *, const struct list_kind *, const struct reply_at *at,
	struct gpubroker_error *reterr);
/* A document of one item under `key` ("server"): dropped where it is in the list. */
int list_parse_one(struct any_list *, const struct list_kind *, const char *key,
	const struct document *, struct gpubroker_error *reterr);

/* The kind of a list, its parser and its destructor. */
#define DEFINE_LIST(name, type, read_item, finish_item, document_key, id_at)                       \
	static int name##_read(                                                                    \
		void *item, const struct reply_at *at, struct gpubroker_error *reterr)             \
	{                                                                                          \
		return read_item((struct type *)item, at, reterr);                                 \
	}                                                                                          \
	static void name##_finish_item(void *item)                                                 \
	{                                                                                          \
		finish_item((struct type *)item);                                                  \
	}                                                                                          \
	static const struct list_kind name##_kind = {.key = document_key,                          \
		.item_size = sizeof(struct type),                                                  \
		.id_offset = (id_at),                                                              \
		.read = name##_read,                                                               \
		.finish = name##_finish_item};                                                     \
	void nova_##name##_finish(struct nova_##name *list)                                        \
	{                                                                                          \
		_Static_assert(sizeof(*list) == sizeof(struct any_list), "the layouts differ");    \
		list_finish((struct any_list *)list, &name##_kind);                                \
	}                                                                                          \
	int nova_parse_##name(struct nova_##name *list, const char *body, size_t n,                \
		const char *what, size_t *ret_n, struct gpubroker_error *reterr)                   \
	{                                                                                          \
		return list_parse((struct any_list *)list, &name##_kind,                           \
			&(struct document){body, n, what}, ret_n, reterr);                         \
	}                                                                                          \
	struct name##_swallows_the_semicolon

#endif
