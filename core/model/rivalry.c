/* SPDX-License-Identifier: Apache-2.0 */
/* What is free, split among the flavors that draw on it: see rivalry.h. */
#include "model/rivalry.h"

#include "base/mem.h"
#include "model/room.h"

struct rival {
	struct snapshot_flavor *flavor;
	size_t at;       /* the first host that may have room: rooms only get smaller */
	int64_t servers; /* put on hosts so far */
};

struct split {
	struct room *rooms; /* of hosts in service with GPUs */
	size_t n_rooms;
	int64_t *memory;      /* theirs */
	struct rival *rivals; /* those that are not out, in their order */
	size_t n_rivals;
};

static void split_finish(struct split *s)
{
	free(s->rooms);
	free(s->memory);
	free(s->rivals);
}

static bool counts(const struct gpubroker_host *host)
{
	return host->state == GPUBROKER_HOST_UP && host->n_gpus > 0;
}

static int64_t count_free(const struct room *room)
{
	int64_t free_gpus = 0;

	for (size_t i = ROOM_AMOUNTS; i < room->n; i++) {
		free_gpus += room->free[i];
	}
	return free_gpus;
}

/* Hosts with little left come first, so that small flavors leave whole hosts to large ones. */
static int compare_rooms(const void *a, const void *b)
{
	const struct room *x = a, *y = b;
	const int64_t i = count_free(x), j = count_free(y);

	return i != j ? (i > j) - (i < j) : (x->host > y->host) - (x->host < y->host);
}

static bool make_rooms(struct split *s, const struct gpubroker_host hosts[], size_t n_hosts)
{
	size_t n = 0, numbers = 0;

	for (size_t i = 0; i < n_hosts; i++) {
		n += counts(&hosts[i]);
		numbers += counts(&hosts[i]) ? room_size(&hosts[i]) : 0;
	}
	s->rooms = calloc(n + 1, sizeof(*s->rooms));
	s->memory = calloc(numbers + 1, sizeof(*s->memory));
	if (!s->rooms || !s->memory) {
		return false;
	}
	numbers = 0;
	for (size_t i = 0; i < n_hosts; i++) {
		if (counts(&hosts[i])) {
			room_init(&s->rooms[s->n_rooms], &hosts[i], s->memory + numbers);
			numbers += s->rooms[s->n_rooms++].n;
		}
	}
	qsort(s->rooms, s->n_rooms, sizeof(*s->rooms), compare_rooms);
	return true;
}

static bool asks_for_gpus(const struct gpubroker_flavor *f)
{
	for (size_t i = 0; i < f->n_gpus; i++) {
		if (f->gpus[i].count > 0) {
			return true;
		}
	}
	return flavor_tries_for_gpus(f);
}

static bool list_rivals(struct split *s, struct snapshot_flavor flavors[], size_t n_flavors)
{
	s->rivals = calloc(n_flavors + 1, sizeof(*s->rivals));
	if (!s->rivals) {
		return false;
	}
	for (size_t i = 0; i < n_flavors; i++) {
		flavors[i].available_exclusive =
			asks_for_gpus(&flavors[i].flavor) ? 0 : COUNT_UNKNOWN;
		if (flavors[i].available_exclusive == 0 && flavors[i].count.available > 0) {
			s->rivals[s->n_rivals++] = (struct rival){.flavor = &flavors[i]};
		}
	}
	return true;
}

/* How many servers a turn is. */
static int64_t turn_size(const struct split *s)
{
	int64_t servers = 0;

	for (size_t i = 0; i < s->n_rivals; i++) {
		servers = MIN(servers + s->rivals[i].flavor->count.available, COUNT_MAX);
	}
	return servers / RIVALRY_MAX_TURNS + 1;
}

/* Puts at most n servers on the first host that has room for one. false: no host has. */
static bool take_turn(struct split *s, struct rival *rival, int64_t n)
{
	struct device_asks memory;

	for (; rival->at < s->n_rooms; rival->at++) {
		struct room *room = &s->rooms[rival->at];
		struct room_ask ask;
		int64_t fits;

		room_ask_init(&ask, &memory, room->host, &rival->flavor->flavor);
		fits = MIN(room_fits(room, &ask), n);
		if (fits > 0) {
			room_take(room, &ask, fits);
			rival->servers = MIN(rival->servers + fits, COUNT_MAX);
			return true;
		}
	}
	return false;
}

/* One turn of each; those that get nothing are out. */
static void play_round(struct split *s, int64_t n)
{
	size_t left = 0;

	for (size_t i = 0; i < s->n_rivals; i++) {
		struct rival *rival = &s->rivals[i];

		if (take_turn(s, rival, s->n_rivals == 1 ? COUNT_MAX : n)) {
			s->rivals[left++] = *rival;
			continue;
		}
		rival->flavor->available_exclusive =
			MIN(rival->servers, rival->flavor->count.available);
	}
	s->n_rivals = left;
}

int rivalry_split(const struct gpubroker_host hosts[], size_t n_hosts,
	struct snapshot_flavor flavors[], size_t n_flavors)
{
	_cleanup_(split_finish) struct split s = {0};
	int64_t turn;

	if (!make_rooms(&s, hosts, n_hosts) || !list_rivals(&s, flavors, n_flavors)) {
		return GPUBROKER_E_INTERNAL;
	}
	turn = turn_size(&s);
	while (s.n_rivals > 0) {
		play_round(&s, turn);
	}
	return 0;
}
