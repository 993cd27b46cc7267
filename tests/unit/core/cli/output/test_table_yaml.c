/* SPDX-License-Identifier: Apache-2.0 */
/* core/cli/output/table_yaml.c: nothing is taken for something else. */
#include "table_fixture.h"

static void test_rows(void **state)
{
	check((struct cli_args){.format = FORMAT_YAML}, 0, false,
		"- name: b\n  \"n\": 2\n  x:\n    \"y\": \"\\u001b[1m\"\n"
		"- name: \"a, \\\"q\\\"\"\n  \"n\": 10\n"
		"- name: \"yes\"\n  list:\n  - type: V\n    count: 2\n");
}

static void test_one_object(void **state)
{
	const char *names[] = {"name", "list"};

	check(
		(struct cli_args){
			.format = FORMAT_YAML, .columns = {names, 1}
        },
		0, true, "name: b\n");
	check(
		(struct cli_args){
			.format = FORMAT_YAML, .columns = {names + 1, 1}
        },
		0, true, "");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_rows),
		cmocka_unit_test(test_one_object),
	};

	return cmocka_run_group_tests_name("table_yaml", tests, NULL, NULL);
}
