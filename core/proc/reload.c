/* SPDX-License-Identifier: Apache-2.0 */
/* A new configuration while the daemon runs: starts, stops and restarts only what has changed. */
#include "base/log.h"
#include "proc/parent.h"

/* What mends it may stand in no file of ours: a password, clouds.yaml, rights of files. */
static void retry_region(struct region *r)
{
	unsigned failures = r->failures;

	log_info("region tried again region=%s", r->status.name);
	region_restart(r);
	r->failures = failures; /* they are over when it has been read */
}

static struct region *reload_region(struct parent *p, const struct conf_region_change *change,
	struct region **old, const struct conf_region *new_conf)
{
	struct region *r;

	if (change->change == CONF_ADDED) {
		r = region_new(p, new_conf);
		log_info("region added region=%s", new_conf->name);
		return r;
	}
	r = TAKE_PTR(old[change->old_index]);
	if (!r) { /* it could not be started before */
		return region_new(p, new_conf);
	}
	region_reconfigure(r, new_conf);
	if (change->change == CONF_CHANGED) {
		log_info("region changed region=%s worker=%s", new_conf->name,
			change->needs_worker_restart ? "restarted" : "kept");
	}
	if (change->needs_worker_restart) {
		region_restart(r);
	} else if (r->failures > 0) {
		retry_region(r);
	}
	return r;
}

/* Old regions by their index in the old configuration: one that could not be started leaves a hole. */
static struct region **regions_by_conf(const struct parent *p, const struct conf *conf)
{
	struct region **by_conf = calloc(conf->n_regions + 1, sizeof(struct region *));

	for (size_t i = 0; by_conf && i < p->n_regions; i++) {
		by_conf[p->regions[i]->conf - conf->regions] = p->regions[i];
	}
	return by_conf;
}

/* before, fresh: room for the old and the new regions; fresh is taken. */
static void reload_regions(struct parent *p, const struct conf_diff *diff, const struct conf *old,
	struct conf *new_, struct region **before, struct region **fresh)
{
	size_t n = 0;

	for (size_t i = 0; i < new_->n_regions; i++) {
		struct region *r = reload_region(p, &diff->regions[i], before, &new_->regions[i]);

		if (r) {
			fresh[n++] = r;
		}
	}
	for (size_t i = 0; i < old->n_regions; i++) {
		if (before[i]) {
			log_info("region removed region=%s", before[i]->status.name);
			region_free(before[i]);
		}
	}
	free(p->regions);
	p->regions = fresh;
	p->n_regions = n;
	for (size_t i = 0; i < n; i++) {
		region_start(p->regions[i]);
	}
	sinks_mark_regions(p);
}

bool parent_reload(struct parent *p, struct value *tree, struct conf *conf)
{
	struct conf_diff diff = {0};
	struct conf *old = p->conf;
	struct value *old_tree = p->tree;
	struct region **fresh = calloc(conf->n_regions + 1, sizeof(struct region *));
	_cleanup_(freep) struct region **before = regions_by_conf(p, old);

	if (!fresh || !before || conf_diff(old, conf, &diff) < 0 ||
		!listeners_open(p, &conf->rest.listen)) {
		log_error("reload refused, the old configuration stays in force");
		free(fresh);
		conf_diff_finish(&diff);
		conf_free(conf);
		value_free(tree);
		return false;
	}
	p->conf = conf;
	p->tree = tree;
	reload_regions(p, &diff, old, conf, before, fresh);
	if (diff.rest_changed || diff.listen_changed ||
		old->poll.cold_wait_s != conf->poll.cold_wait_s) {
		sink_replace(&p->sinks[SINK_REST]);
	}
	if (diff.cache_changed || diff.state_dir_changed) {
		sink_replace(&p->sinks[SINK_STORER]);
	}
	conf_diff_finish(&diff);
	conf_free(old);
	value_free(old_tree);
	log_info("reloaded regions=%zu", p->n_regions);
	return true;
}
