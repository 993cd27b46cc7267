/* SPDX-License-Identifier: Apache-2.0 */
/* Allocations that fail on demand: the n-th from now on. Linked with -Wl,--wrap=malloc and so on. */
#ifndef TESTS_FAILING_H
#define TESTS_FAILING_H

#include <stdbool.h>

void failing_from(unsigned n); /* 1: the next one; 0: none */
bool failing_has_failed(void); /* since failing_from() */

#endif
