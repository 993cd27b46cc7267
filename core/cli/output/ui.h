/* SPDX-License-Identifier: Apache-2.0 */
/* What the client may do with its outputs: colours, widths, characters; and how it says that something is wrong. */
#ifndef CLI_UI_H
#define CLI_UI_H

#include "base/str.h"

#include <stdio.h>

enum style {
	STYLE_PLAIN = 0,
	STYLE_HEADING,
	STYLE_GOOD,  /* there is some */
	STYLE_BAD,   /* there is none; an error */
	STYLE_DOUBT, /* old, or not known; a warning */
	STYLE_FAINT, /* less important than its neighbours */
	STYLE_COMMAND, /* to be copied into a shell */
};

struct ui {
	FILE *out, *err;
	bool color, err_color; /* of out, of err */
	bool out_is_terminal, err_is_terminal;
	bool utf8;    /* bars and ellipses may be drawn with characters that ASCII does not have */
	size_t width; /* columns that a line may take; 0: any number */
};

/* From the descriptors behind stdout and stderr and the environment: NO_COLOR, TERM, COLUMNS, the locale. */
void ui_init(struct ui *, bool no_color);
/* What a terminal of that size leaves; asks again, for windows that change. 0: unknown. */
void ui_window(const struct ui *, size_t *ret_columns, size_t *ret_lines);

const char *ui_begin(bool color, enum style); /* the escape sequence, or "" */
const char *ui_end(bool color, enum style);

/* "gpubroker: SENTENCE" on stderr, cleaned of what a terminal would obey. */
__attribute__((format(printf, 2, 3))) void ui_complain(const struct ui *, const char *format, ...);
/* A line on stderr that is no complaint. */
__attribute__((format(printf, 3, 4))) void ui_note(const struct ui *, enum style, const char *format, ...);
/* A line on stderr that the next one overwrites, on terminals alone; NULL clears it. */
void ui_progress(const struct ui *, const char *text);

#endif
