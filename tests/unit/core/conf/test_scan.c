/* SPDX-License-Identifier: Apache-2.0 */
/* The look through the text: what is refused, at which line, and what only looks like it. */
#include "conf/scan.h"
#include "conf_fixture.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

static void what_libconfig_cannot_be_trusted_with_is_refused(void **state)
{
	static const struct {
		const char *text;
		unsigned line;
	} cases[] = {
		{"@include \"x\"\n",                      1},
		{"a = 1;\n\t@include \"x\"\n",            2},
		{"/* x */ @include \"x\"\n",              1},
		{"\"a\\\\\" @include\n",                  1},
		{"a = \"two\nlines\"; b = 2147483648;\n", 2},
		{"a = 2147483648;\n",                     1},
		{"a=-2147483649;\n",                      1},
		{"a=[1,2147483648]\n",                    1},
		{"a = 0x80000000;\n",                     1},
		{"a = 0X80000000L;\n",                    1},
		{"a = 99999999999999999999999L;\n",       1},
		{"a = 2147483648e;\n",                    1},
		{"# x\n// y\n/*\n*/ a = 4294967326;",     4},
		{"a = \"x\\x00\";\n",                     1},
		{"\n/* *\n/\n",                           2},
		{"\na = \"\\\";\n\n",                     2},
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct complaints c = {0};
		char begin[16];

		assert_false(scan_text("f", cases[i].text, strlen(cases[i].text), &c));
		assert_int_equal(c.n, 1);
		snprintf(begin, sizeof(begin), "f:%u: ", cases[i].line);
		assert_int_equal(strncmp(c.lines[0], begin, strlen(begin)), 0);
		complaints_finish(&c);
	}
}

static void what_only_looks_like_it_is_not(void **state)
{
	static const char *const cases[] = {"", "a = 2147483647; b = -2147483648;",
		"# @include \"x\"\n", "// 4294967326\n", "/* 4294967326 @include */",
		"a = \"@include 4294967326 \\\" @\";", "a4294967326 = 1;", "a-4294967326 = 1;",
		"*4294967326 = 1;", "a = 4294967326.0;", "a = 4294967326e1;", "a = 4294967326e+1;",
		"a = .4294967326;", "a = -.4294967326e-4;", "a = 1.4294967326;", "a = 0x7fffffff;",
		"a = 00000000000000000000000000000000000001;", "a = \"x\\x01\";", "a = 1 / 2 * 3;",
		"- + .", "((((((((((((1))))))))))))", "()()()()()()()()()()()()()"};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct complaints c = {0};
		bool clean = scan_text("f", cases[i], strlen(cases[i]), &c);

		if (!clean || c.n > 0) {
			fail_msg("%s: %s", cases[i], c.n > 0 ? c.lines[0] : "not clean");
		}
		complaints_finish(&c);
	}
}

static void a_zero_byte_is_refused(void **state)
{
	struct complaints c = {0};

	assert_false(scan_text("f", "a\0b\n", 4, &c));
	assert_int_equal(c.n, 1);
	complaints_finish(&c);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_libconfig_cannot_be_trusted_with_is_refused),
		cmocka_unit_test(what_only_looks_like_it_is_not),
		cmocka_unit_test(a_zero_byte_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
