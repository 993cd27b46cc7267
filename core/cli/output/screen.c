/* SPDX-License-Identifier: Apache-2.0 */
/* A page that is redrawn on a terminal: see screen.h. */
#include "cli/output/screen.h"

#include "base/mem.h"
#include "cli/output/termtext.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>

#define ENTER "\x1b[?1049h\x1b[?25l\x1b[2J"
#define LEAVE "\x1b[?25h\x1b[?1049l"

/* What signal handlers may touch, and what they need. */
static volatile sig_atomic_t ended, resized;
static struct termios before;

static void on_end(int number)
{
	ended = 1;
}

static void on_resize(int number)
{
	resized = 1;
}

static void catch (int number, void (*handler)(int))
{
	struct sigaction action = {.sa_handler = handler}; /* no SA_RESTART: poll() is to return */

	sigemptyset(&action.sa_mask);
	sigaction(number, &action, NULL);
}

static bool take_terminal(void)
{
	struct termios raw;

	if (!isatty(STDIN_FILENO) || tcgetattr(STDIN_FILENO, &before) < 0) {
		return false;
	}
	raw = before;
	raw.c_lflag &= ~(tcflag_t)(ICANON | ECHO);
	raw.c_cc[VMIN] = 0;
	raw.c_cc[VTIME] = 0;
	raw.c_cc[VSUSP] = _POSIX_VDISABLE; /* would leave the shell on our screen */
	return tcsetattr(STDIN_FILENO, TCSAFLUSH, &raw) == 0;
}

bool screen_enter(struct screen *s, const struct ui *ui)
{
	static const int ends[] = {SIGINT, SIGTERM, SIGHUP, SIGQUIT};

	*s = (struct screen){.ui = ui};
	if (!ui->out_is_terminal || !take_terminal()) {
		return false;
	}
	for (size_t i = 0; i < ARRAY_SIZE(ends); i++) {
		catch (ends[i], on_end);
	}
	catch (SIGWINCH, on_resize);
	resized = 1; /* its size is not known yet */
	fputs(ENTER, ui->out);
	fflush(ui->out);
	s->entered = true;
	return true;
}

static void forget_lines(struct screen *s)
{
	for (size_t i = 0; i < s->n_lines; i++) {
		free(s->lines[i]);
	}
	free(s->lines);
	s->lines = NULL;
	s->n_lines = 0;
}

void screen_leave(struct screen *s)
{
	if (s->entered) {
		fputs(LEAVE, s->ui->out);
		fflush(s->ui->out);
		tcsetattr(STDIN_FILENO, TCSADRAIN, &before);
	}
	forget_lines(s);
	s->entered = false;
}

/* Bytes of an escape sequence of ours ("\x1b[…m") at s; 0: there is none. */
static size_t escape_length(const char *s)
{
	size_t n;

	if (s[0] != '\x1b' || s[1] != '[') {
		return 0;
	}
	n = 2 + strspn(s + 2, "0123456789;");
	return s[n] == 'm' ? n + 1 : 0;
}

/* n bytes of text, cut at that many columns; colours end with the line. NULL: no memory. */
static char *cut_line(const char *text, size_t n, size_t columns)
{
	struct strbuf out = {0};
	char one[8];
	size_t width = 0, len;
	bool colored = false;

	for (size_t i = 0; i < n; i += len) {
		len = escape_length(text + i);
		if (len > 0) {
			strbuf_add(&out, text + i, len);
			colored = true;
			continue;
		}
		utf8_next(text + i, &len);
		len = MIN(len, n - i);
		memcpy(one, text + i, len);
		one[len] = '\0';
		width += text_width(one);
		if (columns > 0 && width > columns) {
			break;
		}
		strbuf_add(&out, one, len);
	}
	strbuf_adds(&out, colored ? "\x1b[0m" : "");
	return strbuf_take(&out, NULL);
}

