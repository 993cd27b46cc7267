/* SPDX-License-Identifier: Apache-2.0 */
/* `flavor wait`: until enough servers of a flavor can be started. The broker lets the request wait where it can;
 * one that cannot is asked again whenever it expects news. */
#include "base/mono.h"
#include "cli/api.h"
#include "cli/output/cells.h"

#include <poll.h>

enum {
	LEAST_PAUSE_MS = 2000,
	MOST_PAUSE_MS = 15000,
	MOST_WAIT_S = 60, /* of one request: proxies close what is silent for longer */
	MARGIN_MS = 10000,
};

struct waiting {
	struct cli_program *program;
	const struct cli_args *args;
	struct fetch *fetch;
	struct api_flavor flavor;
	struct value *row; /* as it was last seen */
	char etag[128];
	int64_t min, began_ms, end_ms; /* INT64_MAX: for ever */
	int64_t pause_ms;              /* before the next look */
	bool broker_waits;
};

static bool is_enough(const struct waiting *w)
{
	bool fresh = !w->args->strict || str_equal(value_string(w->row, "state"), "ok");

	return fresh && value_integer(w->row, "available", -1) >= w->min;
}

static void show_progress(const struct waiting *w, const char *trouble)
{
	_cleanup_(strbuf_finish) struct strbuf line = {0};

	strbuf_addf(&line, "waiting for %s in %s: ", w->flavor.name, w->flavor.region);
	if (w->row) {
		add_available(&line, w->row);
		strbuf_addc(&line, ' ');
	}
	strbuf_adds(&line, "(");
	add_duration(&line, (mono_ms() - w->began_ms) / 1000);
	strbuf_addf(&line, ")%s%s", trouble ? "; " : "", trouble ? trouble : "");
	ui_progress(&w->program->ui, line.data);
}

static int64_t left_ms(const struct waiting *w)
{
	return w->end_ms == INT64_MAX ? INT64_MAX : MAX(w->end_ms - mono_ms(), (int64_t)0);
}

static bool make_path(const struct waiting *w, struct strbuf *path, int64_t wait_s)
{
	api_add_flavor_path(path, &w->flavor);
	if (wait_s > 0) {
		strbuf_addf(path, "?wait_available=%jd&timeout_s=%jd", (intmax_t)w->min,
			(intmax_t)wait_s);
	}
	return !path->failed;
}

/* When the broker expects news, within reason. */
static int64_t pause_after(const struct waiting *w, const struct api_answer *answer)
{
	int64_t ms = answer->expires_ms > 0 ? answer->expires_ms - wall_ms() + 200 : LEAST_PAUSE_MS;

	if (w->args->interval_s > 0) {
		ms = w->args->interval_s * 1000;
	}
	return MIN(MAX(ms, (int64_t)LEAST_PAUSE_MS), (int64_t)MOST_PAUSE_MS);
}

static void take(struct waiting *w, struct api_answer *answer)
{
	if (answer->body) {
		value_free(w->row);
		w->row = TAKE_PTR(answer->body);
		snprintf(w->etag, sizeof(w->etag), "%s", answer->etag);
	}
}

/* One request. CLI_FINE: w->row is current. */
static int look(struct waiting *w, struct gpubroker_error *reterr)
{
	_cleanup_(strbuf_finish) struct strbuf path = {0};
	struct fetch_request request = {0};
	struct api_answer answer;
	int64_t wait_s = 0;
	int r;

	if (w->broker_waits && w->row) { /* the first look is for the present, and shown */
		wait_s = MIN(left_ms(w) / 1000, (int64_t)MOST_WAIT_S);
		request.timeout_ms = wait_s * 1000 + MARGIN_MS;
	}
	if (!make_path(w, &path, wait_s)) {
		gpubroker_fail(reterr, GPUBROKER_E_INTERNAL, "no memory");
		return CLI_FAILED;
	}
	request.path = path.data;
	request.etag = wait_s == 0 && w->row ? w->etag : NULL;
	r = api_ask(w->fetch, &request, "id", &answer, reterr);
	if (wait_s > 0 && answer.status == 400) { /* it does not know the parameter */
		w->broker_waits = false;
		r = CLI_FINE;
	} else if (r == CLI_FINE) {
		take(w, &answer);
	}
	w->pause_ms = w->broker_waits && r == CLI_FINE ? 0 : pause_after(w, &answer);
	if (wait_s == 0 && w->broker_waits && w->end_ms != INT64_MAX && left_ms(w) < 1000) {
		w->pause_ms = left_ms(w);
	}
	api_answer_finish(&answer);
	return r;
}

