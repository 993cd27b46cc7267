/* SPDX-License-Identifier: Apache-2.0 */
/* Tables as YAML. Strings are written as JSON writes them, which YAML reads; only plain words go without quotes. */
#include "cli/output/table.h"
#include "cli/output/termtext.h"

#include <string.h>

/* Letters first, then letters, digits, "-" and "_", and none of the words that YAML takes for something else. */
static bool is_plain_word(const char *s)
{
	static const char *const taken[] = {
		"true", "false", "null", "yes", "no", "on", "off", "y", "n"};
	static const char letters[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ";

	for (size_t i = 0; i < sizeof(taken) / sizeof(taken[0]); i++) {
		if (str_contains_nocase(s, taken[i]) && strlen(s) == strlen(taken[i])) {
			return false;
		}
	}
	return strspn(s, letters) > 0 &&
	       s[strspn(s, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-")] ==
		       '\0';
}

static void add_scalar(struct strbuf *out, const struct value *v)
{
	if (v->type == VALUE_STRING && v->string && is_plain_word(v->string)) {
		strbuf_adds(out, v->string);
	} else {
		table_add_json(out, v);
	}
}

static void add_key(struct strbuf *out, const char *key)
{
	if (is_plain_word(key)) {
		strbuf_adds(out, key);
	} else {
		text_add_json(out, key);
	}
	strbuf_addc(out, ':');
}

/* A value behind "key:" or "-", with its line end. */
static void add_value(struct strbuf *out, const struct value *v, unsigned indent);

static void add_group(struct strbuf *out, const struct value *group, unsigned indent, bool begun)
{
	for (size_t i = 0; i < group->n_items; i++) {
		strbuf_addf(out, "%*s", begun ? 0 : (int)indent, "");
		add_key(out, group->items[i]->key);
		add_value(out, group->items[i], indent);
		begun = false;
	}
}

static void add_value(struct strbuf *out, const struct value *v, unsigned indent)
{
	if ((v->type != VALUE_LIST && v->type != VALUE_GROUP) || v->n_items == 0) {
		strbuf_addc(out, ' ');
		add_scalar(out, v);
		strbuf_addc(out, '\n');
		return;
	}
	strbuf_addc(out, '\n');
	if (v->type == VALUE_GROUP) {
		add_group(out, v, indent + 2, false);
		return;
	}
	for (size_t i = 0; i < v->n_items; i++) {
		const struct value *item = v->items[i];

		strbuf_addf(out, "%*s-", (int)indent, "");
		if (item->type == VALUE_GROUP && item->n_items > 0) {
			strbuf_addc(out, ' ');
			add_group(out, item, indent + 2, true);
		} else {
			add_value(out, item, indent + 2);
		}
	}
}

static void add_row(
	struct strbuf *out, const struct chosen *chosen, const struct value *row, unsigned indent)
{
	bool begun = indent > 0;

	if (chosen->all) {
		add_group(out, row, indent, begun);
		return;
	}
	for (size_t i = 0; i < chosen->n; i++) {
		const struct value *v = json_tree_at(row, chosen->columns[i]->key);

		if (v) {
			strbuf_addf(out, "%*s", begun ? 0 : (int)indent, "");
			add_key(out, chosen->columns[i]->key);
			add_value(out, v, indent);
			begun = false;
		}
	}
	if (begun) {
		strbuf_adds(out, "{}\n");
	}
}

void table_yaml(
	const struct ui *ui, const struct table *t, const struct chosen *chosen, struct strbuf *out)
{
	if (t->single && t->n_rows == 1) {
		add_row(out, chosen, t->rows[0], 0);
		return;
	}
	for (size_t i = 0; i < t->n_rows; i++) {
		strbuf_adds(out, "- ");
		add_row(out, chosen, t->rows[i], 2);
	}
	strbuf_adds(out, t->n_rows == 0 ? "[]\n" : "");
}
