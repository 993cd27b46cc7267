/* SPDX-License-Identifier: Apache-2.0 */
/* Log lines that are said once. */
#include "kit/notes.h"

#include "fake_core.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static void read_once(struct notes *notes, const char *a, const char *b, const char *expect)
{
	fake_core_clear_log();
	notes_begin(notes);
	if (a) {
		note(notes, &fake_core, "wrong: %s", a);
	}
	if (b) {
		note(notes, &fake_core, "wrong: %s", b);
	}
	assert_string_equal(fake_core_log(), expect);
}

static void test_said_when_it_begins(void **state)
{
	struct notes notes = {0};

	read_once(&notes, "a", NULL, "wrong: a\n");
	read_once(&notes, "a", "b", "wrong: b\n");
	read_once(&notes, "b", "a", "");
	read_once(&notes, "b", NULL, "");
	read_once(&notes, "a", "b", "wrong: a\n"); /* it had been right in between */
	read_once(&notes, NULL, NULL, "");
	read_once(&notes, "a", "b", "wrong: a\nwrong: b\n");
	notes_finish(&notes);
}

static void test_not_without_end(void **state)
{
	struct notes notes = {0};

	for (int reading = 0; reading < 2; reading++) {
		notes_begin(&notes);
		for (int i = 0; i < NOTES_MAX + 10; i++) {
			fake_core_clear_log();
			note(&notes, &fake_core, "line %d", i);
			assert_int_equal(strstr(fake_core_log(), "line ") != NULL,
				reading == 0 && i < NOTES_MAX);
			assert_int_equal(
				strstr(fake_core_log(), "more is wrong") != NULL, i == NOTES_MAX);
		}
	}
	notes_finish(&notes);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_said_when_it_begins),
		cmocka_unit_test(test_not_without_end),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