static int wait_on(struct waiting *w, struct gpubroker_error *reterr)
{
	bool answered = false;

	while (true) {
		int r = look(w, reterr);

		if (r == CLI_FINE && is_enough(w)) {
			return CLI_FINE;
		}
		if (r == CLI_NOT_FOUND || (r != CLI_FINE && !answered)) {
			return r;
		}
		answered = true;
		if (left_ms(w) == 0) {
			return CLI_NO_CAPACITY;
		}
		show_progress(w, r == CLI_FINE ? NULL : reterr->text);
		poll(NULL, 0, (int)MIN(MIN(w->pause_ms, left_ms(w)), (int64_t)MOST_PAUSE_MS));
	}
}

/* clang-format off */
static const struct column columns[] = {
	{"region",     "REGION",     NULL,           0},
	{"name",       "FLAVOR",     NULL,           0},
	{"id",         "ID",         NULL,           0},
	{"available",  "AVAILABLE",  cell_available, COLUMN_RIGHT},
	{"total",      "TOTAL",      NULL,           COLUMN_RIGHT | COLUMN_PLAIN},
	{"limited_by", "LIMITED BY", cell_limit,     COLUMN_PLAIN},
	{"state",      "STATE",      cell_state,     COLUMN_PLAIN},
	{.key = NULL},
};
/* clang-format on */

/* For people a sentence, on stderr, so that what follows && has stdout for itself. */
static int say(const struct waiting *w, int r)
{
	const struct ui *ui = &w->program->ui;
	const struct value *rows[] = {w->row};
	struct table t = {.columns = columns, .rows = rows, .n_rows = 1, .single = true};
	_cleanup_(strbuf_finish) struct strbuf count = {0};
	int written = CLI_FINE;

	ui_progress(ui, NULL);
	if (w->args->format != FORMAT_TABLE || w->args->columns.n > 0) {
		written = table_write(ui, w->args, &t);
	} else {
		add_available(&count, w->row);
		ui_note(ui, r == CLI_FINE ? STYLE_GOOD : STYLE_DOUBT,
			"%s%s in %s: %s can be started",
			r == CLI_FINE ? "" : "waited too long: ", w->flavor.name, w->flavor.region,
			count.data ? count.data : "?");
	}
	return written == CLI_FINE ? r : written;
}

int run_flavor_wait(struct cli_program *p, const struct cli_args *args)
{
	_cleanup_(fetch_freep) struct fetch *f = NULL;
	struct waiting w = {.program = p,
		.args = args,
		.min = args->min >= 0 ? args->min : 1,
		.began_ms = mono_ms(),
		.end_ms = INT64_MAX,
		.broker_waits = true};
	struct gpubroker_error error = {0};
	const char *region;
	int r = api_one_region(args, &region, &error);

	if (args->timeout_s >= 0) {
		w.end_ms = w.began_ms + args->timeout_s * 1000;
	}
	r = r == CLI_FINE ? api_open(&f, args, &error) : r;
	w.fetch = f;
	r = r == CLI_FINE ? api_find_flavor(f, args->operands.items[0], region, &w.flavor, &error)
			  : r;
	r = r == CLI_FINE ? wait_on(&w, &error) : r;
	r = r == CLI_FINE || r == CLI_NO_CAPACITY ? say(&w, r) : api_complain(&p->ui, r, &error);
	value_free(w.row);
	api_flavor_finish(&w.flavor);
	return r;
}
