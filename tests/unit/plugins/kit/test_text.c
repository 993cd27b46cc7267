/* SPDX-License-Identifier: Apache-2.0 */
/* Growing text: escapes and growth. */
#include "kit/text.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static void test_json_strings(void **state)
{
	struct text t = {0};

	text_add_json(&t, "a\"b\\c\n\x01\x7f \xc3\xa4/");
	assert_string_equal(t.data, "\"a\\\"b\\\\c\\u000a\\u0001\\u007f \xc3\xa4/\"");
	text_finish(&t);
	text_add_json(&t, "");
	assert_string_equal(t.data, "\"\"");
	text_finish(&t);
}

static void test_url_parts(void **state)
{
	struct text t = {0};

	text_add_url(&t, "aZ09-._~ /?&=+%\xc3\xa4");
	assert_string_equal(t.data, "aZ09-._~%20%2F%3F%26%3D%2B%25%C3%A4");
	text_finish(&t);
}

static void test_it_grows(void **state)
{
	struct text t = {0};
	char *taken;

	for (int i = 0; i < 10000; i++) {
		text_addf(&t, "%d,", i % 10);
	}
	assert_int_equal(t.len, 20000);
	assert_false(t.failed);
	taken = text_take(&t);
	assert_int_equal(strlen(taken), 20000);
	assert_string_equal(taken + 19996, "8,9,");
	assert_null(t.data);
	free(taken);
	taken = text_take(&t); /* of nothing */
	assert_string_equal(taken, "");
	free(taken);
}

static void test_after_a_failure_nothing_is_added(void **state)
{
	struct text t = {0};

	text_add(&t, "a");
	text_add_n(&t, "", SIZE_MAX / 2);
	assert_true(t.failed);
	text_add(&t, "b");
	assert_null(text_take(&t));
	assert_null(t.data);
}

static void test_names(void **state)
{
	char name[260];

	assert_true(text_is_name("V100"));
	assert_true(text_is_name("W\xc3\xbcrfel \xc2\xa0"));
	assert_false(text_is_name(""));
	assert_false(text_is_name("a\nb"));
	assert_false(text_is_name("a\x7f"));
	assert_false(text_is_name("a\xc2\x85"));
	memset(name, 'x', sizeof(name));
	name[255] = '\0';
	assert_true(text_is_name(name));
	name[255] = 'x';
	name[256] = '\0';
	assert_false(text_is_name(name));
}

static void test_blanks(void **state)
{
	const char *s = " \t\x1c a b\r\n";
	size_t n = strlen(s);

	text_strip(&s, &n);
	assert_int_equal(n, 3);
	assert_memory_equal(s, "a b", 3);
	s = "  ";
	n = 2;
	text_strip(&s, &n);
	assert_int_equal(n, 0);
}

static void test_what_is_true(void **state)
{
	static const char *const yes[] = {"1", "t", "TRUE", " on ", "y", "Yes"};
	static const char *const no[] = {"", "0", "no", "tr", "true x", "2", "yess"};

	for (size_t i = 0; i < sizeof(yes) / sizeof(yes[0]); i++) {
		assert_true(text_is_true(yes[i]));
	}
	for (size_t i = 0; i < sizeof(no) / sizeof(no[0]); i++) {
		assert_false(text_is_true(no[i]));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_json_strings),
		cmocka_unit_test(test_url_parts),
		cmocka_unit_test(test_it_grows),
		cmocka_unit_test(test_after_a_failure_nothing_is_added),
		cmocka_unit_test(test_names),
		cmocka_unit_test(test_blanks),
		cmocka_unit_test(test_what_is_true),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
