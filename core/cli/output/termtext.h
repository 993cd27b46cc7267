/* SPDX-License-Identifier: Apache-2.0 */
/* Text of strangers on a terminal: cleaned of whatever a terminal would obey, measured in columns, cut to fit. */
#ifndef CLI_TERMTEXT_H
#define CLI_TERMTEXT_H

#include "base/str.h"

/* Control characters (C0, C1, DEL) and those that turn the direction of writing. */
bool text_is_control(uint32_t c);
/* White space of a line end or tab becomes a space, any other control character U+FFFD, and so does a broken byte. */
void text_add_clean(struct strbuf *out, const char *text);
/* A JSON string that shows control characters as \u009b; YAML reads it too. */
void text_add_json(struct strbuf *out, const char *text);

/* How many columns a clean text takes. */
size_t text_width(const char *clean);

enum text_align { TEXT_LEFT, TEXT_RIGHT };
/* The text in exactly that many columns: padded with spaces, or cut with `ellipsis` (one column wide) at its end. */
void text_add_fitted(struct strbuf *out, const char *clean, size_t width, enum text_align, const char *ellipsis);
/* Lines of at most that many columns, broken at spaces, each indented; no line end at the last. width 0: one line. */
void text_add_wrapped(struct strbuf *out, const char *clean, size_t indent, size_t width);

#endif
