/* SPDX-License-Identifier: Apache-2.0 */
/* Questions of fit: see fit_cases.h. */
#include "fit_cases.h"

#include "../random_region.h"

#include <stdio.h>
#include <string.h>

static const char *const types[CASE_TYPES] = {"A100", "L40S", "V100"};
static const char *const words[] = {"FAST", "NEW"};

static void init_asks(struct fit_case *c)
{
	for (size_t i = 0; i < c->n_asks; i++) {
		snprintf(c->names[i], sizeof(c->names[i]), "f%zu", i);
		c->flavors[i].id = c->flavors[i].name = c->names[i];
		c->flavors[i].gpus = c->needs[i];
		c->asks[i].flavor = &c->flavors[i];
		c->asks[i].name = c->names[i];
	}
	for (size_t i = 0; i < c->n_hosts; i++) {
		c->hosts[i].name = "h";
		c->hosts[i].gpus = c->gpus[i];
	}
}

/* ---- small ---- */

static struct gpubroker_amount small_amount(uint64_t *state)
{
	return (struct gpubroker_amount){
		.total = 4 + random_below(state, 16),
		.used = random_below(state, 5) - 1,
		.reserved = random_below(state, 2),
		.max_unit = random_below(state, 4) ? 0 : 2 + random_below(state, 12),
		.ratio_micro = random_below(state, 2) ? 0 : 1500000,
	};
}

static void small_devices(uint64_t *state, struct fit_case *c, size_t host, size_t type)
{
	struct gpubroker_gpus *gpus = &c->gpus[host][type];

	gpus->devices = c->devices[host][type];
	gpus->n_devices = (size_t)random_below(state, CASE_DEVICES) + 1;
	gpus->total = gpus->used = 0;
	for (size_t i = 0; i < gpus->n_devices; i++) {
		struct gpubroker_device *d = &c->devices[host][type][i];

		*d = (struct gpubroker_device){
			1 + random_below(state, 3), random_below(state, 2), 0,
			{words, (size_t)random_below(state, 3)}
                };
		gpus->total += d->total;
		gpus->used += d->used;
	}
}

static void small_host(uint64_t *state, struct fit_case *c, size_t i, bool with_devices)
{
	struct gpubroker_host *host = &c->hosts[i];

	*host = (struct gpubroker_host){
		.state = random_below(state, 8) ? GPUBROKER_HOST_UP : GPUBROKER_HOST_DISABLED,
		.vcpus = small_amount(state),
		.ram_mib = small_amount(state),
		.disk_gib = small_amount(state),
		.words = {words, (size_t)random_below(state, 3)},
	};
	host->disk_gib.total += 10;
	for (size_t t = 0; t < CASE_TYPES; t++) {
		if (random_below(state, 5) > 0) {
			struct gpubroker_gpus *gpus = &c->gpus[i][host->n_gpus];

			*gpus = (struct gpubroker_gpus){.type = types[t],
				.total = 1 + random_below(state, 4),
				.used = random_below(state, 3)};
			if (with_devices && random_below(state, 2)) {
				small_devices(state, c, i, host->n_gpus);
			}
			host->n_gpus++;
		}
	}
}

static void small_need(
	uint64_t *state, struct gpubroker_flavor *flavor, struct gpubroker_need *need)
{
	need->unit = random_below(state, 2) ? need->count : 1;
	flavor->isolate = random_below(state, 4) == 0;
	if (random_below(state, 3) == 0) {
		need->required = (struct gpubroker_words){words + random_below(state, 2), 1};
	}
	if (random_below(state, 5) == 0) {
		need->forbidden = (struct gpubroker_words){words + 1, 1};
	}
}

static void small_flavor(uint64_t *state, struct fit_case *c, size_t i, bool with_devices)
{
	struct gpubroker_flavor *flavor = &c->flavors[i];

	*flavor = (struct gpubroker_flavor){
		.vcpus = random_below(state, 5),
		.ram_mib = random_below(state, 5),
		.disk_gib = random_below(state, 4),
	};
	if (random_below(state, 6) == 0) {
		flavor->required = (struct gpubroker_words){words + 1, 1};
	}
	for (size_t t = 0; t < CASE_TYPES; t++) {
		if (random_below(state, 3) == 0) {
			struct gpubroker_need *need = &c->needs[i][flavor->n_gpus++];

			*need = (struct gpubroker_need){types[t], 1 + random_below(state, 2)};
			if (with_devices) {
				small_need(state, flavor, need);
			}
		}
	}
	c->asks[i].count = 1 + random_below(state, 2);
}

