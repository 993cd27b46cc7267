/* SPDX-License-Identifier: Apache-2.0 */
/* Tables as JSON: the API's own keys and values. */
#include "cli/output/table.h"
#include "cli/output/termtext.h"

static void add_indent(struct strbuf *out, int indent, unsigned depth)
{
	if (indent >= 0) {
		strbuf_addf(out, "\n%*s", indent * (int)depth, "");
	}
}

/* indent < 0: on one line. */
static void add_value(struct strbuf *out, const struct value *v, int indent, unsigned depth);

static void add_items(struct strbuf *out, const struct value *v, int indent, unsigned depth)
{
	for (size_t i = 0; i < v->n_items; i++) {
		strbuf_adds(out, i > 0 ? "," : "");
		add_indent(out, indent, depth + 1);
		if (v->type == VALUE_GROUP) {
			text_add_json(out, v->items[i]->key);
			strbuf_adds(out, indent < 0 ? ":" : ": ");
		}
		add_value(out, v->items[i], indent, depth + 1);
	}
	if (v->n_items > 0) {
		add_indent(out, indent, depth);
	}
}

static void add_value(struct strbuf *out, const struct value *v, int indent, unsigned depth)
{
	switch (v->type) {
	case VALUE_BOOLEAN:
		strbuf_adds(out, v->boolean ? "true" : "false");
		break;
	case VALUE_INTEGER:
		strbuf_add_int(out, v->integer);
		break;
	case VALUE_REAL:
		strbuf_addf(out, "%.17g", v->real);
		break;
	case VALUE_STRING:
		if (v->string) {
			text_add_json(out, v->string);
		} else {
			strbuf_adds(out, "null");
		}
		break;
	default:
		strbuf_addc(out, v->type == VALUE_LIST ? '[' : '{');
		add_items(out, v, indent, depth);
		strbuf_addc(out, v->type == VALUE_LIST ? ']' : '}');
	}
}

void table_add_json(struct strbuf *out, const struct value *v)
{
	add_value(out, v, -1, 0);
}

enum { INDENT = 2 };

static void add_row(
	struct strbuf *out, const struct chosen *chosen, const struct value *row, unsigned depth)
{
	bool begun = false;

	if (chosen->all) {
		add_value(out, row, INDENT, depth);
		return;
	}
	strbuf_addc(out, '{');
	for (size_t i = 0; i < chosen->n; i++) {
		const struct value *v = json_tree_at(row, chosen->columns[i]->key);

		if (!v) {
			continue;
		}
		strbuf_adds(out, begun ? "," : "");
		add_indent(out, INDENT, depth + 1);
		text_add_json(out, chosen->columns[i]->key);
		strbuf_adds(out, ": ");
		add_value(out, v, INDENT, depth + 1);
		begun = true;
	}
	if (begun) {
		add_indent(out, INDENT, depth);
	}
	strbuf_addc(out, '}');
}

void table_json(
	const struct ui *ui, const struct table *t, const struct chosen *chosen, struct strbuf *out)
{
	if (t->single && t->n_rows == 1) {
		add_row(out, chosen, t->rows[0], 0);
		strbuf_addc(out, '\n');
		return;
	}
	strbuf_addc(out, '[');
	for (size_t i = 0; i < t->n_rows; i++) {
		strbuf_adds(out, i > 0 ? "," : "");
		add_indent(out, INDENT, 1);
		add_row(out, chosen, t->rows[i], 1);
	}
	strbuf_adds(out, t->n_rows > 0 ? "\n]\n" : "]\n");
}
