/* SPDX-License-Identifier: Apache-2.0 */
/* How many servers of a flavor a host can take: see capacity.h. */
#include "model/capacity.h"

#include "base/mem.h"

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

struct need flavor_need(const struct gpubroker_flavor *f)
{
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

static struct quotient make_quotient(
	int64_t need, int64_t capacity, int64_t free_now, int64_t max_unit)
{
	struct quotient q = {.need = need, .capacity = capacity, .free = free_now};

	if (need <= 0) {
		q.total = q.available = QUOTIENT_FREE;
	} else if (need <= max_unit) {
		q.total = capacity / need;
		q.available = MIN(MAX(free_now, 0) / need, q.total);
	}
	return q;
}

static struct quotient amount_quotient(const struct gpubroker_amount *a, int64_t need)
{
	return make_quotient(need, amount_capacity(a), amount_free(a), amount_max_unit(a));
}

static const struct gpubroker_gpus *find_gpus(const struct gpubroker_host *host, const char *type)
{
	for (size_t i = 0; i < host->n_gpus; i++) {
		if (strcmp(host->gpus[i].type, type) == 0) {
			return &host->gpus[i];
		}
	}
	return NULL;
}

static bool limits_more(const struct quotient *a, const struct quotient *b)
{
	return a->available != b->available ? a->available < b->available : a->total < b->total;
}

/* Fills gpu and gpu_type. *ret_total: how many fit the empty host by their GPUs of all types – the type that
 * limits now need not be the one that limits then. false: the host lacks a type. */
static bool explain_gpus(const struct gpubroker_host *host, const struct gpubroker_flavor *flavor,
	struct host_count *ret, int64_t *ret_total)
{
	ret->gpu.total = ret->gpu.available = *ret_total = QUOTIENT_FREE;
	for (size_t i = 0; i < flavor->n_gpus; i++) {
		const struct gpubroker_need *need = &flavor->gpus[i];
		const struct gpubroker_gpus *gpus = find_gpus(host, need->type);
		struct quotient q;

		if (need->count <= 0) {
			continue;
		}
		if (!gpus) {
			ret->gpu = (struct quotient){.need = need->count};
			ret->gpu_type = need->type;
			return false;
		}
		q = make_quotient(need->count, gpus->total, gpus->total - gpus->used, gpus->total);
		*ret_total = MIN(*ret_total, q.total);
		if (!ret->gpu_type || limits_more(&q, &ret->gpu)) {
			ret->gpu = q;
			ret->gpu_type = need->type;
		}
	}
	return true;
}

/* The smallest quotient decides; LIMIT_NONE where nothing constrains, and then nothing is counted. */
static void explain_limit(struct host_count *c, int64_t gpu_total)
{
	const struct quotient *const quotients[] = {
		[LIMIT_GPU] = &c->gpu,
		[LIMIT_RAM] = &c->ram_mib,
		[LIMIT_VCPUS] = &c->vcpus,
		[LIMIT_DISK] = &c->disk_gib,
	};

	c->total = gpu_total;
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

void host_explain(const struct gpubroker_host *host, const struct gpubroker_flavor *flavor,
	struct host_count *ret)
{
	const struct need need = flavor_need(flavor);
	int64_t gpu_total;

	*ret = (struct host_count){
		.host = host,
		.in_service = host->state == GPUBROKER_HOST_UP,
		.limited_by = LIMIT_NO_HOST,
		.vcpus = amount_quotient(&host->vcpus, need.vcpus),
		.ram_mib = amount_quotient(&host->ram_mib, need.ram_mib),
		.disk_gib = amount_quotient(&host->disk_gib, need.disk_gib),
	};
	ret->serves = explain_gpus(host, flavor, ret, &gpu_total) && !flavor->invalid;
	if (ret->serves) {
		explain_limit(ret, gpu_total);
	}
}

static bool asks_for_nothing(const struct gpubroker_flavor *flavor)
{
	const struct need need = flavor_need(flavor);

	for (size_t i = 0; i < flavor->n_gpus; i++) {
		if (flavor->gpus[i].count > 0) {
			return false;
		}
	}
	return need.vcpus <= 0 && need.ram_mib <= 0 && need.disk_gib <= 0;
}

struct flavor_count flavor_count(
	const struct gpubroker_flavor *flavor, const struct gpubroker_host hosts[], size_t n_hosts)
{
	struct flavor_count sum = {.limited_by = LIMIT_NO_HOST};
	size_t votes[LIMIT_UNKNOWN + 1] = {0};

	if (flavor->invalid || asks_for_nothing(flavor)) {
		sum.limited_by = flavor->invalid ? LIMIT_NO_HOST : LIMIT_NONE;
		return sum;
	}
	for (size_t i = 0; i < n_hosts; i++) {
		struct host_count c;

		host_explain(&hosts[i], flavor, &c);
		if (c.serves && c.in_service) {
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
