/* SPDX-License-Identifier: Apache-2.0 */
/* core/base/mono.c: times written and read. */
#include "base/mem.h"
#include "base/mono.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <time.h>

#include <cmocka.h>

static const struct {
	int64_t at_ms;
	const char *rfc3339, *http, *berlin;
} rows[] = {
	{1795356072000,   "2026-11-22T14:01:12Z", "Sun, 22 Nov 2026 14:01:12 GMT",
         "2026-11-22 15:01:12"									  },
	{1795356072999,   "2026-11-22T14:01:12Z", "Sun, 22 Nov 2026 14:01:12 GMT",
         "2026-11-22 15:01:12"									  },
	{0,	       "1970-01-01T00:00:00Z", "Thu, 01 Jan 1970 00:00:00 GMT", "1970-01-01 01:00:00"},
	{-1,	      "1969-12-31T23:59:59Z", "Wed, 31 Dec 1969 23:59:59 GMT", "1970-01-01 00:59:59"},
	{1709210096000,   "2024-02-29T12:34:56Z", "Thu, 29 Feb 2024 12:34:56 GMT",
         "2024-02-29 13:34:56"									  },
	{1774746000000,   "2026-03-29T01:00:00Z", "Sun, 29 Mar 2026 01:00:00 GMT",
         "2026-03-29 03:00:00"									  },
	{253402300799999, "9999-12-31T23:59:59Z", "Fri, 31 Dec 9999 23:59:59 GMT",
         "10000-01-01 00:59:59"									 },
};

static void test_writing(void **state)
{
	char text[TIME_TEXT_SIZE];

	setenv("TZ", "CET-1CEST,M3.5.0,M10.5.0/3", 1);
	tzset();
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		time_rfc3339(text, rows[i].at_ms);
		assert_string_equal(text, rows[i].rfc3339);
		time_http(text, rows[i].at_ms);
		assert_string_equal(text, rows[i].http);
		time_legacy(text, rows[i].at_ms);
		assert_string_equal(text, rows[i].berlin);
	}
}

static void test_reading_what_was_written(void **state)
{
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		int64_t at_ms = 0;
		const int64_t remainder = (rows[i].at_ms % 1000 + 1000) % 1000;

		assert_true(time_parse_iso8601_utc(rows[i].rfc3339, &at_ms));
		assert_int_equal(at_ms, rows[i].at_ms - remainder);
		assert_true(time_parse_http(rows[i].http, &at_ms));
		assert_int_equal(at_ms, rows[i].at_ms - remainder);
	}
}

static void test_fractions(void **state)
{
	static const struct {
		const char *text;
		int64_t want;
	} fractions[] = {
		{"2026-11-22T14:01:12.5Z",           1795356072500},
		{"2026-11-22T14:01:12.007",          1795356072007},
		{"2026-11-22T14:01:12.123999Z",      1795356072123},
		{"2026-11-22T14:01:12.123456789123", 1795356072123},
		{"2026-11-22T14:01:12",              1795356072000},
	};

	for (size_t i = 0; i < ARRAY_SIZE(fractions); i++) {
		int64_t at_ms = 0;

		assert_true(time_parse_iso8601_utc(fractions[i].text, &at_ms));
		assert_int_equal(at_ms, fractions[i].want);
	}
}

static void test_what_is_no_time(void **state)
{
	static const char *const iso[] = {"", "2026-11-22", "2026-11-22T14:01",
		"2026-11-22T14:01:12+01:00", "2026-13-22T14:01:12Z", "2026-11-22T14:01:12ZZ",
		"now"};
	static const char *const http[] = {"", "Sunday, 22-Nov-26 14:01:12 GMT",
		"Sun, 22 Nov 2026 14:01:12", "Sun, 22 Nov 2026 14:01:12 GMT ",
		"Sun, 22 Foo 2026 14:01:12 GMT"};
	int64_t at_ms;

	for (size_t i = 0; i < ARRAY_SIZE(iso); i++) {
		assert_false(time_parse_iso8601_utc(iso[i], &at_ms));
	}
	for (size_t i = 0; i < ARRAY_SIZE(http); i++) {
		assert_false(time_parse_http(http[i], &at_ms));
	}
}

static void test_clocks(void **state)
{
	const int64_t before = mono_ms();

	assert_true(mono_ms() >= before);
	assert_true(wall_ms() > 1700000000000);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_writing),
		cmocka_unit_test(test_reading_what_was_written),
		cmocka_unit_test(test_fractions),
		cmocka_unit_test(test_what_is_no_time),
		cmocka_unit_test(test_clocks),
	};

	return cmocka_run_group_tests_name("mono", tests, NULL, NULL);
}
