/* SPDX-License-Identifier: Apache-2.0 */
/* `flavor explain`: host by host, what is free and what limits. */
#include "cli/api.h"
#include "cli/output/cells.h"
#include "cli/output/termtext.h"

#include <string.h>

enum { BAR_WIDTH = 6, WIDTH_FOR_BARS = 180, UNKNOWN = -1 };

static int64_t number(const struct value *v, const char *path)
{
	const struct value *n = json_tree_at(v, path);

	return n && n->type == VALUE_INTEGER ? n->integer : UNKNOWN;
}

static void add_bar_if_wide(const struct ui *ui, struct cell *cell, int64_t free_, int64_t total)
{
	if (ui->width == 0 || ui->width >= WIDTH_FOR_BARS) {
		add_bar(ui, &cell->text, free_, total, BAR_WIDTH);
		strbuf_adds(&cell->text, total > 0 ? " " : "");
	}
}

static void add_size(struct strbuf *out, const char *key, int64_t n)
{
	if (strcmp(key, "ram_mib") == 0) {
		strbuf_addf(out, "%jd", (intmax_t)((n + 512) / 1024));
	} else {
		strbuf_add_int(out, n);
	}
}

/* What limits the host stands out. */
static enum style style_of(const struct value *host, const char *limit)
{
	bool limits = str_equal(value_string(host, "limited_by"), limit);
	int64_t available = number(host, "available");

	return limits && available == 0 ? STYLE_BAD : limits ? STYLE_DOUBT : STYLE_PLAIN;
}

/* "12 of 112": free of all. */
static void cell_resource(
	const struct ui *ui, const struct value *host, const char *key, struct cell *cell)
{
	const struct value *r = json_tree_at(host, key);
	int64_t total = number(r, "total"), used = number(r, "used");
	bool cpus = strcmp(key, "vcpus") == 0 || strcmp(key, "pcpus") == 0;

	if (total == UNKNOWN || used == UNKNOWN) {
		return;
	}
	add_bar_if_wide(ui, cell, total - used, total);
	add_size(&cell->text, key, total - used);
	strbuf_adds(&cell->text, " of ");
	add_size(&cell->text, key, total);
	strbuf_adds(&cell->text, cpus ? "" : " GiB");
	cell->style = style_of(host, cpus ? "vcpus" : strcmp(key, "ram_mib") == 0 ? "ram" : "disk");
}

static void cell_host_gpus(
	const struct ui *ui, const struct value *host, const char *key, struct cell *cell)
{
	const struct value *list = json_tree_at(host, key);

	for (size_t i = 0; list && list->type == VALUE_LIST && i < list->n_items; i++) {
		const struct value *g = list->items[i];
		const char *type = value_string(g, "type");

		strbuf_adds(&cell->text, i > 0 ? ", " : "");
		add_bar_if_wide(ui, cell, number(g, "free"), number(g, "total"));
		strbuf_addf(&cell->text, "%jd of %jd %s", (intmax_t)number(g, "free"),
			(intmax_t)number(g, "total"), type ? type : "?");
	}
	cell->style = style_of(host, "gpu");
}

static const struct {
	const char *limit, *key, *what, *unit;
} resources[] = {
	{"vcpus", "vcpus",    "vCPUs",           ""    },
	{"vcpus", "pcpus",    "dedicated vCPUs", ""    },
	{"ram",   "ram_mib",  "RAM",             " MiB"},
	{"disk",  "disk_gib", "disk",            " GiB"},
};

/* As in the lists, but of a host: its state is in the note. */
static void cell_host_fits(
	const struct ui *ui, const struct value *host, const char *key, struct cell *cell)
{
	int64_t available = number(host, key), total = number(host, "total");

	if (available == UNKNOWN || total == UNKNOWN) {
		strbuf_addc(&cell->text, '?');
		cell->style = STYLE_DOUBT;
		return;
	}
	strbuf_addf(&cell->text, "%jd of %jd", (intmax_t)available, (intmax_t)total);
	cell->style = available > 0 ? STYLE_GOOD : total > 0 ? STYLE_BAD : STYLE_FAINT;
}

