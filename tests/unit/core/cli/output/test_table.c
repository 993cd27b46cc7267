/* SPDX-License-Identifier: Apache-2.0 */
/* core/cli/output/table.c: which columns, in which order of rows. */
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

static void test_sorting(void **state)
{
	const char *name[] = {"name"};

	check(
		(struct cli_args){
			.format = FORMAT_VALUE, .columns = {name, 1},
                             .sort_column = "name"
        },
		0, false, "a, \"q\"\nb\nyes\n");
	/* Numbers as numbers; what is absent last, in both directions. */
	check(
		(struct cli_args){
			.format = FORMAT_VALUE, .columns = {name, 1},
                             .sort_column = "NUMBER"
        },
		0, false, "b\na, \"q\"\nyes\n");
	check(
		(struct cli_args){
			.format = FORMAT_VALUE,
			.columns = {name, 1},
			.sort_column = "n",
			.descending = true
        },
		0, false, "a, \"q\"\nb\nyes\n");
}

static void test_columns_by_key_or_heading(void **state)
{
	const char *names[] = {"Number", "name"};

	check(
		(struct cli_args){
			.format = FORMAT_VALUE, .columns = {names, 2}
        },
		0, false, "2 b\n10 a, \"q\"\n? yes\n");
}

static void test_an_unknown_column_is_a_usage_error(void **state)
{
	const char *names[] = {"nope"};
	FILE *f = fopen("/dev/null", "w");
	const struct ui ui = {.out = f, .err = f};
	struct table t = {.columns = columns};

	assert_int_equal(table_write(&ui,
				 &(struct cli_args){
					 .columns = {names, 1}
        },
				 &t),
		CLI_USAGE);
	assert_int_equal(
		table_write(&ui, &(struct cli_args){.sort_column = "nope"}, &t), CLI_USAGE);
	fclose(f);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_sorting),
		cmocka_unit_test(test_columns_by_key_or_heading),
		cmocka_unit_test(test_an_unknown_column_is_a_usage_error),
	};

	return cmocka_run_group_tests_name("table", tests, NULL, NULL);
}
