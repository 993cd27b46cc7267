/* SPDX-License-Identifier: Apache-2.0 */
/* How long to wait before trying again. */
#include "proc/backoff.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

enum { INTERVAL_MS = 30000 };

static void around_the_interval_when_fine(void **state)
{
	for (uint32_t random = 0; random < 2000; random += 37) {
		int64_t wait = backoff_poll_ms(INTERVAL_MS, 0, GPUBROKER_OK, random);

		assert_in_range(wait, INTERVAL_MS * 95 / 100, INTERVAL_MS * 105 / 100);
	}
}

static void doubles_after_failures_up_to_five_minutes(void **state)
{
	assert_int_equal(backoff_poll_ms(INTERVAL_MS, 1, GPUBROKER_E_NETWORK, 0), 30000);
	assert_int_equal(backoff_poll_ms(INTERVAL_MS, 2, GPUBROKER_E_NETWORK, 0), 60000);
	assert_int_equal(backoff_poll_ms(INTERVAL_MS, 3, GPUBROKER_E_NETWORK, 0), 120000);
	assert_int_equal(backoff_poll_ms(INTERVAL_MS, 4000000, GPUBROKER_E_NETWORK, 0), 300000);
	assert_int_equal(backoff_poll_ms(2000, 4000000, GPUBROKER_E_NETWORK, 0), 20000);
	assert_int_equal(backoff_poll_ms(3600000, 9, GPUBROKER_E_NETWORK, 0), 3600000);
}

static void refused_credentials_wait_five_minutes(void **state)
{
	assert_int_equal(backoff_poll_ms(2000, 1, GPUBROKER_E_AUTH, 0), 300000);
	assert_true(backoff_poll_ms(2000, 1, GPUBROKER_E_AUTH, 999) >= 300000);
}

static void restarts_at_once_then_slower(void **state)
{
	assert_int_equal(backoff_restart_ms(0, 1000), 0);
	assert_int_equal(backoff_restart_ms(1, 1000), 0);
	assert_int_equal(backoff_restart_ms(2, 1000), 50);
	assert_int_equal(backoff_restart_ms(3, 1000), 100);
	assert_int_equal(backoff_restart_ms(40, 1000), 1000);
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(around_the_interval_when_fine),
		cmocka_unit_test(doubles_after_failures_up_to_five_minutes),
		cmocka_unit_test(refused_credentials_wait_five_minutes),
		cmocka_unit_test(restarts_at_once_then_slower)};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
