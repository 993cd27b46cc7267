/* SPDX-License-Identifier: Apache-2.0 */
/* core/model/fit/fit_parts.c: what has to be decided together. */
#include "model/fit/fit_problem.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

enum { ITEMS = 5 };

static size_t parts(const int64_t caps[], size_t n_hosts, size_t ret[FIT_MAX_ASKS])
{
	const struct fit_problem p = {
		.n_items = ITEMS, .n_hosts = n_hosts, .caps = (int64_t *)caps};

	return fit_parts(&p, ret);
}

static void assert_parts(const size_t found[], const size_t expected[ITEMS])
{
	for (size_t i = 0; i < ITEMS; i++) {
		assert_int_equal(found[i], expected[i]);
	}
}

static void test_alone(void **state)
{
	static const int64_t caps[] = {1, 0, 0, 0, 0, 0, 2, 0, 0, 0, 0, 0, 3, 0, 0};
	static const size_t expected[ITEMS] = {0, 1, 2, 3, 4};
	size_t found[FIT_MAX_ASKS];

	assert_int_equal(parts(caps, 3, found), ITEMS);
	assert_parts(found, expected);
}

static void test_shared_host(void **state)
{
	static const int64_t caps[] = {0, 1, 0, 1, 0, 1, 0, 0, 0, 0, 0, 0, 1, 0, 1};
	static const size_t expected[ITEMS] = {0, 1, 2, 1, 2};
	size_t found[FIT_MAX_ASKS];

	assert_int_equal(parts(caps, 3, found), 3);
	assert_parts(found, expected);
}

/* 0 and 4 share no host; 2 shares one with each. The last host joins two parts. */
static void test_chain(void **state)
{
	static const int64_t caps[] = {1, 0, 1, 0, 0, 0, 0, 1, 0, 1, 0, 1, 0, 1, 0};
	static const size_t expected[ITEMS] = {0, 1, 0, 1, 0};
	static const int64_t last[] = {1, 0, 1, 0, 0, 0, 1, 0, 1, 1, 0, 0, 1, 1, 0};
	size_t found[FIT_MAX_ASKS];

	assert_int_equal(parts(caps, 3, found), 2);
	assert_parts(found, expected);
	assert_int_equal(parts(last, 3, found), 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_alone),
		cmocka_unit_test(test_shared_host),
		cmocka_unit_test(test_chain),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
