/* SPDX-License-Identifier: Apache-2.0 */
/* Finding a placement fast: see fit_problem.h. Flavors in several orders, each filling the hosts in several orders,
 * first fit. */
#include "base/mem.h"
#include "model/fit/fit_problem.h"

#include <string.h>

#define PUSH 0.1
enum {
	ONE_ROOM = 60,      /* steps: asking what is left on a host, and taking it */
	MORE_TRIES = 100,   /* after all orders */
	SHARE_OF_STEPS = 4, /* a part of them at most for these tries */
};

/* What is large comes first. */
enum item_order { BY_GPUS, BY_LARGEST_SHARE, BY_SUM_OF_SHARES, N_ITEM_ORDERS };
/* The host that is least left over comes first: by GPUs and then the rest, by all resources together, by what the
 * flavor needs most of where there is most of it, or in turn backwards: the emptiest first. */
enum host_order { BY_GPUS_LEFT, BY_SUM_LEFT, BY_PRODUCT, BY_MOST_LEFT, N_HOST_ORDERS };

struct greedy {
	const struct fit_problem *p;
	int64_t *steps;
	struct arena arena;
	double *scale;  /* [resource]: 1 / what one host has of it at most */
	int64_t *free;  /* [host][resource] */
	size_t *items;  /* in order */
	double *pushes; /* [item]: grows with each time that it found no place */
	double *scores; /* of items, then of hosts */
	size_t *hosts;  /* in order */
	/* Where rules of devices matter: */
	struct room *rooms;
	struct room_ask *asks; /* [host][item] */
	int64_t *numbers, *numbers_before;
	size_t n_numbers;
};

static int compare_scores(const void *a, const void *b, void *context)
{
	const double *scores = context;
	const size_t i = *(const size_t *)a, j = *(const size_t *)b;

	return scores[i] != scores[j] ? (scores[i] > scores[j]) - (scores[i] < scores[j])
				      : (i > j) - (i < j);
}

static void sort_by_score(size_t order[], size_t n, double scores[])
{
	qsort_r(order, n, sizeof(*order), compare_scores, scores);
}

/* ---- orders ---- */

static void find_scale(struct greedy *g)
{
	const struct fit_problem *p = g->p;

	for (size_t r = 0; r < p->n_resources; r++) {
		int64_t most = 0;

		for (size_t h = 0; h < p->n_hosts; h++) {
			most = MAX(most, fit_free(p, h)[r]);
		}
		g->scale[r] = most > 0 ? 1 / (double)most : 0;
	}
}

static double item_score(const struct greedy *g, size_t item, enum item_order order)
{
	const int64_t *needs = fit_needs(g->p, item);
	double sum = 0, largest = 0, gpus = 0;

	for (size_t r = 0; r < g->p->n_resources; r++) {
		const double share = (double)needs[r] * g->scale[r];

		sum += share;
		largest = MAX(largest, share);
		gpus += r >= ROOM_AMOUNTS ? (double)needs[r] : 0;
	}
	return -(order == BY_GPUS ? gpus + sum / 1e3 : order == BY_LARGEST_SHARE ? largest : sum);
}

static void order_items(struct greedy *g, enum item_order order)
{
	for (size_t i = 0; i < g->p->n_items; i++) {
		g->items[i] = i;
		g->scores[i] = item_score(g, i, order) * (1 + g->pushes[i]);
	}
	sort_by_score(g->items, g->p->n_items, g->scores);
}

static double host_score(const struct greedy *g, size_t host, size_t item, enum host_order order)
{
	const int64_t *needs = fit_needs(g->p, item);
	const int64_t *free = g->free + host * g->p->n_resources;
	double sum = 0, gpus = 0, product = 0;

	for (size_t r = 0; r < g->p->n_resources; r++) {
		const double share = (double)free[r] * g->scale[r];

		sum += share;
		gpus += r >= ROOM_AMOUNTS ? (double)free[r] : 0;
		product += share * (double)needs[r] * g->scale[r];
	}
	switch (order) {
	case BY_GPUS_LEFT:
		return gpus + sum / 1e3;
	case BY_PRODUCT:
		return -product;
	case BY_MOST_LEFT:
		return -sum;
	default:
		return sum;
	}
}

/* What order_hosts() costs where that many are put in order. */
static int64_t cost_of(const struct greedy *g, size_t n)
{
	const int64_t resources = (int64_t)g->p->n_resources;
	int64_t levels = 1;

	for (size_t i = n; i > 1; i /= 2) {
		levels++;
	}
	return (int64_t)g->p->n_hosts * resources / 2 + (int64_t)n * (resources + 2 * levels);
}

static size_t order_hosts(struct greedy *g, size_t item, enum host_order order)
{
	size_t n = 0;

	for (size_t h = 0; h < g->p->n_hosts; h++) {
		if (fit_most(g->p, g->free + h * g->p->n_resources, item, fit_caps(g->p, h)[item]) >
			0) {
			g->hosts[n++] = h;
			g->scores[h] = host_score(g, h, item, order);
		}
	}
	sort_by_score(g->hosts, n, g->scores);
	fit_spend(g->steps, cost_of(g, n));
	return n;
}

/* ---- placing ---- */

