/* SPDX-License-Identifier: Apache-2.0 */
/* core/base/mem.c: arenas, growing arrays and cleanups. */
#include "base/mem.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

static void test_arena_is_zeroed_and_aligned(void **state)
{
	_cleanup_(arena_finish) struct arena a = {0};

	for (size_t size = 0; size < 300; size++) {
		unsigned char *p = arena_alloc(&a, size);

		assert_non_null(p);
		assert_int_equal((uintptr_t)p % _Alignof(max_align_t), 0);
		for (size_t i = 0; i < size; i++) {
			assert_int_equal(p[i], 0);
		}
		memset(p, 0xff, size);
	}
}

static void test_arena_blocks_do_not_overlap(void **state)
{
	_cleanup_(arena_finish) struct arena a = {0};
	unsigned char *parts[100];

	for (size_t i = 0; i < ARRAY_SIZE(parts); i++) {
		parts[i] = arena_alloc(&a, 1000);
		memset(parts[i], (int)i, 1000);
	}
	for (size_t i = 0; i < ARRAY_SIZE(parts); i++) {
		assert_int_equal(parts[i][0], i);
		assert_int_equal(parts[i][999], i);
	}
	assert_true(a.used >= 100000);
}

static void test_arena_large_and_impossible(void **state)
{
	_cleanup_(arena_finish) struct arena a = {0};
	char *p = arena_alloc(&a, 1000000);

	assert_non_null(p);
	p[999999] = 1;
	assert_null(arena_alloc(&a, SIZE_MAX));
	assert_non_null(arena_alloc(&a, 1));
}

static void test_arena_copies(void **state)
{
	_cleanup_(arena_finish) struct arena a = {0};
	char text[] = "text";
	char *copy = arena_strdup(&a, text);

	text[0] = 'n';
	assert_string_equal(copy, "text");
	assert_null(arena_strdup(&a, NULL));
	assert_memory_equal(arena_copy(&a, "ab", 2), "ab", 2);
	assert_non_null(arena_copy(&a, NULL, 0));
}

static void test_arena_can_be_used_again(void **state)
{
	struct arena a = {0};

	arena_alloc(&a, 10);
	arena_finish(&a);
	assert_int_equal(a.used, 0);
	assert_non_null(arena_alloc(&a, 10));
	arena_finish(&a);
	arena_finish(&a);
}

static void test_grow(void **state)
{
	_cleanup_(freep) int *items = NULL;
	size_t n = 0, room = 0;

	while (n < 1000) {
		assert_true(GROW(items, n, room));
		assert_true(room > n);
		items[n] = (int)n;
		n++;
	}
	for (size_t i = 0; i < n; i++) {
		assert_int_equal(items[i], i);
	}
}

static void test_grow_beyond_memory(void **state)
{
	void *items = NULL;
	size_t room = SIZE_MAX / 8;

	assert_false(grow_(&items, room, &room, 16));
	assert_int_equal(room, SIZE_MAX / 8);
}

struct thing {
	int *freed;
};

static void thing_free(struct thing *t)
{
	++*t->freed;
}
DEFINE_CLEANUP(struct thing *, thing_free);

static struct thing *keep_or_drop(struct thing *t, bool keep)
{
	_cleanup_(thing_freep) struct thing *mine = t;

	return keep ? TAKE_PTR(mine) : NULL;
}

static void test_cleanup(void **state)
{
	int freed = 0;
	struct thing t = {&freed};

	assert_ptr_equal(keep_or_drop(&t, true), &t);
	assert_int_equal(freed, 0);
	assert_null(keep_or_drop(&t, false));
	assert_int_equal(freed, 1);
	assert_null(keep_or_drop(NULL, false));
	assert_int_equal(freed, 1);
}

static void test_wipe(void **state)
{
	char secret[] = "secret";

	wipe(secret, sizeof(secret));
	assert_memory_equal(secret, "\0\0\0\0\0\0", sizeof(secret));
	wipe(NULL, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_arena_is_zeroed_and_aligned),
		cmocka_unit_test(test_arena_blocks_do_not_overlap),
		cmocka_unit_test(test_arena_large_and_impossible),
		cmocka_unit_test(test_arena_copies),
		cmocka_unit_test(test_arena_can_be_used_again),
		cmocka_unit_test(test_grow),
		cmocka_unit_test(test_grow_beyond_memory),
		cmocka_unit_test(test_cleanup),
		cmocka_unit_test(test_wipe),
	};

	return cmocka_run_group_tests_name("mem", tests, NULL, NULL);
}
