/* SPDX-License-Identifier: Apache-2.0 */
/* core/model/fit/fit_memo.c: it has what was added, and nothing that differs in one number. */
#include "model/fit/fit_memo.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

enum { ITEMS = 3, MANY = 70000 };

static void test_every_number_counts(void **state)
{
	int64_t left[ITEMS] = {3, 0, 7};
	struct fit_memo m;

	assert_true(fit_memo_init(&m, ITEMS));
	assert_false(fit_memo_has(&m, 2, left));
	fit_memo_add(&m, 2, left);
	fit_memo_add(&m, 2, left);
	assert_int_equal(m.n, 1);
	assert_true(fit_memo_has(&m, 2, left));
	assert_false(fit_memo_has(&m, 1, left));
	assert_false(fit_memo_has(&m, 3, left));
	for (size_t i = 0; i < ITEMS; i++) {
		left[i]++;
		assert_false(fit_memo_has(&m, 2, left));
		left[i]--;
	}
	fit_memo_finish(&m);
}

/* Full, it forgets nothing and takes nothing more; it still ends. */
static void test_full(void **state)
{
	int64_t left[ITEMS] = {0};
	struct fit_memo m;
	size_t n = 0;

	assert_true(fit_memo_init(&m, ITEMS));
	for (left[1] = 0; left[1] < MANY; left[1]++) {
		fit_memo_add(&m, 1, left);
	}
	for (left[1] = 0; left[1] < MANY; left[1]++) {
		n += fit_memo_has(&m, 1, left);
	}
	assert_int_equal(n, m.n);
	assert_true(n > MANY / 2 && n < MANY);
	fit_memo_finish(&m);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_every_number_counts),
		cmocka_unit_test(test_full),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
