/* SPDX-License-Identifier: Apache-2.0 */
/* Starting without a file, and the flags of the command line. */
#include "conf_fixture.h"

#include "failing.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

static struct conf *conf_of(const char *const env[])
{
	_cleanup_(value_freep) struct value *tree = NULL;
	struct complaints c = {0};
	struct conf *conf = NULL;

	tree = conf_from_environment((char *const *)env, &c);
	assert_non_null(tree);
	conf_check(tree, NULL, NULL, &c);
	if (c.n > 0) {
		fail_msg("%s", c.lines[0]);
	}
	assert_int_equal(conf_fill(&conf, tree, NULL, NULL), 0);
	complaints_finish(&c);
	return conf;
}

static void one_region_is_made(void **state)
{
	const char *env[] = {
		"PATH=/bin", "OS_AUTH_URL=https://cloud/v3", "OS_REGION_NAME=RegionOne", NULL};
	_cleanup_(conf_freep) struct conf *conf = conf_of(env);

	assert_null(conf->file);
	assert_string_equal(conf->cache.backend, HAVE_MEMCACHED ? "memcached" : "embedded");
	assert_string_equal(conf->cache.servers.items[0], "127.0.0.1:11211");
	assert_string_equal(conf->state_dir, "");
	assert_int_equal(conf->n_regions, 1);
	assert_string_equal(conf->regions[0].name, "regionone");
	assert_string_equal(conf->regions[0].title, "RegionOne");
	assert_string_equal(conf->regions[0].plugin, "openstack");
	assert_true(conf->regions[0].from_environment);
	assert_int_equal(conf->regions[0].options->n_items, 0);
}

static void the_name_follows_the_rule(void **state)
{
	static const struct {
		const char *theirs, *ours;
	} cases[] = {
		{"RegionOne",							       "regionone"},
		{"de.NBI Bi",							       "de-nbi-bi"},
		{"--x",								     "x"        },
		{"_",								       "default"  },
		{"",									"default"  },
		{"T\xc3\xbc",							       "t--"      },
		{"A0123456789012345678901234567890123456789012345678901234567890123456789",
                 "a01234567890123456789012345678901234567890123456789012345678901"                     },
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		char variable[128];
		const char *env[] = {variable, "OS_AUTH_URL=http://x", NULL};
		_cleanup_(conf_freep) struct conf *conf = NULL;

		snprintf(variable, sizeof(variable), "OS_REGION_NAME=%s", cases[i].theirs);
		conf = conf_of(env);
		assert_string_equal(conf->regions[0].name, cases[i].ours);
	}
}

static void assert_complaint(const char *const env[], const char *words)
{
	struct complaints c = {0};

	assert_null(conf_from_environment((char *const *)env, &c));
	assert_int_equal(c.n, 1);
	assert_non_null(strstr(c.lines[0], words));
	assert_null(strstr(c.lines[0], "geheim"));
	complaints_finish(&c);
}

static void what_is_not_enough_is_said(void **state)
{
	const char *nothing[] = {"PATH=/bin", "OS_AUTH_URLS=x", NULL},
		   *empty[] = {"OS_AUTH_URL=", NULL};
	const char *password[] = {"OS_AUTH_URL=https://me:geheim@cloud/v3", NULL};

	assert_complaint(nothing, "neither OS_CLOUD nor OS_AUTH_URL is in the environment");
	assert_complaint(empty, "neither OS_CLOUD nor OS_AUTH_URL is in the environment");
	assert_complaint(password, "user:password@");
}

static void a_file_cannot_claim_to_be_the_environment(void **state)
{
	struct complaints c = {0};

	assert_null(fixture_load("regions = ( { " CONF_KEY_FROM_ENVIRONMENT " = true; } );", &c));
	assert_int_equal(c.n, 1);
	complaints_finish(&c);
}

static char * override(const char *text, const struct conf_overrides *o, struct conf **ret)
{
	_cleanup_(value_freep) struct value *tree = fixture_load(text, NULL);
	struct complaints c = {0};
	char *said;

	conf_override(tree, o, &c);
	conf_check(tree, NULL, NULL, &c);
	assert_false(c.failed);
	said = fixture_text(&c);
	if (c.n == 0 && ret) {
		assert_int_equal(conf_fill(ret, tree, "x", NULL), 0);
	}
	complaints_finish(&c);
	return said;
}

static void flags_win_over_the_file(void **state)
{
	static const char *const texts[] = {"",
		"rest: { listen = [ \"[::1]:1\", \"[::1]:2\" ]; threads = 9; idle_timeout_s = 9; };\n"
		"cache: { backend = \"embedded\"; servers = [ \"x:1\" ]; };"};
	const struct conf_overrides o = {
		.bind = "0.0.0.0:80", .memcached = "cache:11211", .workers = "4", .timeout = "300"};

	for (size_t i = 0; i < ARRAY_SIZE(texts) && HAVE_MEMCACHED; i++) {
		_cleanup_(conf_freep) struct conf *conf = NULL;
		_cleanup_(freep) char *said = override(texts[i], &o, &conf);

		assert_string_equal(said, "");
		assert_int_equal(conf->rest.listen.n, 1);
		assert_string_equal(conf->rest.listen.items[0], "0.0.0.0:80");
		assert_int_equal(conf->rest.threads, 4);
		assert_int_equal(conf->rest.idle_timeout_s, 300);
		assert_string_equal(conf->cache.backend, "memcached");
		assert_int_equal(conf->cache.servers.n, 1);
		assert_string_equal(conf->cache.servers.items[0], "cache:11211");
	}
}

static void a_wrong_flag_is_named(void **state)
{
	const struct conf_overrides bad = {
		.bind = "80", .memcached = "x", .workers = "four", .timeout = "0"};
	const struct conf_overrides bind = {.bind = "[::1]:80"};
	_cleanup_(freep) char *said = override("", &bad, NULL),
			      *wrong = override("rest = 3;", &bind, NULL);

	assert_non_null(strstr(said, "--bind: listen: \"80\" has no port"));
	assert_non_null(strstr(said, "--memcachedHost: servers: \"x\" has no port"));
	assert_non_null(strstr(said, "--workers: \"four\" is not a whole number"));
	assert_non_null(strstr(said, "--timeout: idle_timeout_s must be between 1 and "));
	assert_non_null(strstr(wrong, "rest must be a group"));
}

static void every_allocation_may_fail(void **state)
{
	const char *env[] = {"OS_AUTH_URL=https://cloud/v3", NULL};
	const struct conf_overrides o = {
		.bind = "0.0.0.0:80", .memcached = "cache:11211", .workers = "4", .timeout = "300"};
	unsigned n = 0;
	bool failed;

	do {
		_cleanup_(value_freep) struct value *tree = NULL;
		struct complaints c = {0};

		failing_from(++n);
		tree = conf_from_environment((char *const *)env, &c);
		if (tree) {
			conf_override(tree, &o, &c);
		}
		failed = failing_has_failed();
		failing_from(0);
		assert_int_equal(failed, c.failed);
		complaints_finish(&c);
	} while (failed);
	assert_true(n > 20);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(one_region_is_made),
		cmocka_unit_test(the_name_follows_the_rule),
		cmocka_unit_test(what_is_not_enough_is_said),
		cmocka_unit_test(a_file_cannot_claim_to_be_the_environment),
		cmocka_unit_test(flags_win_over_the_file),
		cmocka_unit_test(a_wrong_flag_is_named),
		cmocka_unit_test(every_allocation_may_fail),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
