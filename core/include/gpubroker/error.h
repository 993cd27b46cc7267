/* SPDX-License-Identifier: Apache-2.0 */
/* Error codes that a plugin and the core share, and the sentence that goes with one. */
#ifndef GPUBROKER_ERROR_H
#define GPUBROKER_ERROR_H

#include <stdarg.h>
#include <stdio.h>

/* One row a code. `word` is what the log, /v1/regions and the metric label all say; `detail` is the
 * fixed sentence that strangers may read. `retry` is 1 where trying again soon makes sense.
 *
 *      name         value  word           retry  detail */
#define GPUBROKER_CODES(X)                                                                         \
	X(CONFIG,      -1, "config",       0, "The region is not configured correctly.")           \
	X(AUTH,        -2, "auth",         0, "The cloud refused the broker's credentials.")       \
	X(DENIED,      -3, "denied",       0, "The cloud denies the broker a call that it needs.") \
	X(NETWORK,     -4, "network",      1, "The cloud could not be reached.")                   \
	X(TIMEOUT,     -5, "timeout",      1, "The cloud did not answer in time.")                 \
	X(UNAVAILABLE, -6, "unavailable",  1, "The cloud said that it cannot answer now.")         \
	X(BAD_REPLY,   -7, "bad-reply",    1, "The cloud gave an answer that makes no sense.")     \
	X(INCOMPLETE,  -8, "incomplete",   1, "The cloud could show only a part of the region.")   \
	X(LIMIT,       -9, "limit",        0, "The region is larger than the broker accepts.")     \
	X(CRASHED,    -10, "crashed",      1, "The process that reads the region ended unexpectedly.") \
	X(INTERNAL,   -11, "internal",     1, "The broker failed internally.")

enum gpubroker_code {
	GPUBROKER_OK = 0,
#define X(name, value, word, retry, detail) GPUBROKER_E_##name = (value),
	GPUBROKER_CODES(X)
#undef X
};

/* text: one sentence without a full stop, naming the thing: "nova: hypervisor 17 has no 'vcpus'".
 * It never holds a secret. */
struct gpubroker_error {
	enum gpubroker_code code;
	char text[480];
};

/* Sets *reterr (may be NULL) and returns code, so that `return gpubroker_fail(…);` is one statement. */
__attribute__((format(printf, 3, 4))) static inline int gpubroker_fail(
	struct gpubroker_error *reterr, enum gpubroker_code code, const char *format, ...)
{
	va_list ap;

	if (reterr) {
		reterr->code = code;
		va_start(ap, format);
		vsnprintf(reterr->text, sizeof(reterr->text), format, ap);
		va_end(ap);
	}
	return (int)code;
}

#endif
