/* SPDX-License-Identifier: Apache-2.0 */
/* Tables for programs that read lines: csv (RFC 4180) with the API's keys above, and value, the values alone. */
#include "base/mem.h"
#include "cli/output/table.h"
#include "cli/output/termtext.h"

#include <string.h>

static void add_plain_clean(struct strbuf *out, const struct value *v)
{
	_cleanup_(strbuf_finish) struct strbuf plain = {0};

	table_add_plain(&plain, v);
	out->failed = out->failed || plain.failed;
	text_add_clean(out, plain.data ? plain.data : "");
}

static void add_quoted(struct strbuf *out, const char *text)
{
	if (!strpbrk(text, "\",")) {
		strbuf_adds(out, text);
		return;
	}
	strbuf_addc(out, '"');
	for (; *text; text++) {
		strbuf_adds(out, *text == '"' ? "\"" : "");
		strbuf_addc(out, *text);
	}
	strbuf_addc(out, '"');
}

void table_csv(
	const struct ui *ui, const struct table *t, const struct chosen *chosen, struct strbuf *out)
{
	_cleanup_(strbuf_finish) struct strbuf clean = {0};

	for (size_t i = 0; i < chosen->n; i++) {
		strbuf_adds(out, i > 0 ? "," : "");
		add_quoted(out, chosen->columns[i]->key);
	}
	strbuf_addc(out, '\n');
	for (size_t i = 0; i < t->n_rows; i++) {
		for (size_t j = 0; j < chosen->n; j++) {
			strbuf_clear(&clean);
			add_plain_clean(&clean, json_tree_at(t->rows[i], chosen->columns[j]->key));
			strbuf_adds(out, j > 0 ? "," : "");
			add_quoted(out, clean.data ? clean.data : "");
		}
		strbuf_addc(out, '\n');
	}
	out->failed = out->failed || clean.failed;
}

/* One object: a line a value. Rows: a line a row, spaces between. What is absent is a "?", so that the words of
 * a line can be counted. */
void table_value(
	const struct ui *ui, const struct table *t, const struct chosen *chosen, struct strbuf *out)
{
	for (size_t i = 0; i < t->n_rows; i++) {
		for (size_t j = 0; j < chosen->n; j++) {
			const struct value *v = json_tree_at(t->rows[i], chosen->columns[j]->key);

			strbuf_adds(out, j == 0 ? "" : t->single ? "\n" : " ");
			if (v) {
				add_plain_clean(out, v);
			} else {
				strbuf_addc(out, '?');
			}
		}
		strbuf_addc(out, '\n');
	}
}
