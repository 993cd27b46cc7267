/* SPDX-License-Identifier: Apache-2.0 */
/* core/model/nameset.c: finds each second name among many, and tells kinds apart. */
#include "failing_alloc.h"
#include "model/nameset.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>

#include <cmocka.h>

enum { MANY = 20000 };

static void test_second_is_found_among_many(void **state)
{
	_cleanup_(nameset_freep) struct nameset *set = NULL;
	static char names[MANY][8];

	for (int i = 0; i < MANY; i++) {
		snprintf(names[i], sizeof(names[i]), "n%d", i);
		assert_int_equal(nameset_add(&set, 'h', names[i]), 1);
	}
	for (int i = 0; i < MANY; i++) {
		char again[8];

		snprintf(again, sizeof(again), "n%d", i);
		assert_int_equal(nameset_add(&set, 'h', again), 0);
	}
}

static void test_kinds_do_not_meet(void **state)
{
	_cleanup_(nameset_freep) struct nameset *set = NULL;

	assert_int_equal(nameset_add(&set, 'h', "a"), 1);
	assert_int_equal(nameset_add(&set, 'f', "a"), 1);
	assert_int_equal(nameset_add(&set, 'f', ""), 1);
	assert_int_equal(nameset_add(&set, 'f', ""), 0);
}

static bool add_hundred(void)
{
	_cleanup_(nameset_freep) struct nameset *set = NULL;
	char names[100][4];

	for (int i = 0; i < 100; i++) {
		snprintf(names[i], sizeof(names[i]), "%d", i);
		if (nameset_add(&set, 'h', names[i]) < 0) {
			return false;
		}
	}
	return true;
}

static void test_no_memory(void **state)
{
	failing_alloc_try_all(add_hundred);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_second_is_found_among_many),
		cmocka_unit_test(test_kinds_do_not_meet),
		cmocka_unit_test(test_no_memory),
	};

	return cmocka_run_group_tests_name("nameset", tests, NULL, NULL);
}
