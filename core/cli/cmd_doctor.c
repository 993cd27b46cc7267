/* SPDX-License-Identifier: Apache-2.0 */
/* `doctor`: what is wrong with a cloud, worst first, with the command that mends it. */
#include "cli/api.h"
#include "cli/findings.h"
#include "cli/output/table.h"
#include "cli/output/termtext.h"
#include "cli/reading.h"
#include "model/region.h"

#include <pwd.h>
#include <string.h>
#include <unistd.h>

#define DAEMON_USER "gpubroker"

enum { INDENT = 2, WIDTH_WITHOUT_TERMINAL = 100 };

static void on_finding(void *context, const struct gpubroker_finding *f)
{
	findings_add(context, f);
}

/* clang-format off */
static const struct column columns[] = {
	{"severity", "SEVERITY", NULL, 0},
	{"check",    "CHECK",    NULL, 0},
	{"subject",  "SUBJECT",  NULL, COLUMN_SHRINKS},
	{"text",     "TEXT",     NULL, COLUMN_SHRINKS},
	{"command",  "COMMAND",  NULL, 0},
	{.key = NULL},
};

static const struct {
	const char *word, *one, *many;
	enum style style;
} severities[] = {
	{"error",   "error",   "errors",   STYLE_BAD  },
	{"warning", "warning", "warnings", STYLE_DOUBT},
};
/* clang-format on */

static int write_rows(struct cli_program *p, const struct cli_args *args, const struct findings *f)
{
	struct table t = {.columns = columns, .if_empty = "Nothing was found."};
	int r;

	t.rows = table_rows(f->list, &t.n_rows);
	if (!t.rows) {
		return api_complain(&p->ui, CLI_FAILED, &(struct gpubroker_error){0});
	}
	r = table_write(&p->ui, args, &t);
	free(t.rows);
	return r;
}

static void write_text(const struct ui *ui, const char *text, enum style style, bool wrapped)
{
	_cleanup_(strbuf_finish) struct strbuf clean = {0}, lines = {0};
	size_t width = ui->width > 0 ? ui->width : WIDTH_WITHOUT_TERMINAL;

	text_add_clean(&clean, text);
	text_add_wrapped(&lines, clean.data ? clean.data : "", INDENT, wrapped ? width : 0);
	fprintf(ui->out, "%s%s%s\n", ui_begin(ui->color, style), lines.data ? lines.data : "",
		ui_end(ui->color, style));
}

/* ERROR gpu-v100 (gpu-aggregate), then the sentence, then the command. */
static void write_finding(
	const struct ui *ui, const struct value *f, const char *word, enum style style)
{
	_cleanup_(strbuf_finish) struct strbuf clean = {0};
	const char *subject = value_string(f, "subject"), *check = value_string(f, "check");
	const char *text = value_string(f, "text"), *command = value_string(f, "command");

	text_add_clean(&clean, subject ? subject : check ? check : "");
	if (subject && check) {
		strbuf_adds(&clean, " (");
		text_add_clean(&clean, check);
		strbuf_addc(&clean, ')');
	}
	fprintf(ui->out, "\n%s%s%s  %s\n", ui_begin(ui->color, style), word,
		ui_end(ui->color, style), clean.data ? clean.data : "");
	write_text(ui, text ? text : "", STYLE_PLAIN, true);
	if (command) {
		write_text(ui, command, STYLE_COMMAND, false);
	}
}

static void write_severity(const struct ui *ui, const struct findings *f, size_t which)
{
	for (size_t i = 0; f->list && i < f->list->n_items; i++) {
		const struct value *finding = f->list->items[i];

		if (str_equal(value_string(finding, "severity"), severities[which].word)) {
			write_finding(ui, finding, severities[which].word, severities[which].style);
		}
	}
}

