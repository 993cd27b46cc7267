/* SPDX-License-Identifier: Apache-2.0 */
/* Every key of the tables: sound, its default in force, and refused where out of range or of a wrong type.
 * And what is installed in etc/: right, and complete. */
#include "conf_fixture.h"

#include "base/str.h"

#include <dirent.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

static const struct {
	const char *group; /* NULL: the main keys */
	const struct gpubroker_option *rows;
	size_t size;
} tables[] = {
	{NULL,    conf_main_keys,  sizeof(struct conf)      },
	{"rest",  conf_rest_keys,  sizeof(struct conf_rest) },
	{"cache", conf_cache_keys, sizeof(struct conf_cache)},
	{"poll",  conf_poll_keys,  sizeof(struct conf_poll) },
};

static void tables_are_sound(void **state)
{
	struct gpubroker_error error = {0};

	for (size_t i = 0; i < ARRAY_SIZE(tables); i++) {
		assert_int_equal(option_check_table(tables[i].rows, tables[i].size, &error), 0);
	}
	assert_int_equal(
		option_check_table(conf_region_keys, sizeof(struct conf_region), &error), 0);
}

static void defaults_are_the_contract(void **state)
{
	_cleanup_(conf_freep) struct conf *conf = fixture_conf("");

	assert_string_equal(conf->sites_dir, "sites.d");
	assert_string_equal(conf->state_dir, "/var/lib/gpubroker");
	assert_int_equal(conf->plugin_dir[0], '/');
	assert_int_equal(conf->rest.listen.n, 2);
	assert_string_equal(conf->rest.listen.items[0], "127.0.0.1:8080");
	assert_string_equal(conf->rest.listen.items[1], "[::1]:8080");
	assert_int_equal(conf->rest.threads, 0);
	assert_string_equal(conf->rest.default_region, "");
	assert_int_equal(conf->rest.max_connections, 20000);
	assert_int_equal(conf->rest.max_connections_per_address, 0);
	assert_int_equal(conf->rest.requests_per_s_per_address, 0);
	assert_int_equal(conf->rest.idle_timeout_s, 60);
	assert_int_equal(conf->rest.trusted_proxies.n, 0);
	assert_false(conf->rest.show_host_names);
	assert_false(conf->rest.access_log);
	assert_string_equal(conf->cache.backend, "embedded");
	assert_int_equal(conf->cache.servers.n, 1);
	assert_string_equal(conf->cache.servers.items[0], "127.0.0.1:11211");
	assert_int_equal(conf->cache.expire_s, 300);
	assert_string_equal(conf->cache.prefix, "gpubroker");
	assert_true(conf->cache.legacy_keys);
	assert_int_equal(conf->poll.interval_s, 30);
	assert_int_equal(conf->poll.min_interval_s, 2);
	assert_int_equal(conf->poll.deadline_s, 180);
	assert_int_equal(conf->poll.cold_wait_s, 25);
	assert_int_equal(conf->poll.stale_after_s, 120);
	assert_int_equal(conf->n_regions, 0);
}

static void a_regions_defaults(void **state)
{
	_cleanup_(conf_freep) struct conf *conf = fixture_conf(
		"regions = ( { name = \"a\"; plugin = \"replay\"; options: { path = \"/x\"; }; } );");
	const struct conf_region *region = conf->regions;

	assert_int_equal(conf->n_regions, 1);
	assert_string_equal(region->title, "a");
	assert_string_equal(region->site, "a");
	assert_string_equal(region->maintenance, "");
	assert_true(region->enabled);
	assert_false(region->from_environment);
	assert_memory_equal(&region->poll, &conf->poll, sizeof(conf->poll));
}

/* How many complaints begin with the key when it has this value? */
static size_t complaints_about(const char *group, const char *key, const char *value)
{
	_cleanup_(value_freep) struct value *tree = NULL;
	struct complaints c = {0};
	char text[256], begin[128];
	size_t n = 0;

	snprintf(text, sizeof(text), group ? "%s: { %s = %s; };" : "%s%s = %s;", group ? group : "",
		key, value);
	tree = fixture_load(text, &c);
	assert_non_null(tree);
	conf_check(tree, NULL, NULL, &c);
	snprintf(begin, sizeof(begin), ":1: %s must be ", key);
	for (size_t i = 0; i < c.n; i++) {
		n += strstr(c.lines[i], begin) != NULL;
	}
	complaints_finish(&c);
	return n;
}

static void a_wrong_type_is_refused(void **state)
{
	static const char *const values[] = {"3", "true", "\"x\"", "1.5", "{ }", "( { } )"};
	static const size_t fitting[] = {
		[GPUBROKER_STRING] = 2, [GPUBROKER_INTEGER] = 0, [GPUBROKER_BOOLEAN] = 1};

	for (size_t t = 0; t < ARRAY_SIZE(tables); t++) {
		for (const struct gpubroker_option *row = tables[t].rows; row->key; row++) {
			for (size_t i = 0; i < ARRAY_SIZE(values); i++) {
				bool list = row->type == GPUBROKER_STRING_LIST;

				if (list ? i == 5 : i == fitting[row->type]) {
					continue; /* a list of the wrong things is test_option.c's */
				}
				assert_int_equal(
					complaints_about(tables[t].group, row->key, values[i]), 1);
			}
		}
	}
}

static void assert_bound(const char *group, const char *key, double value, bool good)
{
	char text[32];

	snprintf(text, sizeof(text), "%.0f", value);
	assert_int_equal(complaints_about(group, key, text), good ? 0 : 1);
}

