/* SPDX-License-Identifier: Apache-2.0 */
/* What a reload has to do. */
#include "conf_fixture.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

static const char base[] =
	"plugin_dir = \"/p\";\n"
	"regions = ( { name = \"a\"; plugin = \"replay\"; options: { path = \"/a\"; }; },\n"
	"  { name = \"b\"; plugin = \"replay\"; options: { path = \"/b\"; }; } );";

static void diff_of(const char *before, const char *after, struct conf_diff *ret)
{
	_cleanup_(conf_freep) struct conf *a = fixture_conf(before), *b = fixture_conf(after);

	assert_int_equal(conf_diff(a, b, ret), 0);
}

static void nothing(void **state)
{
	struct conf_diff d;

	diff_of(base, base, &d);
	assert_int_equal(d.n_regions, 2);
	for (size_t i = 0; i < 2; i++) {
		assert_int_equal(d.regions[i].change, CONF_SAME);
		assert_int_equal(d.regions[i].old_index, i);
		assert_int_equal(d.regions[i].new_index, i);
		assert_false(d.regions[i].needs_worker_restart);
	}
	assert_false(d.order_changed || d.rest_changed || d.listen_changed || d.cache_changed ||
		     d.state_dir_changed);
	conf_diff_finish(&d);
}

static void regions_that_come_and_go(void **state)
{
	struct conf_diff d;

	diff_of(base,
		"plugin_dir = \"/p\";\n"
		"regions = ( { name = \"c\"; plugin = \"replay\"; options: { path = \"/c\"; }; },\n"
		"  { name = \"a\"; plugin = \"replay\"; options: { path = \"/a\"; }; } );",
		&d);
	assert_int_equal(d.n_regions, 3);
	assert_int_equal(d.regions[0].change, CONF_ADDED);
	assert_true(d.regions[0].old_index == SIZE_MAX);
	assert_int_equal(d.regions[1].change, CONF_SAME);
	assert_int_equal(d.regions[1].old_index, 0);
	assert_int_equal(d.regions[1].new_index, 1);
	assert_int_equal(d.regions[2].change, CONF_REMOVED);
	assert_int_equal(d.regions[2].old_index, 1);
	assert_true(d.regions[2].new_index == SIZE_MAX);
	assert_true(d.order_changed);
	conf_diff_finish(&d);
}

static void what_restarts_a_worker(void **state)
{
	static const struct {
		const char *text; /* of the region's group, after its name */
		enum conf_change change;
		bool restart;
	} cases[] = {
		{"plugin = \"replay\"; options: { path = \"/a\"; };",                      CONF_SAME,    false},
		{"plugin = \"replay\"; options: { path = \"/b\"; };",                      CONF_CHANGED, true },
		{"plugin = \"replay\"; options: { path = \"/a\"; any = 1; };",             CONF_CHANGED, true },
		{"plugin = \"replay\"; enabled = false; options: { path = \"/a\"; };",     CONF_CHANGED,
                 true											 },
		{"plugin = \"replay\"; title = \"T\"; options: { path = \"/a\"; };",       CONF_CHANGED,
                 false											},
		{"plugin = \"replay\"; site = \"T\"; options: { path = \"/a\"; };",        CONF_CHANGED,
                 false											},
		{"plugin = \"replay\"; maintenance = \"T\"; options: { path = \"/a\"; };",
                 CONF_CHANGED,									   false},
		{"plugin = \"replay\"; interval_s = 31; options: { path = \"/a\"; };",     CONF_CHANGED,
                 false											},
		{"plugin = \"replay\"; deadline_s = 99; options: { path = \"/a\"; };",     CONF_CHANGED,
                 true											 },
		{"plugin = \"replay\"; interval_s = 30; options: { path = \"/a\"; };",     CONF_SAME,
                 false											},
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct conf_diff d;
		char text[512];

		snprintf(text, sizeof(text),
			"plugin_dir = \"/p\"; regions = ( { name = \"a\"; %s } );", cases[i].text);
		diff_of(base, text, &d);
		assert_int_equal(d.regions[0].change, cases[i].change);
		assert_int_equal(d.regions[0].needs_worker_restart, cases[i].restart);
		conf_diff_finish(&d);
	}
}

static void another_plugin_dir_restarts_all(void **state)
{
	struct conf_diff d;
	char text[512];

	snprintf(text, sizeof(text), "plugin_dir = \"/q\";%s", base + 18);
	diff_of(base, text, &d);
	assert_true(d.regions[0].needs_worker_restart && d.regions[1].needs_worker_restart);
	conf_diff_finish(&d);
}

static void groups(void **state)
{
	struct conf_diff d;

	diff_of("", "rest: { threads = 3; };", &d);
	assert_true(
		d.rest_changed && !d.listen_changed && !d.cache_changed && !d.state_dir_changed);
	conf_diff_finish(&d);
	diff_of("", "rest: { listen = [ \"[::1]:8080\", \"127.0.0.1:8080\" ]; };", &d);
	assert_true(d.rest_changed && d.listen_changed);
	conf_diff_finish(&d);
	diff_of("", "cache: { servers = [ \"127.0.0.1:11212\" ]; };", &d);
	assert_true(d.cache_changed && !d.rest_changed);
	conf_diff_finish(&d);
	diff_of("", "state_dir = \"\";", &d);
	assert_true(d.state_dir_changed && !d.order_changed);
	conf_diff_finish(&d);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(nothing),
		cmocka_unit_test(regions_that_come_and_go),
		cmocka_unit_test(what_restarts_a_worker),
		cmocka_unit_test(another_plugin_dir_restarts_all),
		cmocka_unit_test(groups),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
