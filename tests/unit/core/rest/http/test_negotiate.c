/* SPDX-License-Identifier: Apache-2.0 */
/* Tests of core/rest/http/negotiate.c. */
#include "rest/http/negotiate.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static void test_gzip(void **state)
{
	static const struct {
		const char *header;
		bool gzip;
	} cases[] = {
		{NULL,			 false},
		{"",			   false},
		{"gzip",                       true },
		{"GZIP",                       true },
		{"x-gzip",                     true },
		{"deflate, gzip;q=0.5",        true },
		{"gzip;q=0",                   false},
		{"gzip;q=0.000",               false},
		{"gzip; q=0.001",              true },
		{"gzip;q=0.5, identity",       false},
		{"gzip;q=1.0, identity;q=0.5", true },
		{"*",			  true },
		{"*;q=0",                      false},
		{"gzip;q=0, *",                false},
		{"identity",                   false},
		{"br, deflate",                false},
		{"gzipped",                    false},
		{"gzip;q=abc",                 false},
		{" ,, gzip ,",                 true },
		{"gzip;x=1;q=0",               false},
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		if (accepts_gzip(cases[i].header) != cases[i].gzip) {
			fail_msg("%s", cases[i].header);
		}
	}
}

static void test_openmetrics(void **state)
{
	assert_false(prefers_openmetrics(NULL));
	assert_false(prefers_openmetrics("*/*"));
	assert_false(prefers_openmetrics("text/plain"));
	assert_true(prefers_openmetrics("application/openmetrics-text"));
	assert_true(prefers_openmetrics(
		"application/openmetrics-text;version=1.0.0,text/plain;version=0.0.4;q=0.5"));
	assert_false(prefers_openmetrics("application/openmetrics-text;q=0.3,text/plain;q=0.5"));
}

static void test_tags(void **state)
{
	assert_false(etag_matches(NULL, "\"a\""));
	assert_true(etag_matches("\"a\"", "\"a\""));
	assert_true(etag_matches("W/\"a\"", "\"a\""));
	assert_true(etag_matches("\"b\", \"a,b\" , W/\"a\"", "\"a\""));
	assert_true(etag_matches("\"a,b\"", "\"a,b\""));
	assert_true(etag_matches(" * ", "\"a\""));
	assert_false(etag_matches("\"ab\"", "\"a\""));
	assert_false(etag_matches("a", "\"a\""));
	assert_false(etag_matches("\"a", "\"a\""));
	assert_false(etag_matches("w/\"a\"", "\"a\""));
	assert_false(etag_matches("", "\"a\""));
}

static void test_dates(void **state)
{
	const int64_t modified_ms = INT64_C(1795356245500); /* 14:04:05.5 */

	assert_false(not_modified_since(NULL, modified_ms));
	assert_false(not_modified_since("yesterday", modified_ms));
	assert_true(not_modified_since("Sun, 22 Nov 2026 14:04:05 GMT", modified_ms));
	assert_false(not_modified_since("Sun, 22 Nov 2026 14:04:04 GMT", modified_ms));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_gzip),
		cmocka_unit_test(test_openmetrics),
		cmocka_unit_test(test_tags),
		cmocka_unit_test(test_dates),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
