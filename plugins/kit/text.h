/* SPDX-License-Identifier: Apache-2.0 */
/* Growing text: request bodies, paths and queries. Every copy of it is wiped before its memory is given
 * back, for a request to Keystone holds a password. */
#ifndef KIT_TEXT_H
#define KIT_TEXT_H

#include <stdbool.h>
#include <stddef.h>

/* Zeroes are an empty text. The first failed allocation sets `failed` and everything after it is dropped, so
 * that a long text is checked once, at its end. */
struct text {
	char *data; /* terminated; NULL while nothing was added */
	size_t len, room;
	bool failed;
};

void text_finish(struct text *);
char *text_take(struct text *); /* the caller's; NULL if failed, never NULL for an empty one */
void text_add(struct text *, const char *);
void text_add_n(struct text *, const char *, size_t n);
__attribute__((format(printf, 2, 3))) void text_addf(struct text *, const char *format, ...);
/* A JSON string with its quotes: quote, backslash and control characters escaped, all else as it is. */
void text_add_json(struct text *, const char *);
/* A path segment or a query's value: all but RFC 3986's unreserved characters as %XX. */
void text_add_url(struct text *, const char *);

/* Whether the core takes it as a name: not empty, at most 255 bytes, no control characters. */
bool text_is_name(const char *);
bool text_has_controls(const char *); /* of ASCII and C1 */

/* What Python's str.strip() takes off, of ASCII. */
bool text_is_blank(char);
void text_strip(const char **text, size_t *n);
/* What oslo.utils takes for true: 1 t true on y yes, any case, blanks around it. */
bool text_is_true(const char *);

#endif
