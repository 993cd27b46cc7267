/* SPDX-License-Identifier: Apache-2.0 */
/* Tests of core/rest/http/problem.c. */
#include "rest/http/problem.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static void test_bodies(void **state)
{
	struct strbuf b = {0};

	problem_write(&b, 404, NULL, "no \"x\"", "/v1/\xc3\xa4");
	assert_string_equal(b.data,
		"{\"type\":\"about:blank\",\"title\":\"Not Found\",\"status\":404,\"detail\":\"no \\\"x\\\"\","
		"\"instance\":\"/v1/%C3%A4\"}\n");
	strbuf_clear(&b);
	problem_write(&b, 405, NULL, NULL, "/");
	assert_non_null(strstr(b.data, "\"detail\":\"This method"));
	strbuf_clear(&b);
	problem_write(&b, 409, "no-hosts", "x", "/");
	assert_memory_equal(b.data,
		"{\"type\":\"urn:problem-type:gpubroker:no-hosts\",\"title\":\"Conflict\",\"status\":409,",
		78);
	strbuf_finish(&b);
}

/* An instance is a URI reference, whatever was sent. */
static void test_instances(void **state)
{
	static const struct {
		const char *sent, *shown;
	} cases[] = {
		{"/v1/a-b_c~1.2/+:@", "/v1/a-b_c~1.2/+:@"  },
		{"/v1/%c3%A4",        "/v1/%c3%A4"         },
		{"/v1/%zz",           "/v1/%25zz"          },
		{"/v1/%4",            "/v1/%254"           },
		{"/v1/%",             "/v1/%25"            },
		{"/\"\\<\t\xff^",     "/%22%5C%3C%09%FF%5E"},
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct strbuf b = {0};
		char expected[64];

		snprintf(expected, sizeof(expected), "\"instance\":\"%s\"}\n", cases[i].shown);
		problem_write(&b, 400, NULL, NULL, cases[i].sent);
		assert_non_null(strstr(b.data, expected));
		strbuf_finish(&b);
	}
}

static void test_reasons(void **state)
{
	assert_string_equal(http_reason(429), "Too Many Requests");
	assert_string_equal(http_reason(999), "Error");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_bodies),
		cmocka_unit_test(test_instances),
		cmocka_unit_test(test_reasons),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
