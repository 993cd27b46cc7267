/* SPDX-License-Identifier: Apache-2.0 */
/* A question of fit as plain numbers: see fit_problem.h. */
#include "model/fit/fit_problem.h"

#include <string.h>

enum { HOST_STEPS = 16 }; /* what one flavor against one host costs */

void fit_problem_finish(struct fit_problem *p)
{
	arena_finish(&p->arena);
	*p = (struct fit_problem){0};
}

/* ---- what is asked for ---- */

static bool is_plain(const struct gpubroker_flavor *flavor)
{
	for (size_t i = 0; i < flavor->n_gpus; i++) {
		const struct gpubroker_need *need = &flavor->gpus[i];

		if (need->unit > 1 || need->required.n > 0 || need->forbidden.n > 0) {
			return false;
		}
	}
	return !flavor->isolate || flavor->n_gpus == 0;
}

static size_t type_index(const struct fit_problem *p, const char *type)
{
	size_t i = ROOM_AMOUNTS;

	while (i < p->n_resources && !str_equal(p->gpu_types[i], type)) {
		i++;
	}
	return i;
}

static bool list_types(struct fit_problem *p)
{
	size_t n = ROOM_AMOUNTS;

	for (size_t i = 0; i < p->n_asks; i++) {
		n += p->asks[i].flavor->n_gpus;
	}
	p->gpu_types = arena_alloc(&p->arena, n * sizeof(*p->gpu_types));
	p->n_resources = ROOM_AMOUNTS;
	for (size_t i = 0; p->gpu_types && i < p->n_asks; i++) {
		const struct gpubroker_flavor *flavor = p->asks[i].flavor;

		for (size_t j = 0; j < flavor->n_gpus; j++) {
			const size_t at = type_index(p, flavor->gpus[j].type);

			p->gpu_types[at] = flavor->gpus[j].type;
			p->n_resources = MAX(p->n_resources, at + 1);
		}
	}
	return p->gpu_types;
}

static void fill_needs(
	const struct fit_problem *p, const struct gpubroker_flavor *flavor, int64_t needs[])
{
	const struct need need = flavor_need(flavor);

	needs[ROOM_VCPUS] = MAX(need.vcpus, INT64_C(0));
	needs[ROOM_PCPUS] = MAX(need.pcpus, INT64_C(0));
	needs[ROOM_RAM_MIB] = MAX(need.ram_mib, INT64_C(0));
	needs[ROOM_DISK_GIB] = MAX(need.disk_gib, INT64_C(0));
	for (size_t i = 0; i < flavor->n_gpus; i++) {
		needs[type_index(p, flavor->gpus[i].type)] +=
			MAX(flavor->gpus[i].count, INT64_C(0));
	}
}

/* One item an ask, to begin with. */
static bool list_items(struct fit_problem *p)
{
	p->n_items = p->n_asks;
	p->items = arena_alloc(&p->arena, p->n_asks * sizeof(*p->items));
	p->item_of = arena_alloc(&p->arena, p->n_asks * sizeof(*p->item_of));
	p->needs = arena_alloc(&p->arena, p->n_asks * p->n_resources * sizeof(*p->needs));
	if (!p->items || !p->item_of || !p->needs) {
		return false;
	}
	p->plain = true;
	for (size_t i = 0; i < p->n_asks; i++) {
		p->items[i] = (struct fit_item){.count = p->asks[i].count, .ask = i};
		p->item_of[i] = i;
		p->plain = p->plain && is_plain(p->asks[i].flavor);
		fill_needs(p, p->asks[i].flavor, fit_needs(p, i));
	}
	return true;
}

/* ---- the hosts ---- */

int64_t fit_most(const struct fit_problem *p, const int64_t free[], size_t item, int64_t cap)
{
	const int64_t *needs = fit_needs(p, item);

	for (size_t i = 0; cap > 0 && i < p->n_resources; i++) {
		if (needs[i] > 0) {
			cap = MIN(cap, free[i] / needs[i]);
		}
	}
	return cap;
}

void fit_take(const struct fit_problem *p, int64_t free[], size_t item, int64_t n)
{
	const int64_t *needs = fit_needs(p, item);

	for (size_t i = 0; i < p->n_resources; i++) {
		free[i] -= n * needs[i];
	}
}

