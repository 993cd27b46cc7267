/* SPDX-License-Identifier: Apache-2.0 */
/* `watch`: the list of flavors, live. On a terminal a page that is redrawn; elsewhere a table after the other. */
#include "base/mono.h"
#include "cli/flavors.h"
#include "cli/output/screen.h"
#include "cli/output/termtext.h"

#include <poll.h>
#include <string.h>
#include <time.h>

enum {
	LEAST_PAUSE_MS = 2000,
	MOST_PAUSE_MS = 15000,
	TROUBLE_PAUSE_MS = 5000,
	CLOCK_MS = 1000,
	TIMEOUT_MS = 15000
};

struct watching {
	struct cli_program *program;
	const struct cli_args *args;
	struct fetch *fetch;
	struct screen screen;
	bool live;            /* on a terminal */
	struct value *answer; /* the last good one; NULL: none yet */
	char etag[128];
	char trouble[500]; /* why the last look failed; "": it did not */
	int64_t next_ms;   /* monotonic: of the next look */
	bool changed;      /* by the last look */
};

static int64_t pause_after(const struct watching *w, const struct api_answer *answer)
{
	int64_t ms = answer->expires_ms > 0 ? answer->expires_ms - wall_ms() + 200 : LEAST_PAUSE_MS;

	if (w->args->interval_s > 0) {
		return w->args->interval_s * 1000;
	}
	return MIN(MAX(ms, (int64_t)LEAST_PAUSE_MS), (int64_t)MOST_PAUSE_MS);
}

static int look(struct watching *w, struct gpubroker_error *reterr)
{
	_cleanup_(strbuf_finish) struct strbuf path = {0};
	struct fetch_request request = {.etag = w->etag,
		.timeout_ms = TIMEOUT_MS,
		.give_up = w->live ? screen_is_left : NULL,
		.context = &w->screen};
	struct api_answer answer;
	int r;

	flavors_add_path(&path, w->args);
	if (path.failed) {
		gpubroker_fail(reterr, GPUBROKER_E_INTERNAL, "no memory");
		return CLI_FAILED;
	}
	request.path = path.data;
	r = api_ask(w->fetch, &request, "flavors", &answer, reterr);
	w->changed = r != CLI_FINE || answer.body;
	snprintf(w->trouble, sizeof(w->trouble), "%s", r == CLI_FINE ? "" : reterr->text);
	if (answer.body) {
		value_free(w->answer);
		w->answer = TAKE_PTR(answer.body);
		memcpy(w->etag, answer.etag, sizeof(w->etag));
	}
	w->next_ms = mono_ms() + (r == CLI_FINE ? pause_after(w, &answer) : TROUBLE_PAUSE_MS);
	api_answer_finish(&answer);
	return r;
}

static size_t count_fresh(const struct value *regions, size_t *ret_n)
{
	size_t fresh = 0;

	*ret_n = regions ? regions->n_items : 0;
	for (size_t i = 0; i < *ret_n; i++) {
		fresh += str_equal(value_string(regions->items[i], "state"), "ok");
	}
	return fresh;
}

/* "15:04:05  3 of 3 regions fresh  next look in 4 s  q ends" */
static void write_status(const struct watching *w, FILE *f)
{
	const struct ui *ui = &w->program->ui;
	size_t n, fresh = count_fresh(value_get(w->answer, "regions"), &n);
	int64_t left_s = MAX((w->next_ms - mono_ms() + 500) / 1000, (int64_t)0);
	enum style style = w->trouble[0] ? STYLE_BAD : fresh < n ? STYLE_DOUBT : STYLE_FAINT;
	time_t now = time(NULL);
	char clock[16] = "";
	struct tm local;

	if (localtime_r(&now, &local)) {
		strftime(clock, sizeof(clock), "%H:%M:%S", &local);
	}
	fprintf(f, "%s%s  %zu of %zu region%s fresh", ui_begin(ui->color, style), clock, fresh, n,
		n == 1 ? "" : "s");
	if (w->live) {
		fprintf(f, "  next look in %jd s  q ends", (intmax_t)left_s);
	}
	fprintf(f, "%s\n", ui_end(ui->color, style));
}

static void write_trouble(const struct watching *w, FILE *f)
{
	_cleanup_(strbuf_finish) struct strbuf clean = {0};
	const struct ui *ui = &w->program->ui;

	text_add_clean(&clean, w->trouble);
	fprintf(f, "%s%s%s\n", ui_begin(ui->color, STYLE_BAD), clean.data ? clean.data : "",
		ui_end(ui->color, STYLE_BAD));
}

