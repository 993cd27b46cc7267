/* SPDX-License-Identifier: Apache-2.0 */
/* core/cli/output/table.c: which columns, in which order of rows. */
#include "table_fixture.h"

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