static void set_line(struct screen *s, size_t i, char *line_taken, struct strbuf *out)
{
	if (!str_equal(s->lines[i], line_taken)) {
		strbuf_addf(out, "\x1b[%zu;1H%s\x1b[K", i + 1, line_taken ? line_taken : "");
	}
	free(s->lines[i]);
	s->lines[i] = line_taken;
}

static bool make_room(struct screen *s, size_t n)
{
	char **more;

	if (n <= s->n_lines) {
		return true;
	}
	more = realloc(s->lines, n * sizeof(*more));
	if (!more) {
		return false;
	}
	s->lines = more;
	while (s->n_lines < n) {
		s->lines[s->n_lines++] = NULL;
	}
	return true;
}

static size_t count_lines(const char *text)
{
	size_t n = 0;

	for (; *text; n++) {
		text += strcspn(text, "\n");
		text += *text == '\n';
	}
	return n;
}

/* What does not fit is counted in the last row. */
static char *make_line(const struct screen *s, const char *text, size_t n, size_t i)
{
	size_t left = count_lines(text);
	char more[40];

	if (s->rows > 0 && i + 1 == s->rows && left > 1) {
		snprintf(more, sizeof(more), "… %zu more", left);
		return cut_line(more, strlen(more), s->columns);
	}
	return cut_line(text, n, s->columns);
}

void screen_add_changes(struct screen *s, const char *text, struct strbuf *out)
{
	size_t i = 0, n;

	for (; *text && (s->rows == 0 || i < s->rows); i++) {
		n = strcspn(text, "\n");
		if (!make_room(s, i + 1)) {
			return;
		}
		set_line(s, i, make_line(s, text, n, i), out);
		text += n + (text[n] == '\n');
	}
	for (; i < s->n_lines; i++) { /* lines of before */
		if (s->lines[i]) {
			strbuf_addf(out, "\x1b[%zu;1H\x1b[K", i + 1);
			free(s->lines[i]);
			s->lines[i] = NULL;
		}
	}
}

/* Also where no signal came: a terminal that is not the one that controls us. */
static bool size_has_changed(struct screen *s)
{
	size_t columns, rows;
	bool changed;

	ui_window(s->ui, &columns, &rows);
	changed = resized || columns != s->columns || rows != s->rows;
	resized = 0;
	s->columns = columns;
	s->rows = rows;
	return changed;
}

void screen_draw(struct screen *s, const char *text)
{
	_cleanup_(strbuf_finish) struct strbuf out = {0};

	if (size_has_changed(s)) {
		forget_lines(s);
		strbuf_adds(&out, "\x1b[2J");
	}
	screen_add_changes(s, text, &out);
	if (out.data && !out.failed) {
		fwrite(out.data, 1, out.len, s->ui->out);
		fflush(s->ui->out);
	}
}

/* 0: nothing was pressed. */
static char read_key(void)
{
	char key = 0;
	ssize_t n = read(STDIN_FILENO, &key, 1);

	if (n == 1) {
		return key;
	}
	return n < 0 && (errno == EAGAIN || errno == EINTR) ? 0 : 'q'; /* the terminal is gone */
}

static bool key_is_pressed(int64_t timeout_ms)
{
	struct pollfd fd = {.fd = STDIN_FILENO, .events = POLLIN};

	return poll(&fd, 1, (int)MIN(timeout_ms, (int64_t)60000)) > 0;
}

bool screen_is_left(void *screen)
{
	if (!ended && key_is_pressed(0)) {
		char key = read_key();

		if (key == 'q' || key == 'Q' || key == 4) { /* a signal's 1 stays */
			ended = 1;
		}
	}
	return ended;
}

enum screen_event screen_wait(struct screen *s, int64_t timeout_ms)
{
	bool pressed = !ended && key_is_pressed(timeout_ms);
	char key = pressed ? read_key() : 0;

	if (ended || key == 'q' || key == 'Q' || key == 4) { /* 4: end of input, Ctrl-D */
		return SCREEN_QUIT;
	}
	if (resized) {
		return SCREEN_RESIZED;
	}
	return pressed ? SCREEN_AGAIN : SCREEN_TIME;
}
