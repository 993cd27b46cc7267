/* SPDX-License-Identifier: Apache-2.0 */
/* Typed reading of JSON: values, and errors that name the place. */
#include "kit/reply.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static struct reply *parse(const char *body)
{
	struct gpubroker_error error = {0};
	struct reply *reply = NULL;

	if (reply_parse(&reply, body, strlen(body), "doc", &error) != 0) {
		fail_msg("%s", error.text);
	}
	return reply;
}

static void expect_parse_error(const char *body, size_t n, int code, const char *text)
{
	struct gpubroker_error error = {0};
	struct reply *reply = NULL;

	assert_int_equal(reply_parse(&reply, body, n, "doc", &error), code);
	assert_null(reply);
	assert_non_null(strstr(error.text, text));
	assert_non_null(strstr(error.text, "doc: "));
}

static void test_documents_that_are_refused(void **state)
{
	static const char *const bad[] = {"", " ", "x", "{", "{}x", "17", "null", "\"a\"",
		"{\"a\":1,\"a\":1}", "{\"a\":\"\xff\"}", "{\"a\":\"\\ud800\"}", "{\"a\":01}",
		"<html>502 Bad Gateway</html>", "{'a':1}", "{\"a\":NaN}"};
	char *large = calloc(1, REPLY_MAX_BYTES + 1u);

	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		expect_parse_error(bad[i], strlen(bad[i]), GPUBROKER_E_BAD_REPLY, "not JSON");
	}
	expect_parse_error("{\"a\":9223372036854775808}", 25, GPUBROKER_E_BAD_REPLY,
		"a number beyond 64 bits (line 1");
	expect_parse_error("{\"a\":1e999}", 11, GPUBROKER_E_BAD_REPLY, "a number beyond 64 bits");
	expect_parse_error(large, REPLY_MAX_BYTES + 1u, GPUBROKER_E_LIMIT, "64 MiB");
	free(large);
}

static void test_the_error_does_not_quote_the_document(void **state)
{
	struct gpubroker_error error = {0};
	struct reply *reply = NULL;

	assert_int_equal(reply_parse(&reply, "{\"password\": geheim", 19, "doc", &error),
		GPUBROKER_E_BAD_REPLY);
	assert_null(strstr(error.text, "geheim"));
}

static void test_strings_and_booleans(void **state)
{
	struct reply *reply =
		parse("{\"s\":\"t\",\"n\":null,\"nul\":\"a\\u0000b\",\"b\":true,\"i\":1}");
	struct reply_at root = reply_root(reply);
	struct gpubroker_error error = {0};
	const char *s = "before";
	bool b = false;

	assert_int_equal(reply_need_string(&root, "s", &s, &error), 0);
	assert_string_equal(s, "t");
	assert_int_equal(reply_find_string(&root, "n", &s, &error), REPLY_ABSENT);
	assert_int_equal(reply_find_string(&root, "gone", &s, &error), REPLY_ABSENT);
	assert_string_equal(s, "t");
	assert_int_equal(reply_find_string(&root, "nul", &s, &error), GPUBROKER_E_BAD_REPLY);
	assert_string_equal(error.text, "doc: nul holds a NUL character");
	assert_int_equal(reply_need_string(&root, "n", &s, &error), GPUBROKER_E_BAD_REPLY);
	assert_string_equal(error.text, "doc: n is null");
	assert_int_equal(reply_need_string(&root, "gone", &s, &error), GPUBROKER_E_BAD_REPLY);
	assert_string_equal(error.text, "doc: gone is missing");
	assert_int_equal(reply_find_string(&root, "i", &s, &error), GPUBROKER_E_BAD_REPLY);
	assert_string_equal(error.text, "doc: i is not a string");
	assert_int_equal(reply_find_boolean(&root, "b", &b, &error), 0);
	assert_true(b);
	assert_int_equal(reply_find_boolean(&root, "i", &b, &error), GPUBROKER_E_BAD_REPLY);
	assert_true(reply_has(&root, "n"));
	assert_false(reply_has(&root, "gone"));
	assert_true(reply_is_string(&root, "s"));
	assert_false(reply_is_string(&root, "i"));
	reply_free(reply);
}

