/* SPDX-License-Identifier: Apache-2.0 */
/* There and back, and every way in which a stream can be wrong. */
#include "base/mem.h"
#include "store/compress.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

enum { LARGE = 3 * 1024 * 1024 };

/* Half of it hard to compress. */
static char *make_text(size_t n)
{
	char *text = malloc(n);
	uint32_t x = 1;

	assert_non_null(text);
	for (size_t i = 0; i < n; i++) {
		x = x * 1664525 + 1013904223;
		text[i] = i % 2 ? 'x' : (char)(x >> 24);
	}
	return text;
}

static void what_was_packed_comes_back(void **state)
{
	static const size_t sizes[] = {1, 2, 65535, 65536, 65537, LARGE};

	for (size_t i = 0; i < ARRAY_SIZE(sizes); i++) {
		_cleanup_(freep) char *text = make_text(sizes[i]), *packed = NULL, *back = NULL;
		size_t packed_n, back_n;

		assert_int_equal(compress_pack(&packed, &packed_n, text, sizes[i], NULL), 0);
		assert_int_equal(
			compress_unpack(&back, &back_n, packed, packed_n, sizes[i], NULL), 0);
		assert_int_equal(back_n, sizes[i]);
		assert_memory_equal(back, text, back_n);
	}
}

static void a_bomb_is_not_unpacked(void **state)
{
	_cleanup_(freep) char *text = calloc(1, LARGE), *packed = NULL, *back = NULL;
	struct gpubroker_error error;
	size_t packed_n, back_n;

	assert_non_null(text);
	assert_int_equal(compress_pack(&packed, &packed_n, text, LARGE, NULL), 0);
	assert_true(packed_n < 10000);
	assert_int_equal(compress_unpack(&back, &back_n, packed, packed_n, LARGE - 1, &error),
		GPUBROKER_E_LIMIT);
	assert_null(back);
}

static void damage_is_noticed(void **state)
{
	_cleanup_(freep) char *text = make_text(1000), *packed = NULL, *longer = NULL;
	char *back = NULL;
	size_t packed_n, back_n;

	assert_int_equal(compress_pack(&packed, &packed_n, text, 1000, NULL), 0);
	for (size_t n = 0; n < packed_n; n++) { /* cut anywhere */
		assert_int_equal(compress_unpack(&back, &back_n, packed, n, LARGE, NULL),
			GPUBROKER_E_BAD_REPLY);
	}
	longer = calloc(1, packed_n + 1);
	assert_non_null(longer);
	memcpy(longer, packed, packed_n);
	assert_int_equal(compress_unpack(&back, &back_n, longer, packed_n + 1, LARGE, NULL),
		GPUBROKER_E_BAD_REPLY); /* something behind it */
	packed[packed_n - 1] ^= 1;
	assert_int_equal(compress_unpack(&back, &back_n, packed, packed_n, LARGE, NULL),
		GPUBROKER_E_BAD_REPLY);
	assert_int_equal(compress_unpack(&back, &back_n, "{\"a\": 1}", 8, LARGE, NULL),
		GPUBROKER_E_BAD_REPLY);
	assert_null(back);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_was_packed_comes_back),
		cmocka_unit_test(a_bomb_is_not_unpacked),
		cmocka_unit_test(damage_is_noticed),
	};

	if (!compress_is_built()) {
		print_message("skipped: built without zlib\n");
		return 77;
	}
	return cmocka_run_group_tests(tests, NULL, NULL);
}
