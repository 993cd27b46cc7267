/* SPDX-License-Identifier: Apache-2.0 */
/* The GPUs of a region by type: see pools.h. */
#include "model/pools.h"

#include "model/room.h"

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

static bool is_counted(const struct gpubroker_host *host)
{
	return host->state != GPUBROKER_HOST_SKIPPED;
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
		for (size_t j = 0; is_counted(&hosts[i]) && j < hosts[i].n_gpus; j++) {
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
static void find_taken(const struct room *room, const struct snapshot_flavor flavors[],
	size_t n_flavors, int64_t taken[INVENTORY_MAX_TYPES])
{
	struct device_asks asks;

	memset(taken, 0, sizeof(*taken) * INVENTORY_MAX_TYPES);
	for (size_t i = 0; i < n_flavors; i++) {
		struct room_ask ask;
		int64_t fits;

		if (flavors[i].flavor.n_gpus == 0) {
			continue;
		}
		room_ask_init(&ask, &asks, room->host, &flavors[i].flavor);
		fits = room_fits(room, &ask);
		for (size_t j = 0; fits > 0 && j < ask.n_gpus; j++) {
			int64_t *most = &taken[ask.gpus[j].gpus - room->host->gpus];

			*most = MAX(*most, fits * ask.gpus[j].count);
		}
	}
}

static void count_gpus(struct gpu_pool *pool, const struct gpubroker_gpus *gpus, int64_t stranded)
{
	const int64_t available = free_gpus(gpus);

	pool->hosts++;
	pool->total += gpus->total;
	pool->free += available;
	pool->used += gpus->total - available;
	pool->stranded += stranded;
	for (size_t i = 0; i < ARRAY_SIZE(pool_set_sizes); i++) {
		pool->configurations[i] += available / pool_set_sizes[i];
	}
}

/* Adds one host. memory: for the largest room of the region. */
static void count_host(const struct pools *pools, const struct gpubroker_host *host,
	const struct snapshot_flavor flavors[], size_t n_flavors, int64_t *memory,
	int64_t stranded[])
{
	const bool in_service = host->state == GPUBROKER_HOST_UP;
	int64_t taken[INVENTORY_MAX_TYPES];
	struct room room;

	if (in_service && host->n_gpus > 0) {
		room_init(&room, host, memory);
		find_taken(&room, flavors, n_flavors, taken);
	}
	for (size_t i = 0; i < host->n_gpus; i++) {
		const struct gpubroker_gpus *gpus = &host->gpus[i];

		stranded[i] = COUNT_UNKNOWN;
		if (in_service) {
			stranded[i] = MAX(free_gpus(gpus) - taken[i], 0);
			count_gpus(find_pool(pools, gpus->type), gpus, stranded[i]);
		} else if (is_counted(host)) {
			find_pool(pools, gpus->type)->disabled += gpus->total;
		}
	}
}

static int64_t *largest_room(const struct gpubroker_host hosts[], size_t n_hosts)
{
	size_t n = ROOM_AMOUNTS;

	for (size_t i = 0; i < n_hosts; i++) {
		n = MAX(n, room_size(&hosts[i]));
	}
	return calloc(n, sizeof(int64_t));
}

int pools_count(struct arena *arena, const struct gpubroker_host hosts[], size_t n_hosts,
	const struct snapshot_flavor flavors[], size_t n_flavors, struct region_pools *ret)
{
	_cleanup_(freep) int64_t *memory = largest_room(hosts, n_hosts);
	_cleanup_(freep) struct gpu_pool *items = NULL;
	struct pools pools = {0};

	ret->stranded = arena_alloc(arena, n_hosts * sizeof(*ret->stranded));
	if (!memory || !ret->stranded || !list_types(&pools, hosts, n_hosts)) {
		return GPUBROKER_E_INTERNAL;
	}
	items = pools.items;
	for (size_t i = 0; i < n_hosts; i++) {
		ret->stranded[i] = arena_alloc(arena, hosts[i].n_gpus * sizeof(**ret->stranded));
		if (!ret->stranded[i]) {
			return GPUBROKER_E_INTERNAL;
		}
		count_host(&pools, &hosts[i], flavors, n_flavors, memory, ret->stranded[i]);
	}
	ret->items = arena_copy(arena, pools.items, pools.n * sizeof(*pools.items));
	ret->n = pools.n;
	return ret->items ? 0 : GPUBROKER_E_INTERNAL;
}