/* That it serves no such server at all is in the note too. */
static void cell_host_limit(
	const struct ui *ui, const struct value *host, const char *key, struct cell *cell)
{
	if (!str_equal(value_string(host, key), "no-host")) {
		cell_limit(ui, host, key, cell);
	}
}

/* The broker's words; else what one more server would lack. */
static void cell_note(
	const struct ui *ui, const struct value *host, const char *key, struct cell *cell)
{
	const char *reason = value_string(host, "reason"), *state = value_string(host, "state");
	const char *limit = value_string(host, "limited_by");
	bool up = !state || str_equal(state, "up");

	cell->style = up ? STYLE_PLAIN : STYLE_DOUBT;
	if (reason || !up) { /* a reason begins with the state, in words */
		strbuf_adds(&cell->text, reason ? reason : state);
		return;
	}
	for (size_t i = 0; limit && number(host, "available") == 0 && i < ARRAY_SIZE(resources);
		i++) {
		const struct value *r = json_tree_at(host, resources[i].key);
		int64_t lack = number(r, "need") - (number(r, "total") - number(r, "used"));

		if (strcmp(resources[i].limit, limit) == 0 && r && lack > 0) {
			strbuf_addf(&cell->text, "%s short by %jd%s", resources[i].what,
				(intmax_t)lack, resources[i].unit);
		}
	}
}

/* clang-format off */
static const struct column columns[] = {
	{"name",       "HOST",       NULL,            COLUMN_KEEPS},
	{"state",      "STATE",      cell_state,      COLUMN_PLAIN},
	{"available",  "FITS",       cell_host_fits,  COLUMN_RIGHT},
	{"total",      "TOTAL",      NULL,            COLUMN_RIGHT | COLUMN_PLAIN},
	{"limited_by", "LIMIT",      cell_host_limit, 0},
	{"gpus",       "GPUS FREE",  cell_host_gpus,  COLUMN_DROPS},
	{"vcpus",      "VCPUS FREE", cell_resource,   COLUMN_DROPS},
	{"pcpus",      "PCPUS FREE", cell_resource,   COLUMN_DROPS | COLUMN_IF_ANY},
	{"ram_mib",    "RAM FREE",   cell_resource,   COLUMN_DROPS},
	{"disk_gib",   "DISK FREE",  cell_resource,   COLUMN_DROPS},
	{"reason",     "NOTE",       cell_note,       COLUMN_IF_ANY | COLUMN_WRAPS},
	{.key = NULL},
};
/* clang-format on */

static int write_hosts(
	struct cli_program *p, const struct cli_args *args, const struct value *answer)
{
	struct table t = {.columns = columns, .if_empty = "The region has no host with GPUs."};
	int r = CLI_FAILED;

	t.rows = table_rows(value_get(answer, "hosts"), &t.n_rows);
	if (t.rows) {
		r = table_write(&p->ui, args, &t);
	}
	free(t.rows);
	return r;
}

static int write_whole(
	struct cli_program *p, const struct cli_args *args, const struct value *answer)
{
	const struct value *rows[] = {answer};
	struct table t = {.columns = columns, .rows = rows, .n_rows = 1, .single = true};

	return table_write(&p->ui, args, &t);
}

/* The needs of one server, as the hosts tell them. */
static void add_needs(const struct ui *ui, struct strbuf *out, const struct value *answer)
{
	const struct value *hosts = value_get(answer, "hosts");
	const struct value *host = hosts && hosts->n_items > 0 ? hosts->items[0] : NULL;
	struct cell gpus = {0};

	cell_gpus(ui, answer, "gpus", &gpus);
	strbuf_adds(out, gpus.text.len > 0 ? gpus.text.data : "no GPU");
	out->failed = out->failed || gpus.text.failed;
	strbuf_finish(&gpus.text);
	for (size_t i = 0; i < ARRAY_SIZE(resources); i++) {
		int64_t need = number(json_tree_at(host, resources[i].key), "need");
		bool mib = str_equal(resources[i].unit, " MiB");

		need = need == UNKNOWN ? number(answer, resources[i].key) : need;
		if (need == UNKNOWN) {
			continue;
		}
		if (mib && need % 1024 == 0) {
			strbuf_addf(
				out, ", %jd GiB %s", (intmax_t)(need / 1024), resources[i].what);
		} else {
			strbuf_addf(out, ", %jd%s %s", (intmax_t)need, resources[i].unit,
				resources[i].what);
		}
	}
}