/* How many more of the item the host takes, and takes them. */
static int64_t put(struct greedy *g, size_t host, size_t item, int64_t most)
{
	const struct fit_problem *p = g->p;
	int64_t *free = g->free + host * p->n_resources;
	int64_t n = fit_most(p, free, item, MIN(most, fit_caps(p, host)[item]));

	if (!p->plain && n > 0) {
		const struct room_ask *ask = &g->asks[host * p->n_items + item];

		n = MIN(n, room_fits(&g->rooms[host], ask));
		room_take(&g->rooms[host], ask, n);
		fit_spend(g->steps, ONE_ROOM);
	}
	fit_take(p, free, item, n);
	return n;
}

static int64_t place_item(struct greedy *g, size_t item, enum host_order order, int64_t placed[])
{
	const size_t n = order_hosts(g, item, order);
	int64_t left = g->p->items[item].count;

	for (size_t i = 0; left > 0 && i < n; i++) {
		const int64_t here = put(g, g->hosts[i], item, left);

		placed[g->hosts[i] * g->p->n_items + item] = here;
		left -= here;
	}
	return left;
}

static void start_again(struct greedy *g, int64_t placed[])
{
	const struct fit_problem *p = g->p;

	memset(placed, 0, p->n_hosts * p->n_items * sizeof(*placed));
	memcpy(g->free, p->free, p->n_hosts * p->n_resources * sizeof(*g->free));
	if (g->n_numbers > 0) {
		memcpy(g->numbers, g->numbers_before, g->n_numbers * sizeof(*g->numbers));
	}
}

static bool try_orders(
	struct greedy *g, enum item_order items, enum host_order hosts, int64_t placed[])
{
	start_again(g, placed);
	order_items(g, items);
	for (size_t i = 0; i < g->p->n_items; i++) {
		if (*g->steps <= 0 || place_item(g, g->items[i], hosts, placed) > 0) {
			g->pushes[g->items[i]] += PUSH;
			return false;
		}
	}
	return true;
}

/* ---- rooms ---- */

static bool make_rooms(struct greedy *g)
{
	const struct fit_problem *p = g->p;
	int64_t *at;
	bool good;

	for (size_t h = 0; h < p->n_hosts; h++) {
		g->n_numbers += room_size(&p->all_hosts[p->hosts[h]]);
	}
	g->numbers = at = arena_alloc(&g->arena, g->n_numbers * sizeof(*g->numbers));
	g->rooms = arena_alloc(&g->arena, p->n_hosts * sizeof(*g->rooms));
	g->asks = arena_alloc(&g->arena, p->n_hosts * p->n_items * sizeof(*g->asks));
	good = g->numbers && g->rooms && g->asks;
	for (size_t h = 0; good && h < p->n_hosts; h++) {
		const struct gpubroker_host *host = &p->all_hosts[p->hosts[h]];

		room_init(&g->rooms[h], host, at);
		at += g->rooms[h].n;
		for (size_t i = 0; good && i < p->n_items; i++) {
			good = room_ask_keep(&g->asks[h * p->n_items + i], &g->arena, host,
				p->asks[p->items[i].ask].flavor);
		}
	}
	if (good) {
		g->numbers_before =
			arena_copy(&g->arena, g->numbers, g->n_numbers * sizeof(*g->numbers));
	}
	return good && g->numbers_before;
}

static bool prepare(struct greedy *g)
{
	const struct fit_problem *p = g->p;

	g->scale = arena_alloc(&g->arena, p->n_resources * sizeof(*g->scale));
	g->free = arena_alloc(&g->arena, p->n_hosts * p->n_resources * sizeof(*g->free));
	g->items = arena_alloc(&g->arena, p->n_items * sizeof(*g->items));
	g->hosts = arena_alloc(&g->arena, p->n_hosts * sizeof(*g->hosts));
	g->pushes = arena_alloc(&g->arena, p->n_items * sizeof(*g->pushes));
	g->scores = arena_alloc(&g->arena, MAX(p->n_hosts, p->n_items) * sizeof(*g->scores));
	if (!g->scale || !g->free || !g->items || !g->hosts || !g->pushes || !g->scores) {
		return false;
	}
	find_scale(g);
	return p->plain || make_rooms(g);
}

static void greedy_finish(struct greedy *g)
{
	arena_finish(&g->arena);
}

int fit_greedy(const struct fit_problem *p, int64_t placed[], int64_t *steps)
{
	_cleanup_(greedy_finish) struct greedy g = {.p = p, .steps = steps};
	int64_t cost, enough;

	if (!prepare(&g)) {
		return -1;
	}
	cost = (int64_t)(p->n_hosts * (p->n_items + p->n_resources) + g.n_numbers) / 4;
	for (int hosts = 0; hosts < N_HOST_ORDERS; hosts++) {
		for (int items = 0; items < N_ITEM_ORDERS; items++) {
			if (try_orders(
				    &g, (enum item_order)items, (enum host_order)hosts, placed)) {
				return 1;
			}
			if (!fit_spend(steps, cost)) {
				return 0;
			}
		}
	}
	enough = *steps - *steps / SHARE_OF_STEPS;
	for (int i = 0; i<MORE_TRIES && * steps> enough; i++) {
		if (try_orders(&g, (enum item_order)(i % N_ITEM_ORDERS),
			    (enum host_order)(i / N_ITEM_ORDERS % 3), placed)) {
			return 1;
		}
		fit_spend(steps, cost);
	}
	return 0;
}
