/* SPDX-License-Identifier: Apache-2.0 */
/* core/cli/kept_list.c: the legacy list as rows; memcached itself is in scenario d02. */
#include "base/mem.h"
#include "cli/kept_list.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

static void test_legacy_rows(void **state)
{
	static const char text[] =
		"[{\"flavor_openstack_id\": \"1\", \"flavor_name\": \"x\", \"available\": 3, "
		"\"total\": 4}]";
	_cleanup_(value_freep) struct value *v = kept_list_from_legacy(text, strlen(text));
	const struct value *row;

	assert_non_null(v);
	row = value_get(v, "flavors")->items[0];
	assert_string_equal(value_string(row, "id"), "1");
	assert_string_equal(value_string(row, "name"), "x");
	assert_int_equal(value_integer(row, "available", -1), 3);
	assert_int_equal(value_integer(row, "total", -1), 4);
	assert_null(value_get(row, "region"));
}

static void test_what_is_no_legacy_list(void **state)
{
	static const char *const rows[] = {
		"", "{}", "[1]", "[{\"flavor_name\": \"x\"}]", "[{\"flavor_name\": 1}]"};

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		assert_null(kept_list_from_legacy(rows[i], strlen(rows[i])));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_legacy_rows),
		cmocka_unit_test(test_what_is_no_legacy_list),
	};

	return cmocka_run_group_tests_name("kept_list", tests, NULL, NULL);
}
