/* SPDX-License-Identifier: Apache-2.0 */
/* Hosts into the inventory, with Nova's or Placement's numbers. Part of join_region(). */
#include "kit/aggregate_specs.h"
#include "kit/cleanup.h"
#include "kit/finding.h"
#include "kit/join/join_region.h"
#include "kit/text.h"
#include "kit/word_set.h"

#include <string.h>

enum gpubroker_host_state join_host_state(const struct nova_hypervisor *h)
{
	if (h->status && strcmp(h->status, "disabled") == 0) {
		return GPUBROKER_HOST_DISABLED;
	}
	return h->state && strcmp(h->state, "down") == 0 ? GPUBROKER_HOST_DOWN : GPUBROKER_HOST_UP;
}

/* ---- Nova's numbers ---- */

static int64_t within(int64_t value, int64_t least, int64_t most)
{
	return MAX(least, MIN(value, most));
}

static struct gpubroker_amount amount(
	int64_t total, int64_t free_now, double ratio, double default_ratio)
{
	ratio = ratio > 0 ? ratio : default_ratio;
	total = within(total, 0, JOIN_AMOUNT_MAX);
	return (struct gpubroker_amount){
		.total = total,
		.used = within(total - within(free_now, -JOIN_AMOUNT_MAX, JOIN_AMOUNT_MAX),
			-JOIN_AMOUNT_MAX, JOIN_AMOUNT_MAX),
		.ratio_micro = (int64_t)(ratio * GPUBROKER_RATIO_ONE + 0.5),
	};
}

/* The number that is missing, or NULL. */
static const char *missing_number(const struct nova_hypervisor *h)
{
	return h->no_vcpus      ? "vcpus or vcpus_used"
	       : h->no_memory   ? "memory_mb"
	       : h->no_free_ram ? "free_ram_mb"
	       : h->no_disk     ? "local_gb"
	       : h->no_disk_available_least && h->no_free_disk
		       ? "disk_available_least and free_disk_gb"
		       : NULL;
}

/* What Nova says; the rest stays zero, which only a host out of service may have. */
static void fill_amounts(struct gpubroker_host *host, const struct nova_hypervisor *h,
	const struct join_policy *policy)
{
	int64_t free_disk = h->no_disk_available_least ? h->free_disk_gb : h->disk_available_least;

	if (!h->no_vcpus) {
		host->vcpus = amount(h->vcpus, 0, policy->cpu_allocation_ratio, 4.0);
		host->vcpus.used = within(h->vcpus_used, 0, JOIN_AMOUNT_MAX);
	}
	if (!h->no_memory && !h->no_free_ram) {
		host->ram_mib =
			amount(h->memory_mb, h->free_ram_mb, policy->ram_allocation_ratio, 1.0);
	}
	if (!h->no_disk && !(h->no_disk_available_least && h->no_free_disk)) {
		host->disk_gib = amount(h->local_gb, free_disk, policy->disk_allocation_ratio, 1.0);
	}
}

/* Placement may have what Nova does not say, from 2.88 on nothing at all. */
static const char *missing_after_placement(const struct join_host *h)
{
	const char *missing = missing_number(h->hypervisor);
	bool has_cpus = h->root && (placement_inventory_of(h->root, "VCPU") ||
					   placement_inventory_of(h->root, "PCPU"));

	return missing && has_cpus && placement_inventory_of(h->root, "MEMORY_MB") &&
			       placement_inventory_of(h->root, "DISK_GB")
		       ? NULL
		       : missing;
}

/* ---- GPUs and words ---- */

static void lend_gpus(const struct join_host *h, struct gpubroker_gpus gpus[static JOIN_TYPES_MAX])
{
	for (size_t i = 0; i < h->n_gpus; i++) {
		const struct join_gpus *from = &h->gpus[i];

		gpus[i] = (struct gpubroker_gpus){
			.type = from->type, .total = from->count, .used = from->held};
		if (!from->by_devices) {
			continue;
		}
		gpus[i].devices = from->plain ? NULL : from->devices;
		gpus[i].n_devices = from->plain ? 0 : from->n_devices;
		gpus[i].total = gpus[i].used = 0;
		for (size_t k = 0; k < from->n_devices; k++) {
			gpus[i].total += from->devices[k].total;
			gpus[i].used += MIN(from->devices[k].used, from->devices[k].total);
		}
	}
}

/* Those of the words that some flavor asks for which the host has: traits of its provider, and what its
 * aggregates' metadata satisfies. */
