/* SPDX-License-Identifier: Apache-2.0 */
/* core/cli/output/table_csv.c: csv and value. */
#include "table_fixture.h"

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