static void test_integers(void **state)
{
	static const struct {
		const char *text;
		bool good;
		int64_t value;
	} rows[] = {
		{"28",                      true,  28       },
		{"-28",                     true,  -28      },
		{"9223372036854775807",     true,  INT64_MAX},
		{"385534.9",                true,  385534   },
		{"-0.5",                    true,  -1       },
		{"1e3",                     true,  1000     },
		{"1e300",                   false, 0        },
		{"\"28\"",                  true,  28       },
		{"\" +28 \"",               true,  28       },
		{"\"385534.9\"",            true,  385534   },
		{"\"-0.5\"",                true,  -1       },
		{"\"-2.0\"",                true,  -2       },
		{"\"28.\"",                 true,  28       },
		{"\"\"",                    false, 0        },
		{"\"-\"",                   false, 0        },
		{"\"28x\"",                 false, 0        },
		{"\"0x1c\"",                false, 0        },
		{"\".5\"",                  false, 0        },
		{"\"1e3\"",                 false, 0        },
		{"\"9223372036854775808\"", false, 0        },
		{"true",                    false, 0        },
		{"[]",                      false, 0        },
		{"{}",                      false, 0        },
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		char body[64];
		struct gpubroker_error error = {0};
		struct reply_at root;
		struct reply *reply;
		int64_t value = 77;
		int r;

		snprintf(body, sizeof(body), "{\"n\":%s}", rows[i].text);
		reply = parse(body);
		root = reply_root(reply);
		r = reply_need_integer(&root, "n", &value, &error);
		if ((r == 0) != rows[i].good || value != (rows[i].good ? rows[i].value : 77)) {
			fail_msg("%s: %d, %lld", rows[i].text, r, (long long)value);
		}
		if (!rows[i].good) {
			assert_string_equal(error.text, "doc: n is not an integer");
		}
		reply_free(reply);
	}
}

static void test_errors_name_the_path(void **state)
{
	struct reply *reply =
		parse("{\"servers\":[{},{\"flavor\":{\"specs\":{\"a\\nb\":[\"x\",7]}}}]}");
	struct reply_at root = reply_root(reply), servers, server, flavor, specs, list;
	struct gpubroker_error error = {0};
	const char *s;
	int64_t i;

	assert_int_equal(reply_need_array(&root, "servers", &servers, &error), 0);
	assert_int_equal(reply_count(&servers), 2);
	assert_int_equal(reply_item_object(&servers, 1, &server, &error), 0);
	assert_int_equal(reply_need_object(&server, "flavor", &flavor, &error), 0);
	assert_int_equal(reply_need_integer(&flavor, "vcpus", &i, &error), GPUBROKER_E_BAD_REPLY);
	assert_string_equal(error.text, "doc: servers[1].flavor.vcpus is missing");
	assert_int_equal(reply_need_object(&flavor, "specs", &specs, &error), 0);
	assert_int_equal(reply_need_array(&specs, "a\nb", &list, &error), 0);
	assert_int_equal(reply_item_string(&list, 0, &s, &error), 0);
	assert_int_equal(reply_item_string(&list, 1, &s, &error), GPUBROKER_E_BAD_REPLY);
	assert_string_equal(error.text, "doc: servers[1].flavor.specs.a?b[1] is not a string");
	assert_int_equal(reply_item_object(&servers, 2, &server, &error), GPUBROKER_E_BAD_REPLY);
	assert_int_equal(reply_fail(&error, &root, NULL, "is %s", "odd"), GPUBROKER_E_BAD_REPLY);
	assert_string_equal(error.text, "doc: the document is odd");
	reply_free(reply);
}

static void test_lists_at_the_root(void **state)
{
	struct reply *reply = parse("[{\"a\":1}]");
	struct reply_at root = reply_root(reply), item;
	struct gpubroker_error error = {0};
	int64_t i;

	assert_int_equal(reply_count(&root), 1);
	assert_int_equal(reply_item_object(&root, 0, &item, &error), 0);
	assert_int_equal(reply_need_integer(&item, "b", &i, &error), GPUBROKER_E_BAD_REPLY);
	assert_string_equal(error.text, "doc: [0].b is missing");
	assert_int_equal(reply_need_integer(&root, "b", &i, &error), GPUBROKER_E_BAD_REPLY);
	assert_string_equal(error.text, "doc: the document is not an object");
	reply_free(reply);
}

static void test_members_in_their_order(void **state)
{
	struct reply *reply = parse("{\"z\":1,\"a\":2,\"m\":3}");
	struct reply_at root = reply_root(reply);
	char seen[8] = "";

	for (const char *key = reply_next_key(&root, NULL); key; key = reply_next_key(&root, key)) {
		strncat(seen, key, 1);
	}
	assert_string_equal(seen, "zam");
	reply_free(reply);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_documents_that_are_refused),
		cmocka_unit_test(test_the_error_does_not_quote_the_document),
		cmocka_unit_test(test_strings_and_booleans),
		cmocka_unit_test(test_integers),
		cmocka_unit_test(test_errors_name_the_path),
		cmocka_unit_test(test_lists_at_the_root),
		cmocka_unit_test(test_members_in_their_order),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
