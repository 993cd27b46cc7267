/* SPDX-License-Identifier: Apache-2.0 */
/* The GPUs of a region by type: what /v1/gpus, the sums of a REGION and the metrics show. Pure. */
#ifndef MODEL_POOLS_H
#define MODEL_POOLS_H

#include "model/snapshot.h"

/* Sizes of the sets in gpu_pool.configurations. */
extern const int64_t pool_set_sizes[4];

struct region_pools {
	struct gpu_pool *items; /* their type strings are the hosts' */
	size_t n;
	int64_t **stranded; /* [host][type of the host]; COUNT_UNKNOWN where it is not in service */
};

/* One pool a GPU type of any host, in service or not, in byte order of the types; skipped hosts are in none.
 *
 * Only hosts in service count, but for `disabled`. `used` is at most the host's total. Of the free GPUs of
 * a host those are stranded that no single flavor can take: free - max(available * count) over the valid
 * flavors that ask for the type, alone or among others. Mixing flavors on one host is not tried.
 *
 * All lies in the arena. < 0: no memory. */
int pools_count(struct arena *, const struct gpubroker_host hosts[], size_t n_hosts,
	const struct snapshot_flavor flavors[], size_t n_flavors, struct region_pools *ret);

#endif