void case_small(uint64_t *state, struct fit_case *ret, bool with_devices)
{
	memset(ret, 0, sizeof(*ret));
	ret->n_hosts = (size_t)random_below(state, 4) + 1;
	ret->n_asks = (size_t)random_below(state, 3) + 1;
	for (size_t i = 0; i < ret->n_hosts; i++) {
		small_host(state, ret, i, with_devices);
	}
	for (size_t i = 0; i < ret->n_asks; i++) {
		small_flavor(state, ret, i, with_devices);
	}
	init_asks(ret);
}

/* ---- the naive answer ---- */

struct naive { /* what is left of a host */
	int64_t amounts[3], gpus[CASE_TYPES];
};

static int64_t naive_free(const struct gpubroker_amount *a)
{
	const int64_t ratio = a->ratio_micro ? a->ratio_micro : 1000000;
	const int64_t capacity =
		a->total > a->reserved ? (a->total - a->reserved) * ratio / 1000000 : 0;
	const int64_t left = capacity - a->used;

	return left < 0 ? 0 : left > capacity ? capacity : left;
}

static bool naive_has(const struct gpubroker_words *have, const char *word)
{
	for (size_t i = 0; i < have->n; i++) {
		if (strcmp(have->items[i], word) == 0) {
			return true;
		}
	}
	return false;
}

static bool naive_allows(const struct gpubroker_amount *a, int64_t need)
{
	return need <= (a->max_unit ? a->max_unit : a->total);
}

static bool naive_may(const struct gpubroker_host *host, const struct gpubroker_flavor *f)
{
	for (size_t i = 0; i < f->required.n; i++) {
		if (!naive_has(&host->words, f->required.items[i])) {
			return false;
		}
	}
	return host->state == GPUBROKER_HOST_UP && naive_allows(&host->vcpus, f->vcpus) &&
	       naive_allows(&host->ram_mib, f->ram_mib) &&
	       naive_allows(&host->disk_gib, f->disk_gib) &&
	       (f->vcpus || f->ram_mib || f->disk_gib || f->n_gpus);
}

/* Takes (sign 1) or gives back (-1) one server; false: it did not fit, and was taken all the same. */
static bool naive_take(struct naive *n, const struct gpubroker_flavor *f, int sign)
{
	bool fits = true;

	n->amounts[0] -= sign * f->vcpus;
	n->amounts[1] -= sign * f->ram_mib;
	n->amounts[2] -= sign * f->disk_gib;
	for (size_t i = 0; i < 3; i++) {
		fits = fits && n->amounts[i] >= 0;
	}
	for (size_t i = 0; i < f->n_gpus; i++) {
		for (size_t t = 0; t < CASE_TYPES; t++) {
			if (strcmp(types[t], f->gpus[i].type) == 0) {
				n->gpus[t] -= sign * f->gpus[i].count;
				fits = fits && n->gpus[t] >= 0;
			}
		}
	}
	return fits;
}

static bool naive_place(const struct fit_case *c, struct naive left[], size_t ask, int64_t n)
{
	if (ask == c->n_asks) {
		return true;
	}
	if (n == c->asks[ask].count) {
		return naive_place(c, left, ask + 1, 0);
	}
	for (size_t h = 0; h < c->n_hosts; h++) {
		bool good = naive_may(&c->hosts[h], &c->flavors[ask]);

		if (good) {
			good = naive_take(&left[h], &c->flavors[ask], 1) &&
			       naive_place(c, left, ask, n + 1);
			naive_take(&left[h], &c->flavors[ask], -1);
		}
		if (good) {
			return true;
		}
	}
	return false;
}

static void naive_init(const struct fit_case *c, struct naive left[])
{
	memset(left, 0, c->n_hosts * sizeof(*left));
	for (size_t h = 0; h < c->n_hosts; h++) {
		const struct gpubroker_host *host = &c->hosts[h];

		left[h].amounts[0] = naive_free(&host->vcpus);
		left[h].amounts[1] = naive_free(&host->ram_mib);
		left[h].amounts[2] = naive_free(&host->disk_gib);
		for (size_t i = 0; i < host->n_gpus; i++) {
			for (size_t t = 0; t < CASE_TYPES; t++) {
				if (strcmp(types[t], host->gpus[i].type) == 0) {
					left[h].gpus[t] =
						MAX(host->gpus[i].total - host->gpus[i].used, 0);
				}
			}
		}
	}
}

