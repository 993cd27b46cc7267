/* SPDX-License-Identifier: Apache-2.0 */
/* core/cli/json_tree.c: JSON of strangers as a tree. */
#include "base/mem.h"
#include "cli/json_tree.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

static int read_text(const char *text, struct value **ret)
{
	struct gpubroker_error error;

	*ret = NULL;
	return json_tree_read(text, strlen(text), ret, &error);
}

static void test_every_kind(void **state)
{
	_cleanup_(value_freep) struct value *v = NULL;

	assert_int_equal(
		read_text(
			"{\"a\":[1,-2.5,true,null,\"x\"],\"b\":{\"c\":{\"d\":7}},\"n\":null}", &v),
		0);
	assert_int_equal(value_get(v, "a")->n_items, 5);
	assert_int_equal(value_get(v, "a")->items[0]->integer, 1);
	assert_true(value_get(v, "a")->items[2]->boolean);
	assert_null(value_get(v, "a")->items[3]->string);
	assert_int_equal(json_tree_at(v, "b.c.d")->integer, 7);
	assert_null(json_tree_at(v, "b.c.e"));
	assert_null(json_tree_at(v, "a.c"));
	assert_null(json_tree_at(v, "n"));
	assert_null(value_string(v, "n"));
}

static void test_what_is_no_json(void **state)
{
	static const char *const rows[] = {
		"", "{", "{\"a\":1,\"a\":2}", "<html>", "{\"a\":\"\\u0000\"}", "[1] x"};

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct value *v;

		assert_int_equal(read_text(rows[i], &v), GPUBROKER_E_BAD_REPLY);
		assert_null(v);
	}
}

static void test_depth_is_limited(void **state)
{
	char text[2 * 1000 + 1];
	struct value *v;

	memset(text, '[', 1000);
	memset(text + 1000, ']', 1000);
	text[2000] = '\0';
	assert_int_equal(read_text(text, &v), GPUBROKER_E_BAD_REPLY);
	assert_null(v);
	assert_int_equal(read_text("[[[[[[[[[[[[[[[]]]]]]]]]]]]]]]", &v), 0);
	value_free(v);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_every_kind),
		cmocka_unit_test(test_what_is_no_json),
		cmocka_unit_test(test_depth_is_limited),
	};

	return cmocka_run_group_tests_name("json_tree", tests, NULL, NULL);
}