static void fill_free(const struct fit_problem *p, const struct room *room, int64_t free[])
{
	size_t slot = ROOM_AMOUNTS;

	memset(free, 0, p->n_resources * sizeof(*free));
	memcpy(free, room->free, ROOM_AMOUNTS * sizeof(*free));
	for (size_t i = 0; i < room->host->n_gpus; i++) {
		const struct gpubroker_gpus *gpus = &room->host->gpus[i];
		const size_t at = type_index(p, gpus->type);

		for (size_t j = devices_slots(gpus); j > 0; j--, slot++) {
			if (at < p->n_resources) {
				free[at] += room->free[slot];
			}
		}
	}
}

/* Several needs of one type may be counted too low; then the sums alone are sure not to be. */
static bool may_be_low(const struct room_ask *ask)
{
	for (size_t i = 0; i < ask->n_gpus; i++) {
		if (ask->gpus[i].n > 1) {
			return true;
		}
	}
	return false;
}

/* true: one of the items fits. */
static bool fill_caps(const struct fit_problem *p, const struct room *room, const int64_t free[],
	struct device_asks *memory, int64_t caps[])
{
	bool any = false;

	for (size_t i = 0; i < p->n_items; i++) {
		struct room_ask ask;

		room_ask_init(&ask, memory, room->host, p->asks[i].flavor);
		caps[i] = ask.never          ? 0
			  : may_be_low(&ask) ? fit_most(p, free, i, p->items[i].count)
					     : MIN(room_fits(room, &ask), p->items[i].count);
		any = any || caps[i] > 0;
	}
	return any;
}

/* What all together need of each resource: more than that on a host makes no difference, and hosts look more
 * alike without. */
static bool sum_needs(struct fit_problem *p)
{
	p->sums = arena_alloc(&p->arena, p->n_resources * sizeof(*p->sums));
	for (size_t r = 0; p->sums && r < p->n_resources; r++) {
		for (size_t i = 0; i < p->n_items; i++) {
			const int64_t need = fit_needs(p, i)[r], count = p->items[i].count;
			const int64_t room = INT64_MAX - p->sums[r];

			p->sums[r] += need > 0 && count > room / need ? room : need * count;
		}
	}
	return p->sums;
}

static void clip(const struct fit_problem *p, int64_t free[])
{
	for (size_t r = 0; r < p->n_resources; r++) {
		free[r] = MIN(free[r], p->sums[r]);
	}
}

static bool add_host(struct fit_problem *p, const struct gpubroker_host hosts[], size_t i,
	struct device_asks *memory)
{
	int64_t *free = fit_free(p, p->n_hosts);
	_cleanup_(freep) int64_t *numbers = malloc(room_size(&hosts[i]) * sizeof(*numbers));
	struct room room;

	if (!numbers) {
		return false;
	}
	room_init(&room, &hosts[i], numbers);
	fill_free(p, &room, free);
	if (fill_caps(p, &room, free, memory, fit_caps(p, p->n_hosts))) {
		clip(p, free);
		p->hosts[p->n_hosts++] = i;
	}
	return true;
}

static size_t count_up(const struct gpubroker_host hosts[], size_t n_hosts)
{
	size_t n = 0;

	for (size_t i = 0; i < n_hosts; i++) {
		n += hosts[i].state == GPUBROKER_HOST_UP;
	}
	return n;
}

static bool list_hosts(struct fit_problem *p, const struct gpubroker_host hosts[], size_t n_hosts)
{
	_cleanup_(freep) struct device_asks *memory = malloc(sizeof(*memory));
	const size_t n = count_up(hosts, n_hosts);
	bool good;

	p->hosts = arena_alloc(&p->arena, n * sizeof(*p->hosts));
	p->free = arena_alloc(&p->arena, n * p->n_resources * sizeof(*p->free));
	p->caps = arena_alloc(&p->arena, n * p->n_items * sizeof(*p->caps));
	good = memory && p->hosts && p->free && p->caps;
	for (size_t i = 0; good && i < n_hosts; i++) {
		good = hosts[i].state != GPUBROKER_HOST_UP || add_host(p, hosts, i, memory);
	}
	return good;
}

/* ---- items that are the same ---- */

