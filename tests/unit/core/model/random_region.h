/* SPDX-License-Identifier: Apache-2.0 */
/* Small random regions, the same ones in each run, for properties that must hold in all of them. */
#ifndef RANDOM_REGION_H
#define RANDOM_REGION_H

#include "model/inventory.h"

enum { RANDOM_HOSTS = 6, RANDOM_FLAVORS = 5, RANDOM_TYPES = 3, RANDOM_DEVICES = 3 };

struct random_region {
	struct gpubroker_host hosts[RANDOM_HOSTS];
	struct gpubroker_flavor flavors[RANDOM_FLAVORS];
	size_t n_hosts, n_flavors;
	/* what the pointers above point to */
	char names[RANDOM_HOSTS + RANDOM_FLAVORS][24];
	struct gpubroker_gpus gpus[RANDOM_HOSTS][RANDOM_TYPES];
	struct gpubroker_need needs[RANDOM_FLAVORS][RANDOM_TYPES + 1]; /* one more of a type in rich ones */
	struct gpubroker_device devices[RANDOM_HOSTS][RANDOM_TYPES][RANDOM_DEVICES];
	struct gpubroker_demand demands[RANDOM_FLAVORS];
};

int64_t random_below(uint64_t *state, int64_t limit); /* 0 … limit - 1; *state is not 0 */
void random_region(uint64_t *state, struct random_region *ret);
/* One with all that an inventory can say besides: devices, words, units, dedicated CPUs, demands, skipped hosts.
 * It passes the inventory's checks. */
void random_rich_region(uint64_t *state, struct random_region *ret);

#endif
