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

	assert_string_equal(record_name(&names, RECORD_HOST, "secret"), "host-00001");
	assert_string_equal(record_name(&names, RECORD_HOST, "other"), "host-00002");
	assert_string_equal(record_name(&names, RECORD_HOST, "secret"), "host-00001");
	assert_string_equal(record_name(&names, RECORD_NODE, "secret"), "node-00001");
	assert_string_equal(
		record_name(&names, RECORD_ID, "x"), "00000001-0000-4000-8000-000000000001");
	assert_null(record_name(&names, RECORD_ID, NULL));
	assert_true(record_knows(&names, RECORD_HOST, "other"));
	assert_false(record_knows(&names, RECORD_NODE, "other"));
	assert_false(names.failed);
	record_names_finish(&names);
}

static void test_names_keep_their_order(void **state)
{
	const char *reals[] = {"ten", "b", "a", "c", "d", "e", "f", "g", "h", "i", "j"};
	struct record_names names = {0};

	record_name_all(&names, RECORD_DEVICE, reals, 11);
	assert_string_equal(record_name(&names, RECORD_DEVICE, "a"), "device-00001");
	assert_string_equal(record_name(&names, RECORD_DEVICE, "b"), "device-00002");
	assert_string_equal(record_name(&names, RECORD_DEVICE, "ten"), "device-00011");
	record_name_all(&names, RECORD_HOST, NULL, 0);
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
		cmocka_unit_test(test_names_keep_their_order),
		cmocka_unit_test(test_no_memory),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
