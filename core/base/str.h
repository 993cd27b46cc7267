/* SPDX-License-Identifier: Apache-2.0 */
/* Growing byte strings and small text helpers. */
#ifndef BASE_STR_H
#define BASE_STR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* A growing string, always terminated once something was added. The first failed allocation sets
 * `failed` and everything after it is dropped, so that a long rendering is checked once, at its end. */
struct strbuf {
	char *data;
	size_t len, room;
	bool failed;
};

void strbuf_finish(struct strbuf *);
void strbuf_clear(struct strbuf *);                  /* keeps the room */
char *strbuf_take(struct strbuf *, size_t *ret_len); /* NULL if failed; the caller frees; never NULL
						      * for an empty one */
void strbuf_add(struct strbuf *, const void *, size_t);
void strbuf_adds(struct strbuf *, const char *);
void strbuf_addc(struct strbuf *, char);
void strbuf_add_int(struct strbuf *, int64_t);
__attribute__((format(printf, 2, 3))) void strbuf_addf(struct strbuf *, const char *, ...);

enum json_escape { JSON_UTF8, JSON_ASCII };
/* A JSON string with its quotes. Input is UTF-8; a broken sequence becomes U+FFFD. JSON_ASCII escapes as
 * Python's json.dumps(ensure_ascii=True) does: \u00e4, surrogate pairs, DEL as it is in JSON_UTF8 and
 * as \u007f in JSON_ASCII (what the predecessor sends). */
void strbuf_add_json(struct strbuf *, const char *, enum json_escape);

/* The character at s, which is not its end, and how many bytes it takes. A broken sequence is U+FFFD and one
 * byte long (a U+FFFD that was written there takes three). */
uint32_t utf8_next(const char *s, size_t *ret_len);

bool str_equal(const char *a, const char *b);                /* NULL equals only NULL */
bool str_contains_nocase(const char *haystack, const char *needle); /* ASCII case ignored */
/* The candidate with the smallest edit distance to name, if it is near enough to be a typing error. */
const char *str_nearest(const char *name, const char *const *candidates, size_t n);
/* [a-z0-9] and then at most 62 of [a-z0-9-] or `also`: the names of regions and plugins. */
bool str_is_name(const char *, const char *also);
/* A whole decimal integer: optional sign, digits, nothing else. */
bool str_to_int64(const char *, int64_t *ret);

#endif
