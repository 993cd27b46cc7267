/* SPDX-License-Identifier: Apache-2.0 */
/* Tests of core/rest/exchange.c. */
#include "base/mem.h"
#include "rest/exchange.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static void ignore(struct MHD_Connection *c)
{
}

static void test_contexts(void **state)
{
	void *context = exchange_none;
	struct waiters waiters;
	struct exchange *x;

	waiters_init(&waiters, ignore, ignore);
	assert_null(exchange_find(NULL));
	assert_null(exchange_find(context));
	assert_false(exchange_has_waited(context));
	x = exchange_of(&context);
	assert_non_null(x);
	assert_ptr_equal(exchange_find(context), x);
	assert_ptr_equal(exchange_of(&context), x);
	assert_false(exchange_has_waited(context));
	assert_non_null(exchange_waiter(&context, NULL, 5));
	assert_ptr_equal(exchange_waiter(&context, NULL, 6), x->waiter);
	assert_int_equal(x->waiter->began_ms, 5);
	assert_true(exchange_has_waited(context));
	assert_true(waiters_add(&waiters, x->waiter, waiters_seen(&waiters)));
	exchange_free(x, &waiters); /* takes its waiter out */
	exchange_free(NULL, &waiters);
	assert_int_equal(waiters_wake(&waiters, false, 0), 0);
	waiters_finish(&waiters);
}

static void test_bodies(void **state)
{
	static char block[BODY_MAX];
	void *context = exchange_none;
	struct waiters waiters;
	struct exchange *x = exchange_of(&context);
	struct request r;

	waiters_init(&waiters, ignore, ignore);
	exchange_body(NULL, &r);
	assert_string_equal(r.body, "");
	assert_true(exchange_add(x, "abc", 3));
	assert_true(exchange_add(x, "", 0));
	exchange_body(x, &r);
	assert_int_equal(r.body_length, 3);
	assert_memory_equal(r.body, "abc", 3);
	assert_true(exchange_add(x, block, BODY_MAX - 3));
	exchange_body(x, &r);
	assert_int_equal(r.body_length, BODY_MAX);
	assert_false(r.body_too_long);
	assert_true(exchange_add(x, "d", 1));
	exchange_body(x, &r);
	assert_int_equal(r.body_length, 0);
	assert_true(r.body_too_long);
	for (size_t n = 2; n <= BODY_PATIENCE / BODY_MAX; n++) {
		assert_int_equal(exchange_add(x, block, BODY_MAX), n < BODY_PATIENCE / BODY_MAX);
	}
	exchange_free(x, &waiters);
	waiters_finish(&waiters);
}

/* Counted from the first byte, so that one byte now and then does not hold a connection for ever. */
static void test_time_for_a_body(void **state)
{
	const int64_t most = BODY_TIME_S * 1000;
	struct exchange x = {0};

	assert_true(exchange_in_time(&x, 5000, 1));
	assert_true(exchange_in_time(&x, 90000, 1)); /* it begins now */
	assert_true(exchange_add(&x, "a", 1));
	assert_true(exchange_in_time(&x, 90000 + most, 1));
	assert_true(exchange_add(&x, "b", 1));
	assert_false(exchange_in_time(&x, 90001 + most, 1));
	assert_true(exchange_in_time(&x, 90001 + most, BODY_TIME_S + 1));
	strbuf_finish(&x.body);
}

static void test_what_is_wanted(void **state)
{
	assert_true(body_is_wanted("/v1/fit", "POST"));
	assert_true(body_is_wanted("http://x/v1/fit", "POST"));
	assert_false(body_is_wanted("/v1/fit", "GET"));
	assert_false(body_is_wanted("/v1/fit", "PUT"));
	assert_false(body_is_wanted("/v1/flavors", "POST"));
	assert_false(body_is_wanted("/nope", "POST"));
	assert_false(body_is_long(NULL));
	assert_false(body_is_long("65536"));
	assert_true(body_is_long("65537"));
	assert_true(body_is_long("x"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_contexts),
		cmocka_unit_test(test_bodies),
		cmocka_unit_test(test_time_for_a_body),
		cmocka_unit_test(test_what_is_wanted),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
