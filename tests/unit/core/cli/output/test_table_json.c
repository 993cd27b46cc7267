/* SPDX-License-Identifier: Apache-2.0 */
/* core/cli/output/table_json.c: the keys of the API, whole rows or the columns that were chosen. */
#include "table_fixture.h"

static void test_chosen_columns(void **state)
{
	const char *names[] = {"n", "x.y"};

	check(
		(struct cli_args){
			.format = FORMAT_JSON, .columns = {names, 2}
        },
		0, false,
		"[\n  {\n    \"n\": 2,\n    \"x.y\": \"\\u001b[1m\"\n  },\n  {\n    \"n\": 10\n  },\n  {}\n]\n");
}

static void test_whole_rows_give_back_what_came(void **state)
{
	char *text = print((struct cli_args){.format = FORMAT_JSON}, 0, false, false);
	_cleanup_(value_freep) struct value *a = NULL, *b = NULL;

	assert_int_equal(json_tree_read(text, strlen(text), &a, NULL), 0);
	assert_int_equal(json_tree_read(rows_json, strlen(rows_json), &b, NULL), 0);
	assert_true(value_equal(a, b));
	free(text);
}

static void test_one_object_has_no_list_around_it(void **state)
{
	const char *names[] = {"name"};

	check(
		(struct cli_args){
			.format = FORMAT_JSON, .columns = {names, 1}
        },
		0, true, "{\n  \"name\": \"b\"\n}\n");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_chosen_columns),
		cmocka_unit_test(test_whole_rows_give_back_what_came),
		cmocka_unit_test(test_one_object_has_no_list_around_it),
	};

	return cmocka_run_group_tests_name("table_json", tests, NULL, NULL);
}
