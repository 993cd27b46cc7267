/* SPDX-License-Identifier: Apache-2.0 */
/* plugins/openstack/clouds/tree_json.c */
#include "openstack/clouds/tree.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static void each_kind(void **state)
{
	static const char json[] =
		"{\"t\":\"x\",\"n\":12,\"r\":1.5,\"yes\":true,\"no\":false,\"nothing\":null,\"l\":[1,{\"m\":2}]}";
	struct gpubroker_error error;
	struct tree *t = NULL;

	assert_int_equal(tree_from_json(&t, json, strlen(json), "f.json", &error), 0);
	assert_string_equal(tree_text(t, "t"), "x");
	assert_string_equal(tree_text(t, "n"), "12");
	assert_string_equal(tree_text(t, "r"), "1.5");
	assert_string_equal(tree_text(t, "yes"), "True");
	assert_string_equal(tree_text(t, "no"), "False");
	assert_int_equal(tree_get(t, "nothing")->kind, TREE_NULL);
	assert_int_equal(tree_get(t, "l")->n, 2);
	assert_string_equal(tree_text(tree_get(t, "l")->items[1], "m"), "2");
	tree_free(t);
}

static void what_is_refused(void **state)
{
	static const char broken[] = "{\n\"a\":\n";
	struct gpubroker_error error = {0};
	struct tree *t = NULL;
	char deep[2 * TREE_MAX_DEPTH + 64];
	const size_t n = TREE_MAX_DEPTH + 10;

	assert_int_equal(
		tree_from_json(&t, broken, strlen(broken), "f.json", &error), GPUBROKER_E_CONFIG);
	assert_non_null(strstr(error.text, "f.json:"));
	memset(deep, '[', n);
	memset(deep + n, ']', n);
	assert_true(tree_from_json(&t, deep, 2 * n, "f.json", &error) < 0);
	assert_null(t);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_kind),
		cmocka_unit_test(what_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
