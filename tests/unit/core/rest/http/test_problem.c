/* SPDX-License-Identifier: Apache-2.0 */
/* Tests of core/rest/http/problem.c. */
#include "rest/http/problem.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static void test_bodies(void **state)
{
	struct strbuf b = {0};

	problem_write(&b, 404, NULL, "no \"x\"", "/v1/\xc3\xa4");
	assert_string_equal(b.data,
		"{\"type\":\"about:blank\",\"title\":\"Not Found\",\"status\":404,\"detail\":\"no \\\"x\\\"\","
		"\"instance\":\"/v1/\xc3\xa4\"}\n");
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

static void test_reasons(void **state)
{
	assert_string_equal(http_reason(429), "Too Many Requests");
	assert_string_equal(http_reason(999), "Error");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_bodies),
		cmocka_unit_test(test_reasons),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
