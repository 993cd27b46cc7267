/* SPDX-License-Identifier: Apache-2.0 */
/* Tests of core/rest/http/access_log.c. */
#include "rest/http/access_log.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static void test_a_line(void **state)
{
	struct address client;
	struct access access = {.at_wall_ms = INT64_C(1795356245000),
		.client = &client,
		.method = "GET",
		.path = "/a\x1b\"\n\xc3?x=secret",
		.path_length = 6,
		.status = 404};
	char line[ACCESS_LINE_SIZE];
	size_t n;

	assert_true(address_parse("192.0.2.1", 9, &client));
	n = access_line(line, &access);
	line[n] = '\0';
	assert_string_equal(line,
		"2026-11-22T14:04:05Z request address=192.0.2.1 method=GET status=404 path=/a?\"??\n");
	access.client = NULL;
	n = access_line(line, &access);
	line[n] = '\0';
	assert_non_null(strstr(line, "address=unix "));
}

static void test_a_long_path_is_still_one_line(void **state)
{
	char path[4000], line[ACCESS_LINE_SIZE];
	const struct access access = {
		.method = "METHODMETHODMETHODMETHOD", .path = path, .path_length = 4000};
	size_t n;

	memset(path, 'a', sizeof(path));
	n = access_line(line, &access);
	assert_true(n <= sizeof(line));
	assert_int_equal(line[n - 1], '\n');
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_a_line),
		cmocka_unit_test(test_a_long_path_is_still_one_line),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
