/* SPDX-License-Identifier: Apache-2.0 */
/* What the client may do with its outputs: see ui.h. */
#include "cli/output/ui.h"

#include "base/mem.h"
#include "cli/output/termtext.h"

#include <langinfo.h>
#include <locale.h>
#include <stdarg.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

enum { FEWEST_COLUMNS = 20, MOST_COLUMNS = 10000 };

/* https://no-color.org: set and not empty. */
static bool colors_are_welcome(void)
{
	const char *no_color = getenv("NO_COLOR"), *term = getenv("TERM");

	return !(no_color && *no_color) && term && *term && strcmp(term, "dumb") != 0;
}

/* Widths of characters are asked of the C library, which knows them in UTF-8 locales only. What comes from a
 * broker is UTF-8 whatever the user's locale is. */
static bool choose_locale(void)
{
	bool utf8 = setlocale(LC_CTYPE, "") && strcmp(nl_langinfo(CODESET), "UTF-8") == 0;

	if (!utf8) {
		setlocale(LC_CTYPE, "C.UTF-8");
	}
	return utf8;
}

static size_t size_of_variable(const char *name)
{
	const char *text = getenv(name);
	int64_t n;

	return text && str_to_int64(text, &n) && n > 0 && n <= MOST_COLUMNS ? (size_t)n : 0;
}

void ui_window(const struct ui *ui, size_t *ret_columns, size_t *ret_lines)
{
	struct winsize size = {0};

	*ret_columns = size_of_variable("COLUMNS");
	*ret_lines = size_of_variable("LINES");
	if (ui->out_is_terminal && ioctl(fileno(ui->out), TIOCGWINSZ, &size) == 0) {
		*ret_columns = *ret_columns ? *ret_columns : size.ws_col;
		*ret_lines = *ret_lines ? *ret_lines : size.ws_row;
	}
}

void ui_init(struct ui *ui, bool no_color)
{
	size_t lines;

	*ui = (struct ui){.out = stdout, .err = stderr};
	ui->utf8 = choose_locale();
	ui->out_is_terminal = isatty(STDOUT_FILENO);
	ui->err_is_terminal = isatty(STDERR_FILENO);
	if (!no_color && colors_are_welcome()) {
		ui->color = ui->out_is_terminal;
		ui->err_color = ui->err_is_terminal;
	}
	ui_window(ui, &ui->width, &lines);
	if (ui->width > 0) {
		ui->width = MAX(ui->width, (size_t)FEWEST_COLUMNS);
	}
}

/* The terminal's own sixteen colours: they fit its background. */
static const char *const escapes[] = {
	[STYLE_PLAIN] = "",
	[STYLE_HEADING] = "\x1b[1m",
	[STYLE_GOOD] = "\x1b[32m",
	[STYLE_BAD] = "\x1b[31m",
	[STYLE_DOUBT] = "\x1b[33m",
	[STYLE_FAINT] = "\x1b[2m",
	[STYLE_COMMAND] = "\x1b[1;36m",
};

const char *ui_begin(bool color, enum style style)
{
	return color ? escapes[style] : "";
}

const char *ui_end(bool color, enum style style)
{
	return color && style != STYLE_PLAIN ? "\x1b[0m" : "";
}

static void say(
	const struct ui *ui, enum style style, const char *before, const char *format, va_list ap)
{
	_cleanup_(strbuf_finish) struct strbuf clean = {0};
	char text[2048];

	vsnprintf(text, sizeof(text), format, ap);
	text_add_clean(&clean, text);
	ui_progress(ui, NULL);
	fprintf(ui->err, "%s%s%s%s\n", ui_begin(ui->err_color, style), before,
		clean.data && !clean.failed ? clean.data : "", ui_end(ui->err_color, style));
}

void ui_complain(const struct ui *ui, const char *format, ...)
{
	va_list ap;

	va_start(ap, format);
	say(ui, STYLE_PLAIN, "gpubroker: ", format, ap);
	va_end(ap);
}

void ui_note(const struct ui *ui, enum style style, const char *format, ...)
{
	va_list ap;

	va_start(ap, format);
	say(ui, style, "", format, ap);
	va_end(ap);
}

void ui_progress(const struct ui *ui, const char *text)
{
	_cleanup_(strbuf_finish) struct strbuf clean = {0};

	static bool shown; /* there is one to be cleared */

	if (!ui->err_is_terminal || (!text && !shown)) {
		return;
	}
	shown = text != NULL;
	text_add_clean(&clean, text ? text : "");
	if (clean.data && !clean.failed) {
		fprintf(ui->err, "\r\x1b[K%s", clean.data);
	} else {
		fputs("\r\x1b[K", ui->err);
	}
	fflush(ui->err);
}
