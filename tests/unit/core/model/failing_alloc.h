/* SPDX-License-Identifier: Apache-2.0 */
/* Allocations that fail when told to. The test's program is linked with --wrap for malloc, calloc, realloc
 * and strdup, so that calls from our own objects, and from jansson, come here. */
#ifndef FAILING_ALLOC_H
#define FAILING_ALLOC_H

#include <stdbool.h>

/* From now on the n-th allocation (from 1) and all after it fail; 0: none does. */
void failing_alloc_from(unsigned long n);
bool failing_alloc_happened(void); /* since then */

/* Calls run() with the first, the second, … allocation failing until it gets through with none having
 * failed, and checks that it says so each time. run: true if the work was done; it frees what it made, and
 * under the address sanitizer or valgrind a leak shows. */
void failing_alloc_try_all(bool (*run)(void));

#endif
