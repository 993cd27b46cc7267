/* SPDX-License-Identifier: Apache-2.0 */
/* How many servers of a flavor a host can take: see capacity.h. */
#include "model/capacity.h"

#include "base/mem.h"
#include "model/devices.h"

#include <string.h>

static const char *const limit_words[] = {
	[LIMIT_GPU] = "gpu",
	[LIMIT_RAM] = "ram",
	[LIMIT_VCPUS] = "vcpus",
	[LIMIT_DISK] = "disk",
	[LIMIT_NO_HOST] = "no-host",
	[LIMIT_NONE] = "none",
	[LIMIT_UNKNOWN] = NULL,
};

const char *limit_word(enum limit limit)
{
	return limit_words[limit];
}

bool limit_parse(const char *word, enum limit *ret)
{
	for (size_t i = 0; i < ARRAY_SIZE(limit_words); i++) {
		if (limit_words[i] && strcmp(limit_words[i], word) == 0) {
			*ret = (enum limit)i;
			return true;
		}
	}
	return false;
}

bool flavor_tries_for_gpus(const struct gpubroker_flavor *f)
{
	return f->invalid && !f->wants_no_gpus;
}

struct need flavor_need(const struct gpubroker_flavor *f)
{
	const struct gpubroker_demand *d = f->demand;

	if (d) {
		return (struct need){d->vcpus, d->pcpus, d->ram_mib, d->disk_gib};
	}
	return (struct need){
		.vcpus = f->vcpus,
		.ram_mib = f->ram_mib,
		.disk_gib = f->disk_gib + f->ephemeral_gib + (f->swap_mib + 1023) / 1024,
	};
}

int64_t amount_capacity(const struct gpubroker_amount *a)
{
	const int64_t one = GPUBROKER_RATIO_ONE, ratio = a->ratio_micro ? a->ratio_micro : one;
	const int64_t amount = a->total - a->reserved;

	if (amount <= 0 || ratio <= 0) {
		return 0;
	}
	/* floor(amount * ratio / one), split so that 10^12 * 10^12 stays in 64 bits */
	return amount / one * ratio + amount % one * ratio / one;
}

int64_t amount_free(const struct gpubroker_amount *a)
{
	return amount_capacity(a) - a->used;
}

int64_t amount_max_unit(const struct gpubroker_amount *a)
{
	return a->max_unit ? a->max_unit : a->total;
}

static int64_t usable(int64_t capacity, int64_t free_now)
{
	return MIN(MAX(free_now, INT64_C(0)), capacity);
}

int64_t amount_usable(const struct gpubroker_amount *a)
{
	return usable(amount_capacity(a), amount_free(a));
}

bool amount_allows(const struct gpubroker_amount *a, int64_t need)
{
	return need <= 0 || (need <= amount_max_unit(a) && need >= a->min_unit &&
				    (a->step_size <= 1 || need % a->step_size == 0));
}

static struct quotient amount_quotient(const struct gpubroker_amount *a, int64_t need)
{
	struct quotient q = {.need = need, .capacity = amount_capacity(a), .free = amount_free(a)};

	if (need <= 0) {
		q.total = q.available = QUOTIENT_FREE;
	} else if (amount_allows(a, need)) {
		q.total = q.capacity / need;
		q.available = usable(q.capacity, q.free) / need;
	}
	return q;
}

static bool limits_more(const struct quotient *a, const struct quotient *b)
{
	return a->available != b->available ? a->available < b->available : a->total < b->total;
}

/* The sums over the devices that serve a need of it. */
static void sum_devices(const struct device_ask *ask, const int64_t slots[], struct quotient *ret)
{
	for (size_t i = 0; i < ask->gpus->n_devices; i++) {
		for (size_t j = 0; j < ask->n; j++) {
			if (device_is_eligible(ask, &ask->needs[j], i)) {
				ret->capacity += ask->gpus->devices[i].total;
				ret->free += slots[i];
				break;
			}
		}
	}
}

