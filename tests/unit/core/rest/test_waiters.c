/* SPDX-License-Identifier: Apache-2.0 */
/* Tests of core/rest/waiters.c. */
#include "rest/waiters.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static int n_suspended, n_resumed;

static void suspend(struct MHD_Connection *connection)
{
	n_suspended++;
}

static void resume(struct MHD_Connection *connection)
{
	n_resumed++;
}

static void test_waking(void **state)
{
	struct waiters waiters;
	struct waiter a = {.deadline_ms = 10}, b = {.deadline_ms = 20}, c = {.deadline_ms = 30};
	uint64_t seen;

	n_suspended = n_resumed = 0;
	waiters_init(&waiters, suspend, resume);
	seen = waiters_seen(&waiters);
	assert_true(waiters_add(&waiters, &a, seen));
	assert_true(waiters_add(&waiters, &b, seen));
	assert_true(waiters_add(&waiters, &c, seen));
	assert_int_equal(n_suspended, 3);
	assert_int_equal(waiters_wake(&waiters, false, 9), 3);
	assert_int_equal(waiters_wake(&waiters, false, 10), 2);
	assert_int_equal(n_resumed, 1);
	waiters_remove(&waiters, &c);
	waiters_remove(&waiters, &c);
	assert_int_equal(waiters_wake(&waiters, true, 0), 0);
	assert_int_equal(n_resumed, 2);
	waiters_finish(&waiters);
}

static void test_nobody_waits_for_what_has_come(void **state)
{
	struct waiters waiters;
	struct waiter a = {.deadline_ms = 10};
	uint64_t seen;

	n_suspended = 0;
	waiters_init(&waiters, suspend, resume);
	seen = waiters_seen(&waiters);
	waiters_wake(&waiters, true, 0);
	assert_false(waiters_add(&waiters, &a, seen));
	assert_int_equal(n_suspended, 0);
	assert_true(waiters_add(&waiters, &a, waiters_seen(&waiters)));
	waiters_finish(&waiters);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_waking),
		cmocka_unit_test(test_nobody_waits_for_what_has_come),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
