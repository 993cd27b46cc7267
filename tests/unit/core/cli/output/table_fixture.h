/* SPDX-License-Identifier: Apache-2.0 */
/* The rows that each writer's test prints, and printing them. For one test file a program. */
#ifndef TEST_TABLE_FIXTURE_H
#define TEST_TABLE_FIXTURE_H

#include "base/mem.h"
#include "cli/output/table.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

static const char rows_json[] =
	"[{\"name\":\"b\",\"n\":2,\"x\":{\"y\":\"\\u001b[1m\"}},{\"name\":\"a, \\\"q\\\"\",\"n\":10},"
	"{\"name\":\"yes\",\"list\":[{\"type\":\"V\",\"count\":2}]}]";

static const struct column columns[] = {
	{"name",        "NAME", NULL, COLUMN_SHRINKS},
	{"n",         "NUMBER", NULL, COLUMN_RIGHT},
	{"x.y",             "DEEP", NULL, COLUMN_LONG},
	{"list","LIST", NULL, COLUMN_PLAIN},
	{.key = NULL},
};

/* What the client prints for these arguments. The caller frees. */
static inline char *print(struct cli_args args, size_t width, bool color, bool single)
{
	_cleanup_(value_freep) struct value *list = NULL;
	char *text = NULL;
	size_t n;
	FILE *f = open_memstream(&text, &n);
	const struct ui ui = {.out = f, .err = f, .width = width, .color = color};
	struct table t = {.columns = columns, .long_ = args.long_, .single = single};

	assert_int_equal(json_tree_read(rows_json, strlen(rows_json), &list, NULL), 0);
	t.rows = table_rows(list, &t.n_rows);
	t.n_rows = single ? 1 : t.n_rows;
	assert_int_equal(table_write(&ui, &args, &t), CLI_FINE);
	free(t.rows);
	fclose(f);
	return text;
}

static inline void check(struct cli_args args, size_t width, bool single, const char *want)
{
	char *text = print(args, width, false, single);

	assert_string_equal(text, want);
	free(text);
}

#endif
