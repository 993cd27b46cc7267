/* SPDX-License-Identifier: Apache-2.0 */
/* Tables for people: columns two spaces apart, as wide as their texts, cut where the window is too narrow. */
#include "base/mem.h"
#include "cli/output/table.h"
#include "cli/output/termtext.h"

#include <string.h>

enum { GAP = 2, LEAST_WIDTH = 10, LEAST_ID_WIDTH = 9, LEAST_SENTENCE_WIDTH = 40 };

/* All cells, cleaned; the first row holds the headings. */
struct grid {
	struct cell *cells;
	size_t *widths;
	bool *dropped;
	size_t n_rows, n_columns;
};

static struct cell *cell_at(const struct grid *g, size_t row, size_t column)
{
	return &g->cells[row * g->n_columns + column];
}

static void grid_finish(struct grid *g)
{
	for (size_t i = 0; g->cells && i < g->n_rows * g->n_columns; i++) {
		strbuf_finish(&g->cells[i].text);
	}
	free(g->cells);
	free(g->widths);
	free(g->dropped);
}

static bool grid_init(struct grid *g, size_t n_rows, size_t n_columns)
{
	g->n_rows = n_rows;
	g->n_columns = n_columns;
	g->cells = calloc(n_rows * n_columns + 1, sizeof(*g->cells));
	g->widths = calloc(n_columns + 1, sizeof(*g->widths));
	g->dropped = calloc(n_columns + 1, sizeof(*g->dropped));
	return g->cells && g->widths && g->dropped;
}

/* Takes the text of `raw` clean into the grid. */
static bool put(struct grid *g, size_t row, size_t column, const char *raw, enum style style)
{
	struct cell *cell = cell_at(g, row, column);

	text_add_clean(&cell->text, raw);
	strbuf_adds(&cell->text, "");
	cell->style = style;
	if (!cell->text.failed && cell->text.data) {
		g->widths[column] = MAX(g->widths[column], text_width(cell->text.data));
	}
	return !cell->text.failed;
}

static const char *text_of(const struct cell *cell)
{
	return cell->text.data ? cell->text.data : "";
}

static bool fill_rows(
	struct grid *g, const struct ui *ui, const struct table *t, const struct chosen *chosen)
{
	struct cell raw = {0};
	bool good = true;

	for (size_t j = 0; good && j < chosen->n; j++) {
		good = put(g, 0, j, chosen->columns[j]->heading, STYLE_HEADING);
		for (size_t i = 0; good && i < t->n_rows; i++) {
			table_add_cell(ui, chosen->columns[j], t->rows[i], &raw);
			good = !raw.text.failed && put(g, i + 1, j, text_of(&raw), raw.style);
		}
	}
	strbuf_finish(&raw.text);
	return good;
}

static size_t total_width(const struct grid *g)
{
	size_t total = 0;

	for (size_t j = 0; j < g->n_columns; j++) {
		total += g->dropped[j] ? 0 : g->widths[j] + GAP;
	}
	return total > GAP ? total - GAP : 0;
}

/* Takes columns from the widest that has the flag, one by one, until it fits or none can give more. */
static void shrink(
	struct grid *g, const struct chosen *chosen, size_t width, unsigned flag, size_t least)
{
	size_t total = total_width(g);

	while (total > width) {
		size_t widest = g->n_columns;

		for (size_t j = 0; j < g->n_columns; j++) {
			if ((chosen->columns[j]->flags & flag) && g->widths[j] > least &&
				(widest == g->n_columns || g->widths[j] > g->widths[widest])) {
				widest = j;
			}
		}
		if (widest == g->n_columns) {
			return;
		}
		g->widths[widest]--;
		total--;
	}
}

