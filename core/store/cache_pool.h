/* SPDX-License-Identifier: Apache-2.0 */
/* Some memcached servers and single requests to them, with time-outs, one retry after a restart, and a pause
 * after a failure. Knows nothing of what the keys mean: that is cache_keys.c. */
#ifndef STORE_CACHE_POOL_H
#define STORE_CACHE_POOL_H

#include "base/mem.h"
#include "store/store.h"

struct cache_pool;

struct cache_request {
	enum store_op op;
	const char *key;
	const char *data; /* to set */
	size_t n;
	uint32_t flags; /* to set; got */
	char *got;      /* the caller frees it */
	size_t got_n;
	enum store_result result;
};

int cache_pool_new(
	struct cache_pool **ret, const struct memcached_settings *, struct gpubroker_error *reterr);
void cache_pool_free(struct cache_pool *);
DEFINE_CLEANUP(struct cache_pool *, cache_pool_free);

size_t cache_pool_servers(const struct cache_pool *);
size_t cache_pool_server_of(const struct cache_pool *, const char *key);

/* Sets result. 0 for ok, miss and bad-value; < 0: LIMIT (too big), TIMEOUT, NETWORK. */
int cache_pool_request(
	struct cache_pool *, size_t server, struct cache_request *, struct gpubroker_error *reterr);

#endif
