/* SPDX-License-Identifier: Apache-2.0 */
/* core/cli/commands.c: the tables are sound. */
#include "base/mem.h"
#include "cli/cli.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

/* Each word of a list of option names is an option. */
static void check_names(const char *names)
{
	while (*names) {
		size_t n = strcspn(names, " ");
		char name[64];

		snprintf(name, sizeof(name), "%.*s", (int)n, names);
		if (!cli_find_option(name)) {
			fail_msg("there is no option %s", name);
		}
		names += n + (names[n] == ' ');
	}
}

static void test_commands_name_options_that_exist(void **state)
{
	for (const struct cli_command *c = cli_commands; c->name; c++) {
		check_names(c->options);
		assert_non_null(c->run);
		assert_non_null(c->help);
		assert_true(c->fewest <= c->most);
		assert_int_equal(c->operands[0] != '\0', c->most > 0);
	}
	check_names(cli_common_options);
}

static void test_options_are_distinct_and_within_the_struct(void **state)
{
	for (const struct cli_option *a = cli_options; a->name; a++) {
		assert_true(a->offset < sizeof(struct cli_args));
		assert_int_equal(a->kind == CLI_FLAG, a->argument == NULL);
		for (const struct cli_option *b = a + 1; b->name; b++) {
			assert_string_not_equal(a->name, b->name);
			assert_int_not_equal(a->offset, b->offset);
			assert_true(!a->letter || a->letter != b->letter);
		}
	}
}

static void test_names_are_whole_words(void **state)
{
	assert_true(cli_has_option("region min timeout", "min"));
	assert_true(cli_has_option("min", "min"));
	assert_false(cli_has_option("min-available region", "min"));
	assert_false(cli_has_option("", "min"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_commands_name_options_that_exist),
		cmocka_unit_test(test_options_are_distinct_and_within_the_struct),
		cmocka_unit_test(test_names_are_whole_words),
	};

	return cmocka_run_group_tests_name("commands", tests, NULL, NULL);
}