/* All that is to be seen. CLI_USAGE: a column that does not exist. */
static int write_page(const struct watching *w, FILE *f)
{
	struct ui ui = w->program->ui;
	struct table t = {0};
	size_t lines;
	int r = CLI_FINE;

	ui.out = ui.err = f;
	ui.err_is_terminal = false; /* no progress lines in a page */
	if (w->live) {
		ui_window(&w->program->ui, &ui.width, &lines);
	}
	if (w->args->format == FORMAT_TABLE) {
		write_status(w, f);
	}
	if (w->trouble[0]) {
		write_trouble(w, f);
	}
	if (w->args->format == FORMAT_TABLE) {
		fputc('\n', f);
	}
	if (w->answer) {
		r = flavors_table(w->args, value_get(w->answer, "flavors"), &t);
		r = r == CLI_FINE ? table_write(&ui, w->args, &t) : r;
		free(t.rows);
	}
	return r;
}

static int draw(struct watching *w)
{
	_cleanup_(freep) char *text = NULL;
	size_t n;
	FILE *f = open_memstream(&text, &n);
	int r;

	if (!f) {
		return CLI_FAILED;
	}
	r = write_page(w, f);
	if (fclose(f) != 0) {
		return CLI_FAILED;
	}
	if (r == CLI_FINE) {
		screen_draw(&w->screen, text);
	}
	return r;
}

/* The clock and the countdown go on between two looks. false: it is to end. */
static bool wait_live(struct watching *w, int *ret)
{
	while (mono_ms() < w->next_ms) {
		int64_t ms = MIN(w->next_ms - mono_ms(), (int64_t)CLOCK_MS);

		switch (screen_wait(&w->screen, MAX(ms, (int64_t)1))) {
		case SCREEN_QUIT:
			return false;
		case SCREEN_AGAIN:
			return true;
		case SCREEN_RESIZED:
		case SCREEN_TIME:
			break;
		}
		*ret = draw(w);
		if (*ret != CLI_FINE) {
			return false;
		}
	}
	return !screen_is_left(&w->screen);
}

static int watch_live(struct watching *w)
{
	struct gpubroker_error error;
	int r = CLI_FINE;
	int64_t n = 0;
	bool going = true;

	while (going && r == CLI_FINE) {
		look(w, &error);
		r = draw(w);
		n++;
		going = r == CLI_FINE && n != w->args->count && wait_live(w, &r);
	}
	return r;
}

/* Only what has changed is written again. */
static int watch_plain(struct watching *w)
{
	struct gpubroker_error error;
	int r = CLI_FINE;

	for (int64_t n = 1; r == CLI_FINE; n++) {
		int64_t pause_ms;

		look(w, &error);
		if (w->trouble[0] && w->args->format != FORMAT_TABLE) {
			ui_complain(&w->program->ui, "%s", w->trouble); /* not among the data */
		} else if (w->changed) {
			r = write_page(w, w->program->ui.out);
			if (fflush(w->program->ui.out) != 0) {
				return CLI_FAILED;
			}
		}
		if (n == w->args->count) {
			return r == CLI_FINE && w->trouble[0] ? CLI_FAILED : r;
		}
		pause_ms = MAX(w->next_ms - mono_ms(), (int64_t)0);
		poll(NULL, 0, (int)MIN(pause_ms, (int64_t)INT32_MAX));
	}
	return r;
}

int run_watch(struct cli_program *p, const struct cli_args *args)
{
	_cleanup_(fetch_freep) struct fetch *f = NULL;
	struct watching w = {.program = p, .args = args};
	struct gpubroker_error error = {0};
	int r = flavors_check_filters(args, &error);

	r = r == CLI_FINE ? api_open(&f, args, &error) : r;
	if (r != CLI_FINE) {
		return api_complain(&p->ui, r, &error);
	}
	w.fetch = f;
	w.live = args->format == FORMAT_TABLE && screen_enter(&w.screen, &p->ui);
	r = w.live ? watch_live(&w) : watch_plain(&w);
	screen_leave(&w.screen);
	if (w.live && w.trouble[0] && !w.answer) {
		ui_complain(&p->ui, "%s", w.trouble);
		r = CLI_FAILED;
	}
	value_free(w.answer);
	return r;
}
