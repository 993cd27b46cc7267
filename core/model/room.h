/* SPDX-License-Identifier: Apache-2.0 */
/* What is free on one host, on paper: servers are put on it to see what fits beside them. The rules are those of
 * capacity.h: of a fresh room, room_fits() is what flavor_count() adds as available for the host.
 *
 * A room is an array of numbers in the caller's memory, so that a search copies and restores it at the price of
 * a memcpy – of one host, or of all at once where their rooms lie in one block. Nothing here allocates but
 * room_ask_keep(). */
#ifndef MODEL_ROOM_H
#define MODEL_ROOM_H

#include "model/capacity.h"
#include "model/devices.h"

enum room_amount { ROOM_VCPUS = 0, ROOM_PCPUS, ROOM_RAM_MIB, ROOM_DISK_GIB, ROOM_AMOUNTS };

struct room {
	const struct gpubroker_host *host; /* borrowed */
	int64_t *free; /* the amounts, never below 0; then the slots of its GPU types (devices.h), one after another */
	size_t n;      /* numbers in free */
};

size_t room_size(const struct gpubroker_host *); /* numbers that its room takes */
void room_init(struct room *, const struct gpubroker_host *, int64_t *memory);

/* For undoing: all that room_take() changes. memory: room->n numbers. */
void room_save(const struct room *, int64_t *memory);
void room_restore(struct room *, const int64_t *memory);

/* One flavor against one host, with all strings compared: prepared once, then asked often. Good for every room
 * of this host. */
struct room_ask {
	bool never; /* none ever fits: the host is not in service, lacks a type or a word, the flavor is invalid or
		     * asks for nothing, one server is too large or no multiple of what the host gives out */
	bool has_gpus;
	int64_t amounts[ROOM_AMOUNTS]; /* of one server */
	const struct device_ask *gpus;
	size_t n_gpus;
};

/* memory: lives as long as the ask. */
void room_ask_init(struct room_ask *, struct device_asks *memory, const struct gpubroker_host *,
	const struct gpubroker_flavor *);
/* The same with its memory in an arena, and faster to ask where words of devices matter. false: no memory. */
bool room_ask_keep(struct room_ask *, struct arena *, const struct gpubroker_host *,
	const struct gpubroker_flavor *);

int64_t room_fits(const struct room *, const struct room_ask *); /* how many more servers */
void room_take(struct room *, const struct room_ask *, int64_t n); /* n: at most room_fits() */

#endif
