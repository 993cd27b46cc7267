/* SPDX-License-Identifier: Apache-2.0 */
/* core/cli/output/termtext.c: nothing reaches a terminal that it would obey; widths. */
#include "base/mem.h"
#include "cli/output/termtext.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#include <locale.h>

static void test_cleaning(void **state)
{
	static const struct {
		const char *text, *want;
	} rows[] = {
		{"plain \xc3\xa4",       "plain \xc3\xa4"            },
                {"\x1b[31mred",          "\xef\xbf\xbd[31mred"       },
		{"a\x07"
		 "b",   "a\xef\xbf\xbd"
			"b"    },
		{"a\nb\tc",              "a b c"                     },
		{"\xc2\x9b"
		 "31m", "\xef\xbf\xbd"
			"31m"}, /* CSI as one character */
		{"\x9b"
		 "31m", "\xef\xbf\xbd"
			"31m"}, /* … and as a broken byte */
		{"\x7f",                 "\xef\xbf\xbd"              },
		{"a\xe2\x80\xae"
		 "b",   "a\xef\xbf\xbd"
			"b"    }, /* turns the direction */
	};

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		_cleanup_(strbuf_finish) struct strbuf b = {0};

		text_add_clean(&b, rows[i].text);
		assert_string_equal(b.data ? b.data : "", rows[i].want);
	}
}

static void test_json(void **state)
{
	_cleanup_(strbuf_finish) struct strbuf b = {0};

	text_add_json(&b, "\x1b\"\\\xc2\x9b\xc3\xa4\n");
	assert_string_equal(b.data, "\"\\u001b\\\"\\\\\\u009b\xc3\xa4\\u000a\"");
}

static void test_widths(void **state)
{
	assert_int_equal(text_width(""), 0);
	assert_int_equal(text_width("gro\xc3\x9f"), 4);
	assert_int_equal(text_width("\xe6\xbc\xa2"), 2); /* a wide character */
	assert_int_equal(text_width("a\xcc\x88"), 1);    /* a combining one */
}

static void test_fitting(void **state)
{
	static const struct {
		const char *text;
		size_t width;
		enum text_align align;
		const char *want;
	} rows[] = {
		{"ab",		       4, TEXT_LEFT,  "ab  "         },
		{"ab",		       4, TEXT_RIGHT, "  ab"         },
		{"abcde",                    4, TEXT_LEFT,  "abc~"         },
		{"gro\xc3\x9f",              4, TEXT_LEFT,  "gro\xc3\x9f"  },
		{"\xe6\xbc\xa2\xe6\xbc\xa2", 3, TEXT_LEFT,  "\xe6\xbc\xa2~"},
		{"\xe6\xbc\xa2\xe6\xbc\xa2", 2, TEXT_LEFT,
                 "~ "						      }, /* half a character cannot be shown */
		{"abc",                      0, TEXT_LEFT,  ""             },
	};

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		_cleanup_(strbuf_finish) struct strbuf b = {0};

		text_add_fitted(&b, rows[i].text, rows[i].width, rows[i].align, "~");
		assert_string_equal(b.data ? b.data : "", rows[i].want);
	}
}

static void test_wrapping(void **state)
{
	_cleanup_(strbuf_finish) struct strbuf b = {0};

	text_add_wrapped(&b, "one two three averyverylongword x", 2, 9);
	assert_string_equal(b.data, "  one two\n  three\n  averyverylongword\n  x");
	strbuf_clear(&b);
	text_add_wrapped(&b, "one two three", 2, 0);
	assert_string_equal(b.data, "  one two three");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_cleaning),
		cmocka_unit_test(test_json),
		cmocka_unit_test(test_widths),
		cmocka_unit_test(test_fitting),
		cmocka_unit_test(test_wrapping),
	};

	setlocale(LC_CTYPE, "C.UTF-8");
	return cmocka_run_group_tests_name("termtext", tests, NULL, NULL);
}
