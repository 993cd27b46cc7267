/* SPDX-License-Identifier: Apache-2.0 */
/* Memory: cleanup attributes, growing arrays, and an arena for things that live and die together. */
#ifndef BASE_MEM_H
#define BASE_MEM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#define _cleanup_(f) __attribute__((cleanup(f)))
#define ARRAY_SIZE(a) (sizeof(a) / sizeof((a)[0]))
#define MIN(a, b) ((a) < (b) ? (a) : (b))
#define MAX(a, b) ((a) > (b) ? (a) : (b))

/* Moves a pointer out of a _cleanup_ variable. */
#define TAKE_PTR(p)                                                                                \
	__extension__({                                                                            \
		__typeof__(p) taken_ = (p);                                                        \
		(p) = NULL;                                                                        \
		taken_;                                                                            \
	})

/* DEFINE_CLEANUP(struct x *, x_free) makes x_freep for _cleanup_(x_freep). x_free takes NULL. */
#define DEFINE_CLEANUP(type, f)                                                                    \
	static inline void f##p(type *p)                                                           \
	{                                                                                          \
		if (*p) {                                                                          \
			f(*p);                                                                     \
		}                                                                                  \
	}                                                                                          \
	struct cleanup_##f /* swallows the semicolon */

static inline void freep(void *p)
{
	free(*(void **)p);
}

/* Zeroes memory in a way that the compiler keeps. */
void wipe(void *p, size_t n);

/* Makes room for one more item: `if (!GROW(items, n_items, room)) { no memory }`, then items[n_items++]. */
#define GROW(items, n, room) grow_((void **)&(items), (n), &(room), sizeof((items)[0]))
bool grow_(void **items, size_t n, size_t *room, size_t item_size);

/* Blocks that are freed together. An arena of zeroes is ready for use. */
struct arena_block;
struct arena {
	struct arena_block *blocks;
	size_t used; /* bytes handed out, for limits and tests */
};

void arena_finish(struct arena *);
void *arena_alloc(struct arena *, size_t size); /* zeroed, aligned; NULL: no memory */
void *arena_copy(struct arena *, const void *, size_t size);
char *arena_strdup(struct arena *, const char *); /* NULL of NULL too: check the argument first */

#endif
