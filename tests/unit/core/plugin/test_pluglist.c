/* SPDX-License-Identifier: Apache-2.0 */
/* What --list-plugins and --plugin-help print. */
#include "plugin/pluglist.h"

#include "base/mem.h"
#include "plugin_folder.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

static void the_list(void **state)
{
	static const char expected[] =
		"bad              -          plugin \"bad\": bad.so is not a shared object\n"
		"p-good           1.2        does nothing\n"
		"p-no-options     1.2        does nothing\n";
	struct gpubroker_error error = {0};
	_cleanup_(freep) char *text = NULL;
	size_t n = 0;
	FILE *f = open_memstream(&text, &n);

	plugin_folder_write("bad.so", "x");
	plugin_folder_write("README", "x");
	plugin_folder_write(".hidden.so", "x");
	plugin_folder_add(BROKEN_PLUGINS "/p-no-options.so", "p-no-options");
	plugin_folder_add(BROKEN_PLUGINS "/p-good.so", "p-good");
	assert_int_equal(plugin_print_list(plugin_folder, f, &error), 1);
	assert_int_equal(fclose(f), 0);
	assert_string_equal(text, expected);
}

static void a_folder_that_is_none(void **state)
{
	struct gpubroker_error error = {0};

	assert_int_equal(plugin_print_list("/nonexistent", stdout, &error), GPUBROKER_E_CONFIG);
	assert_string_equal(error.text,
		"plugin_dir \"/nonexistent\" cannot be read: No such file or directory");
}

static void assert_help(const char *name, const char *expected)
{
	_cleanup_(freep) char *text = NULL;
	char from[512];
	size_t n = 0;
	FILE *f = open_memstream(&text, &n);

	snprintf(from, sizeof(from), "%s/%s.so", BROKEN_PLUGINS, name);
	plugin_folder_add(from, name);
	assert_int_equal(plugin_print_help(plugin_folder, name, f, NULL), 0);
	assert_int_equal(fclose(f), 0);
	assert_string_equal(text, expected);
}

static void the_help(void **state)
{
	assert_help("p-good", "p-good 1.2 – does nothing\n\n"
			      "Options, in the options group of a region:\n\n"
			      "  number (integer, 1 to 5, default 3)\n"
			      "      A number.\n");
	assert_help("p-no-options", "p-no-options 1.2 – does nothing\n\nIt has no options.\n");
}

static void no_help_for_what_is_not_there(void **state)
{
	struct gpubroker_error error = {0};

	assert_int_equal(
		plugin_print_help(plugin_folder, "nope", stdout, &error), GPUBROKER_E_CONFIG);
	assert_non_null(strstr(error.text, "there is no nope.so"));
}

#define WITH_FOLDER(f)                                                                             \
	cmocka_unit_test_setup_teardown(f, plugin_folder_setup, plugin_folder_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		WITH_FOLDER(the_list),
		WITH_FOLDER(a_folder_that_is_none),
		WITH_FOLDER(the_help),
		WITH_FOLDER(no_help_for_what_is_not_there),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
