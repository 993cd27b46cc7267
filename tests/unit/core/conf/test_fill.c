/* SPDX-License-Identifier: Apache-2.0 */
/* A checked tree into a struct. Defaults are test_schema.c's. */
#include "conf_fixture.h"

#include "failing.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

static const char two_regions[] =
	"poll: { interval_s = 60; deadline_s = 50; };\n"
	"rest: { listen = [ \"[::1]:1\" ]; };\n"
	"regions = ( { name = \"a\"; title = \"A\"; site = \"s\"; plugin = \"replay\"; enabled = false;\n"
	"  maintenance = \"M\"; interval_s = 5; stale_after_s = 7; options: { path = \"/x\"; any = 4; }; },\n"
	"  { name = \"b\"; plugin = \"replay\"; interval_s = 1; options: { path = \"/y\"; }; } );\n";

static void regions_take_their_own_keys_or_polls(void **state)
{
	_cleanup_(conf_freep) struct conf *conf = fixture_conf(two_regions);
	const struct conf_region *a = conf->regions, *b = conf->regions + 1;

	assert_int_equal(conf->n_regions, 2);
	assert_string_equal(conf->file, "/etc/gpubroker/gpubroker.conf");
	assert_string_equal(conf->rest.listen.items[0], "[::1]:1");
	assert_string_equal(a->title, "A");
	assert_string_equal(a->site, "s");
	assert_string_equal(a->maintenance, "M");
	assert_false(a->enabled);
	assert_int_equal(a->poll.interval_s, 5);
	assert_int_equal(a->poll.deadline_s, 50);
	assert_int_equal(a->poll.stale_after_s, 7);
	assert_int_equal(a->poll.cold_wait_s, 25);
	assert_int_equal(value_integer(a->options, "any", 0), 4);
	assert_string_equal(b->title, "b");
	assert_int_equal(b->poll.min_interval_s, 1); /* the default gives way */
	assert_int_equal(conf->poll.min_interval_s, 2);
}

static void relative_paths_are_relative_to_their_file(void **state)
{
	_cleanup_(value_freep) struct value *tree = value_new(VALUE_GROUP, NULL);
	_cleanup_(conf_freep) struct conf *conf = NULL;
	_cleanup_(freep) char *here = getcwd(NULL, 0);
	struct value *plugin_dir = value_add_string(tree, "plugin_dir", "plugins");
	char expected[4096];

	assert_non_null(value_add_string(tree, "state_dir", ""));
	assert_true(value_set_origin(plugin_dir, "etc/gpubroker.conf", 1));
	assert_int_equal(conf_fill(&conf, tree, "etc/gpubroker.conf", NULL), 0);
	snprintf(expected, sizeof(expected), "%s/etc/plugins", here);
	assert_string_equal(conf->plugin_dir, expected);
	assert_string_equal(conf->state_dir, "");
	snprintf(expected, sizeof(expected), "%s/etc/gpubroker.conf", here);
	assert_string_equal(conf->file, expected);
}

static void every_allocation_may_fail(void **state)
{
	_cleanup_(value_freep) struct value *tree = fixture_load(two_regions, NULL);
	unsigned n = 0;
	bool failed;

	do {
		_cleanup_(conf_freep) struct conf *conf = NULL;
		int r;

		failing_from(++n);
		r = conf_fill(&conf, tree, "x.conf", NULL);
		failed = failing_has_failed();
		failing_from(0);
		assert_int_equal(r, failed ? GPUBROKER_E_INTERNAL : 0);
		assert_int_equal(failed, !conf);
	} while (failed);
	assert_true(n > 40);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(regions_take_their_own_keys_or_polls),
		cmocka_unit_test(relative_paths_are_relative_to_their_file),
		cmocka_unit_test(every_allocation_may_fail),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
