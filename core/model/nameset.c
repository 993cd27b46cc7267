/* SPDX-License-Identifier: Apache-2.0 */
/* Names seen so far: see nameset.h. Open addressing, at most half full. */
#include "model/nameset.h"

#include <string.h>

struct slot {
	uint64_t hash;
	const char *name; /* NULL: empty */
	char kind;
};

struct nameset {
	struct slot *slots;
	size_t n, room; /* room: a power of two, or 0 */
};

enum { FIRST_ROOM = 64 };

/* FNV-1a from a start that differs between processes, so that nobody can prepare names that all collide. */
static uint64_t hash_name(const struct nameset *set, char kind, const char *name)
{
	uint64_t h = UINT64_C(0xcbf29ce484222325) ^ (uint64_t)(uintptr_t)set ^ (unsigned char)kind;

	for (; *name; name++) {
		h = (h ^ (unsigned char)*name) * UINT64_C(0x100000001b3);
	}
	return h ^ h >> 32;
}

static struct slot *find_slot(struct slot *slots, size_t room, const struct slot *wanted)
{
	size_t i = (size_t)wanted->hash & (room - 1);

	while (slots[i].name && (slots[i].hash != wanted->hash || slots[i].kind != wanted->kind ||
					strcmp(slots[i].name, wanted->name) != 0)) {
		i = (i + 1) & (room - 1);
	}
	return &slots[i];
}

static bool nameset_grow(struct nameset *set)
{
	size_t room = set->room ? set->room * 2 : FIRST_ROOM;
	struct slot *slots = calloc(room, sizeof(*slots));

	if (!slots) {
		return false;
	}
	for (size_t i = 0; i < set->room; i++) {
		if (set->slots[i].name) {
			*find_slot(slots, room, &set->slots[i]) = set->slots[i];
		}
	}
	free(set->slots);
	set->slots = slots;
	set->room = room;
	return true;
}

int nameset_add(struct nameset **set, char kind, const char *name)
{
	struct slot wanted = {.name = name, .kind = kind}, *slot;

	if (!*set) {
		*set = calloc(1, sizeof(**set));
	}
	if (!*set || ((*set)->n >= (*set)->room / 2 && !nameset_grow(*set))) {
		return -1;
	}
	wanted.hash = hash_name(*set, kind, name);
	slot = find_slot((*set)->slots, (*set)->room, &wanted);
	if (slot->name) {
		return 0;
	}
	*slot = wanted;
	(*set)->n++;
	return 1;
}

void nameset_free(struct nameset *set)
{
	if (set) {
		free(set->slots);
		free(set);
	}
}
