/* SPDX-License-Identifier: Apache-2.0 */
/* How the API's values look to people: see cells.h. */
#include "cli/output/cells.h"

#include "base/mem.h"
#include "base/mono.h"

#include <string.h>

enum { UNKNOWN = -1 };

static int64_t number(const struct value *row, const char *path)
{
	const struct value *v = json_tree_at(row, path);

	return v && v->type == VALUE_INTEGER ? v->integer : UNKNOWN;
}

static const char *word(const struct value *row, const char *path)
{
	const struct value *v = json_tree_at(row, path);

	return v && v->type == VALUE_STRING ? v->string : NULL;
}

static bool is_fresh(const struct value *row)
{
	const char *state = word(row, "state");

	return !state || str_equal(state, "ok");
}

static void add_number(struct strbuf *out, int64_t n)
{
	if (n == UNKNOWN) {
		strbuf_addc(out, '?');
	} else {
		strbuf_add_int(out, n);
	}
}

void add_available(struct strbuf *out, const struct value *row)
{
	int64_t available = number(row, "available"), total = number(row, "total");

	if (available == UNKNOWN && total == UNKNOWN) {
		strbuf_addc(out, '?');
	} else {
		add_number(out, available);
		strbuf_adds(out, " of ");
		add_number(out, total);
	}
	strbuf_adds(out, is_fresh(row) ? "" : "*");
}

void cell_available(
	const struct ui *ui, const struct value *row, const char *key, struct cell *cell)
{
	int64_t available = number(row, key);
	bool fresh = is_fresh(row);

	add_available(&cell->text, row);
	strbuf_adds(&cell->text, fresh ? " " : "");
	cell->style = !fresh || available == UNKNOWN ? STYLE_DOUBT
		      : available > 0                ? STYLE_GOOD
						     : STYLE_BAD;
}

void cell_gpus(const struct ui *ui, const struct value *row, const char *key, struct cell *cell)
{
	const struct value *list = json_tree_at(row, key);

	for (size_t i = 0; list && list->type == VALUE_LIST && i < list->n_items; i++) {
		const struct value *need = list->items[i];
		const char *type = word(need, "type");

		strbuf_adds(&cell->text, i > 0 ? " + " : "");
		add_number(&cell->text, number(need, "count"));
		strbuf_addf(&cell->text, " %s", type ? type : "?");
	}
}

void cell_gib(const struct ui *ui, const struct value *row, const char *key, struct cell *cell)
{
	int64_t mib = number(row, key), tenths = (mib * 10 + 512) / 1024;

	if (mib == UNKNOWN) {
		strbuf_addc(&cell->text, '?');
		cell->style = STYLE_DOUBT;
	} else if (mib < 1024 && mib > 0) {
		strbuf_addf(&cell->text, "%jd MiB", (intmax_t)mib);
	} else if (tenths % 10 == 0 || tenths >= 1000) {
		strbuf_addf(&cell->text, "%jd GiB", (intmax_t)((mib + 512) / 1024));
	} else {
		strbuf_addf(&cell->text, "%jd.%jd GiB", (intmax_t)(tenths / 10),
			(intmax_t)(tenths % 10));
	}
}

void cell_disk(const struct ui *ui, const struct value *row, const char *key, struct cell *cell)
{
	int64_t gib = number(row, key);

	if (gib == UNKNOWN) {
		strbuf_addc(&cell->text, '?');
		cell->style = STYLE_DOUBT;
	} else {
		strbuf_addf(&cell->text, "%jd GiB", (intmax_t)gib);
	}
}

static const struct {
	const char *word, *text;
	enum style style;
} limits[] = {
	{"gpu",     "GPU",     STYLE_PLAIN},
	{"ram",     "RAM",     STYLE_PLAIN},
	{"vcpus",   "vCPUs",   STYLE_PLAIN},
	{"disk",    "disk",    STYLE_PLAIN},
	{"no-host", "no host", STYLE_BAD  },
	{"none",    "nothing", STYLE_FAINT},
};

