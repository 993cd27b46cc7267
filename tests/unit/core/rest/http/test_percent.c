/* SPDX-License-Identifier: Apache-2.0 */
/* Tests of core/rest/http/percent.c. */
#include "rest/http/percent.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static void expect(const char *from, const char *to, bool fine)
{
	char room[32];
	size_t n;

	assert_int_equal(percent_decode(from, strlen(from), room, sizeof(room), &n), fine);
	if (fine) {
		assert_string_equal(room, to);
		assert_int_equal(n, strlen(to));
	}
}

static void test_decodes(void **state)
{
	expect("", "", true);
	expect("abc", "abc", true);
	expect("a%20b%2F%2f", "a b//", true);
	expect("gr%C3%B6%c3%9fe",
		"gr\xc3\xb6\xc3\x9f"
		"e",
		true);
	expect("a+b", "a+b", true);
}

static void test_refuses_what_is_broken(void **state)
{
	static const char *const broken[] = {"%", "%4", "%zz", "a%0", "%00", "%ff", "%c3", "%c0%80",
		"%ed%a0%80", "%f4%90%80%80", "%e0%80%80", "%f0%80%80%80"};

	for (size_t i = 0; i < sizeof(broken) / sizeof(broken[0]); i++) {
		expect(broken[i], NULL, false);
	}
}

static void test_keeps_to_its_room(void **state)
{
	char room[4] = "xyz";
	size_t n;

	assert_true(percent_decode("abc", 3, room, 4, &n));
	assert_false(percent_decode("abcd", 4, room, 4, &n));
	assert_int_equal(n, 3);
	assert_string_equal(room, "abc");
	assert_false(percent_decode("", 0, room, 0, &n));
}

static void test_all_of_utf8(void **state)
{
	assert_true(utf8_valid("\xf0\x9f\x98\x80", 4));
	assert_true(utf8_valid("\xed\x9f\xbf", 3));
	assert_false(utf8_valid("\xf0\x9f\x98", 3));
	assert_false(utf8_valid("\x80", 1));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_decodes),
		cmocka_unit_test(test_refuses_what_is_broken),
		cmocka_unit_test(test_keeps_to_its_room),
		cmocka_unit_test(test_all_of_utf8),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
