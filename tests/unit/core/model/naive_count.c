/* SPDX-License-Identifier: Apache-2.0 */
/* A second, slow way to count: see naive_count.h. It shares no function with the first. */
#include "naive_count.h"

#include <string.h>

enum { MANY = 1000 }; /* a flavor of which so many fit asks for nothing */

static int64_t naive_capacity(const struct gpubroker_amount *a)
{
	const int64_t ratio = a->ratio_micro ? a->ratio_micro : 1000000;
	int64_t capacity = 0;

	while ((capacity + 1) * 1000000 <= (a->total - a->reserved) * ratio) {
		capacity++;
	}
	return capacity;
}

static bool naive_fits(const struct gpubroker_amount *a, int64_t need, int64_t servers, bool empty)
{
	const int64_t used = empty || a->used < 0 ? 0 : a->used;
	int64_t most = 0;

	if (need == 0) {
		return true;
	}
	while (a->step_size > 1 && most < need) {
		most += a->step_size;
	}
	return (a->step_size <= 1 || most == need) && need >= a->min_unit &&
	       need <= (a->max_unit ? a->max_unit : a->total) &&
	       servers * need <= naive_capacity(a) - used;
}

static bool naive_gpus_fit(const struct gpubroker_host *host, const struct gpubroker_flavor *flavor,
	int64_t servers, bool empty)
{
	for (size_t i = 0; i < flavor->n_gpus; i++) {
		bool is_there = false;
		int64_t left = -1;

		for (size_t j = 0; j < host->n_gpus; j++) {
			if (strcmp(host->gpus[j].type, flavor->gpus[i].type) == 0) {
				left = host->gpus[j].total - (empty ? 0 : host->gpus[j].used);
				is_there = true;
			}
		}
		for (size_t j = 0; j < flavor->n_gpus; j++) {
			if (strcmp(flavor->gpus[j].type, flavor->gpus[i].type) == 0) {
				left -= servers * flavor->gpus[j].count;
			}
		}
		if (!is_there) {
			return false;
		}
		if (flavor->gpus[i].count == 0) {
			continue;
		}
		if (left < 0 || flavor->gpus[i].unit > 1 || flavor->gpus[i].required.n > 0) {
			return false;
		}
	}
	return true;
}

static size_t naive_common(const struct gpubroker_words *a, const struct gpubroker_words *b)
{
	size_t n = 0;

	for (size_t i = 0; i < a->n * b->n; i++) {
		n += strcmp(a->items[i / b->n], b->items[i % b->n]) == 0;
	}
	return n;
}

int64_t naive_on_host(
	const struct gpubroker_host *host, const struct gpubroker_flavor *flavor, bool empty)
{
	const struct gpubroker_demand usual = {.vcpus = flavor->vcpus,
		.ram_mib = flavor->ram_mib,
		.disk_gib = flavor->disk_gib + flavor->ephemeral_gib + flavor->swap_mib / 1024 +
			    (flavor->swap_mib % 1024 > 0)};
	const struct gpubroker_demand *demand = flavor->demand ? flavor->demand : &usual;
	int64_t n = 0;

	if (host->state == GPUBROKER_HOST_SKIPPED || flavor->invalid ||
		naive_common(&flavor->required, &host->words) < flavor->required.n ||
		naive_common(&flavor->forbidden, &host->words) > 0) {
		return 0;
	}
	while (n < MANY && naive_gpus_fit(host, flavor, n + 1, empty) &&
		naive_fits(&host->vcpus, demand->vcpus, n + 1, empty) &&
		naive_fits(&host->pcpus, demand->pcpus, n + 1, empty) &&
		naive_fits(&host->ram_mib, demand->ram_mib, n + 1, empty) &&
		naive_fits(&host->disk_gib, demand->disk_gib, n + 1, empty)) {
		n++;
	}
	return n < MANY ? n : 0;
}
