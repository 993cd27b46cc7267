/* SPDX-License-Identifier: Apache-2.0 */
/* Plugins that are wrong in each way (tests/data/plugins), and the sentence that each gets. */
#include "plugin/plugload.h"

#include "base/mem.h"
#include "base/str.h"
#include "plugin_folder.h"

#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

enum { SOMEBODY_ELSE = 65533 };

static void assert_refused(const char *folder, const char *name, const char *words)
{
	const struct gpubroker_plugin *plugin = NULL;
	struct gpubroker_error error = {0};

	assert_int_equal(plugin_load(folder, name, &plugin, &error), GPUBROKER_E_CONFIG);
	assert_null(plugin);
	if (!strstr(error.text, words)) {
		fail_msg("\"%s\" does not say \"%s\"", error.text, words);
	}
	assert_null(strstr(error.text, "/proc/self/fd"));
}

static void a_good_one_is_loaded(void **state)
{
	const struct gpubroker_plugin *plugin = NULL, *again = NULL;

	plugin_folder_add(BROKEN_PLUGINS "/p-good.so", "p-good");
	assert_int_equal(plugin_load(plugin_folder, "p-good", &plugin, NULL), 0);
	assert_string_equal(plugin->name, "p-good");
	assert_string_equal(plugin->options[0].key, "number");
	assert_int_equal(plugin_load(plugin_folder, "p-good", &again, NULL), 0);
	assert_ptr_equal(plugin, again);
}

/* The linker knows objects by their paths, and ours are numbers of descriptors. */
static void two_in_one_process_are_two(void **state)
{
	const struct gpubroker_plugin *a = NULL, *b = NULL;

	plugin_folder_add(BROKEN_PLUGINS "/p-good.so", "p-good");
	plugin_folder_add(BROKEN_PLUGINS "/p-no-options.so", "p-no-options");
	assert_int_equal(plugin_load(plugin_folder, "p-good", &a, NULL), 0);
	assert_int_equal(plugin_load(plugin_folder, "p-no-options", &b, NULL), 0);
	assert_string_equal(a->name, "p-good");
	assert_string_equal(b->name, "p-no-options");
	assert_null(b->options);
}

/* Loading the same one for each of many regions costs one descriptor. */
static void loading_again_costs_no_descriptor(void **state)
{
	const struct gpubroker_plugin *plugin;
	int before, after;

	plugin_folder_add(BROKEN_PLUGINS "/p-good.so", "p-good");
	assert_int_equal(plugin_load(plugin_folder, "p-good", &plugin, NULL), 0);
	before = dup(0);
	for (unsigned i = 0; i < 10; i++) {
		assert_int_equal(plugin_load(plugin_folder, "p-good", &plugin, NULL), 0);
	}
	after = dup(0);
	assert_int_equal(after, before + 1);
	close(before);
	close(after);
}

static void a_descriptor_stays_the_callers(void **state)
{
	const struct gpubroker_plugin *plugin = NULL;
	int fd = -1;

	plugin_folder_add(BROKEN_PLUGINS "/p-good.so", "p-good");
	assert_int_equal(plugin_open_file(plugin_folder, "p-good", &fd, NULL), 0);
	assert_true(fcntl(fd, F_GETFD) & FD_CLOEXEC);
	unlink(plugin_folder_add(BROKEN_PLUGINS "/p-good.so", "p-good"));
	assert_int_equal(plugin_load_fd(fd, "p-good", &plugin, NULL), 0);
	assert_int_equal(close(fd), 0);
}

static void what_it_says_of_itself(void **state)
{
	static const struct {
		const char *name, *words;
	} cases[] = {
		{"p-abi",        "was built for the plugin ABI 3, this gpubrokerd has 2"    },
		{"p-size",       "describes itself in 7 bytes instead of"                   },
		{"p-symbol",     "does not export the symbol \"gpubroker_plugin\""          },
		{"p-name",       "plugin \"p-name\" calls itself \"other\""                 },
		{"p-no-name",    "plugin \"p-no-name\" calls itself \"\""                   },
		{"p-no-summary", "has no version or no summary"                             },
		{"p-no-open",    "lacks the function open"                                  },
		{"p-no-collect", "lacks the function collect"                               },
		{"p-no-close",   "lacks the function close"                                 },
		{"p-table",
                 "has a broken table of options: \"word\" lies at 16, outside of the struct"},
		{"p-undefined",  "cannot be loaded: undefined symbol: nobody_has_this"      },
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		char from[512];

		snprintf(from, sizeof(from), "%s/%s.so", BROKEN_PLUGINS, cases[i].name);
		plugin_folder_add(from, cases[i].name);
		assert_refused(plugin_folder, cases[i].name, cases[i].words);
	}
}

