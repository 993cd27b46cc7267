/* SPDX-License-Identifier: Apache-2.0 */
/* A tree of typed values that remembers where each was written. The configuration is one, and so are
 * the settings that a child gets as its first message. */
#ifndef BASE_VALUE_H
#define BASE_VALUE_H

#include "base/mem.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum value_type {
	VALUE_BOOLEAN = 1,
	VALUE_INTEGER,
	VALUE_REAL,
	VALUE_STRING,
	VALUE_LIST,
	VALUE_GROUP,
};

struct value {
	enum value_type type;
	char *key;  /* in a group, else NULL */
	char *file; /* where it was written; NULL: not from a file */
	unsigned line;
	bool boolean;
	int64_t integer;
	double real;
	char *string;
	struct value **items; /* list, group */
	size_t n_items, room;
};

/* key may be NULL (list items, roots); it is copied. NULL: no memory. */
struct value *value_new(enum value_type, const char *key);
void value_free(struct value *);
DEFINE_CLEANUP(struct value *, value_free);

bool value_set_origin(struct value *, const char *file, unsigned line);
bool value_append(struct value *parent, struct value *child_taken); /* false: no memory, child freed */
/* Makers that append: the new child, or NULL (no memory). */
struct value *value_add_string(struct value *parent, const char *key, const char *);
struct value *value_add_integer(struct value *parent, const char *key, int64_t);
struct value *value_add_boolean(struct value *parent, const char *key, bool);
struct value *value_add_real(struct value *parent, const char *key, double);
struct value *value_add_list(struct value *parent, const char *key);
struct value *value_add_group(struct value *parent, const char *key);
struct value *value_copy(const struct value *); /* deep */

/* Readers for trees that are known to be right; absent or of another type gives the fallback. */
const struct value *value_get(const struct value *group, const char *key);
const char *value_string(const struct value *group, const char *key); /* NULL if absent */
int64_t value_integer(const struct value *group, const char *key, int64_t fallback);
bool value_boolean(const struct value *group, const char *key, bool fallback);

bool value_equal(const struct value *, const struct value *); /* origins do not matter */

/* One line of bytes for a frame: types and lengths, little endian. Decoding checks everything: depth at
 * most VALUE_MAX_DEPTH, nothing left over. */
enum { VALUE_MAX_DEPTH = 16 };
struct strbuf;
void value_encode(const struct value *, struct strbuf *out);
struct value *value_decode(const void *data, size_t n); /* NULL: malformed or no memory */

#endif
