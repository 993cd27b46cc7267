/* SPDX-License-Identifier: Apache-2.0 */
/* A page that is redrawn on a terminal without flicker: on its alternate screen, only the lines that changed. */
#ifndef CLI_SCREEN_H
#define CLI_SCREEN_H

#include "cli/output/ui.h"

struct screen {
	const struct ui *ui;
	char **lines; /* as they stand there */
	size_t n_lines;
	size_t columns, rows; /* of the window */
	bool entered;
};

/* Takes over the terminal: no echo, no cursor; signals that would end the program only end screen_wait(). false: stdin
 * or stdout is no terminal. */
bool screen_enter(struct screen *, const struct ui *);
void screen_leave(struct screen *); /* the terminal as it was */

/* The text's lines, cut at the window's size; escape sequences of colours pass and take no room. */
void screen_draw(struct screen *, const char *text);
/* The part of screen_draw() that decides: what to send so that `lines` becomes the text. For the test. */
void screen_add_changes(struct screen *, const char *text, struct strbuf *out);

enum screen_event { SCREEN_TIME = 0, SCREEN_QUIT, SCREEN_RESIZED, SCREEN_AGAIN /* any other key: look now */ };
enum screen_event screen_wait(struct screen *, int64_t timeout_ms);
/* Has q been pressed, or a signal come? Never waits. */
bool screen_is_left(void *screen);

#endif
