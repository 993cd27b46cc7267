/* SPDX-License-Identifier: Apache-2.0 */
/* Deep copies of hosts and flavors: see inventory.h. */
#include "model/inventory.h"

static bool words_copy(
	struct arena *arena, const struct gpubroker_words *from, struct gpubroker_words *to)
{
	const char **items = arena_alloc(arena, from->n * sizeof(*items));

	*to = (struct gpubroker_words){items, from->n};
	for (size_t i = 0; items && i < from->n; i++) {
		items[i] = arena_strdup(arena, from->items[i]);
		if (!items[i]) {
			return false;
		}
	}
	return items != NULL;
}

static bool devices_copy(struct arena *arena, struct gpubroker_gpus *gpus)
{
	struct gpubroker_device *devices;

	if (gpus->n_devices == 0) {
		gpus->devices = NULL;
		return true;
	}
	devices = arena_copy(arena, gpus->devices, gpus->n_devices * sizeof(*devices));
	for (size_t i = 0; devices && i < gpus->n_devices; i++) {
		if (!words_copy(arena, &gpus->devices[i].words, &devices[i].words)) {
			return false;
		}
	}
	gpus->devices = devices;
	return devices != NULL;
}

bool host_copy(struct arena *arena, const struct gpubroker_host *host, struct gpubroker_host *ret)
{
	struct gpubroker_gpus *gpus = arena_copy(arena, host->gpus, host->n_gpus * sizeof(*gpus));

	*ret = *host;
	ret->gpus = gpus;
	ret->name = arena_strdup(arena, host->name);
	ret->reason = arena_strdup(arena, host->reason);
	if (!gpus || !ret->name || (host->reason && !ret->reason) ||
		!words_copy(arena, &host->words, &ret->words)) {
		return false;
	}
	for (size_t i = 0; i < host->n_gpus; i++) {
		gpus[i].type = arena_strdup(arena, host->gpus[i].type);
		if (!gpus[i].type || !devices_copy(arena, &gpus[i])) {
			return false;
		}
	}
	return true;
}

static bool needs_copy(
	struct arena *arena, const struct gpubroker_flavor *from, struct gpubroker_flavor *to)
{
	struct gpubroker_need *needs = arena_copy(arena, from->gpus, from->n_gpus * sizeof(*needs));

	to->gpus = needs;
	for (size_t i = 0; needs && i < from->n_gpus; i++) {
		needs[i].type = arena_strdup(arena, from->gpus[i].type);
		if (!needs[i].type ||
			!words_copy(arena, &from->gpus[i].required, &needs[i].required) ||
			!words_copy(arena, &from->gpus[i].forbidden, &needs[i].forbidden)) {
			return false;
		}
	}
	return needs != NULL;
}

bool flavor_copy(
	struct arena *arena, const struct gpubroker_flavor *flavor, struct gpubroker_flavor *ret)
{
	*ret = *flavor;
	ret->id = arena_strdup(arena, flavor->id);
	ret->name = arena_strdup(arena, flavor->name);
	ret->invalid = arena_strdup(arena, flavor->invalid);
	if (flavor->demand) {
		ret->demand = arena_copy(arena, flavor->demand, sizeof(*flavor->demand));
	}
	return ret->id && ret->name && (!flavor->invalid || ret->invalid) &&
	       (!flavor->demand || ret->demand) && needs_copy(arena, flavor, ret) &&
	       words_copy(arena, &flavor->required, &ret->required) &&
	       words_copy(arena, &flavor->forbidden, &ret->forbidden) &&
	       words_copy(arena, &flavor->remarks, &ret->remarks);
}
