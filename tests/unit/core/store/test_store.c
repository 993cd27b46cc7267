/* SPDX-License-Identifier: Apache-2.0 */
/* The words of the metrics and the rule for region names. */
#include "store/store.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

static void every_op_and_result_has_its_word(void **state)
{
	static const char *const ops[] = {"get", "set", "delete"};
	static const char *const results[] = {
		"ok", "miss", "error", "timeout", "too-big", "bad-value"};

	for (int i = 0; i < N_STORE_OPS; i++) {
		assert_string_equal(store_op_word((enum store_op)i), ops[i]);
	}
	for (int i = 0; i < N_STORE_RESULTS; i++) {
		assert_string_equal(store_result_word((enum store_result)i), results[i]);
	}
}

static void names_that_could_leave_the_folder_are_not_safe(void **state)
{
	char longest[65];

	memset(longest, 'a', sizeof(longest));
	longest[64] = '\0';
	assert_false(store_region_name_is_safe(longest));
	longest[63] = '\0';
	assert_true(store_region_name_is_safe(longest));
	assert_true(store_region_name_is_safe("0-a"));
	assert_false(store_region_name_is_safe(""));
	assert_false(store_region_name_is_safe("-a"));
	assert_false(store_region_name_is_safe(".."));
	assert_false(store_region_name_is_safe("a/b"));
	assert_false(store_region_name_is_safe("A"));
	assert_false(store_region_name_is_safe("a b"));
	assert_false(store_region_name_is_safe("a\nset x"));
}

static void nothing_can_be_freed(void **state)
{
	store_free(NULL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_op_and_result_has_its_word),
		cmocka_unit_test(names_that_could_leave_the_folder_are_not_safe),
		cmocka_unit_test(nothing_can_be_freed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