static struct quotient gpu_quotient(const struct device_ask *ask)
{
	const struct gpubroker_gpus *gpus = ask->gpus;
	struct quotient q = {.need = ask->count};
	int64_t slots[INVENTORY_MAX_DEVICES];

	devices_free(gpus, true, slots);
	q.total = devices_fit(ask, slots);
	devices_free(gpus, false, slots);
	q.available = devices_fit(ask, slots);
	q.total = MAX(q.total, q.available); /* both are lower bounds where needs are mixed */
	if (gpus->n_devices > 0) {
		sum_devices(ask, slots, &q);
	} else {
		q.capacity = gpus->total;
		q.free = gpus->total - gpus->used;
	}
	return q;
}

/* false: of none of the type's devices the words are such as the flavor asks for; *ret_word names one. */
static bool words_of_devices_allow(const struct device_ask *ask, struct host_count *ret)
{
	static const struct gpubroker_words none = {NULL, 0};

	for (size_t i = 0; i < ask->n; i++) {
		const struct gpubroker_need *need = ask->needs[i].need;
		size_t d = 0;

		if (need->required.n == 0 && need->forbidden.n == 0) {
			continue;
		}
		while (d < devices_slots(ask->gpus) &&
			!words_allow(ask->gpus->n_devices ? &ask->gpus->devices[d].words : &none,
				&need->required, &need->forbidden, &ret->word)) {
			d++;
		}
		if (d == devices_slots(ask->gpus)) {
			ret->word_is_present = words_have(&need->forbidden, ret->word);
			return false;
		}
		ret->word = NULL;
	}
	return true;
}

/* Fills gpu and gpu_type. *ret_total: how many fit the empty host by their GPUs of all types – the type that
 * limits now need not be the one that limits then. false: the host lacks a type, or its devices the words. */
static bool explain_gpus(const struct gpubroker_host *host, const struct gpubroker_flavor *flavor,
	struct host_count *ret, int64_t *ret_total)
{
	struct device_asks asks;
	const struct gpubroker_need *lacking = device_asks_init(&asks, host, flavor);

	ret->gpu.total = ret->gpu.available = *ret_total = QUOTIENT_FREE;
	if (lacking) {
		ret->gpu = (struct quotient){.need = lacking->count};
		ret->gpu_type = lacking->type;
		return false;
	}
	for (size_t i = 0; i < asks.n; i++) {
		struct quotient q;

		if (!words_of_devices_allow(&asks.items[i], ret)) {
			ret->gpu = (struct quotient){.need = asks.items[i].count};
			ret->gpu_type = asks.items[i].needs[0].need->type;
			return false;
		}
		q = gpu_quotient(&asks.items[i]);
		*ret_total = MIN(*ret_total, q.total);
		if (!ret->gpu_type || limits_more(&q, &ret->gpu)) {
			ret->gpu = q;
			ret->gpu_type = asks.items[i].needs[0].need->type;
		}
	}
	return true;
}

/* The smallest quotient decides; LIMIT_NONE where nothing constrains, and then nothing is counted. */
static void explain_limit(struct host_count *c, int64_t total)
{
	const struct quotient *const quotients[] = {
		[LIMIT_GPU] = &c->gpu,
		[LIMIT_RAM] = &c->ram_mib,
		[LIMIT_VCPUS] = &c->vcpus,
		[LIMIT_DISK] = &c->disk_gib,
	};

	c->total = total;
	c->available = QUOTIENT_FREE;
	c->limited_by = LIMIT_NONE;
	for (size_t i = 0; i < ARRAY_SIZE(quotients); i++) {
		c->total = MIN(c->total, quotients[i]->total);
		if (quotients[i]->available < c->available) {
			c->available = quotients[i]->available;
			c->limited_by = (enum limit)i;
		}
	}
	if (c->limited_by == LIMIT_NONE) {
		c->total = c->available = 0;
	}
}

