/* SPDX-License-Identifier: Apache-2.0 */
/* The configuration that is installed, and its examples: right, and complete. */
#include "conf_fixture.h"

#include "base/str.h"

#include <dirent.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

static void check_file(const char *file)
{
	_cleanup_(value_freep) struct value *tree = NULL;
	struct complaints c = {0};

	tree = conf_load(file, &c);
	if (tree) {
		conf_check(tree, NULL, NULL, &c);
	}
	if (c.n > 0 || !tree) {
		fail_msg("%s", c.n > 0 ? c.lines[0] : file);
	}
	complaints_finish(&c);
}

static void the_installed_file_is_right(void **state)
{
	check_file(ETC_DIR "/gpubroker.conf");
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
		check_file(file);
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
		cmocka_unit_test(the_installed_file_is_right),
		cmocka_unit_test(the_examples_are_right),
		cmocka_unit_test(the_installed_file_shows_every_key_and_default),
		cmocka_unit_test(the_defaults_shown_are_accepted),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
