/* SPDX-License-Identifier: Apache-2.0 */
/* The GPUs of a region by type: see pools.h. */
#include "model/pools.h"

#include "model/inventory.h"

#include <string.h>

const int64_t pool_set_sizes[4] = {1, 2, 4, 8};

struct pools {
	struct gpu_pool *items;
	size_t n;
};

static int compare_pools(const void *a, const void *b)
{
	return strcmp(((const struct gpu_pool *)a)->type, ((const struct gpu_pool *)b)->type);
}

static struct gpu_pool *find_pool(const struct pools *pools, const char *type)
{
	const struct gpu_pool key = {.type = type};

	return bsearch(&key, pools->items, pools->n, sizeof(key), compare_pools);
}

/* Every type once, sorted, with nothing counted yet. */
static bool list_types(struct pools *pools, const struct gpubroker_host hosts[], size_t n_hosts)
{
	size_t all = 0, n = 0;

	for (size_t i = 0; i < n_hosts; i++) {
		all += hosts[i].n_gpus;
	}
	pools->items = calloc(MAX(all, (size_t)1), sizeof(*pools->items));
	if (!pools->items) {
		return false;
	}
	for (size_t i = 0; i < n_hosts; i++) {
		for (size_t j = 0; j < hosts[i].n_gpus; j++) {
			pools->items[n++].type = hosts[i].gpus[j].type;
		}
	}
	qsort(pools->items, n, sizeof(*pools->items), compare_pools);
	for (size_t i = 0; i < n; i++) {
		if (i == 0 || compare_pools(&pools->items[i], &pools->items[pools->n - 1]) != 0) {
			pools->items[pools->n++] = pools->items[i];
		}
	}
	return true;
}

static int64_t free_gpus(const struct gpubroker_gpus *gpus)
{
	return MAX(gpus->total - gpus->used, 0);
}

/* How many GPUs of each of the host's types the one flavor that takes most of them can take. */
static void find_taken(const struct gpubroker_host *host, const struct snapshot_flavor flavors[],
	size_t n_flavors, int64_t taken[INVENTORY_MAX_TYPES])
{
	memset(taken, 0, sizeof(*taken) * INVENTORY_MAX_TYPES);
	for (size_t i = 0; i < n_flavors; i++) {
		const struct gpubroker_flavor *flavor = &flavors[i].flavor;
		struct host_count count;

		if (flavor->n_gpus == 0) {
			continue;
		}
		host_explain(host, flavor, &count);
		for (size_t j = 0; count.available > 0 && j < flavor->n_gpus; j++) {
			for (size_t k = 0; k < host->n_gpus; k++) {
				if (strcmp(host->gpus[k].type, flavor->gpus[j].type) == 0) {
					taken[k] = MAX(
						taken[k], count.available * flavor->gpus[j].count);
				}
			}
		}
	}
}

static void count_gpus(struct gpu_pool *pool, const struct gpubroker_gpus *gpus, int64_t taken)
{
	const int64_t available = free_gpus(gpus);

	pool->hosts++;
	pool->total += gpus->total;
	pool->free += available;
	pool->used += gpus->total - available;
	pool->stranded += MAX(available - taken, 0);
	for (size_t i = 0; i < ARRAY_SIZE(pool_set_sizes); i++) {
		pool->configurations[i] += available / pool_set_sizes[i];
	}
}

int pools_count(struct arena *arena, const struct gpubroker_host hosts[], size_t n_hosts,
	const struct snapshot_flavor flavors[], size_t n_flavors, struct gpu_pool **ret,
	size_t *ret_n)
{
	_cleanup_(freep) struct gpu_pool *items = NULL;
	struct pools pools = {0};

	if (!list_types(&pools, hosts, n_hosts)) {
		return GPUBROKER_E_INTERNAL;
	}
	items = pools.items;
	for (size_t i = 0; i < n_hosts; i++) {
		int64_t taken[INVENTORY_MAX_TYPES];

		if (hosts[i].state == GPUBROKER_HOST_UP && hosts[i].n_gpus > 0) {
			find_taken(&hosts[i], flavors, n_flavors, taken);
		}
		for (size_t j = 0; j < hosts[i].n_gpus; j++) {
			struct gpu_pool *pool = find_pool(&pools, hosts[i].gpus[j].type);

			if (hosts[i].state == GPUBROKER_HOST_UP) {
				count_gpus(pool, &hosts[i].gpus[j], taken[j]);
			} else {
				pool->disabled += hosts[i].gpus[j].total;
			}
		}
	}
	*ret = arena_copy(arena, pools.items, pools.n * sizeof(*pools.items));
	*ret_n = pools.n;
	return *ret ? 0 : GPUBROKER_E_INTERNAL;
}
