/* SPDX-License-Identifier: Apache-2.0 */
/* Rows, which columns of them, in which order: see table.h. */
#include "cli/output/table.h"

#include "base/mem.h"

#include <string.h>
#include <strings.h>

const struct value **table_rows(const struct value *list, size_t *ret_n)
{
	const struct value **rows;
	size_t n = list && list->type == VALUE_LIST ? list->n_items : 0;

	*ret_n = 0;
	rows = calloc(n + 1, sizeof(*rows));
	for (size_t i = 0; rows && i < n; i++) {
		if (list->items[i]->type == VALUE_GROUP) {
			rows[(*ret_n)++] = list->items[i];
		}
	}
	return rows;
}

/* A list of {type,count}, as --gpu writes one: "V100:1+A100:2". false: it is another list. */
static bool add_needs(struct strbuf *out, const struct value *list)
{
	for (size_t i = 0; i < list->n_items; i++) {
		if (!value_string(list->items[i], "type") || !value_get(list->items[i], "count")) {
			return false;
		}
	}
	for (size_t i = 0; i < list->n_items; i++) {
		strbuf_addf(out, "%s%s:%jd", i > 0 ? "+" : "", value_string(list->items[i], "type"),
			(intmax_t)value_integer(list->items[i], "count", 0));
	}
	return true;
}

void table_add_plain(struct strbuf *out, const struct value *v)
{
	if (!v) {
		return;
	}
	if (v->type == VALUE_STRING) {
		strbuf_adds(out, v->string ? v->string : "");
	} else if (v->type != VALUE_LIST || !add_needs(out, v)) {
		table_add_json(out, v);
	}
}

void table_add_cell(
	const struct ui *ui, const struct column *c, const struct value *row, struct cell *cell)
{
	const struct value *v;

	strbuf_clear(&cell->text);
	cell->style = STYLE_PLAIN;
	if (c->cell) {
		c->cell(ui, row, c->key, cell);
		return;
	}
	v = json_tree_at(row, c->key);
	if (!v && (c->flags & COLUMN_RIGHT)) {
		strbuf_addc(&cell->text, '?');
		cell->style = STYLE_DOUBT;
	}
	table_add_plain(&cell->text, v);
}

/* By key or by heading, in any case. */
static const struct column *find_column(const struct table *t, const char *name)
{
	for (const struct column *c = t->columns; c->key; c++) {
		if (strcasecmp(c->key, name) == 0 || strcasecmp(c->heading, name) == 0) {
			return c;
		}
	}
	return NULL;
}

static int no_column(const struct ui *ui, const struct table *t, const char *name)
{
	_cleanup_(strbuf_finish) struct strbuf names = {0};

	for (const struct column *c = t->columns; c->key; c++) {
		if (!(c->flags & COLUMN_VISUAL)) {
			strbuf_addf(&names, "%s%s", names.len ? ", " : "", c->key);
		}
	}
	ui_complain(ui, "there is no column \"%s\", but: %s", name, names.data ? names.data : "");
	return CLI_USAGE;
}

static bool has_any(const struct ui *ui, const struct table *t, const struct column *c)
{
	struct cell cell = {0};
	bool found = false;

	for (size_t i = 0; i < t->n_rows && !found; i++) {
		table_add_cell(ui, c, t->rows[i], &cell);
		found = c->cell ? cell.text.len > 0 : json_tree_at(t->rows[i], c->key) != NULL;
	}
	strbuf_finish(&cell.text);
	return found;
}

static bool is_shown(
	const struct ui *ui, const struct table *t, const struct column *c, enum cli_format format)
{
	if (format == FORMAT_TABLE) {
		return !(c->flags & COLUMN_PLAIN) &&
		       (t->long_ || t->single || !(c->flags & COLUMN_LONG)) &&
		       (!(c->flags & COLUMN_IF_ANY) || has_any(ui, t, c));
	}
	return !(c->flags & COLUMN_VISUAL) &&
	       (format != FORMAT_VALUE || t->long_ || t->single || !(c->flags & COLUMN_LONG));
}

