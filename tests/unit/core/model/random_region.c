/* SPDX-License-Identifier: Apache-2.0 */
/* Small random regions: see random_region.h. */
#include "random_region.h"

#include <stdio.h>

static const char *const types[RANDOM_TYPES] = {"A100", "L40S", "V100"};

int64_t random_below(uint64_t *state, int64_t limit)
{
	*state ^= *state << 13;
	*state ^= *state >> 7;
	*state ^= *state << 17;
	return (int64_t)(*state >> 16) % limit;
}

static struct gpubroker_amount random_amount(uint64_t *state)
{
	static const int64_t ratios[] = {0, 1000000, 4000000, 1150000, 333333};

	return (struct gpubroker_amount){
		.total = random_below(state, 40),
		.used = random_below(state, 50) - 10,
		.reserved = random_below(state, 4),
		.max_unit = random_below(state, 3) ? 0 : random_below(state, 60),
		.ratio_micro = ratios[random_below(state, ARRAY_SIZE(ratios))],
	};
}

static void random_host(uint64_t *state, struct random_region *region, size_t i)
{
	struct gpubroker_gpus *gpus = region->gpus[i];
	struct gpubroker_host *host = &region->hosts[i];

	*host = (struct gpubroker_host){
		.name = region->names[i],
		.state = random_below(state, 4) ? GPUBROKER_HOST_UP
						: (enum gpubroker_host_state)random_below(state, 3),
		.vcpus = random_amount(state),
		.ram_mib = random_amount(state),
		.disk_gib = random_amount(state),
		.gpus = gpus,
	};
	snprintf(region->names[i], sizeof(region->names[i]), "h%zu", i);
	for (size_t t = 0; t < RANDOM_TYPES; t++) {
		if (random_below(state, 2)) {
			gpus[host->n_gpus++] = (struct gpubroker_gpus){
				types[t], random_below(state, 9), random_below(state, 10)};
		}
	}
}

static void random_flavor(uint64_t *state, struct random_region *region, size_t i)
{
	struct gpubroker_need *needs = region->needs[i];
	struct gpubroker_flavor *flavor = &region->flavors[i];
	char *name = region->names[RANDOM_HOSTS + i];

	*flavor = (struct gpubroker_flavor){
		.id = name,
		.name = name,
		.vcpus = random_below(state, 8),
		.ram_mib = random_below(state, 8),
		.disk_gib = random_below(state, 5),
		.ephemeral_gib = random_below(state, 3),
		.swap_mib = random_below(state, 2000),
		.is_public = random_below(state, 2) == 0,
		.gpus = needs,
		.invalid = random_below(state, 20) ? NULL : "it is broken",
	};
	snprintf(name, sizeof(region->names[0]), "f%zu", i);
	for (size_t t = 0; t < RANDOM_TYPES; t++) {
		if (random_below(state, 3) == 0) {
			needs[flavor->n_gpus++] =
				(struct gpubroker_need){types[t], random_below(state, 4)};
		}
	}
}

void random_region(uint64_t *state, struct random_region *ret)
{
	*ret = (struct random_region){
		.n_hosts = (size_t)random_below(state, RANDOM_HOSTS + 1),
		.n_flavors = (size_t)random_below(state, RANDOM_FLAVORS + 1),
	};
	for (size_t i = 0; i < ret->n_hosts; i++) {
		random_host(state, ret, i);
	}
	for (size_t i = 0; i < ret->n_flavors; i++) {
		random_flavor(state, ret, i);
	}
}
