/* SPDX-License-Identifier: Apache-2.0 */
/* Percent-encoding of URLs. */
#ifndef REST_PERCENT_H
#define REST_PERCENT_H

#include <stdbool.h>
#include <stddef.h>

/* Decodes n bytes into room bytes with a terminating NUL. *ret_len is what was written without it, also when
 * it fails. false: a broken escape, a NUL, bytes that are not UTF-8, or no room; the text so far is there. */
bool percent_decode(const char *from, size_t n, char *to, size_t room, size_t *ret_len);

/* Whether the bytes are well-formed UTF-8. */
bool utf8_valid(const char *text, size_t n);

#endif
