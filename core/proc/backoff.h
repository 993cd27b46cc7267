/* SPDX-License-Identifier: Apache-2.0 */
/* How long to wait before trying again. Pure: the caller brings the randomness. */
#ifndef PROC_BACKOFF_H
#define PROC_BACKOFF_H

#include <gpubroker/error.h>

#include <stdint.h>

/* The next poll of a region. failures: in a row, 0 after a success; random: any number (spreads the polls by a tenth
 * of the interval). After failures the interval doubles, up to ten intervals and at most five minutes (or the
 * interval, if that is longer); refused credentials wait at least five minutes, or a wrong password locks the
 * account. */
int64_t backoff_poll_ms(
	int64_t interval_ms, unsigned failures, enum gpubroker_code, uint32_t random);

/* Starting a child again. deaths: in a row, each after less than a second of service. The first time at once,
 * then 50 ms, 100 ms … up to max_ms. */
int64_t backoff_restart_ms(unsigned deaths, int64_t max_ms);

#endif
