/* SPDX-License-Identifier: Apache-2.0 */
/* plugins/openstack/clouds/tree.c: maps, lists and plain values. */
#include "openstack/clouds/tree.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

static struct tree *text_map(const char *key, const char *text)
{
	struct tree *map = tree_new(TREE_MAP, NULL);

	assert_non_null(map);
	assert_true(tree_add(map, key, tree_new(TREE_TEXT, text)));
	return map;
}

static void a_key_is_there_once(void **state)
{
	struct tree *map = text_map("a", "1");

	assert_true(tree_add(map, "b", tree_new(TREE_TEXT, "2")));
	assert_true(tree_add(map, "a", tree_new(TREE_TEXT, "3")));
	assert_int_equal(map->n, 2);
	assert_string_equal(tree_text(map, "a"), "3");
	tree_remove(map, "a");
	tree_remove(map, "nothing");
	assert_null(tree_get(map, "a"));
	assert_string_equal(tree_text(map, "b"), "2");
	tree_free(map);
}

static void maps_are_merged_all_else_replaced(void **state)
{
	struct tree *one = tree_new(TREE_MAP, NULL), *two = tree_new(TREE_MAP, NULL);

	assert_true(tree_add(one, "auth", text_map("user", "ann")));
	assert_true(tree_add(one, "list", tree_new(TREE_LIST, NULL)));
	assert_true(tree_add(two, "auth", text_map("password", "secret")));
	assert_true(tree_add(two, "list", tree_new(TREE_TEXT, "now a word")));
	assert_true(tree_merge(one, two));
	tree_free(two);
	assert_string_equal(tree_text(tree_get(one, "auth"), "user"), "ann");
	assert_string_equal(tree_text(tree_get(one, "auth"), "password"), "secret");
	assert_string_equal(tree_text(one, "list"), "now a word");
	tree_free(one);
}

static void what_is_true(void **state)
{
	static const struct {
		enum tree_kind kind;
		const char *text;
		bool is_true;
	} cases[] = {
		{TREE_NULL,    NULL,    false},
		{TREE_BOOLEAN, "True",  true },
		{TREE_BOOLEAN, "False", false},
		{TREE_NUMBER,  "0",     false},
		{TREE_NUMBER,  "-0.0",  false},
		{TREE_NUMBER,  "0.5",   true },
		{TREE_TEXT,    "",      false},
		{TREE_TEXT,    "0",     true },
		{TREE_LIST,    NULL,    false},
		{TREE_MAP,     NULL,    false},
	};

	assert_false(tree_is_true(NULL));
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct tree *t = tree_new(cases[i].kind, cases[i].text);

		assert_int_equal(tree_is_true(t), cases[i].is_true);
		tree_free(t);
	}
}

static void nothing_is_asked_of_what_is_no_map(void **state)
{
	struct tree *list = tree_new(TREE_LIST, NULL);

	assert_true(tree_add(list, NULL, tree_new(TREE_TEXT, "x")));
	assert_null(tree_get(list, "x"));
	assert_null(tree_get(NULL, "x"));
	assert_null(tree_text(list, "x"));
	tree_free(list);
	tree_free(NULL);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_key_is_there_once),
		cmocka_unit_test(maps_are_merged_all_else_replaced),
		cmocka_unit_test(what_is_true),
		cmocka_unit_test(nothing_is_asked_of_what_is_no_map),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
