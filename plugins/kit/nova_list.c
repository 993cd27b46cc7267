/* SPDX-License-Identifier: Apache-2.0 */
/* The walk that all lists of Nova's replies share: see nova_list.h. */
#include "kit/nova_list.h"

#include "kit/cleanup.h"

#include <search.h>
#include <string.h>

static int no_memory(struct gpubroker_error *reterr)
{
	return gpubroker_fail(reterr, GPUBROKER_E_INTERNAL, "no memory for a reply of Nova");
}

static int compare_ids(const void *a, const void *b)
{
	return strcmp(a, b);
}

static void leave_id(void *id)
{
	(void)id;
}

/* 0: new, > 0: it was there, < 0: no memory. */
static int remember(void **seen, const char *id, struct gpubroker_error *reterr)
{
	const void *node = tsearch(id, seen, compare_ids);

	if (!node) {
		return no_memory(reterr);
	}
	return *(const char *const *)node != id;
}

bool list_has(const struct any_list *list, const char *id)
{
	return tfind(id, &list->seen, compare_ids) != NULL;
}

static const char *item_id(const struct list_kind *kind, const void *item)
{
	return kind->id_offset == SIZE_MAX
		       ? NULL
		       : *(char *const *)((const void *)((const char *)item + kind->id_offset));
}

static void forget(struct any_list *list, const struct list_kind *kind, void *item)
{
	const char *id = item_id(kind, item);

	if (id) {
		tdelete(id, &list->seen, compare_ids);
	}
	kind->finish(item);
}

static void list_cut(struct any_list *list, const struct list_kind *kind, size_t n)
{
	while (list->n > n) {
		forget(list, kind, list->items + --list->n * kind->item_size);
	}
}

void list_drop(struct any_list *list, const struct list_kind *kind,
	bool (*drop)(const void *item, const void *arg), const void *arg)
{
	size_t n = list->n;

	list->n = 0;
	for (size_t i = 0; i < n; i++) {
		char *item = list->items + i * kind->item_size;

		if (drop(item, arg)) {
			forget(list, kind, item);
		} else {
			memmove(list->items + list->n++ * kind->item_size, item, kind->item_size);
		}
	}
}

void list_finish(struct any_list *list, const struct list_kind *kind)
{
	tdestroy(list->seen, leave_id);
	list->seen = NULL;
	for (size_t i = 0; i < list->n; i++) {
		kind->finish(list->items + i * kind->item_size);
	}
	free(list->items);
	*list = (struct any_list){0};
}

int list_add(struct any_list *list, const struct list_kind *kind, const struct reply_at *at,
	struct gpubroker_error *reterr)
{
	void *items = list->items, *item;
	int r;

	if (!kit_grow(&items, list->n, &list->room, kind->item_size)) {
		return no_memory(reterr);
	}
	list->items = items;
	item = list->items + list->n * kind->item_size;
	memset(item, 0, kind->item_size);
	r = kind->read(item, at, reterr);
	if (r == 0 && item_id(kind, item)) {
		r = remember(&list->seen, item_id(kind, item), reterr);
	}
	if (r != 0) { /* wrong, or there already */
		kind->finish(item);
		return MIN(r, 0);
	}
	list->n++;
	return 0;
}

int list_parse(struct any_list *list, const struct list_kind *kind, const struct document *doc,
	size_t *ret_n, struct gpubroker_error *reterr)
{
	_cleanup_(reply_freep) struct reply *reply = NULL;
	const size_t before = list->n;
	struct reply_at root, array, item;
	int r;

	r = reply_parse(&reply, doc->body, doc->n, doc->what, reterr);
	if (r < 0) {
		return r;
	}
	root = reply_root(reply);
	r = reply_need_array(&root, kind->key, &array, reterr);
	if (r < 0) {
		return r;
	}
	for (size_t i = 0; i < reply_count(&array); i++) {
		r = reply_item_object(&array, i, &item, reterr);
		if (r == 0) {
			r = list_add(list, kind, &item, reterr);
		}
		if (r < 0) {
			list_cut(list, kind, before);
			return r;
		}
	}
	if (ret_n) {
		*ret_n = reply_count(&array);
	}
	return 0;
}

int list_parse_one(struct any_list *list, const struct list_kind *kind, const char *key,
	const struct document *doc, struct gpubroker_error *reterr)
{
	_cleanup_(reply_freep) struct reply *reply = NULL;
	struct reply_at root, item;
	int r = reply_parse(&reply, doc->body, doc->n, doc->what, reterr);

	if (r < 0) {
		return r;
	}
	root = reply_root(reply);
	r = reply_need_object(&root, key, &item, reterr);
	return r < 0 ? r : list_add(list, kind, &item, reterr);
}