void cell_limit(const struct ui *ui, const struct value *row, const char *key, struct cell *cell)
{
	const char *limit = word(row, key);

	for (size_t i = 0; limit && i < ARRAY_SIZE(limits); i++) {
		if (strcmp(limits[i].word, limit) == 0) {
			strbuf_adds(&cell->text, limits[i].text);
			cell->style = limits[i].style;
			return;
		}
	}
	strbuf_adds(&cell->text, limit ? limit : "");
}

static const struct {
	const char *word;
	enum style style;
} states[] = {
	{"ok",          STYLE_GOOD },
	{"up",          STYLE_GOOD },
	{"stale",       STYLE_DOUBT},
	{"maintenance", STYLE_DOUBT},
	{"error",       STYLE_BAD  },
	{"down",        STYLE_BAD  },
	{"skipped",     STYLE_DOUBT},
	{"pending",     STYLE_FAINT},
	{"disabled",    STYLE_FAINT},
};

void cell_state(const struct ui *ui, const struct value *row, const char *key, struct cell *cell)
{
	const char *state = word(row, key);

	strbuf_adds(&cell->text, state ? state : "?");
	for (size_t i = 0; state && i < ARRAY_SIZE(states); i++) {
		if (strcmp(states[i].word, state) == 0) {
			cell->style = states[i].style;
		}
	}
}

void add_duration(struct strbuf *out, int64_t s)
{
	static const struct {
		int64_t from_s, unit_s;
		const char *unit;
	} units[] = {
		{2 * 86400, 86400, "d"  },
		{2 * 3600,  3600,  "h"  },
		{2 * 60,    60,    "min"},
		{INT64_MIN, 1,     "s"  },
	};
	size_t i = 0;

	s = MAX(s, (int64_t)0); /* the broker's clock may be ahead of ours */
	while (s < units[i].from_s) {
		i++;
	}
	strbuf_addf(out, "%jd %s", (intmax_t)(s / units[i].unit_s), units[i].unit);
}

void cell_age(const struct ui *ui, const struct value *row, const char *key, struct cell *cell)
{
	const char *text = word(row, key);
	int64_t at_ms;

	if (!text || !time_parse_iso8601_utc(text, &at_ms)) {
		strbuf_adds(&cell->text, "never");
		cell->style = STYLE_DOUBT;
		return;
	}
	add_duration(&cell->text, (wall_ms() - at_ms) / 1000);
	strbuf_adds(&cell->text, " ago");
	cell->style = is_fresh(row) ? STYLE_PLAIN : STYLE_DOUBT;
}

void cell_yes_no(const struct ui *ui, const struct value *row, const char *key, struct cell *cell)
{
	const struct value *v = json_tree_at(row, key);

	if (v && v->type == VALUE_BOOLEAN) {
		strbuf_adds(&cell->text, v->boolean ? "yes" : "no");
	}
}

void cell_fits(const struct ui *ui, const struct value *row, const char *key, struct cell *cell)
{
	const struct value *v = json_tree_at(row, key);

	if (v && v->type == VALUE_BOOLEAN) {
		strbuf_adds(&cell->text, v->boolean ? "yes" : "no");
		cell->style = v->boolean ? STYLE_GOOD : STYLE_BAD;
	} else {
		strbuf_adds(&cell->text, "unknown");
		cell->style = STYLE_DOUBT;
	}
}

void cell_error(const struct ui *ui, const struct value *row, const char *key, struct cell *cell)
{
	const char *maintenance = word(row, "maintenance"), *detail = word(row, "error.detail");
	const char *text = maintenance ? maintenance : detail;

	strbuf_adds(&cell->text, text ? text : "");
	cell->style = STYLE_DOUBT;
}

void add_bar(const struct ui *ui, struct strbuf *out, int64_t part, int64_t whole, size_t width)
{
	size_t filled;

	if (whole <= 0) {
		return;
	}
	part = MIN(MAX(part, (int64_t)0), whole);
	filled = (size_t)((double)part / (double)whole * (double)width + 0.5);
	if (part > 0 && filled == 0) {
		filled = 1; /* something is not nothing */
	}
	if (part < whole && filled == width) {
		filled = width - 1;
	}
	for (size_t i = 0; i < width; i++) {
		strbuf_adds(out, i < filled ? (ui->utf8 ? "█" : "#") : (ui->utf8 ? "░" : "."));
	}
}
