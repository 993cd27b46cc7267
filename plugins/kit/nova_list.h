/* SPDX-License-Identifier: Apache-2.0 */
/* The walk that all lists of nova_reply.h share: a document's array into typed items, duplicates dropped, all
 * of a document or nothing. Only nova_reply.c includes it. */
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
/* Forgets the items that `drop` says true of, as if they had never been read. */
void list_drop(struct any_list *, const struct list_kind *,
	bool (*drop)(const void *item, const void *arg), const void *arg);
int list_parse(struct any_list *, const struct list_kind *, const struct document *, size_t *ret_n,
	struct gpubroker_error *reterr);

#endif
