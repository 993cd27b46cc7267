/* SPDX-License-Identifier: Apache-2.0 */
/* Files into a tree: types, origins, what cannot be read. The sentences about contents are in test_check.c. */
#include "conf_fixture.h"

#include "base/str.h"
#include "failing.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

static void types_and_values_arrive(void **state)
{
	_cleanup_(value_freep) struct value *tree = fixture_load(
		"a = 3; b = -4L; c = 0x10; d = 1.5; e = true; f = \"x\\\"\\n\\x41\" \"y\"; g = [ 1, 2 ];\n"
		"h = ( 1, \"x\", { i = 2; } ); j: { k = 1; };",
		NULL);
	const struct value *list = value_get(tree, "h");

	assert_int_equal(value_integer(tree, "a", 0), 3);
	assert_int_equal(value_integer(tree, "b", 0), -4);
	assert_int_equal(value_integer(tree, "c", 0), 16);
	assert_true(value_get(tree, "d")->real > 1.49 && value_get(tree, "d")->real < 1.51);
	assert_true(value_boolean(tree, "e", false));
	assert_string_equal(value_string(tree, "f"), "x\"\nAy");
	assert_int_equal(value_get(tree, "g")->type, VALUE_LIST);
	assert_int_equal(value_get(tree, "g")->n_items, 2);
	assert_int_equal(list->n_items, 3);
	assert_int_equal(value_integer(list->items[2], "i", 0), 2);
	assert_int_equal(value_integer(value_get(tree, "j"), "k", 0), 1);
	assert_int_equal(value_get(tree, "regions")->n_items, 0);
}

static void regions_stand_in_configuration_order_with_their_origin(void **state)
{
	_cleanup_(value_freep) struct value *tree = NULL;
	static const char *const names[] = {"main", "zeroth", "first", "second"};
	static const char *const files[] = {
		"gpubroker.conf", "sites.d/B.conf", "sites.d/a.conf", "sites.d/b.conf"};
	struct complaints c = {0};
	const struct value *regions;

	assert_int_equal(chdir(CONF_CASES "/sites-in-order"), 0);
	tree = conf_load("gpubroker.conf", &c);
	assert_non_null(tree);
	regions = value_get(tree, "regions");
	assert_int_equal(regions->n_items, ARRAY_SIZE(names));
	for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
		assert_string_equal(value_string(regions->items[i], "name"), names[i]);
		assert_string_equal(regions->items[i]->file, files[i]);
		assert_int_equal(value_get(regions->items[i], "options")->line, 1);
	}
	complaints_finish(&c);
}

/* libconfig alone would call it a syntax error. */
static void a_comment_needs_no_line_end(void **state)
{
	_cleanup_(value_freep) struct value *tree = fixture_load("a = 3; # 4", NULL);

	assert_int_equal(value_integer(tree, "a", 0), 3);
}

static void assert_refused(const char *file, const char *sentence)
{
	struct complaints c = {0};
	char expected[256];

	assert_null(conf_load(file, &c));
	assert_int_equal(c.n, 1);
	snprintf(expected, sizeof(expected), "%s: %s", file, sentence);
	assert_string_equal(c.lines[0], expected);
	complaints_finish(&c);
}

static void what_cannot_be_read_is_named(void **state)
{
	char folder[] = "/tmp/load-XXXXXX", path[64];
	FILE *f;

	assert_non_null(mkdtemp(folder));
	assert_refused(folder, "is a folder, not a file");
	snprintf(path, sizeof(path), "%s/x.conf", folder);
	assert_refused(path, "cannot be read: No such file or directory");
	assert_int_equal(mkfifo(path, 0600), 0);
	assert_refused(path, "is not a regular file");
	unlink(path);
	f = fopen(path, "w");
	assert_non_null(f);
	for (size_t i = 0; i < 1024 * 1024 / 16 + 1; i++) {
		fputs("# 456789abcdef \n", f);
	}
	assert_int_equal(fclose(f), 0);
	assert_refused(path, "is larger than 1024 KiB");
	if (geteuid() != 0) {
		assert_int_equal(chmod(path, 0), 0);
		assert_refused(path, "cannot be read: Permission denied");
	}
	unlink(path);
	rmdir(folder);
}

/* Allocations of libconfig itself are left alone: it does not survive theirs, which is why the role
 * that calls this is a process of its own. */
static void every_allocation_may_fail(void **state)
{
	unsigned n = 0;
	bool failed;

	assert_int_equal(chdir(CONF_CASES "/sites-in-order"), 0);
	do {
		_cleanup_(value_freep) struct value *tree = NULL;
		struct complaints c = {0};

		failing_from(++n);
		tree = conf_load("gpubroker.conf", &c);
		failed = failing_has_failed();
		failing_from(0);
		assert_int_equal(failed, c.failed);
		assert_int_equal(failed, !tree);
		complaints_finish(&c);
	} while (failed);
	assert_true(n > 40);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(types_and_values_arrive),
		cmocka_unit_test(regions_stand_in_configuration_order_with_their_origin),
		cmocka_unit_test(a_comment_needs_no_line_end),
		cmocka_unit_test(what_cannot_be_read_is_named),
		cmocka_unit_test(every_allocation_may_fail),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
