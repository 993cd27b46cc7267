/* SPDX-License-Identifier: Apache-2.0 */
/* How long to wait before trying again: see backoff.h. */
#include "proc/backoff.h"

#include "base/mem.h"

enum {
	LONGEST_WAIT_MS = 5 * 60 * 1000,
	LONGEST_WAIT_INTERVALS = 10,
	AUTH_WAIT_MS = 5 * 60 * 1000,
	FIRST_RESTART_MS = 50
};

int64_t backoff_poll_ms(
	int64_t interval_ms, unsigned failures, enum gpubroker_code code, uint32_t random)
{
	int64_t longest = MIN(interval_ms * LONGEST_WAIT_INTERVALS, (int64_t)LONGEST_WAIT_MS),
		wait = interval_ms;

	longest = MAX(longest, interval_ms);
	for (unsigned i = 1; i < failures && wait < longest; i++) {
		wait *= 2;
	}
	wait = MIN(wait, longest);
	if (failures > 0 && code == GPUBROKER_E_AUTH) {
		wait = MAX(wait, (int64_t)AUTH_WAIT_MS);
	}
	/* Later rather than earlier after a failure, around the interval otherwise. */
	return wait + (int64_t)(random % 1000) * wait / 10000 - (failures == 0 ? wait / 20 : 0);
}

int64_t backoff_restart_ms(unsigned deaths, int64_t max_ms)
{
	int64_t wait = FIRST_RESTART_MS;

	if (deaths <= 1) {
		return 0;
	}
	for (unsigned i = 2; i < deaths && wait < max_ms; i++) {
		wait *= 2;
	}
	return MIN(wait, max_ms);
}
