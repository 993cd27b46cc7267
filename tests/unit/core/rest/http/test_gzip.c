/* SPDX-License-Identifier: Apache-2.0 */
/* Tests of core/rest/http/gzip.c. */
#include "rest/http/gzip.h"

#include "base/mem.h"

#include <zlib.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static void test_large_text_comes_back(void **state)
{
	enum { N = 600 * 1024 };
	_cleanup_(freep) char *text = malloc(N), *back = malloc(N), *packed = NULL;
	z_stream z = {0};
	size_t n = 0;

	for (size_t i = 0; i < N; i++) {
		text[i] = (char)('a' + i * i % 17);
	}
	assert_true(gzip_smaller(text, N, &packed, &n));
	assert_true(n < N);
	assert_int_equal(inflateInit2(&z, 15 + 16), Z_OK);
	z.next_in = (Bytef *)packed;
	z.avail_in = (uInt)n;
	z.next_out = (Bytef *)back;
	z.avail_out = N;
	assert_int_equal(inflate(&z, Z_FINISH), Z_STREAM_END);
	assert_int_equal(z.total_out, N);
	assert_memory_equal(back, text, N);
	inflateEnd(&z);
}

static void test_not_where_it_would_not_be_smaller(void **state)
{
	char noise[4096], *packed = NULL;
	uint32_t x = 1;
	size_t n;

	for (size_t i = 0; i < sizeof(noise); i++) {
		x = x * 1664525 + 1013904223;
		noise[i] = (char)(x >> 24);
	}
	assert_false(gzip_smaller(noise, sizeof(noise), &packed, &n));
	assert_false(gzip_smaller("aaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", 30, &packed, &n));
	assert_false(gzip_smaller("", 0, &packed, &n));
	assert_null(packed);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_large_text_comes_back),
		cmocka_unit_test(test_not_where_it_would_not_be_smaller),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
