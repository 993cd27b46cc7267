/* SPDX-License-Identifier: Apache-2.0 */
/* What a reload has to do: see conf.h. */
#include "conf/conf.h"

#include "base/str.h"

#include <string.h>

static size_t find(const struct conf *conf, const char *name)
{
	for (size_t i = 0; i < conf->n_regions; i++) {
		if (str_equal(conf->regions[i].name, name)) {
			return i;
		}
	}
	return SIZE_MAX;
}

static bool worker_is_same(const struct conf_region *a, const struct conf_region *b)
{
	return str_equal(a->plugin, b->plugin) && value_equal(a->options, b->options) &&
	       a->enabled == b->enabled && a->poll.deadline_s == b->poll.deadline_s &&
	       a->from_environment == b->from_environment;
}

static struct conf_region_change compare(
	const struct conf *old, const struct conf *new_, size_t new_index)
{
	const struct conf_region *now = new_->regions + new_index, *before;
	struct conf_region_change change = {.change = CONF_ADDED, .new_index = new_index};
	bool same_folder = str_equal(old->plugin_dir, new_->plugin_dir);

	change.old_index = find(old, now->name);
	if (change.old_index == SIZE_MAX) {
		return change;
	}
	before = old->regions + change.old_index;
	change.needs_worker_restart = !same_folder || !worker_is_same(before, now);
	change.change = change.needs_worker_restart ||
					!option_equal(conf_region_keys, before, now) ||
					!option_equal(conf_poll_keys, &before->poll, &now->poll)
				? CONF_CHANGED
				: CONF_SAME;
	return change;
}

static bool names_differ(const struct conf *a, const struct conf *b)
{
	bool same = a->n_regions == b->n_regions;

	for (size_t i = 0; same && i < a->n_regions; i++) {
		same = str_equal(a->regions[i].name, b->regions[i].name);
	}
	return !same;
}

static bool strings_differ(const struct gpubroker_strings *a, const struct gpubroker_strings *b)
{
	bool same = a->n == b->n;

	for (size_t i = 0; same && i < a->n; i++) {
		same = str_equal(a->items[i], b->items[i]);
	}
	return !same;
}

int conf_diff(const struct conf *old, const struct conf *new_, struct conf_diff *ret)
{
	*ret = (struct conf_diff){0};
	ret->regions = calloc(old->n_regions + new_->n_regions + 1, sizeof(*ret->regions));
	if (!ret->regions) {
		return GPUBROKER_E_INTERNAL;
	}
	for (size_t i = 0; i < new_->n_regions; i++) {
		ret->regions[ret->n_regions++] = compare(old, new_, i);
	}
	for (size_t i = 0; i < old->n_regions; i++) {
		if (find(new_, old->regions[i].name) == SIZE_MAX) {
			ret->regions[ret->n_regions++] = (struct conf_region_change){
				.change = CONF_REMOVED, .old_index = i, .new_index = SIZE_MAX};
		}
	}
	ret->order_changed = names_differ(old, new_);
	ret->rest_changed = !option_equal(conf_rest_keys, &old->rest, &new_->rest);
	ret->listen_changed = strings_differ(&old->rest.listen, &new_->rest.listen);
	ret->cache_changed = !option_equal(conf_cache_keys, &old->cache, &new_->cache);
	ret->state_dir_changed = !str_equal(old->state_dir, new_->state_dir);
	return 0;
}

void conf_diff_finish(struct conf_diff *diff)
{
	free(diff->regions);
	*diff = (struct conf_diff){0};
}
