/* SPDX-License-Identifier: Apache-2.0 */
/* What all stores share: words for the metrics, the rule for region names, the end. */
#include "store/store.h"

#include "base/mem.h"

#include <string.h>

const char *store_op_word(enum store_op op)
{
	static const char *const words[N_STORE_OPS] = {
		[STORE_GET] = "get",
		[STORE_SET] = "set",
		[STORE_DELETE] = "delete",
	};

	return words[op];
}

const char *store_result_word(enum store_result result)
{
	static const char *const words[N_STORE_RESULTS] = {
		[STORE_OK] = "ok",
		[STORE_MISS] = "miss",
		[STORE_ERROR] = "error",
		[STORE_TIMEOUT] = "timeout",
		[STORE_TOO_BIG] = "too-big",
		[STORE_BAD_VALUE] = "bad-value",
	};

	return words[result];
}

bool store_region_name_is_safe(const char *region)
{
	static const char letters[] = "abcdefghijklmnopqrstuvwxyz0123456789-";
	size_t n = strlen(region);

	return n >= 1 && n <= 63 && region[0] != '-' && strspn(region, letters) == n;
}

void store_free(struct store *store)
{
	if (store) {
		store->vtable->free(store);
	}
}