/* With names as short as they may become. */
static size_t least_width(const struct grid *g, const struct chosen *chosen)
{
	size_t total = total_width(g);

	for (size_t j = 0; j < g->n_columns; j++) {
		if (!g->dropped[j] && (chosen->columns[j]->flags & COLUMN_SHRINKS)) {
			total -= g->widths[j] - MIN(g->widths[j], (size_t)LEAST_WIDTH);
		}
	}
	return total;
}

/* Takes whole columns from the right, and says which. The headings go with them. */
static void drop(struct grid *g, const struct ui *ui, const struct chosen *chosen)
{
	_cleanup_(strbuf_finish) struct strbuf names = {0};

	for (size_t j = g->n_columns; j-- > 0 && total_width(g) > ui->width;) {
		if (chosen->columns[j]->flags & COLUMN_DROPS) {
			g->dropped[j] = true;
			strbuf_addf(&names, "%s%s", names.len > 0 ? ", " : "",
				chosen->columns[j]->heading);
		}
	}
	if (names.data && !names.failed) {
		ui_note(ui, STYLE_FAINT, "left out, as the window is narrow: %s", names.data);
	}
}

/* The column whose sentences are continued below themselves; n_columns: none, or there is no need to. */
static size_t wrapped_column(const struct grid *g, const struct ui *ui, const struct chosen *chosen)
{
	size_t last = g->n_columns;

	return last > 0 && ui->width > 0 && (chosen->columns[last - 1]->flags & COLUMN_WRAPS)
		       ? last - 1
		       : g->n_columns;
}

/* Ids stay whole as long as cutting names is enough; once they are cut, they leave the names what they can. */
static void shrink_all(struct grid *g, const struct ui *ui, const struct chosen *chosen)
{
	if (least_width(g, chosen) <= ui->width) {
		shrink(g, chosen, ui->width, COLUMN_SHRINKS, LEAST_WIDTH);
	} else {
		shrink(g, chosen, ui->width, COLUMN_ID, LEAST_ID_WIDTH);
		shrink(g, chosen, ui->width, COLUMN_SHRINKS, LEAST_WIDTH);
	}
}

/* What whole columns have left free goes to the texts of the others. natural: the widths of whole texts. */
static void share(struct grid *g, const struct ui *ui, const struct chosen *chosen,
	const size_t natural[], size_t wrapped)
{
	size_t others;

	for (size_t j = 0; j < g->n_columns; j++) {
		g->widths[j] =
			j == wrapped ? MIN(natural[j], (size_t)LEAST_SENTENCE_WIDTH) : natural[j];
	}
	shrink_all(g, ui, chosen);
	shrink(g, chosen, ui->width, COLUMN_KEEPS, LEAST_WIDTH);
	if (wrapped < g->n_columns) {
		others = total_width(g) - g->widths[wrapped];
		g->widths[wrapped] = MIN(natural[wrapped], ui->width > others + LEAST_SENTENCE_WIDTH
								   ? ui->width - others
								   : (size_t)LEAST_SENTENCE_WIDTH);
	}
}

/* false: no memory. */
static bool fit(struct grid *g, const struct ui *ui, const struct chosen *chosen)
{
	size_t wrapped = wrapped_column(g, ui, chosen);
	_cleanup_(freep) size_t *natural = calloc(g->n_columns + 1, sizeof(*natural));

	if (!natural || ui->width == 0) {
		return natural;
	}
	memcpy(natural, g->widths, g->n_columns * sizeof(*natural));
	if (wrapped < g->n_columns) {
		g->widths[wrapped] = MIN(natural[wrapped], (size_t)LEAST_SENTENCE_WIDTH);
	}
	shrink_all(g, ui, chosen);
	if (chosen->all) {
		drop(g, ui, chosen);
	}
	share(g, ui, chosen, natural, wrapped);
	return true;
}

static const char *ellipsis(const struct ui *ui)
{
	return ui->utf8 ? "…" : "~";
}

/* Room for a "*" that is not there. */
static void trim(struct cell *cell)
{
	while (cell->text.len > 0 && cell->text.data[cell->text.len - 1] == ' ') {
		cell->text.data[--cell->text.len] = '\0';
	}
}

