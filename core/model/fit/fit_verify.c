/* SPDX-License-Identifier: Apache-2.0 */
/* Whether a placement is one: see fit.h. Nothing here is shared with the search. */
#include "base/mem.h"
#include "model/fit/fit.h"
#include "model/room.h"

#include <string.h>

static bool counts_are_right(const struct fit_ask asks[], size_t n_asks, size_t n_hosts,
	const struct fit_placement placements[], size_t n)
{
	int64_t left[FIT_MAX_ASKS];

	for (size_t i = 0; i < n_asks; i++) {
		left[i] = asks[i].count;
	}
	for (size_t i = 0; i < n; i++) {
		const struct fit_placement *p = &placements[i];

		if (p->host >= n_hosts || p->ask >= n_asks || p->count <= 0 ||
			p->count > left[p->ask] || (i > 0 && p->host < p[-1].host)) {
			return false;
		}
		left[p->ask] -= p->count;
	}
	for (size_t i = 0; i < n_asks; i++) {
		if (left[i] != 0) {
			return false;
		}
	}
	return true;
}

static bool fill_room(struct room *room, struct device_asks *memory, const struct fit_ask asks[],
	const struct fit_placement *const placements[], size_t n)
{
	for (size_t i = 0; i < n; i++) {
		struct room_ask ask;

		room_ask_init(&ask, memory, room->host, asks[placements[i]->ask].flavor);
		if (room_fits(room, &ask) < placements[i]->count) {
			return false;
		}
		room_take(room, &ask, placements[i]->count);
	}
	return true;
}

/* How hard to please with devices. */
static int64_t claim(const struct gpubroker_flavor *flavor)
{
	int64_t sum = 0;

	for (size_t i = 0; i < flavor->n_gpus; i++) {
		const struct gpubroker_need *need = &flavor->gpus[i];

		sum += MIN(need->count, INT64_C(1000000)) +
		       MIN(need->unit, INT64_C(1000000)) * 1000 +
		       (int64_t)(need->required.n + need->forbidden.n) * 1000000000;
	}
	return sum;
}

static int compare_claims(const void *a, const void *b, void *context)
{
	const struct fit_placement *const *x = a, *const *y = b;
	const struct fit_ask *asks = context;
	const int64_t i = claim(asks[(*x)->ask].flavor), j = claim(asks[(*y)->ask].flavor);

	return i != j ? (i < j) - (i > j) : ((*x)->ask > (*y)->ask) - ((*x)->ask < (*y)->ask);
}

/* Which flavor takes its GPUs first may matter: as given, backwards, or the choosiest first. */
enum order { AS_GIVEN, BACKWARDS, BY_CLAIM, N_ORDERS };

static bool list_placements(const struct fit_placement *ret[FIT_MAX_ASKS],
	const struct fit_placement placements[], size_t n, const struct fit_ask asks[],
	enum order order)
{
	if (n > FIT_MAX_ASKS) {
		return false;
	}
	for (size_t i = 0; i < n; i++) {
		ret[i] = &placements[order == BACKWARDS ? n - 1 - i : i];
	}
	if (order == BY_CLAIM) {
		qsort_r(ret, n, sizeof(*ret), compare_claims, (void *)asks);
	}
	return true;
}

static bool host_is_right(const struct gpubroker_host *host, struct device_asks *memory,
	const struct fit_ask asks[], const struct fit_placement placements[], size_t n)
{
	_cleanup_(freep) int64_t *numbers = malloc(room_size(host) * sizeof(*numbers));
	const struct fit_placement *list[FIT_MAX_ASKS];
	bool right = false;

	for (int order = 0; numbers && !right && order < N_ORDERS; order++) {
		struct room room;

		room_init(&room, host, numbers);
		right = list_placements(list, placements, n, asks, (enum order)order) &&
			fill_room(&room, memory, asks, list, n);
	}
	return right;
}

bool fit_verify(const struct gpubroker_host hosts[], size_t n_hosts, const struct fit_ask asks[],
	size_t n_asks, const struct fit_placement placements[], size_t n)
{
	_cleanup_(freep) struct device_asks *memory = malloc(sizeof(*memory));
	bool right = memory && counts_are_right(asks, n_asks, n_hosts, placements, n);

	for (size_t i = 0, end; right && i < n; i = end) {
		for (end = i; end < n && placements[end].host == placements[i].host; end++) {
		}
		right = host_is_right(
			&hosts[placements[i].host], memory, asks, placements + i, end - i);
	}
	return right;
}