static void what_is_no_plugin(void **state)
{
	char folder[64];

	plugin_folder_write("text.so", "This is a text.\n");
	plugin_folder_write("empty.so", "");
	plugin_folder_write("half.so", "\177ELF and no more");
	snprintf(folder, sizeof(folder), "%s/folder.so", plugin_folder);
	assert_int_equal(mkdir(folder, 0755), 0);
	assert_refused(plugin_folder, "text", "text.so is not a shared object");
	assert_refused(plugin_folder, "empty", "empty.so is not a shared object");
	assert_refused(plugin_folder, "half", "plugin \"half\" cannot be loaded: ");
	assert_refused(plugin_folder, "folder", "folder.so is not a regular file");
	assert_refused(
		plugin_folder, "nope", "plugin \"nope\": there is no nope.so in \"/tmp/plugins-");
	assert_refused(
		"/nonexistent", "a", "the folder \"/nonexistent\" cannot be opened: No such file");
	rmdir(folder);
}

static void names_that_are_none(void **state)
{
	static const char *const names[] = {"", "../good", "/tmp/good", "Good", ".", "a.b", "-a",
		"a2345678901234567890123456789012345678901234567890123456789012345"};

	for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
		assert_refused(plugin_folder, names[i], "is not made of lower case letters");
	}
}

static void what_others_may_write(void **state)
{
	const char *file = plugin_folder_add(BROKEN_PLUGINS "/p-good.so", "p-good");

	assert_int_equal(chmod(file, 0664), 0);
	assert_refused(plugin_folder, "p-good",
		"the file \"p-good.so\" may be written by others (mode 0664)");
	assert_int_equal(chmod(file, 0646), 0);
	assert_refused(plugin_folder, "p-good", "may be written by others (mode 0646)");
	assert_int_equal(chmod(file, 0755), 0);
	assert_int_equal(chmod(plugin_folder, 01777), 0);
	assert_refused(plugin_folder, "p-good", "the folder \"/tmp/plugins-");
	assert_refused(plugin_folder, "p-good", "may be written by others (mode 1777)");
	assert_int_equal(chmod(plugin_folder, 0755), 0);
}

static void what_belongs_to_others(void **state)
{
	const char *file = plugin_folder_add(BROKEN_PLUGINS "/p-good.so", "p-good");

	if (geteuid() != 0) {
		skip();
	}
	assert_int_equal(chown(file, SOMEBODY_ELSE, 0), 0);
	assert_refused(plugin_folder, "p-good", "the file \"p-good.so\" belongs to the user 65533");
	assert_int_equal(chown(file, 0, 0), 0);
	assert_int_equal(chown(plugin_folder, SOMEBODY_ELSE, 0), 0);
	assert_refused(plugin_folder, "p-good", "belongs to the user 65533");
	assert_int_equal(chown(plugin_folder, 0, 0), 0);
}

/* A build links its plugins together; where a link leads must be as safe. */
static void links_are_followed_and_checked(void **state)
{
	const struct gpubroker_plugin *plugin = NULL;
	char elsewhere[] = "/tmp/elsewhere-XXXXXX", from[160], link[160];

	assert_non_null(mkdtemp(elsewhere));
	snprintf(from, sizeof(from), "%s/x.so", elsewhere);
	assert_int_equal(rename(plugin_folder_add(BROKEN_PLUGINS "/p-good.so", "p-good"), from), 0);
	snprintf(link, sizeof(link), "%s/p-good.so", plugin_folder);
	assert_int_equal(symlink(from, link), 0);
	assert_int_equal(plugin_load(plugin_folder, "p-good", &plugin, NULL), 0);
	assert_int_equal(chmod(elsewhere, 0777), 0);
	assert_refused(plugin_folder, "p-good", "the folder \"/tmp/elsewhere-");
	assert_int_equal(chmod(elsewhere, 0700), 0);
	assert_int_equal(chmod(from, 0666), 0);
	assert_refused(plugin_folder, "p-good", "may be written by others (mode 0666)");
	unlink(from);
	assert_refused(plugin_folder, "p-good", "there is no p-good.so");
	rmdir(elsewhere);
}

#define WITH_FOLDER(f)                                                                             \
	cmocka_unit_test_setup_teardown(f, plugin_folder_setup, plugin_folder_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		WITH_FOLDER(a_good_one_is_loaded),
		WITH_FOLDER(two_in_one_process_are_two),
		WITH_FOLDER(loading_again_costs_no_descriptor),
		WITH_FOLDER(a_descriptor_stays_the_callers),
		WITH_FOLDER(what_it_says_of_itself),
		WITH_FOLDER(what_is_no_plugin),
		WITH_FOLDER(names_that_are_none),
		WITH_FOLDER(what_others_may_write),
		WITH_FOLDER(what_belongs_to_others),
		WITH_FOLDER(links_are_followed_and_checked),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
