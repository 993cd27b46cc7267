/* SPDX-License-Identifier: Apache-2.0 */
/* A build without zlib says so and makes nothing. */
#include "store/compress.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static void both_ways_fail_with_a_sentence(void **state)
{
	struct gpubroker_error error = {0};
	char *made = NULL;
	size_t n = 0;

	assert_false(compress_is_built());
	assert_int_equal(compress_pack(&made, &n, "a", 1, &error), GPUBROKER_E_CONFIG);
	assert_non_null(strstr(error.text, "cannot compress"));
	assert_int_equal(compress_unpack(&made, &n, "a", 1, 10, &error), GPUBROKER_E_CONFIG);
	assert_non_null(strstr(error.text, "cannot decompress"));
	assert_null(made);
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(both_ways_fail_with_a_sentence)};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