/* Clean, in lines of the window. */
static void write_line(const struct ui *ui, const char *text, enum style style)
{
	_cleanup_(strbuf_finish) struct strbuf clean = {0}, lines = {0};

	text_add_clean(&clean, text);
	text_add_wrapped(&lines, clean.data ? clean.data : "", 0, ui->width);
	fprintf(ui->out, "%s%s%s\n", ui_begin(ui->color, style), lines.data ? lines.data : "",
		ui_end(ui->color, style));
}

/* "GPU V100 medium in auenbrueck: 6 of 10 can be started, limited by GPU"; a reason says more than the limit. */
static void write_heading(const struct ui *ui, const struct value *answer)
{
	_cleanup_(strbuf_finish) struct strbuf line = {0};
	const char *name = value_string(answer, "name"), *region = value_string(answer, "region");
	const char *reason = value_string(answer, "reason");
	struct cell limit = {0};

	cell_limit(ui, answer, "limited_by", &limit);
	strbuf_addf(&line, "%s in %s: ", name ? name : "?", region ? region : "?");
	add_available(&line, answer);
	strbuf_adds(&line, " can be started");
	if (reason) {
		strbuf_addf(&line, "; %s", reason);
	} else if (limit.text.len > 0) {
		strbuf_addf(&line, ", limited by %s", limit.text.data);
	}
	strbuf_finish(&limit.text);
	write_line(ui, line.data ? line.data : "", STYLE_HEADING);
}

/* What decides as well, and is in none of the numbers. */
static void write_remarks(const struct ui *ui, const struct value *answer)
{
	const struct value *remarks = value_get(answer, "remarks");
	_cleanup_(strbuf_finish) struct strbuf line = {0};

	for (size_t i = 0; remarks && i < remarks->n_items; i++) {
		const char *text = remarks->items[i]->string;

		strbuf_addf(&line, "%s%s", i > 0 ? "; it " : "Note that it ", text ? text : "?");
	}
	if (line.data) {
		strbuf_addc(&line, '.');
		write_line(ui, line.data, STYLE_DOUBT);
	}
}

/* What it is about, what one server takes, and what is not known. */
static void write_summary(const struct ui *ui, const struct value *answer)
{
	_cleanup_(strbuf_finish) struct strbuf line = {0};

	write_heading(ui, answer);
	strbuf_adds(&line, "One server takes ");
	add_needs(ui, &line, answer);
	strbuf_addc(&line, '.');
	write_line(ui, line.data ? line.data : "", STYLE_PLAIN);
	write_remarks(ui, answer);
	fputc('\n', ui->out);
}

static int write_answer(
	struct cli_program *p, const struct cli_args *args, const struct value *answer)
{
	bool whole = args->columns.n == 0 &&
		     (args->format == FORMAT_JSON || args->format == FORMAT_YAML);
	int r;

	if (args->format == FORMAT_TABLE && args->columns.n == 0) {
		write_summary(&p->ui, answer);
	}
	r = whole ? write_whole(p, args, answer) : write_hosts(p, args, answer);
	if (r == CLI_FINE && args->strict && !str_equal(value_string(answer, "state"), "ok")) {
		r = CLI_ONLY_STALE;
	}
	return r;
}

int run_flavor_explain(struct cli_program *p, const struct cli_args *args)
{
	_cleanup_(value_freep) struct value *answer = NULL;
	struct gpubroker_error error = {0};
	int r = api_get_flavor(args, "/explain", "hosts", &answer, &error);

	return r == CLI_FINE ? write_answer(p, args, answer) : api_complain(&p->ui, r, &error);
}