/* "passed: role, microversion, aggregates (3)" */
static void write_passed(const struct ui *ui, const struct findings *f)
{
	_cleanup_(strbuf_finish) struct strbuf names = {0};
	size_t n = f->list ? f->list->n_items : 0, kinds = 0;

	for (size_t i = 0; i < n; i++) {
		const char *check = value_string(f->list->items[i], "check");
		size_t same = 0, before = 0;

		if (!check || !str_equal(value_string(f->list->items[i], "severity"), "info")) {
			continue;
		}
		for (size_t j = 0; j < n; j++) {
			bool equal =
				str_equal(value_string(f->list->items[j], "severity"), "info") &&
				str_equal(value_string(f->list->items[j], "check"), check);

			same += equal;
			before += equal && j < i;
		}
		if (before == 0) {
			strbuf_addf(&names, "%s%s", kinds++ > 0 ? ", " : "", check);
			if (same > 1) {
				strbuf_addf(&names, " (%zu)", same);
			}
		}
	}
	if (names.data) {
		fputs("\nfine\n", ui->out);
		write_text(ui, names.data, STYLE_FAINT, true);
	}
}

static void write_report(const struct ui *ui, const struct source *s, const struct findings *f)
{
	fprintf(ui->out, "%s%s%s (%s): ", ui_begin(ui->color, STYLE_HEADING), s->region->name,
		ui_end(ui->color, STYLE_HEADING), s->region->plugin);
	for (size_t i = 0; i < ARRAY_SIZE(severities); i++) {
		size_t n = findings_count(f, severities[i].word);

		fprintf(ui->out, "%s%s%zu %s%s", i > 0 ? ", " : "",
			ui_begin(ui->color, n > 0 ? severities[i].style : STYLE_GOOD), n,
			n == 1 ? severities[i].one : severities[i].many,
			ui_end(ui->color, n > 0 ? severities[i].style : STYLE_GOOD));
	}
	fputc('\n', ui->out);
	for (size_t i = 0; i < ARRAY_SIZE(severities); i++) {
		write_severity(ui, f, i);
	}
	write_passed(ui, f);
}

/* root reads every file, and a clouds.yaml of its own. */
static void note_who_reads(const struct cli_program *p, const struct source *s)
{
	if (s->file && !p->is_build_tree && geteuid() == 0 && getpwnam(DAEMON_USER)) {
		ui_note(&p->ui, STYLE_FAINT,
			"Read as root; the daemon may see less: sudo -u " DAEMON_USER
			" gpubroker doctor --config %s --region %s",
			s->file, s->region->name);
	}
}

/* A plugin that examines has said what it failed at; else its error is the finding. */
static void add_failure(struct findings *f, const struct gpubroker_error *error)
{
	if (findings_count(f, "error") == 0) {
		findings_add(f, &(struct gpubroker_finding){.severity = GPUBROKER_ERROR,
					.check = gpubroker_code_word(error->code),
					.text = error->text});
	}
}

static void add_success(struct findings *f, const struct reading_result *r)
{
	char text[200];

	snprintf(text, sizeof(text),
		"%zu flavors and %zu hosts were read with %jd requests in %jd ms",
		r->snapshot->n_flavors, r->snapshot->n_hosts, (intmax_t)r->requests,
		(intmax_t)r->duration_ms);
	findings_add(f, &(struct gpubroker_finding){
				.severity = GPUBROKER_INFO, .check = "reading", .text = text});
	findings_of_snapshot(f, r->snapshot);
}

int run_doctor(struct cli_program *p, const struct cli_args *args)
{
	_cleanup_(reading_result_finish) struct reading_result result = {0};
	_cleanup_(findings_finish) struct findings findings = {0};
	_cleanup_(source_finish) struct source source = {0};
	const struct reading_settings settings = {.ui = &p->ui,
		.verbose = args->verbose,
		.examine = true,
		.finding = on_finding,
		.context = &findings};
	struct gpubroker_error error = {0};
	int r = source_open(&source, p, args);

	if (r != CLI_FINE) {
		return r;
	}
	if (reading_make(&source, &settings, &result, &error) < 0) {
		add_failure(&findings, &error);
	} else {
		add_success(&findings, &result);
	}
	if (findings.failed) {
		return api_complain(&p->ui, CLI_FAILED, &(struct gpubroker_error){0});
	}
	if (args->format == FORMAT_TABLE && args->columns.n == 0) {
		write_report(&p->ui, &source, &findings);
		note_who_reads(p, &source);
	} else {
		r = write_rows(p, args, &findings);
	}
	return r == CLI_FINE && findings_count(&findings, "error") > 0 ? CLI_FAILED : r;
}
