/* SPDX-License-Identifier: Apache-2.0 */
/* core/cli/flavors.c: which rows the filters let through. */
#include "base/mem.h"
#include "cli/flavors.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

static const char list[] =
	"[{\"region\":\"a\",\"name\":\"V100 small\",\"gpus\":[{\"type\":\"V100\",\"count\":1}],\"available\":3},"
	"{\"region\":\"a\",\"name\":\"V100 large\",\"gpus\":[{\"type\":\"V100\",\"count\":2}],\"available\":0},"
	"{\"region\":\"b\",\"name\":\"both\",\"gpus\":[{\"type\":\"V100\",\"count\":1},{\"type\":\"A100\",\"count\":2}]},"
	"{\"region\":\"b\",\"name\":\"cpu\",\"gpus\":[],\"available\":9}, 7]";

/* Names of the rows that pass, between commas. */
static void check(const struct cli_args *args, const char *want)
{
	_cleanup_(value_freep) struct value *v = NULL;
	_cleanup_(strbuf_finish) struct strbuf got = {0};
	struct table t;

	assert_int_equal(json_tree_read(list, strlen(list), &v, NULL), 0);
	assert_int_equal(flavors_table(args, v, &t), CLI_FINE);
	for (size_t i = 0; i < t.n_rows; i++) {
		strbuf_addf(&got, "%s%s", i > 0 ? "," : "", value_string(t.rows[i], "name"));
	}
	free(t.rows);
	assert_string_equal(got.data ? got.data : "", want);
}

static void test_filters(void **state)
{
	const char *v100[] = {"V100"}, *two[] = {"V100:2", "A100:2"}, *b[] = {"b"};

	check(&(struct cli_args){.min_available = -1}, "V100 small,V100 large,both,cpu");
	check(
		&(struct cli_args){
			.min_available = -1, .gpus = {v100, 1}
        },
		"V100 small,V100 large,both");
	check(
		&(struct cli_args){
			.min_available = -1, .gpus = {two, 2}
        },
		"V100 large,both");
	check(
		&(struct cli_args){
			.min_available = -1, .regions = {b, 1}
        },
		"both,cpu");
	check(&(struct cli_args){.min_available = -1, .name = "v100 S"}, "V100 small");
	/* A count that nobody knows is not enough, not even for 0. */
	check(&(struct cli_args){.min_available = 0}, "V100 small,V100 large,cpu");
	check(&(struct cli_args){.min_available = 1}, "V100 small,cpu");
}

static void test_malformed_gpus(void **state)
{
	static const char *const rows[] = {"V100:0", "V100:x", ":2", "", "V100:"};
	const char *good[] = {"nvidia:a:1"};
	struct cli_args args = {
		.gpus = {good, 1}
        };
	struct gpubroker_error error;

	assert_int_equal(flavors_check_filters(&args, &error), CLI_FINE);
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		const char *bad[] = {rows[i]};

		args.gpus.items = bad;
		assert_int_equal(flavors_check_filters(&args, &error), CLI_USAGE);
	}
}

static void test_path(void **state)
{
	const char *regions[] = {"a", "b"};
	const struct cli_args args = {
		.regions = {regions, 2},
                  .name = "x y", .min_available = 2
        };
	_cleanup_(strbuf_finish) struct strbuf path = {0};

	flavors_add_path(&path, &args);
	assert_string_equal(path.data, "/v1/flavors?region=a&region=b&name=x%20y&min_available=2");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_filters),
		cmocka_unit_test(test_malformed_gpus),
		cmocka_unit_test(test_path),
	};

	return cmocka_run_group_tests_name("flavors", tests, NULL, NULL);
}