bool case_possible(const struct fit_case *c)
{
	struct naive left[CASE_HOSTS];

	naive_init(c, left);
	return naive_place(c, left, 0, 0);
}

/* ---- as they are ---- */

static void real_host(uint64_t *state, struct fit_case *c, size_t i, size_t kind)
{
	static const struct {
		int64_t gpus, vcpus, ram_mib, disk_gib;
		size_t type;
	} kinds[] = {
		{8, 128, 1031000, 7000, 0},
                {4, 64,  515000,  3500, 0},
                {4, 56,  385534,  7392, 2}
        };
	const int64_t gpus = kinds[kind].gpus, used = random_below(state, gpus + 1);
	/* who uses a GPU uses about its share of the rest */
	const int64_t percent = used * 100 / gpus;

	c->gpus[i][0] = (struct gpubroker_gpus){types[kinds[kind].type], gpus, used};
	c->hosts[i] = (struct gpubroker_host){
		.vcpus = {.total = kinds[kind].vcpus,
			  .used = kinds[kind].vcpus * percent * (1 + random_below(state, 3)) / 100,
			  .ratio_micro = random_below(state, 2) ? 4000000 : 1000000},
		.ram_mib = {.total = kinds[kind].ram_mib,
			  .used = kinds[kind].ram_mib / 1600 * percent *
				(12 + random_below(state,     5))},
		.disk_gib = {.total = kinds[kind].disk_gib,      .used = 20 * used                               },
		.n_gpus = 1,
	};
}

static void real_flavor(uint64_t *state, struct fit_case *c, size_t i, size_t n_kinds)
{
	const int64_t gpus = INT64_C(1) << random_below(state, 4);
	const size_t type = n_kinds > 2 && random_below(state, 3) == 0 ? 2 : 0;
	const int64_t shape = 1 + random_below(state, 3);

	c->needs[i][0] = (struct gpubroker_need){types[type], type == 2 ? MIN(gpus, 4) : gpus};
	c->flavors[i] = (struct gpubroker_flavor){
		.vcpus = c->needs[i][0].count * 8 * shape,
		.ram_mib = c->needs[i][0].count * 32768 * shape,
		.disk_gib = 50,
		.n_gpus = 1,
	};
}

/* Puts servers of random flavors on the host until several in turn do not fit. */
static void plant(uint64_t *state, struct fit_case *c, size_t host, struct naive *left)
{
	for (int misses = 0; misses < 6;) {
		const size_t i = (size_t)random_below(state, (int64_t)c->n_asks);

		if (!naive_may(&c->hosts[host], &c->flavors[i])) {
			misses++;
		} else if (naive_take(left, &c->flavors[i], 1)) {
			c->asks[i].count++;
		} else {
			naive_take(left, &c->flavors[i], -1);
			misses++;
		}
	}
}

/* Flavors of which there are no servers go. */
static void drop_empty(struct fit_case *c)
{
	size_t n = 0;

	for (size_t i = 0; i < c->n_asks; i++) {
		if (c->asks[i].count > 0) {
			c->flavors[n] = c->flavors[i];
			c->needs[n][0] = c->needs[i][0];
			c->asks[n++].count = c->asks[i].count;
		}
	}
	c->n_asks = n;
}

void case_region(
	uint64_t *state, struct fit_case *ret, size_t n_hosts, size_t n_asks, int64_t n_more)
{
	const size_t n_kinds = (size_t)random_below(state, 2) + 2;
	struct naive left[CASE_HOSTS];

	memset(ret, 0, sizeof(*ret));
	ret->n_hosts = n_hosts;
	ret->n_asks = n_asks;
	for (size_t i = 0; i < n_hosts; i++) {
		real_host(state, ret, i, (size_t)random_below(state, (int64_t)n_kinds));
	}
	for (size_t i = 0; i < n_asks; i++) {
		real_flavor(state, ret, i, n_kinds);
	}
	init_asks(ret);
	naive_init(ret, left);
	for (size_t i = 0; i < n_hosts; i++) {
		plant(state, ret, i, &left[i]);
	}
	drop_empty(ret);
	for (; n_more > 0 && ret->n_asks > 0; n_more--) {
		ret->asks[random_below(state, (int64_t)ret->n_asks)].count++;
	}
	init_asks(ret);
}

int case_solve(const struct fit_case *c, struct fit_result *ret)
{
	int64_t steps = FIT_STEPS;

	return fit_solve(ret, c->hosts, c->n_hosts, c->asks, c->n_asks, &steps);
}
