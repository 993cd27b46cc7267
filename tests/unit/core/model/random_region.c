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

/* ---- rich ones ---- */

static const char *const words_a[] = {"A"};
static const char *const words_ab[] = {"A", "B"};
static const char *const words_b[] = {"B"};

static struct gpubroker_words random_words(uint64_t *state, int64_t none)
{
	switch (random_below(state, none + 3)) {
	case 0:
		return (struct gpubroker_words){words_a, 1};
	case 1:
		return (struct gpubroker_words){words_ab, 2};
	case 2:
		return (struct gpubroker_words){words_b, 1};
	default:
		return (struct gpubroker_words){NULL, 0};
	}
}

static void enrich_amount(uint64_t *state, struct gpubroker_amount *a)
{
	a->min_unit = random_below(state, 4) ? 0 : 1 + random_below(state, 3);
	a->step_size = random_below(state, 4) ? 0 : 1 + random_below(state, 3);
}

static void enrich_gpus(
	uint64_t *state, struct gpubroker_gpus *gpus, struct gpubroker_device devices[])
{
	if (random_below(state, 3) == 0) {
		return;
	}
	gpus->devices = devices;
	gpus->n_devices = 1 + (size_t)random_below(state, RANDOM_DEVICES);
	gpus->total = gpus->used = 0;
	for (size_t i = 0; i < gpus->n_devices; i++) {
		devices[i].total = random_below(state, 5);
		devices[i].used = random_below(state, 3);
		devices[i].max_unit = random_below(state, 4) ? 0 : 1;
		devices[i].min_unit = random_below(state, 8) ? 0 : 2;
		devices[i].step_size = random_below(state, 8) ? 0 : 2;
		devices[i].words = random_words(state, 1);
		gpus->total += devices[i].total;
		gpus->used += MIN(devices[i].used, devices[i].total);
	}
}

static void enrich_host(uint64_t *state, struct random_region *region, size_t i)
{
	struct gpubroker_host *host = &region->hosts[i];

	enrich_amount(state, &host->vcpus);
	enrich_amount(state, &host->ram_mib);
	enrich_amount(state, &host->disk_gib);
	if (random_below(state, 2)) {
		host->pcpus = random_amount(state);
	}
	host->words = random_words(state, 1);
	if (random_below(state, 8) == 0) {
		host->state = GPUBROKER_HOST_SKIPPED;
	}
	for (size_t t = 0; t < host->n_gpus; t++) {
		enrich_gpus(state, &region->gpus[i][t], region->devices[i][t]);
	}
}

static void enrich_flavor(uint64_t *state, struct random_region *region, size_t i)
{
	struct gpubroker_flavor *flavor = &region->flavors[i];
	struct gpubroker_need *needs = region->needs[i];

	for (size_t n = 0; n < flavor->n_gpus; n++) {
		needs[n].unit = 1 + random_below(state, 2);
		needs[n].count *= needs[n].unit;
		needs[n].required = random_words(state, 4);
		needs[n].forbidden = random_words(state, 8);
	}
	if (flavor->n_gpus > 0 && random_below(state, 3) == 0) {
		needs[flavor->n_gpus] = needs[0];
		needs[flavor->n_gpus].unit = needs[0].unit == 1 ? 2 : 1;
		needs[flavor->n_gpus++].count = 2;
	}
	if (random_below(state, 3) == 0) {
		region->demands[i] = (struct gpubroker_demand){random_below(state, 4),
			random_below(state, 3), random_below(state, 5), random_below(state, 5)};
		flavor->demand = &region->demands[i];
	}
	flavor->isolate = random_below(state, 3) == 0;
	flavor->required = random_words(state, 8);
	flavor->forbidden = random_words(state, 12);
	flavor->remarks = random_words(state, 3);
}

void random_rich_region(uint64_t *state, struct random_region *ret)
{
	random_region(state, ret);
	for (size_t i = 0; i < ret->n_hosts; i++) {
		enrich_host(state, ret, i);
	}
	for (size_t i = 0; i < ret->n_flavors; i++) {
		enrich_flavor(state, ret, i);
	}
}
