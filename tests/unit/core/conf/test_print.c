/* SPDX-License-Identifier: Apache-2.0 */
/* What --check -v prints is a configuration again: the same one. */
#include "conf_fixture.h"

#include "base/str.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

static const char odd_texts[] =
	"state_dir = \"\"; plugin_dir = \"/p\"; sites_dir = \"\";\n"
	"rest: { listen = ( \"unix:/run/a\\\"b\\\\c\" ); access_log = true; };\n"
	"poll: { interval_s = 7; };\n"
	"regions = ( { name = \"a\"; title = \"T\\xc3\\xbc \\\"x\\\"\"; plugin = \"replay\"; deadline_s = 99;\n"
	"  options: { path = \"/x\"; words = ( \"u\", \"v w\" ); ratio = 0.1; secret_file = \"/etc/secret\";\n"
	"    rules = ( { alias = \"A\"; gpu_type = \"B\"; }, { alias = \"C\"; gpu_type = \"D\"; } ); }; },\n"
	"  { name = \"b\"; plugin = \"replay\"; enabled = false; options: { path = \"\\t\"; ratio = 1e+30; }; } );";

static char *printed(const struct value *tree, conf_plugin_options_fn *options)
{
	char *text = NULL;
	size_t n = 0;
	FILE *f = open_memstream(&text, &n);

	assert_non_null(f);
	conf_print(tree, options, NULL, f);
	assert_int_equal(fclose(f), 0);
	return text;
}

static void assert_same(const struct conf *a, const struct conf *b)
{
	struct conf_diff diff;

	assert_int_equal(conf_diff(a, b, &diff), 0);
	assert_false(diff.order_changed || diff.rest_changed || diff.cache_changed ||
		     diff.state_dir_changed);
	assert_true(option_equal(conf_main_keys, a, b));
	assert_true(option_equal(conf_poll_keys, &a->poll, &b->poll));
	for (size_t i = 0; i < diff.n_regions; i++) {
		const struct value *before = a->regions[i].options, *after = b->regions[i].options;

		assert_true(option_equal(conf_poll_keys, &a->regions[i].poll, &b->regions[i].poll));
		assert_true(option_equal(conf_region_keys, a->regions + i, b->regions + i));
		for (size_t j = 0; j < before->n_items; j++) {
			assert_true(value_equal(
				before->items[j], value_get(after, before->items[j]->key)));
		}
	}
	conf_diff_finish(&diff);
}

static void printing_and_reading_again_changes_nothing(void **state)
{
	_cleanup_(value_freep) struct value *tree = fixture_load(odd_texts, NULL);
	_cleanup_(freep) char *text = printed(tree, fixture_options);
	_cleanup_(conf_freep) struct conf *a = fixture_conf(odd_texts), *b = fixture_conf(text);

	assert_same(a, b);
}

static void defaults_are_printed_and_secrets_stay_files(void **state)
{
	_cleanup_(value_freep) struct value *tree = fixture_load(odd_texts, NULL);
	_cleanup_(freep) char *text = printed(tree, fixture_options);

	assert_non_null(strstr(text, "\n  stale_after_s = 120;\n"));
	assert_non_null(strstr(text, "\n  backend = \"embedded\";\n"));
	assert_non_null(strstr(text, "\n      small = 2;\n"));
	assert_non_null(strstr(text, "\n      ratio = 0.1;\n"));
	assert_non_null(strstr(text, "\n      secret_file = \"/etc/secret\";\n"));
}

static void without_a_table_no_option_is_printed(void **state)
{
	_cleanup_(value_freep) struct value *tree = fixture_load(odd_texts, NULL);
	_cleanup_(freep) char *text = printed(tree, NULL);

	assert_null(strstr(text, "options"));
	assert_null(strstr(text, "secret"));
}

static void a_password_is_hidden_whatever_the_check_says(void **state)
{
	_cleanup_(value_freep) struct value *tree =
		fixture_load("state_dir = \"http://u:geheim@x\";", NULL);
	_cleanup_(freep) char *text = printed(tree, NULL);

	assert_null(strstr(text, "geheim"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(printing_and_reading_again_changes_nothing),
		cmocka_unit_test(defaults_are_printed_and_secrets_stay_files),
		cmocka_unit_test(without_a_table_no_option_is_printed),
		cmocka_unit_test(a_password_is_hidden_whatever_the_check_says),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
