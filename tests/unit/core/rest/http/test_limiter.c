/* SPDX-License-Identifier: Apache-2.0 */
/* Tests of core/rest/http/limiter.c. */
#include "rest/http/limiter.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static struct address numbered(uint32_t n)
{
	struct address a = {
		{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff}
        };

	memcpy(a.bytes + 12, &n, sizeof(n));
	return a;
}

static void test_no_limits_no_limiter(void **state)
{
	struct limiter *limiter = (struct limiter *)&limiter;

	assert_int_equal(limiter_new(&limiter, 0, 0, NULL), 0);
	assert_null(limiter);
	limiter_free(limiter);
}

static void test_connections(void **state)
{
	struct address a = numbered(1), b = numbered(2);
	struct limiter *limiter;

	assert_int_equal(limiter_new(&limiter, 2, 0, NULL), 0);
	assert_true(limiter_open(limiter, &a, 0));
	assert_true(limiter_open(limiter, &a, 0));
	assert_false(limiter_open(limiter, &a, 0));
	assert_true(limiter_open(limiter, &b, 0));
	limiter_close(limiter, &a);
	assert_false(limiter_open(limiter, &a, 100000));
	limiter_close(limiter, &a);
	limiter_close(limiter, &a);
	assert_true(limiter_open(limiter, &a, 200000));
	assert_true(limiter_request(limiter, &a, 0));
	limiter_free(limiter);
}

static void test_requests(void **state)
{
	struct address a = numbered(1), b = numbered(2);
	struct limiter *limiter;

	assert_int_equal(limiter_new(&limiter, 0, 2, NULL), 0);
	assert_true(limiter_request(limiter, &a, 1000));
	assert_true(limiter_request(limiter, &a, 1000));
	assert_false(limiter_request(limiter, &a, 1000));
	assert_true(limiter_request(limiter, &b, 1000));
	assert_false(limiter_request(limiter, &a, 1499));
	assert_true(limiter_request(limiter, &a, 1500));
	assert_false(limiter_request(limiter, &a, 1500));
	/* A long rest saves up no more than a second's worth. */
	assert_true(limiter_request(limiter, &a, 900000));
	assert_true(limiter_request(limiter, &a, 900000));
	assert_false(limiter_request(limiter, &a, 900000));
	limiter_free(limiter);
}

static void test_many_clients_need_no_more_memory_than_a_second(void **state)
{
	struct limiter *limiter;

	assert_int_equal(limiter_new(&limiter, 0, 1, NULL), 0);
	for (uint32_t i = 0; i < 600000; i++) {
		struct address a = numbered(i);

		assert_true(limiter_request(limiter, &a, i));
	}
	limiter_free(limiter);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_no_limits_no_limiter),
		cmocka_unit_test(test_connections),
		cmocka_unit_test(test_requests),
		cmocka_unit_test(test_many_clients_need_no_more_memory_than_a_second),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