static void a_number_out_of_range_is_refused(void **state)
{
	unsigned numbers = 0;

	for (size_t t = 0; t < ARRAY_SIZE(tables); t++) {
		for (const struct gpubroker_option *row = tables[t].rows; row->key; row++) {
			if (row->type != GPUBROKER_INTEGER) {
				continue;
			}
			numbers++;
			assert_true(row->max > row->min);
			assert_bound(tables[t].group, row->key, row->min, true);
			assert_bound(tables[t].group, row->key, row->max, true);
			assert_bound(tables[t].group, row->key, row->min - 1, false);
			assert_bound(tables[t].group, row->key, row->max + 1, false);
		}
	}
	assert_int_equal(numbers, 11);
}

static void memcached_is_refused_where_it_was_not_built_in(void **state)
{
	_cleanup_(value_freep) struct value *tree =
		fixture_load("cache: { backend = \"memcached\"; };", NULL);
	struct complaints c = {0};

	conf_check(tree, NULL, NULL, &c);
	assert_int_equal(c.n, HAVE_MEMCACHED ? 0 : 1);
	assert_true(HAVE_MEMCACHED || strstr(c.lines[0], "was built without memcached"));
	complaints_finish(&c);
}

static void check_file(const char *file, size_t without_memcached)
{
	_cleanup_(value_freep) struct value *tree = NULL;
	struct complaints c = {0};

	tree = conf_load(file, &c);
	if (tree) {
		conf_check(tree, NULL, NULL, &c);
	}
	if (c.n > without_memcached || !tree) {
		fail_msg("%s", c.n > 0 ? c.lines[0] : file);
	}
	complaints_finish(&c);
}

static void the_installed_file_is_right(void **state)
{
	check_file(ETC_DIR "/gpubroker.conf", HAVE_MEMCACHED ? 0 : 1);
}

static int is_example(const struct dirent *entry)
{
	return strstr(entry->d_name, ".conf.example") != NULL;
}

/* Each is a file of regions, which may stand in the main file too. */
static void the_examples_are_right(void **state)
{
	struct dirent **entries = NULL;
	int n = scandir(ETC_DIR "/sites.d", &entries, is_example, alphasort);

	assert_true(n >= 2);
	for (int i = 0; i < n; i++) {
		char file[512];

		snprintf(file, sizeof(file), "%s/sites.d/%s", ETC_DIR, entries[i]->d_name);
		check_file(file, 0);
		free(entries[i]);
	}
	free(entries);
}

static char *read_file(const char *file)
{
	char *text = calloc(1, 64 * 1024);
	FILE *f = fopen(file, "r");

	assert_non_null(text);
	assert_non_null(f);
	assert_true(fread(text, 1, 64 * 1024 - 1, f) > 0);
	fclose(f);
	return text;
}

/* `key = default;` of every row, commented out or not. */
static void assert_rows_stand_in(const char *text, const struct gpubroker_option *rows)
{
	for (; rows->key; rows++) {
		const struct gpubroker_option one[] = {*rows, {0}};
		char *line = NULL;
		size_t n = 0;
		FILE *f = open_memstream(&line, &n);
		bool differs =
			str_equal(rows->key, "plugin_dir") || str_equal(rows->key, "backend");

		assert_non_null(f);
		option_print_values(one, NULL, 0, f);
		fclose(f);
		line[differs ? strlen(rows->key) + 2 : n - 1] = '\0';
		if (!strstr(text, line)) {
			fail_msg("etc/gpubroker.conf lacks: %s", line);
		}
		free(line);
	}
}

static void the_installed_file_shows_every_key_and_default(void **state)
{
	char *text = read_file(ETC_DIR "/gpubroker.conf");

	assert_rows_stand_in(text, conf_main_keys);
	assert_rows_stand_in(text, conf_rest_keys);
	assert_rows_stand_in(text, conf_cache_keys);
	assert_rows_stand_in(text, conf_poll_keys);
	assert_non_null(strstr(text, "\n  backend = \"memcached\";"));
	free(text);
}

/* What stands behind "# " is right too: with every such line in force the file is still accepted. */
static void the_defaults_shown_are_accepted(void **state)
{
	char *text = read_file(ETC_DIR "/gpubroker.conf");
	_cleanup_(value_freep) struct value *tree = NULL;
	struct complaints c = {0};

	for (char *p = text; (p = strstr(p, "# ")) != NULL; p++) {
		const char *word = p + 2, *end = word + strspn(word, "abcdefghijklmnopqrstuvwxyz_");

		if (end > word && strncmp(end, " = ", 3) == 0) {
			p[0] = ' ';
		}
	}
	tree = fixture_load(text, &c);
	assert_non_null(tree);
	assert_non_null(value_get(tree, "plugin_dir"));
	assert_int_equal(value_integer(value_get(tree, "poll"), "stale_after_s", 0), 120);
	conf_check(tree, NULL, NULL, &c);
	if (c.n > (HAVE_MEMCACHED ? 0 : 1)) {
		fail_msg("%s", c.lines[0]);
	}
	complaints_finish(&c);
	free(text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(tables_are_sound),
		cmocka_unit_test(defaults_are_the_contract),
		cmocka_unit_test(a_regions_defaults),
		cmocka_unit_test(a_wrong_type_is_refused),
		cmocka_unit_test(a_number_out_of_range_is_refused),
		cmocka_unit_test(memcached_is_refused_where_it_was_not_built_in),
		cmocka_unit_test(the_installed_file_is_right),
		cmocka_unit_test(the_examples_are_right),
		cmocka_unit_test(the_installed_file_shows_every_key_and_default),
		cmocka_unit_test(the_defaults_shown_are_accepted),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
