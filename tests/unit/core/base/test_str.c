/* SPDX-License-Identifier: Apache-2.0 */
/* core/base/str.c: growing strings, JSON strings as Python writes them, and small helpers. */
#include "base/mem.h"
#include "base/str.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

static void test_adding(void **state)
{
	_cleanup_(strbuf_finish) struct strbuf b = {0};

	strbuf_adds(&b, "a");
	strbuf_add(&b, "bcd", 2);
	strbuf_add(&b, NULL, 0);
	strbuf_addc(&b, '-');
	strbuf_addf(&b, "%d%s", 7, "x");
	assert_string_equal(b.data, "abc-7x");
	assert_int_equal(b.len, 6);
	strbuf_clear(&b);
	assert_string_equal(b.data, "");
	for (int i = 0; i < 10000; i++) {
		strbuf_adds(&b, "0123456789");
	}
	assert_int_equal(b.len, 100000);
	assert_int_equal(strlen(b.data), 100000);
	assert_false(b.failed);
}

static void test_integers(void **state)
{
	_cleanup_(strbuf_finish) struct strbuf b = {0};
	static const int64_t numbers[] = {0, -1, 10, INT64_MAX, INT64_MIN};

	for (size_t i = 0; i < ARRAY_SIZE(numbers); i++) {
		strbuf_add_int(&b, numbers[i]);
		strbuf_addc(&b, ' ');
	}
	assert_string_equal(b.data, "0 -1 10 9223372036854775807 -9223372036854775808 ");
}

static void test_taking(void **state)
{
	struct strbuf b = {0};
	size_t len = 99;
	char *s = strbuf_take(&b, &len);

	assert_string_equal(s, "");
	assert_int_equal(len, 0);
	free(s);
	strbuf_adds(&b, "abc");
	s = strbuf_take(&b, &len);
	assert_string_equal(s, "abc");
	assert_int_equal(len, 3);
	assert_null(b.data);
	free(s);
}

/* After the first failure nothing is added and nothing can be taken. */
static void test_failure_sticks(void **state)
{
	struct strbuf b = {0};

	strbuf_adds(&b, "abc");
	strbuf_add(&b, "x", SIZE_MAX / 2);
	assert_true(b.failed);
	strbuf_adds(&b, "def");
	assert_string_equal(b.data, "abc");
	assert_null(strbuf_take(&b, NULL));
	assert_null(b.data);
}

/* Right column: json.dumps(text, ensure_ascii=…) of Python. */
static const struct {
	const char *text, *utf8, *ascii;
} json_rows[] = {
	{"",		 "\"\"",                 "\"\""               },
	{"plain /<>&'",      "\"plain /<>&'\"",      "\"plain /<>&'\""    },
	{"q\"b\\",           "\"q\\\"b\\\\\"",       "\"q\\\"b\\\\\""     },
	{"\n\r\t\b\f",       "\"\\n\\r\\t\\b\\f\"",  "\"\\n\\r\\t\\b\\f\""},
	{"\x01\x1f",         "\"\\u0001\\u001f\"",   "\"\\u0001\\u001f\"" },
	{"a\x7f"
	 "b",       "\"a\x7f"
		"b\"",         "\"a\\u007fb\""      },
	{"\xc3\xa4"
	 "b",       "\"\xc3\xa4"
		"b\"",         "\"\\u00e4b\""       },
	{"\xe2\x82\xac",     "\"\xe2\x82\xac\"",     "\"\\u20ac\""        },
	{"\xf0\x9f\x98\x80", "\"\xf0\x9f\x98\x80\"", "\"\\ud83d\\ude00\"" },
	{"\xf4\x8f\xbf\xbf", "\"\xf4\x8f\xbf\xbf\"", "\"\\udbff\\udfff\"" },
	{"\xef\xbf\xbd",     "\"\xef\xbf\xbd\"",     "\"\\ufffd\""        },
};

static void test_json(void **state)
{
	for (size_t i = 0; i < ARRAY_SIZE(json_rows); i++) {
		_cleanup_(strbuf_finish) struct strbuf utf8 = {0}, ascii = {0};

		strbuf_add_json(&utf8, json_rows[i].text, JSON_UTF8);
		strbuf_add_json(&ascii, json_rows[i].text, JSON_ASCII);
		assert_string_equal(utf8.data, json_rows[i].utf8);
		assert_string_equal(ascii.data, json_rows[i].ascii);
	}
}

