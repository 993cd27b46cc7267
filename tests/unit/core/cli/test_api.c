/* SPDX-License-Identifier: Apache-2.0 */
/* core/cli/api.c: paths and how fresh an answer is; what asks a broker is tested by the scenarios. */
#include "base/mem.h"
#include "cli/api.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

static void test_paths_are_escaped(void **state)
{
	_cleanup_(strbuf_finish) struct strbuf path = {0};

	strbuf_adds(&path, "/v1/");
	api_add_segment(&path, "a/b c\xc3\xa4?#%");
	api_add_parameter(&path, "name", "x&y");
	api_add_parameter(&path, "none", NULL);
	api_add_parameter(&path, "region", "a-b_c.d~");
	assert_string_equal(path.data, "/v1/a%2Fb%20c%C3%A4%3F%23%25?name=x%26y&region=a-b_c.d~");
}

static struct value *regions(const char *json)
{
	struct value *v = NULL;

	assert_int_equal(json_tree_read(json, strlen(json), &v, NULL), 0);
	return v;
}

static void test_strict_minds_only_when_all_is_stale(void **state)
{
	static const struct {
		const char *json;
		bool strict;
		int want;
	} rows[] = {
		{"[{\"state\":\"ok\"},{\"state\":\"stale\"}]",    true,  CLI_FINE      },
		{"[{\"state\":\"stale\"},{\"state\":\"error\"}]", true,  CLI_ONLY_STALE},
		{"[{\"state\":\"stale\"}]",                       false, CLI_FINE      },
		{"[]",					    true,  CLI_FINE      },
	};

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		const struct cli_args args = {.strict = rows[i].strict};
		_cleanup_(value_freep) struct value *v = regions(rows[i].json);

		assert_int_equal(api_strictness(&args, v), rows[i].want);
	}
	assert_int_equal(api_strictness(&(struct cli_args){.strict = true}, NULL), CLI_FINE);
}

static void test_one_region_only(void **state)
{
	const char *names[] = {"a", "b"};
	const struct cli_command command = {.name = "flavor show"};
	struct cli_args args = {
		.command = &command, .regions = {names, 1}
        };
	struct gpubroker_error error;
	const char *region;

	assert_int_equal(api_one_region(&args, &region, &error), CLI_FINE);
	assert_string_equal(region, "a");
	args.regions.n = 2;
	assert_int_equal(api_one_region(&args, &region, &error), CLI_USAGE);
	args.regions.n = 0;
	assert_int_equal(api_one_region(&args, &region, &error), CLI_FINE);
	assert_null(region);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_paths_are_escaped),
		cmocka_unit_test(test_strict_minds_only_when_all_is_stale),
		cmocka_unit_test(test_one_region_only),
	};

	return cmocka_run_group_tests_name("api", tests, NULL, NULL);
}
