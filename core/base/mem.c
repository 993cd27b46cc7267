/* SPDX-License-Identifier: Apache-2.0 */
/* Memory: see mem.h. */
#include "base/mem.h"

#include <string.h>

enum { ARENA_BLOCK_SIZE = 16 * 1024 };

struct arena_block {
	struct arena_block *next;
	size_t used, size;
	max_align_t data[];
};

void wipe(void *p, size_t n)
{
	if (p) {
		explicit_bzero(p, n);
	}
}

bool grow_(void **items, size_t n, size_t *room, size_t item_size)
{
	size_t wanted;
	void *bigger;

	if (n < *room) {
		return true;
	}
	wanted = *room ? *room * 2 : 8;
	if (wanted > SIZE_MAX / item_size) {
		return false;
	}
	bigger = realloc(*items, wanted * item_size);
	if (!bigger) {
		return false;
	}
	*items = bigger;
	*room = wanted;
	return true;
}

void arena_finish(struct arena *a)
{
	struct arena_block *next;

	for (struct arena_block *b = a->blocks; b; b = next) {
		next = b->next;
		free(b);
	}
	*a = (struct arena){0};
}

static struct arena_block *arena_add_block(struct arena *a, size_t size)
{
	struct arena_block *b;

	size = MAX(size, (size_t)ARENA_BLOCK_SIZE);
	b = calloc(1, sizeof(*b) + size);
	if (!b) {
		return NULL;
	}
	b->size = size;
	b->next = a->blocks;
	a->blocks = b;
	return b;
}

void *arena_alloc(struct arena *a, size_t size)
{
	const size_t align = _Alignof(max_align_t);
	struct arena_block *b = a->blocks;
	void *p;

	if (size > SIZE_MAX / 2) {
		return NULL;
	}
	size = (MAX(size, (size_t)1) + align - 1) / align * align;
	if (!b || b->size - b->used < size) {
		b = arena_add_block(a, size);
		if (!b) {
			return NULL;
		}
	}
	p = (char *)b->data + b->used;
	b->used += size;
	a->used += size;
	return p;
}

void *arena_copy(struct arena *a, const void *from, size_t size)
{
	void *p = arena_alloc(a, size);

	if (p && size > 0) {
		memcpy(p, from, size);
	}
	return p;
}

char *arena_strdup(struct arena *a, const char *s)
{
	return s ? arena_copy(a, s, strlen(s) + 1) : NULL;
}
