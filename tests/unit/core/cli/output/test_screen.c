/* SPDX-License-Identifier: Apache-2.0 */
/* core/cli/output/screen.c: only what has changed is sent; the terminal itself is in scenario d00. */
#include "base/mem.h"
#include "cli/output/screen.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

static void check(struct screen *s, const char *text, const char *want)
{
	_cleanup_(strbuf_finish) struct strbuf out = {0};

	screen_add_changes(s, text, &out);
	assert_string_equal(out.data ? out.data : "", want);
}

static void test_changes_alone_are_sent(void **state)
{
	struct screen s = {0};

	check(&s, "one\ntwo\nthree\n", "\x1b[1;1Hone\x1b[K\x1b[2;1Htwo\x1b[K\x1b[3;1Hthree\x1b[K");
	check(&s, "one\ntwo\nthree\n", "");
	check(&s, "one\n2\nthree\n", "\x1b[2;1H2\x1b[K");
	check(&s, "one\n", "\x1b[2;1H\x1b[K\x1b[3;1H\x1b[K");
	check(&s, "one\n\nx", "\x1b[2;1H\x1b[K\x1b[3;1Hx\x1b[K");
	screen_leave(&s);
}

static void test_lines_and_rows_are_cut(void **state)
{
	struct screen s = {.columns = 8, .rows = 2};

	check(&s, "\x1b[31mabcdefghijk\x1b[0m\nlast\n",
		"\x1b[1;1H\x1b[31mabcdefgh\x1b[0m\x1b[K\x1b[2;1Hlast\x1b[K");
	check(&s, "\x1b[31mabcdefghijk\x1b[0m\nlast\nlost\nlost\n", "\x1b[2;1H… 3 more\x1b[K");
	screen_leave(&s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_changes_alone_are_sent),
		cmocka_unit_test(test_lines_and_rows_are_cut),
	};

	return cmocka_run_group_tests_name("screen", tests, NULL, NULL);
}
