/* SPDX-License-Identifier: Apache-2.0 */
/* Invented names: the same for the same, and nothing of the real one in them. */
#include "kit/record/record_names.h"

#include "failing_alloc.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static void test_the_same_for_the_same(void **state)
{
	struct record_names names = {0};

	assert_string_equal(record_name(&names, RECORD_HOST, "secret"), "host-1");
	assert_string_equal(record_name(&names, RECORD_HOST, "other"), "host-2");
	assert_string_equal(record_name(&names, RECORD_HOST, "secret"), "host-1");
	assert_string_equal(record_name(&names, RECORD_NODE, "secret"), "node-1");
	assert_string_equal(
		record_name(&names, RECORD_ID, "x"), "00000001-0000-4000-8000-000000000001");
	assert_null(record_name(&names, RECORD_ID, NULL));
	assert_true(record_knows(&names, RECORD_HOST, "other"));
	assert_false(record_knows(&names, RECORD_NODE, "other"));
	assert_false(names.failed);
	record_names_finish(&names);
}

static bool name_two(void)
{
	struct record_names names = {0};
	bool fine;

	record_name(&names, RECORD_HOST, "a");
	record_name(&names, RECORD_HOST, "b");
	fine = !names.failed;
	record_names_finish(&names);
	return fine;
}

static void test_no_memory(void **state)
{
	failing_alloc_try_all(name_two);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_the_same_for_the_same),
		cmocka_unit_test(test_no_memory),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
