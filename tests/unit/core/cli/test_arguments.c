/* SPDX-License-Identifier: Apache-2.0 */
/* core/cli/arguments.c: words in any order, and sentences for what is wrong. */
#include "base/mem.h"
#include "cli/cli.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

enum { MOST_WORDS = 16 };

/* Splits at "|"; the result's words point into copies that live until the next call. */
static int parse(const char *line, struct cli_args *args, char problem[static 400])
{
	static char words[MOST_WORDS][64];
	char *argv[MOST_WORDS + 1] = {words[0]};
	int argc = 1;

	problem[0] = '\0';
	while (*line && argc < MOST_WORDS) {
		size_t n = strcspn(line, "|");

		snprintf(words[argc], sizeof(words[0]), "%.*s", (int)n, line);
		argv[argc] = words[argc];
		argc++;
		line += n + (line[n] == '|');
	}
	argv[argc] = NULL;
	return cli_parse(argc, argv, args, problem, 400);
}

static void test_options_stand_anywhere(void **state)
{
	static const char *const lines[] = {
		"flavor|show|x y|--region|a|-f|json|-c|id|--column=name",
		"-f|json|--region=a|flavor|-cid|show|-c|name|x y",
		"--format=json|-c|id|-c|name|flavor|show|--region|a|--|x y",
	};

	for (size_t i = 0; i < ARRAY_SIZE(lines); i++) {
		struct cli_args args;
		char problem[400];

		assert_int_equal(parse(lines[i], &args, problem), CLI_FINE);
		assert_string_equal(args.command->name, "flavor show");
		assert_int_equal(args.operands.n, 1);
		assert_string_equal(args.operands.items[0], "x y");
		assert_int_equal(args.format, FORMAT_JSON);
		assert_int_equal(args.regions.n, 1);
		assert_int_equal(args.columns.n, 2);
		assert_string_equal(args.columns.items[0], "id");
		assert_string_equal(args.columns.items[1], "name");
		cli_args_finish(&args);
	}
}

static void test_numbers_and_flags(void **state)
{
	struct cli_args args;
	char problem[400];

	assert_int_equal(
		parse("flavor|list|--min-available|3|--long|--strict", &args, problem), CLI_FINE);
	assert_int_equal(args.min_available, 3);
	assert_true(args.long_ && args.strict && !args.no_color);
	assert_int_equal(args.timeout_s, -1);
	cli_args_finish(&args);
}

static void test_what_follows_two_dashes_is_a_word(void **state)
{
	struct cli_args args;
	char problem[400];

	assert_int_equal(parse("flavor|show|--|-x", &args, problem), CLI_FINE);
	assert_string_equal(args.operands.items[0], "-x");
	cli_args_finish(&args);
}

static void test_usage_errors_say_what_is_meant(void **state)
{
	static const struct {
		const char *line, *says;
	} rows[] = {
		{"",					"a command is missing"            },
		{"flavor",				  "list, show, explain, wait"       },
		{"flavor|lsit",                             "there is no \"flavor lsit\""     },
		{"flavr|list",                              "did you mean flavor?"            },
		{"nonsense",				"there is no command \"nonsense\""},
		{"flavor|list|x",                           "what is \"x\"?"                  },
		{"flavor|show",                             "needs ID|NAME"                   },
		{"flavor|list|--regoin|a",                  "did you mean --region?"          },
		{"flavor|list|--timeout|3",                 "has no option --timeout"         },
		{"flavor|list|--region",                    "--region needs REGION"           },
		{"flavor|list|--min-available|x",           "needs a whole number"            },
		{"flavor|list|--min-available|-1",          "needs a whole number"            },
		{"flavor|list|--min-available|99999999999", "needs a whole number"            },
		{"flavor|list|--long=yes",                  "takes no value"                  },
		{"flavor|list|-f|xml",                      "there is no format \"xml\""      },
		{"flavor|list|-q",                          "there is no option -q"           },
	};

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct cli_args args;
		char problem[400];

		assert_int_equal(parse(rows[i].line, &args, problem), CLI_USAGE);
		if (!strstr(problem, rows[i].says)) {
			fail_msg("%s: \"%s\" does not say \"%s\"", rows[i].line, problem,
				rows[i].says);
		}
		cli_args_finish(&args);
	}
}

static void test_help_and_version_need_no_command(void **state)
{
	struct cli_args args;
	char problem[400];

	assert_int_equal(parse("--help", &args, problem), CLI_FINE);
	assert_true(args.help && !args.command);
	cli_args_finish(&args);
	assert_int_equal(parse("flavor|wait|-h", &args, problem), CLI_FINE);
	assert_true(args.help);
	assert_string_equal(args.command->name, "flavor wait");
	cli_args_finish(&args);
	assert_int_equal(parse("--version", &args, problem), CLI_FINE);
	assert_true(args.version);
	cli_args_finish(&args);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_options_stand_anywhere),
		cmocka_unit_test(test_numbers_and_flags),
		cmocka_unit_test(test_what_follows_two_dashes_is_a_word),
		cmocka_unit_test(test_usage_errors_say_what_is_meant),
		cmocka_unit_test(test_help_and_version_need_no_command),
	};

	return cmocka_run_group_tests_name("arguments", tests, NULL, NULL);
}