/* In lines of its width below each other, from where the column begins. */
static void add_sentence(struct strbuf *out, const struct grid *g, size_t column, const char *text)
{
	_cleanup_(strbuf_finish) struct strbuf lines = {0};
	size_t at = 0;

	for (size_t j = 0; j < column; j++) {
		at += g->dropped[j] ? 0 : g->widths[j] + GAP;
	}
	text_add_wrapped(&lines, text, at, at + g->widths[column]);
	out->failed = out->failed || lines.failed;
	strbuf_adds(out, lines.len > at ? lines.data + at : "");
}

/* The last column is not padded, so that no line has spaces at its end. */
static void add_line(struct strbuf *out, const struct ui *ui, const struct grid *g, size_t row,
	const struct chosen *chosen)
{
	size_t last = g->n_columns, owed = 0;

	while (last > 0 &&
		(g->dropped[last - 1] || text_of(cell_at(g, row, last - 1))[0] == '\0')) {
		last--;
	}
	for (size_t j = 0; j < last; j++) {
		struct cell *cell = cell_at(g, row, j);
		size_t width = text_width(text_of(cell)), pad;
		bool right = chosen->columns[j]->flags & COLUMN_RIGHT;

		if (g->dropped[j]) {
			continue;
		}
		pad = width < g->widths[j] ? g->widths[j] - width : 0;
		strbuf_addf(out, "%*s", (int)(owed + (right ? pad : 0)), "");
		if (j + 1 == last) {
			trim(cell);
			width = text_width(text_of(cell));
		}
		strbuf_adds(out, ui_begin(ui->color, cell->style));
		if ((chosen->columns[j]->flags & COLUMN_WRAPS) && j + 1 == g->n_columns) {
			add_sentence(out, g, j, text_of(cell));
		} else {
			text_add_fitted(out, text_of(cell), MIN(width, g->widths[j]), TEXT_LEFT,
				ellipsis(ui));
		}
		strbuf_adds(out, ui_end(ui->color, cell->style));
		owed = GAP + (right ? 0 : pad);
	}
	strbuf_addc(out, '\n');
}

/* Fields below each other. */
static void add_fields(
	struct strbuf *out, const struct ui *ui, const struct grid *g, const struct chosen *chosen)
{
	size_t width = 0;

	for (size_t j = 0; j < g->n_columns; j++) {
		width = MAX(width, text_width(text_of(cell_at(g, 0, j))));
	}
	for (size_t j = 0; j < g->n_columns; j++) {
		const struct cell *name = cell_at(g, 0, j);
		struct cell *cell = cell_at(g, 1, j);

		if (text_of(cell)[0] == '\0') {
			continue;
		}
		trim(cell);
		strbuf_adds(out, ui_begin(ui->color, STYLE_HEADING));
		text_add_fitted(out, text_of(name), width, TEXT_LEFT, "");
		strbuf_adds(out, ui_end(ui->color, STYLE_HEADING));
		strbuf_addf(out, "%*s%s", GAP, "", ui_begin(ui->color, cell->style));
		strbuf_adds(out, text_of(cell));
		strbuf_adds(out, ui_end(ui->color, cell->style));
		strbuf_addc(out, '\n');
	}
}

void table_text(
	const struct ui *ui, const struct table *t, const struct chosen *chosen, struct strbuf *out)
{
	struct grid g = {0};

	if (!grid_init(&g, t->n_rows + 1, chosen->n) || !fill_rows(&g, ui, t, chosen)) {
		out->failed = true;
	} else if (t->single && t->n_rows == 1) {
		add_fields(out, ui, &g, chosen);
	} else {
		out->failed = !fit(&g, ui, chosen) || out->failed;
		for (size_t i = 0; i < g.n_rows; i++) {
			add_line(out, ui, &g, i, chosen);
		}
	}
	grid_finish(&g);
}
