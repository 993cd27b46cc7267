/* SPDX-License-Identifier: Apache-2.0 */
/* core/cli/output/table_csv.c: csv and value. */
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
static char *print(struct cli_args args, size_t width, bool color, bool single)
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

static void check(struct cli_args args, size_t width, bool single, const char *want)
{
	char *text = print(args, width, false, single);

	assert_string_equal(text, want);
	free(text);
}

static void test_csv(void **state)
{
	check((struct cli_args){.format = FORMAT_CSV}, 0, false,
		"name,n,x.y,list\nb,2,\xef\xbf\xbd[1m,\n\"a, \"\"q\"\"\",10,,\nyes,,,V:2\n");
}

static void test_value(void **state)
{
	check((struct cli_args){.format = FORMAT_VALUE}, 0, false,
		"b 2 ?\na, \"q\" 10 ?\nyes ? V:2\n");
	check((struct cli_args){.format = FORMAT_VALUE}, 0, true, "b\n2\n\xef\xbf\xbd[1m\n?\n");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_csv),
		cmocka_unit_test(test_value),
	};

	return cmocka_run_group_tests_name("table_csv", tests, NULL, NULL);
}
