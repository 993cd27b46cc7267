/* SPDX-License-Identifier: Apache-2.0 */
/* What is free on one host, on paper: see room.h. */
#include "model/room.h"

#include "base/mem.h"

#include <string.h>

size_t room_size(const struct gpubroker_host *host)
{
	size_t n = ROOM_AMOUNTS;

	for (size_t i = 0; i < host->n_gpus; i++) {
		n += devices_slots(&host->gpus[i]);
	}
	return n;
}

void room_init(struct room *room, const struct gpubroker_host *host, int64_t *memory)
{
	const struct gpubroker_amount *const amounts[] = {
		[ROOM_VCPUS] = &host->vcpus,
		[ROOM_PCPUS] = &host->pcpus,
		[ROOM_RAM_MIB] = &host->ram_mib,
		[ROOM_DISK_GIB] = &host->disk_gib,
	};

	*room = (struct room){.host = host, .free = memory, .n = ROOM_AMOUNTS};
	for (size_t i = 0; i < ROOM_AMOUNTS; i++) {
		memory[i] = amount_usable(amounts[i]);
	}
	for (size_t i = 0; i < host->n_gpus; i++) {
		devices_free(&host->gpus[i], false, memory + room->n);
		room->n += devices_slots(&host->gpus[i]);
	}
}

void room_save(const struct room *room, int64_t *memory)
{
	memcpy(memory, room->free, room->n * sizeof(*memory));
}

void room_restore(struct room *room, const int64_t *memory)
{
	memcpy(room->free, memory, room->n * sizeof(*memory));
}

/* ---- asks ---- */

static bool could_serve(const struct gpubroker_host *host, const struct gpubroker_flavor *flavor,
	const struct need *need)
{
	return host->state == GPUBROKER_HOST_UP && !flavor->invalid &&
	       words_allow(&host->words, &flavor->required, &flavor->forbidden, NULL) &&
	       amount_allows(&host->vcpus, need->vcpus) &&
	       amount_allows(&host->pcpus, need->pcpus) &&
	       amount_allows(&host->ram_mib, need->ram_mib) &&
	       amount_allows(&host->disk_gib, need->disk_gib);
}

void room_ask_init(struct room_ask *ask, struct device_asks *memory,
	const struct gpubroker_host *host, const struct gpubroker_flavor *flavor)
{
	const struct need need = flavor_need(flavor);

	*ask = (struct room_ask){
		.amounts = {need.vcpus, need.pcpus, need.ram_mib, need.disk_gib}
        };
	ask->never = !could_serve(host, flavor, &need) || device_asks_init(memory, host, flavor);
	if (ask->never) {
		return;
	}
	ask->gpus = memory->items;
	ask->n_gpus = memory->n;
	ask->has_gpus = memory->n > 0;
	ask->never = !ask->has_gpus && need.vcpus <= 0 && need.pcpus <= 0 && need.ram_mib <= 0 &&
		     need.disk_gib <= 0;
}

/* Compares the words of all devices once. */
static bool keep_eligible(
	struct arena *arena, const struct device_ask *ask, struct device_need *need)
{
	const size_t n = devices_slots(ask->gpus);
	bool *eligible = arena_alloc(arena, n * sizeof(*eligible));

	for (size_t i = 0; eligible && i < n; i++) {
		eligible[i] = device_is_eligible(ask, need, i);
	}
	need->eligible = eligible;
	return eligible != NULL;
}

static bool keep_asks(struct arena *arena, struct room_ask *ask)
{
	struct device_ask *gpus = arena_copy(arena, ask->gpus, ask->n_gpus * sizeof(*gpus));

	for (size_t i = 0; gpus && i < ask->n_gpus; i++) {
		struct device_need *needs =
			arena_copy(arena, gpus[i].needs, gpus[i].n * sizeof(*needs));

		for (size_t j = 0; needs && j < gpus[i].n; j++) {
			if (!keep_eligible(arena, &gpus[i], &needs[j])) {
				return false;
			}
		}
		gpus[i].needs = needs;
		if (!needs) {
			return false;
		}
	}
	ask->gpus = gpus;
	return gpus != NULL;
}

bool room_ask_keep(struct room_ask *ask, struct arena *arena, const struct gpubroker_host *host,
	const struct gpubroker_flavor *flavor)
{
	struct device_asks memory;

	room_ask_init(ask, &memory, host, flavor);
	if (ask->never) {
		ask->gpus = NULL;
		ask->n_gpus = 0;
		return true;
	}
	return keep_asks(arena, ask);
}

/* ---- putting servers on it ---- */

int64_t room_fits(const struct room *room, const struct room_ask *ask)
{
	int64_t n = INT64_MAX;

	if (ask->never) {
		return 0;
	}
	for (size_t i = 0; i < ROOM_AMOUNTS; i++) {
		if (ask->amounts[i] > 0) {
			n = MIN(n, room->free[i] / ask->amounts[i]);
		}
	}
	for (size_t i = 0; n > 0 && i < ask->n_gpus; i++) {
		const int64_t fit =
			devices_fit(&ask->gpus[i], room->free + ask->gpus[i].slot + ROOM_AMOUNTS);

		n = MIN(n, fit);
	}
	return n;
}

void room_take(struct room *room, const struct room_ask *ask, int64_t n)
{
	for (size_t i = 0; i < ROOM_AMOUNTS; i++) {
		room->free[i] -= n * MAX(ask->amounts[i], INT64_C(0));
	}
	for (size_t i = 0; n > 0 && i < ask->n_gpus; i++) {
		devices_take(&ask->gpus[i], room->free + ROOM_AMOUNTS + ask->gpus[i].slot, n);
	}
}