static size_t n_columns(const struct table *t)
{
	size_t n = 0;

	while (t->columns[n].key) {
		n++;
	}
	return n;
}

static int choose(
	const struct ui *ui, const struct cli_args *args, const struct table *t, struct chosen *ret)
{
	ret->columns = calloc(n_columns(t) + args->columns.n + 1, sizeof(*ret->columns));
	if (!ret->columns) {
		ui_complain(ui, "no memory");
		return CLI_FAILED;
	}
	ret->all = args->columns.n == 0;
	for (size_t i = 0; i < args->columns.n; i++) {
		const struct column *c = find_column(t, args->columns.items[i]);

		if (!c) {
			return no_column(ui, t, args->columns.items[i]);
		}
		ret->columns[ret->n++] = c;
	}
	for (const struct column *c = t->columns; ret->all && c->key; c++) {
		if (is_shown(ui, t, c, args->format)) {
			ret->columns[ret->n++] = c;
		}
	}
	return CLI_FINE;
}

struct order {
	const char *key;
	int sign;
};

/* What is absent comes last, whatever the direction. */
static int compare(const void *a, const void *b, void *context)
{
	const struct order *order = context;
	const struct value *x = json_tree_at(*(const struct value *const *)a, order->key);
	const struct value *y = json_tree_at(*(const struct value *const *)b, order->key);
	int r;

	if (!x || !y) {
		return !x - !y;
	}
	if (x->type == VALUE_INTEGER && y->type == VALUE_INTEGER) {
		r = (x->integer > y->integer) - (x->integer < y->integer);
	} else if (x->type == VALUE_STRING && y->type == VALUE_STRING) {
		r = strcmp(x->string, y->string);
	} else {
		r = (int)x->type - (int)y->type;
	}
	return r * order->sign;
}

/* Insertion: rows that are equal stay as they were, and a list of some thousand rows is short. */
static void sort(const struct value **rows, size_t n, const struct order *order)
{
	for (size_t i = 1; i < n; i++) {
		const struct value *row = rows[i];
		size_t at = i;

		while (at > 0 && compare(&rows[at - 1], &row, (void *)order) > 0) {
			rows[at] = rows[at - 1];
			at--;
		}
		rows[at] = row;
	}
}

static int sort_rows(const struct ui *ui, const struct cli_args *args, struct table *t)
{
	const struct column *c = args->sort_column ? find_column(t, args->sort_column) : NULL;
	struct order order;

	if (args->sort_column && !c) {
		return no_column(ui, t, args->sort_column);
	}
	if (c) {
		order = (struct order){c->key, args->descending ? -1 : 1};
		sort(t->rows, t->n_rows, &order);
	}
	return CLI_FINE;
}

static const struct {
	table_writer_fn *write;
} writers[] = {
	[FORMAT_TABLE] = {table_text},
	[FORMAT_JSON] = {table_json},
	[FORMAT_CSV] = {table_csv},
	[FORMAT_VALUE] = {table_value},
	[FORMAT_YAML] = {table_yaml},
};

static int write_chosen(const struct ui *ui, const struct cli_args *args, const struct table *t,
	const struct chosen *chosen)
{
	_cleanup_(strbuf_finish) struct strbuf text = {0};

	if (t->n_rows == 0 && t->if_empty && args->format == FORMAT_TABLE) {
		ui_note(ui, STYLE_PLAIN, "%s", t->if_empty);
		return CLI_FINE;
	}
	writers[args->format].write(ui, t, chosen, &text);
	if (text.failed) {
		ui_complain(ui, "no memory");
		return CLI_FAILED;
	}
	fwrite(text.data ? text.data : "", 1, text.len, ui->out);
	return CLI_FINE;
}

int table_write(const struct ui *ui, const struct cli_args *args, struct table *t)
{
	struct chosen chosen = {0};
	int r = sort_rows(ui, args, t);

	if (r == CLI_FINE) {
		r = choose(ui, args, t, &chosen);
	}
	if (r == CLI_FINE) {
		r = write_chosen(ui, args, t, &chosen);
	}
	free(chosen.columns);
	return r;
}
