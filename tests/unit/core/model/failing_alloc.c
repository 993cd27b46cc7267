/* SPDX-License-Identifier: Apache-2.0 */
/* Allocations that fail when told to: see failing_alloc.h. */
#include "failing_alloc.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

static unsigned long allocations, fail_from;

void *__real_malloc(size_t);
void *__real_calloc(size_t, size_t);
void *__real_realloc(void *, size_t);
char *__real_strdup(const char *);
void *__wrap_malloc(size_t);
void *__wrap_calloc(size_t, size_t);
void *__wrap_realloc(void *, size_t);
char *__wrap_strdup(const char *);

/* Of jansson: where it allocates. */
void json_set_alloc_funcs(void *(*)(size_t), void (*)(void *));

static bool fails(void)
{
	return ++allocations >= fail_from && fail_from > 0;
}

void *__wrap_malloc(size_t size)
{
	return fails() ? NULL : __real_malloc(size);
}

void *__wrap_calloc(size_t n, size_t size)
{
	return fails() ? NULL : __real_calloc(n, size);
}

void *__wrap_realloc(void *p, size_t size)
{
	return fails() ? NULL : __real_realloc(p, size);
}

char *__wrap_strdup(const char *s)
{
	return fails() ? NULL : __real_strdup(s);
}

void failing_alloc_from(unsigned long n)
{
	json_set_alloc_funcs(__wrap_malloc, free);
	allocations = 0;
	fail_from = n;
}

bool failing_alloc_happened(void)
{
	return fail_from > 0 && allocations >= fail_from;
}

void failing_alloc_try_all(bool (*run)(void))
{
	bool done, failed = true;

	for (unsigned long n = 1; failed; n++) {
		failing_alloc_from(n);
		done = run();
		failed = failing_alloc_happened();
		failing_alloc_from(0);
		assert_true(done != failed);
	}
}
