/* SPDX-License-Identifier: Apache-2.0 */
/* Memory helpers for the plugins' source files; the core has its own in base/mem.h. Not for headers. */
#ifndef KIT_CLEANUP_H
#define KIT_CLEANUP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#define _cleanup_(f)  __attribute__((cleanup(f)))
#define ARRAY_SIZE(a) (sizeof(a) / sizeof((a)[0]))
#define MIN(a, b)     ((a) < (b) ? (a) : (b))
#define MAX(a, b)     ((a) > (b) ? (a) : (b))

/* Moves a pointer out of a _cleanup_ variable. */
#define TAKE_PTR(p)                                                                                \
	__extension__({                                                                            \
		__typeof__(p) taken_ = (p);                                                        \
		(p) = NULL;                                                                        \
		taken_;                                                                            \
	})

static inline void freep(void *p)
{
	free(*(void **)p);
}

/* Makes room for one more item: `if (!GROW(items, n, room)) { no memory }`, then items[n++] = …. */
#define GROW(items, n, room) kit_grow((void **)&(items), (n), &(room), sizeof((items)[0]))
static inline bool kit_grow(void **items, size_t n, size_t *room, size_t item_size)
{
	size_t wanted = *room ? *room * 2 : 8;
	void *bigger;

	if (n < *room) {
		return true;
	}
	if (wanted > SIZE_MAX / 2 / item_size) {
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

#endif
