/* SPDX-License-Identifier: Apache-2.0 */
/* Whether two readings say the same: see snapshot.h. */
#include "base/str.h"
#include "model/snapshot.h"

#include <string.h>

static bool words_equal(const struct gpubroker_words *a, const struct gpubroker_words *b)
{
	for (size_t i = 0; i < a->n && a->n == b->n; i++) {
		if (!str_equal(a->items[i], b->items[i])) {
			return false;
		}
	}
	return a->n == b->n;
}

static bool amounts_equal(const struct gpubroker_amount *a, const struct gpubroker_amount *b)
{
	return a->total == b->total && a->used == b->used && a->reserved == b->reserved &&
	       a->max_unit == b->max_unit && a->ratio_micro == b->ratio_micro &&
	       a->min_unit == b->min_unit && a->step_size == b->step_size;
}

static bool devices_equal(const struct gpubroker_device *a, const struct gpubroker_device *b)
{
	return a->total == b->total && a->used == b->used && a->max_unit == b->max_unit &&
	       a->min_unit == b->min_unit && a->step_size == b->step_size &&
	       words_equal(&a->words, &b->words);
}

static bool gpus_equal(const struct gpubroker_gpus *a, const struct gpubroker_gpus *b)
{
	if (a->total != b->total || a->used != b->used || a->n_devices != b->n_devices ||
		!str_equal(a->type, b->type)) {
		return false;
	}
	for (size_t i = 0; i < a->n_devices; i++) {
		if (!devices_equal(&a->devices[i], &b->devices[i])) {
			return false;
		}
	}
	return true;
}

static bool hosts_equal(const struct gpubroker_host *a, const struct gpubroker_host *b)
{
	if (a->state != b->state || a->n_gpus != b->n_gpus || !str_equal(a->name, b->name) ||
		!str_equal(a->reason, b->reason) || !amounts_equal(&a->vcpus, &b->vcpus) ||
		!amounts_equal(&a->pcpus, &b->pcpus) || !amounts_equal(&a->ram_mib, &b->ram_mib) ||
		!amounts_equal(&a->disk_gib, &b->disk_gib) || !words_equal(&a->words, &b->words)) {
		return false;
	}
	for (size_t i = 0; i < a->n_gpus; i++) {
		if (!gpus_equal(&a->gpus[i], &b->gpus[i])) {
			return false;
		}
	}
	return true;
}

static bool counts_equal(const struct snapshot_flavor *a, const struct snapshot_flavor *b)
{
	return a->count.total == b->count.total && a->count.available == b->count.available &&
	       a->count.limited_by == b->count.limited_by &&
	       a->available_exclusive == b->available_exclusive;
}

static bool needs_equal(const struct gpubroker_need *a, const struct gpubroker_need *b)
{
	return a->count == b->count && a->unit == b->unit && str_equal(a->type, b->type) &&
	       words_equal(&a->required, &b->required) && words_equal(&a->forbidden, &b->forbidden);
}

static bool demands_equal(const struct gpubroker_demand *a, const struct gpubroker_demand *b)
{
	return a && b ? a->vcpus == b->vcpus && a->pcpus == b->pcpus && a->ram_mib == b->ram_mib &&
				a->disk_gib == b->disk_gib
		      : a == b;
}

static bool sizes_equal(const struct gpubroker_flavor *a, const struct gpubroker_flavor *b)
{
	return a->vcpus == b->vcpus && a->ram_mib == b->ram_mib && a->disk_gib == b->disk_gib &&
	       a->ephemeral_gib == b->ephemeral_gib && a->swap_mib == b->swap_mib &&
	       demands_equal(a->demand, b->demand);
}

static bool flavors_equal(const struct gpubroker_flavor *a, const struct gpubroker_flavor *b)
{
	if (!sizes_equal(a, b) || a->is_public != b->is_public || a->isolate != b->isolate ||
		a->wants_no_gpus != b->wants_no_gpus || a->n_gpus != b->n_gpus ||
		!str_equal(a->id, b->id) || !str_equal(a->name, b->name) ||
		!str_equal(a->invalid, b->invalid)) {
		return false;
	}
	for (size_t i = 0; i < a->n_gpus; i++) {
		if (!needs_equal(&a->gpus[i], &b->gpus[i])) {
			return false;
		}
	}
	return words_equal(&a->required, &b->required) &&
	       words_equal(&a->forbidden, &b->forbidden) && words_equal(&a->remarks, &b->remarks);
}

static bool stranded_equal(const struct snapshot *a, const struct snapshot *b, size_t host)
{
	for (size_t i = 0; i < a->hosts[host].n_gpus; i++) {
		if (a->stranded[host][i] != b->stranded[host][i]) {
			return false;
		}
	}
	return true;
}

/* The pools follow from hosts and flavors. */
bool snapshot_same_content(const struct snapshot *a, const struct snapshot *b)
{
	if (a->model != b->model || a->n_hosts != b->n_hosts || a->n_flavors != b->n_flavors ||
		!str_equal(a->region, b->region)) {
		return false;
	}
	for (size_t i = 0; i < a->n_hosts; i++) {
		if (!hosts_equal(&a->hosts[i], &b->hosts[i]) || !stranded_equal(a, b, i)) {
			return false;
		}
	}
	for (size_t i = 0; i < a->n_flavors; i++) {
		if (!counts_equal(&a->flavors[i], &b->flavors[i]) ||
			!flavors_equal(&a->flavors[i].flavor, &b->flavors[i].flavor)) {
			return false;
		}
	}
	return true;
}