static int words_of(const struct join *j, const struct join_host *h, const char ***ret,
	size_t *ret_n, struct gpubroker_error *reterr)
{
	const char **words = calloc(j->asked.words.n + 1, sizeof(*words));
	size_t n = 0;

	if (!words) {
		return join_no_memory(reterr);
	}
	for (size_t i = 0; i < j->asked.words.n; i++) {
		const char *word = j->asked.words.items[i];
		bool has = aggregate_spec_is_word(word)
				   ? aggregate_spec_holds(word, h->aggregates, h->n_aggregates)
				   : h->root && placement_has_trait(h->root, word);

		if (has) {
			words[n++] = word;
		}
	}
	*ret = words;
	*ret_n = n;
	return 0;
}

/* ---- into the inventory ---- */

static int add_host(struct join *j, const struct join_host *h, struct gpubroker_inventory *out,
	struct gpubroker_error *reterr)
{
	_cleanup_(freep) const char **words = NULL;
	struct gpubroker_gpus gpus[JOIN_TYPES_MAX];
	const char *missing = missing_after_placement(h);
	struct gpubroker_host host = {
		.name = join_host_name(h),
		.state = join_host_state(h->hypervisor),
		.reason = h->hypervisor->disabled_reason,
		.gpus = gpus,
		.n_gpus = h->n_gpus,
	};
	int r;

	if (!text_is_name(host.name)) {
		note(j->notes, j->core, "host skipped name=%.60s reason=not a name", host.name);
		return 0;
	}
	if (missing && host.state == GPUBROKER_HOST_UP) {
		return gpubroker_fail(reterr, GPUBROKER_E_INCOMPLETE,
			"GPU host '%s' is in service but does not say its %s", host.name, missing);
	}
	r = words_of(j, h, &words, &host.words.n, reterr);
	if (r < 0) {
		return r;
	}
	host.words.items = words;
	lend_gpus(h, gpus);
	fill_amounts(&host, h->hypervisor, &j->policy);
	if (h->root) {
		join_placement_amounts(j, h, &host);
	}
	return j->core->add_host(out, &host, reterr);
}

static bool is_listed(const struct join *j, const struct join_host *h)
{
	return h->n_gpus > 0 || j->policy.include_cpu_flavors;
}

/* Bare metal nodes are called by their own names, which may be those of others. */
static void tell_twice(const struct join *j, const struct join_host *h)
{
	const char *name = join_host_name(h);

	note(j->notes, j->core, "host skipped name=%s id=%s reason=another one has this name", name,
		h->hypervisor->id);
	finding_add(j->core, GPUBROKER_WARN, "gpu-host", name, "openstack hypervisor list --long",
		"Host '%s' is there twice: the hypervisor '%s' of service host '%s' is not counted.",
		name, h->hypervisor->id, h->hypervisor->host);
}

static int add_listed(struct join *j, struct word_set *names, struct gpubroker_inventory *out,
	struct gpubroker_error *reterr)
{
	int r = 0;

	for (size_t i = 0; r == 0 && i < j->n_hosts; i++) {
		const struct join_host *h = &j->hosts[i];

		if (!is_listed(j, h)) {
			continue;
		}
		if (word_set_has(names, join_host_name(h))) {
			tell_twice(j, h);
			continue;
		}
		word_set_add(names, join_host_name(h));
		r = add_host(j, h, out, reterr);
	}
	return r;
}

/* A bare metal node may be called like a service host that is gone. */
static int add_skipped(struct join *j, const struct word_set *names,
	struct gpubroker_inventory *out, struct gpubroker_error *reterr)
{
	int r = 0;

	for (size_t i = 0; r == 0 && i < j->n_skipped; i++) {
		const struct join_skipped *s = &j->skipped[i];

		if (text_is_name(s->name) && !word_set_has(names, s->name)) {
			r = j->core->add_host(out,
				&(struct gpubroker_host){.name = s->name,
					.state = GPUBROKER_HOST_SKIPPED,
					.reason = s->reason},
				reterr);
		}
	}
	return r;
}

int join_add_hosts(struct join *j, struct gpubroker_inventory *out, struct gpubroker_error *reterr)
{
	_cleanup_(word_set_finish) struct word_set names = {0};
	int r = add_listed(j, &names, out, reterr);

	if (r == 0 && names.failed) {
		return join_no_memory(reterr);
	}
	return r < 0 ? r : add_skipped(j, &names, out, reterr);
}
