/* SPDX-License-Identifier: Apache-2.0 */
/* In place of store_memcached.c where libmemcached is missing. */
#include "store/store.h"

int store_memcached_new(struct store **ret, const struct memcached_settings *settings,
	struct gpubroker_error *reterr)
{
	return gpubroker_fail(reterr, GPUBROKER_E_CONFIG,
		"this build has no memcached support (libmemcached was missing)");
}