static bool same_items(const struct fit_problem *p, size_t a, size_t b)
{
	if (!is_plain(p->asks[a].flavor) || !is_plain(p->asks[b].flavor) ||
		memcmp(fit_needs(p, a), fit_needs(p, b), p->n_resources * sizeof(*p->needs))) {
		return false;
	}
	/* The caps are cut by the counts, which differ. */
	for (size_t h = 0; h < p->n_hosts; h++) {
		const int64_t *caps = fit_caps(p, h);

		if ((caps[a] > 0) != (caps[b] > 0)) {
			return false;
		}
	}
	return true;
}

static void merge_caps(const struct fit_problem *p, size_t into, size_t from)
{
	for (size_t h = 0; h < p->n_hosts; h++) {
		int64_t *caps = fit_caps(p, h);

		caps[into] = fit_most(p, fit_free(p, h), into,
			caps[into] > 0 ? p->items[into].count + p->items[from].count : 0);
	}
}

/* Moves the items of the list to its front; rows of caps keep their width. */
static void keep_items(struct fit_problem *p, const size_t kept[], size_t n)
{
	const size_t width = p->n_items;

	for (size_t i = 0; i < n; i++) {
		p->items[i] = p->items[kept[i]];
		memmove(fit_needs(p, i), fit_needs(p, kept[i]), p->n_resources * sizeof(*p->needs));
	}
	for (size_t h = 0; h < p->n_hosts; h++) {
		for (size_t i = 0; i < n; i++) {
			p->caps[h * n + i] = p->caps[h * width + kept[i]];
		}
	}
	p->n_items = n;
}

static void merge_items(struct fit_problem *p)
{
	size_t kept[FIT_MAX_ASKS], n = 0;

	for (size_t i = 0; i < p->n_asks; i++) {
		size_t j = 0;

		while (j < n && !same_items(p, kept[j], i)) {
			j++;
		}
		p->item_of[i] = j;
		if (j == n) {
			kept[n++] = i;
			continue;
		}
		merge_caps(p, kept[j], i);
		p->items[kept[j]].count += p->items[i].count;
	}
	keep_items(p, kept, n);
}

int fit_problem_init(struct fit_problem *p, const struct gpubroker_host hosts[], size_t n_hosts,
	const struct fit_ask asks[], size_t n_asks, int64_t *steps)
{
	*p = (struct fit_problem){.all_hosts = hosts, .asks = asks, .n_asks = n_asks};
	if (!fit_spend(steps, (int64_t)(n_hosts * n_asks) * HOST_STEPS)) {
		return 0;
	}
	if (!list_types(p) || !list_items(p) || !sum_needs(p) || !list_hosts(p, hosts, n_hosts)) {
		return -1;
	}
	merge_items(p);
	return 1;
}

/* ---- back ---- */

/* What of each item is on the host goes to the asks in their order. */
static size_t split_host(const struct fit_problem *p, size_t host, const int64_t placed[],
	int64_t left[], struct fit_placement *to)
{
	int64_t here[FIT_MAX_ASKS];
	size_t n = 0;

	memcpy(here, placed + host * p->n_items, p->n_items * sizeof(*here));
	for (size_t i = 0; i < p->n_asks; i++) {
		const int64_t count = MIN(here[p->item_of[i]], left[i]);

		if (count > 0) {
			to[n++] = (struct fit_placement){p->hosts[host], i, count};
			here[p->item_of[i]] -= count;
			left[i] -= count;
		}
	}
	return n;
}

/* An ask begins on the host where the one before it ends: few more placements than placed numbers. */
static size_t most_placements(const struct fit_problem *p, const int64_t placed[])
{
	size_t n = p->n_asks;

	for (size_t i = 0; i < p->n_hosts * p->n_items; i++) {
		n += placed[i] > 0;
	}
	return n;
}

bool fit_placements(const struct fit_problem *p, const int64_t placed[], struct fit_result *ret)
{
	int64_t left[FIT_MAX_ASKS];

	ret->n_placements = 0;
	ret->placements = calloc(most_placements(p, placed), sizeof(*ret->placements));
	for (size_t i = 0; i < p->n_asks; i++) {
		left[i] = p->asks[i].count;
	}
	for (size_t h = 0; ret->placements && h < p->n_hosts; h++) {
		ret->n_placements +=
			split_host(p, h, placed, left, ret->placements + ret->n_placements);
	}
	return ret->placements;
}
