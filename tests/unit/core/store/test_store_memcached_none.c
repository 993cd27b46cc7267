/* SPDX-License-Identifier: Apache-2.0 */
/* A build without libmemcached says so. */
#include "store/store.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

static void memcached_is_refused_with_a_sentence(void **state)
{
	struct memcached_settings settings = {0};
	struct gpubroker_error error = {0};
	struct store *store = NULL;

	assert_int_equal(store_memcached_new(&store, &settings, &error), GPUBROKER_E_CONFIG);
	assert_non_null(strstr(error.text, "libmemcached"));
	assert_null(store);
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(memcached_is_refused_with_a_sentence)};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
