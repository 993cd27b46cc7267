/* SPDX-License-Identifier: Apache-2.0 */
/* One folder a case in tests/data/conf: gpubroker.conf (and sites.d) and, in `expected`, every complaint
 * as an operator reads it; an empty one where the configuration is right.
 *
 * With CONF_CASES_WRITE in the environment the files are written anew, to be read before they are kept. */
#include "conf_fixture.h"

#include "base/str.h"
#include "failing.h"

#include <dirent.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

enum { EXPECTED_MAX = 64 * 1024 };

static char *complaints_of(const char *file)
{
	_cleanup_(value_freep) struct value *tree = NULL;
	struct complaints c = {0};
	char *text;

	tree = conf_load(file, &c);
	if (tree) {
		conf_check(tree, fixture_options, NULL, &c);
	}
	assert_false(c.failed);
	assert_true(tree || c.n > 0);
	text = fixture_text(&c);
	complaints_finish(&c);
	assert_non_null(text);
	return text;
}

static char *read_expected(void)
{
	char *text = calloc(1, EXPECTED_MAX);
	FILE *f = fopen("expected", "r");

	assert_non_null(text);
	if (f) {
		text[fread(text, 1, EXPECTED_MAX - 1, f)] = '\0';
		fclose(f);
	} else {
		memcpy(text, "there is no file `expected`", 28);
	}
	return text;
}

static void write_expected(const char *text)
{
	FILE *f = fopen("expected", "w");

	assert_non_null(f);
	fputs(text, f);
	assert_int_equal(fclose(f), 0);
}

static void run_case(void **state)
{
	const char *name = *state;
	_cleanup_(freep) char *got = NULL, *expected = NULL;

	assert_int_equal(chdir(CONF_CASES), 0);
	assert_int_equal(chdir(name), 0);
	got = complaints_of("gpubroker.conf");
	if (getenv("CONF_CASES_WRITE")) {
		write_expected(got);
	}
	expected = read_expected();
	assert_string_equal(got, expected);
	assert_null(strstr(got, "geheim"));
}

/* Whatever allocation fails: an error that is noticed, and nothing is lost. */
static void every_allocation_may_fail(void **state)
{
	struct complaints c = {0};
	unsigned n = 0;
	bool failed;

	assert_int_equal(chdir(CONF_CASES "/unknown-keys"), 0);
	do {
		struct value *tree = conf_load("gpubroker.conf", &c);

		assert_non_null(tree);
		failing_from(++n);
		conf_check(tree, fixture_options, NULL, &c);
		failed = failing_has_failed();
		failing_from(0);
		assert_true(failed || !c.failed);
		assert_true(c.failed || c.n > 0);
		complaints_finish(&c);
		value_free(tree);
	} while (failed);
	assert_true(n > 10);
}

static int is_case(const struct dirent *entry)
{
	return entry->d_name[0] != '.';
}

int main(void)
{
	struct dirent **entries = NULL;
	int n = scandir(CONF_CASES, &entries, is_case, alphasort), failures;
	struct CMUnitTest *tests;

	if (n < 30) {
		return 1;
	}
	tests = calloc((size_t)n + 1, sizeof(*tests));
	if (!tests) {
		return 1;
	}
	for (int i = 0; i < n; i++) {
		tests[i] = (struct CMUnitTest){.name = entries[i]->d_name,
			.test_func = run_case,
			.initial_state = entries[i]->d_name};
	}
	tests[n] = (struct CMUnitTest)cmocka_unit_test(every_allocation_may_fail);
	failures = _cmocka_run_group_tests("check", tests, (size_t)n + 1, NULL, NULL);
	for (int i = 0; i < n; i++) {
		free(entries[i]);
	}
	free(entries);
	free(tests);
	return failures;
}
