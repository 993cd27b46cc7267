/* SPDX-License-Identifier: Apache-2.0 */
/* Members as copies: absent, null, of another type, and without memory. */
#include "kit/reply_copy.h"

#include "failing_alloc.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static const char body[] =
	"{\"a\": \"x\", \"n\": null, \"i\": 7, \"l\": [\"p\", \"q\"], \"bad\": [\"p\", 1]}";

struct two {
	char *first, *second;
};

static void test_members(void **state)
{
	struct reply *reply;
	struct reply_at root;
	char *text = NULL, *none = NULL, **list = NULL;
	size_t n = 0;

	assert_int_equal(reply_parse(&reply, body, strlen(body), "t", NULL), 0);
	root = reply_root(reply);
	assert_int_equal(reply_copy_string(&root, "a", &text, NULL), 0);
	assert_string_equal(text, "x");
	free(text);
	assert_int_equal(reply_copy_string(&root, "n", &none, NULL), 0);
	assert_int_equal(reply_copy_string(&root, "absent", &none, NULL), 0);
	assert_null(none);
	assert_int_equal(reply_copy_string(&root, "i", &none, NULL), GPUBROKER_E_BAD_REPLY);
	assert_int_equal(reply_copy_needed(&root, "n", &none, NULL), GPUBROKER_E_BAD_REPLY);
	assert_int_equal(reply_copy_id(&root, "i", &text, NULL), 0);
	assert_string_equal(text, "7");
	free(text);
	assert_int_equal(reply_copy_strings(&root, "l", &list, &n, NULL), 0);
	assert_int_equal(n, 2);
	assert_string_equal(list[1], "q");
	free(list[0]);
	free(list[1]);
	free(list);
	n = 0;
	assert_int_equal(reply_copy_strings(&root, "bad", &list, &n, NULL), GPUBROKER_E_BAD_REPLY);
	assert_int_equal(n, 1); /* what there was is the caller's */
	free(list[0]);
	free(list);
	reply_free(reply);
}

static bool copy_two(void)
{
	static const struct reply_row rows[] = {
		{"a", offsetof(struct two, first) },
                {"a", offsetof(struct two, second)}
        };
	struct reply *reply = NULL;
	struct two two = {0};
	struct reply_at root;
	bool fine = false;

	if (reply_parse(&reply, body, strlen(body), "t", NULL) == 0) {
		root = reply_root(reply);
		fine = reply_copy_rows(&root, rows, 2, &two, NULL) == 0;
		reply_free(reply);
	}
	free(two.first);
	free(two.second);
	return fine;
}

static void test_no_memory(void **state)
{
	failing_alloc_try_all(copy_two);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_members),
		cmocka_unit_test(test_no_memory),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