/* How many replacement characters stand for it, before the letter x. */
static const struct {
	const char *text;
	int replaced;
} broken_rows[] = {
	{"\xff"
	 "x", 1}, /* never a first byte */
	{"\x80"
	 "x", 1}, /* not a first byte */
	{"\xc3"
	 "x", 1}, /* cut */
	{"\xe2\x82"
	 "x", 2}, /* cut later */
	{"\xf0\x9f\x98"
	 "x", 3}, /* cut last */
	{"\xc0\xaf"
	 "x", 2}, /* overlong */
	{"\xe0\x80\xaf"
	 "x", 3}, /* overlong */
	{"\xf0\x80\x80\xaf"
	 "x", 4}, /* overlong */
	{"\xed\xa0\x80"
	 "x", 3}, /* a surrogate */
	{"\xf4\x90\x80\x80"
	 "x", 4}, /* above U+10FFFF */
	{"\xf5\x80\x80\x80"
	 "x", 4}, /* never a first byte */
};

static void test_broken_utf8(void **state)
{
	for (size_t i = 0; i < ARRAY_SIZE(broken_rows); i++) {
		_cleanup_(strbuf_finish) struct strbuf got = {0}, want = {0};

		strbuf_addc(&want, '"');
		for (int j = 0; j < broken_rows[i].replaced; j++) {
			strbuf_adds(&want, "\xef\xbf\xbd");
		}
		strbuf_adds(&want, "x\"");
		strbuf_add_json(&got, broken_rows[i].text, JSON_UTF8);
		assert_string_equal(got.data, want.data);
	}
}

static void test_characters(void **state)
{
	size_t len = 0;

	assert_int_equal(utf8_next("a", &len), 'a');
	assert_int_equal(len, 1);
	assert_int_equal(utf8_next("\xf0\x9f\x98\x80", &len), 0x1f600);
	assert_int_equal(len, 4);
	assert_int_equal(utf8_next("\xef\xbf\xbd", &len), 0xfffd);
	assert_int_equal(len, 3);
	assert_int_equal(utf8_next("\xe2\x82", &len), 0xfffd);
	assert_int_equal(len, 1);
}

static void test_comparing(void **state)
{
	assert_true(str_equal("a", "a"));
	assert_true(str_equal(NULL, NULL));
	assert_false(str_equal(NULL, ""));
	assert_false(str_equal("a", "A"));
	assert_true(str_contains_nocase("de.NBI GPU V100", "gpu v"));
	assert_true(str_contains_nocase("abc", ""));
	assert_true(str_contains_nocase("", ""));
	assert_true(str_contains_nocase("abc", "C"));
	assert_false(str_contains_nocase("abc", "abcd"));
	assert_false(str_contains_nocase("abc", "ac"));
}

static void test_nearest(void **state)
{
	static const char *const keys[] = {"interval_s", "deadline_s", "plugin", "site"};

	assert_string_equal(str_nearest("intervall_s", keys, ARRAY_SIZE(keys)), "interval_s");
	assert_string_equal(str_nearest("pulgin", keys, ARRAY_SIZE(keys)), "plugin");
	assert_string_equal(str_nearest("site", keys, ARRAY_SIZE(keys)), "site");
	assert_null(str_nearest("wholly_else", keys, ARRAY_SIZE(keys)));
	assert_null(str_nearest("x", keys, 0));
}

static void test_nearest_of_very_long_names(void **state)
{
	char name[200];
	const char *const keys[] = {name};

	memset(name, 'a', sizeof(name) - 1);
	name[sizeof(name) - 1] = '\0';
	assert_null(str_nearest("a", keys, 1));
	assert_null(str_nearest(name, keys, 1));
}

static void test_numbers(void **state)
{
	static const struct {
		const char *text;
		bool good;
		int64_t want;
	} rows[] = {
		{"0",                    true,  0        },
		{"-17",                  true,  -17      },
		{"+5",                   true,  5        },
		{"007",                  true,  7        },
		{"9223372036854775807",  true,  INT64_MAX},
		{"-9223372036854775808", true,  INT64_MIN},
		{"9223372036854775808",  false, 0        },
		{"",		     false, 0        },
		{"-",                    false, 0        },
		{" 1",                   false, 0        },
		{"1 ",                   false, 0        },
		{"1.0",                  false, 0        },
		{"0x1",                  false, 0        },
		{"1_0",                  false, 0        },
		{"--1",                  false, 0        },
	};

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		int64_t got = 0;

		assert_int_equal(str_to_int64(rows[i].text, &got), rows[i].good);
		assert_int_equal(got, rows[i].want);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_adding),
		cmocka_unit_test(test_integers),
		cmocka_unit_test(test_taking),
		cmocka_unit_test(test_failure_sticks),
		cmocka_unit_test(test_json),
		cmocka_unit_test(test_broken_utf8),
		cmocka_unit_test(test_characters),
		cmocka_unit_test(test_comparing),
		cmocka_unit_test(test_nearest),
		cmocka_unit_test(test_nearest_of_very_long_names),
		cmocka_unit_test(test_numbers),
	};

	return cmocka_run_group_tests_name("str", tests, NULL, NULL);
}