/* Shared and dedicated CPUs are one limit. *ret_total as in explain_gpus(). */
static void explain_cpus(const struct gpubroker_host *host, const struct need *need,
	struct host_count *ret, int64_t *ret_total)
{
	ret->vcpus = amount_quotient(&host->vcpus, need->vcpus);
	*ret_total = ret->vcpus.total;
	if (need->pcpus > 0) {
		const struct quotient q = amount_quotient(&host->pcpus, need->pcpus);

		*ret_total = MIN(*ret_total, q.total);
		if (limits_more(&q, &ret->vcpus)) {
			ret->vcpus = q;
		}
	}
}

static bool words_of_host_allow(const struct gpubroker_host *host,
	const struct gpubroker_flavor *flavor, struct host_count *ret)
{
	if (words_allow(&host->words, &flavor->required, &flavor->forbidden, &ret->word)) {
		return true;
	}
	ret->word_is_present = words_have(&host->words, ret->word);
	return false;
}

/* whole: also what makes no difference because the host does not serve. */
static void count_host(const struct gpubroker_host *host, const struct gpubroker_flavor *flavor,
	const struct need *need, bool whole, struct host_count *ret)
{
	int64_t gpu_total, cpu_total;

	*ret = (struct host_count){
		.host = host,
		.in_service = host->state == GPUBROKER_HOST_UP,
		.limited_by = LIMIT_NO_HOST,
	};
	ret->serves = explain_gpus(host, flavor, ret, &gpu_total) &&
		      words_of_host_allow(host, flavor, ret) && !flavor->invalid &&
		      host->state != GPUBROKER_HOST_SKIPPED;
	if (!ret->serves && !whole) {
		return;
	}
	explain_cpus(host, need, ret, &cpu_total);
	ret->ram_mib = amount_quotient(&host->ram_mib, need->ram_mib);
	ret->disk_gib = amount_quotient(&host->disk_gib, need->disk_gib);
	if (ret->serves) {
		explain_limit(ret, MIN(gpu_total, cpu_total));
	}
}

void host_explain(const struct gpubroker_host *host, const struct gpubroker_flavor *flavor,
	struct host_count *ret)
{
	const struct need need = flavor_need(flavor);

	count_host(host, flavor, &need, true, ret);
}

static bool asks_for_nothing(const struct gpubroker_flavor *flavor)
{
	const struct need need = flavor_need(flavor);

	for (size_t i = 0; i < flavor->n_gpus; i++) {
		if (flavor->gpus[i].count > 0) {
			return false;
		}
	}
	return need.vcpus <= 0 && need.pcpus <= 0 && need.ram_mib <= 0 && need.disk_gib <= 0;
}

struct flavor_count flavor_count(
	const struct gpubroker_flavor *flavor, const struct gpubroker_host hosts[], size_t n_hosts)
{
	struct flavor_count sum = {.limited_by = LIMIT_NO_HOST};
	const struct need need = flavor_need(flavor);
	size_t votes[LIMIT_UNKNOWN + 1] = {0};

	if (flavor->invalid || asks_for_nothing(flavor)) {
		sum.limited_by = flavor->invalid ? LIMIT_NO_HOST : LIMIT_NONE;
		return sum;
	}
	for (size_t i = 0; i < n_hosts; i++) {
		struct host_count c;

		if (hosts[i].state != GPUBROKER_HOST_UP) {
			continue;
		}
		count_host(&hosts[i], flavor, &need, false, &c);
		if (c.serves) {
			sum.total = MIN(sum.total + c.total, COUNT_MAX);
			sum.available = MIN(sum.available + c.available, COUNT_MAX);
			votes[c.limited_by]++;
		}
	}
	for (int i = LIMIT_DISK; i >= LIMIT_GPU; i--) {
		if (votes[i] > 0 && votes[i] >= votes[sum.limited_by]) {
			sum.limited_by = (enum limit)i;
		}
	}
	return sum;
}
