/* SPDX-License-Identifier: Apache-2.0 */
/* The HTTP front as its role drives it: see rest.h. Everything here runs in the role's thread but
 * rest_generation(). */
#include "rest/rest.h"

#include "base/mem.h"
#include "base/mono.h"
#include "base/str.h"
#include "rest/front.h"

#include <string.h>

enum {
	PUBLISH_INTERVAL_MS = 100, /* at most ten views a second */
	WAITERS_INTERVAL_MS = 100, /* how exactly cold_wait_ms is kept */
	CLOCK_SLACK_MS = 5,
};

struct generation *rest_generation(struct rest *rest)
{
	struct generation *g;

	pthread_mutex_lock(&rest->lock);
	g = generation_ref(rest->current);
	pthread_mutex_unlock(&rest->lock);
	return g;
}

static void region_finish(struct rest_region *region)
{
	region_status_finish(&region->status);
	snapshot_unref(region->snapshot);
	*region = (struct rest_region){0};
}

static void regions_free(struct rest_region *regions, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		region_finish(&regions[i]);
	}
	free(regions);
}

static struct rest_region *find_region(const struct rest *rest, const char *name)
{
	for (size_t i = 0; i < rest->n_regions; i++) {
		if (str_equal(rest->regions[i].status.name, name)) {
			return &rest->regions[i];
		}
	}
	return NULL;
}

static int merge(const struct rest *rest, struct view **ret, struct gpubroker_error *reterr)
{
	_cleanup_(freep) struct view_input *inputs = calloc(rest->n_regions + 1, sizeof(*inputs));

	if (!inputs) {
		return gpubroker_fail(reterr, GPUBROKER_E_INTERNAL, "no memory");
	}
	for (size_t i = 0; i < rest->n_regions; i++) {
		inputs[i].status = &rest->regions[i].status;
		inputs[i].snapshot = rest->regions[i].snapshot;
	}
	return view_merge(
		ret, inputs, rest->n_regions, rest->default_region, rest->wall_ms(), reterr);
}

static int publish(struct rest *rest, struct gpubroker_error *reterr)
{
	struct generation *new_one = NULL, *old;
	struct view *view = NULL;
	int r = merge(rest, &view, reterr);

	if (r >= 0) {
		r = generation_new(&new_one, view, rest->configured, rest->version,
			rest->show_host_names, reterr);
	}
	if (r < 0) {
		return r;
	}
	if (rest->current) {
		generation_prepare(new_one, rest->current);
	}
	pthread_mutex_lock(&rest->lock);
	old = rest->current;
	rest->current = new_one;
	pthread_mutex_unlock(&rest->lock);
	generation_unref(old);
	rest->changed = false;
	rest->published_mono_ms = rest->mono_ms();
	return 0;
}

int rest_new(struct rest **ret, const struct rest_settings *settings, const int fds[], size_t n_fds,
	struct gpubroker_error *reterr)
{
	struct rest *rest = calloc(1, sizeof(*rest));
	int r;

	if (!rest) {
		return gpubroker_fail(reterr, GPUBROKER_E_INTERNAL, "no memory");
	}
	pthread_mutex_init(&rest->lock, NULL);
	pthread_mutex_init(&rest->metrics_lock, NULL);
	rest->mono_ms = settings->mono_ms ? settings->mono_ms : mono_ms;
	rest->wall_ms = settings->wall_ms ? settings->wall_ms : wall_ms;
	rest->cold_wait_ms = settings->cold_wait_ms;
	rest->show_host_names = settings->show_host_names;
	rest->version = strdup(settings->version ? settings->version : "");
	atomic_init(&rest->parent_answered_ms, rest->mono_ms());
	r = rest->version ? publish(rest, reterr)
			  : gpubroker_fail(reterr, GPUBROKER_E_INTERNAL, "no memory");
	if (r >= 0) {
		rest->published_mono_ms -=
			PUBLISH_INTERVAL_MS; /* the first real one need not wait */
		r = httpd_new(&rest->httpd, rest, settings, fds, n_fds, reterr);
	}
	if (r < 0) {
		rest_free(rest, 0);
		return r;
	}
	*ret = rest;
	return 0;
}

/* Copies of the statuses, with the snapshots of regions that stay. */
static int copy_regions(struct rest *rest, const struct region_status statuses[], size_t n,
	struct rest_region **ret)
{
	struct rest_region *regions = calloc(n + 1, sizeof(*regions));

	for (size_t i = 0; regions && i < n; i++) {
		if (!region_status_copy(&statuses[i], &regions[i].status)) {
			regions_free(regions, i);
			regions = NULL;
		}
	}
	for (size_t i = 0; regions && i < n; i++) {
		const struct rest_region *old = find_region(rest, statuses[i].name);

		regions[i].snapshot = old && old->snapshot ? snapshot_ref(old->snapshot) : NULL;
	}
	*ret = regions;
	return regions ? 0 : GPUBROKER_E_INTERNAL;
}

int rest_set_regions(struct rest *rest, const struct region_status statuses[], size_t n,
	const char *default_region)
{
	_cleanup_(freep) char *name = default_region ? strdup(default_region) : NULL;
	struct rest_region *regions;

	if ((default_region && !name) || copy_regions(rest, statuses, n, &regions) < 0) {
		return GPUBROKER_E_INTERNAL;
	}
	regions_free(rest->regions, rest->n_regions);
	free(rest->default_region);
	rest->regions = regions;
	rest->n_regions = n;
	rest->default_region = TAKE_PTR(name);
	rest->configured = true;
	rest->changed = true;
	return 0;
}

int rest_set_region(struct rest *rest, const struct region_status *status)
{
	struct rest_region *region = find_region(rest, status->name);
	struct region_status copy;

	if (!region) {
		return 0;
	}
	if (!region_status_copy(status, &copy)) {
		return GPUBROKER_E_INTERNAL;
	}
	region_status_finish(&region->status);
	region->status = copy;
	rest->changed = true;
	return 0;
}

static bool is_older(const struct snapshot *a, const struct snapshot *b)
{
	if (a->observed_at_ms != b->observed_at_ms) {
		return a->observed_at_ms < b->observed_at_ms;
	}
	return a->broker && b->broker && strcmp(a->broker, b->broker) < 0;
}

int rest_set_snapshot(struct rest *rest, struct snapshot *taken)
{
	_cleanup_(snapshot_unrefp) struct snapshot *snapshot = taken;
	struct rest_region *region = find_region(rest, snapshot->region);

	if (!region || (region->snapshot && is_older(snapshot, region->snapshot))) {
		return 0;
	}
	snapshot_unref(region->snapshot);
	region->snapshot = TAKE_PTR(snapshot);
	rest->changed = true;
	return 0;
}

int rest_set_metrics(struct rest *rest, const struct value *metrics)
{
	struct value *copy = value_copy(metrics), *old;

	if (!copy) {
		return GPUBROKER_E_INTERNAL;
	}
	pthread_mutex_lock(&rest->metrics_lock);
	old = rest->metrics;
	rest->metrics = copy;
	pthread_mutex_unlock(&rest->metrics_lock);
	value_free(old);
	return 0;
}

void rest_set_alive(struct rest *rest, int64_t parent_answered_mono_ms)
{
	atomic_store(&rest->parent_answered_ms, parent_answered_mono_ms);
}

static int64_t sooner(int64_t a_ms, int64_t b_ms)
{
	return a_ms < 0 ? b_ms : b_ms < 0 ? a_ms : MIN(a_ms, b_ms);
}

/* In how many milliseconds the clock alone changes a state; -1: never. */
static int64_t clock_changes_in(struct rest *rest)
{
	int64_t at_ms = generation_view(rest->current)->changes_at_ms;

	return at_ms > 0 ? MAX(at_ms - rest->wall_ms(), 0) + CLOCK_SLACK_MS : -1;
}

static bool may_have_waiters(const struct rest *rest)
{
	const struct view *view = generation_view(rest->current);

	for (size_t i = 0; i < view->n_regions; i++) {
		if (view_region_is_awaited(&view->regions[i])) {
			return true;
		}
	}
	return !rest->configured;
}

int64_t rest_publish(struct rest *rest)
{
	int64_t at_ms = generation_view(rest->current)->changes_at_ms;
	int64_t wait_ms = -1, passed_ms = rest->mono_ms() - rest->published_mono_ms;
	bool published = false;

	if (rest->changed || (at_ms > 0 && rest->wall_ms() >= at_ms)) {
		if (passed_ms < PUBLISH_INTERVAL_MS) {
			wait_ms = PUBLISH_INTERVAL_MS - passed_ms;
		} else {
			published = publish(rest, NULL) >= 0;
			wait_ms = published ? -1 : PUBLISH_INTERVAL_MS;
		}
	}
	if (httpd_wake(rest->httpd, published) > 0 || may_have_waiters(rest)) {
		wait_ms = sooner(wait_ms, WAITERS_INTERVAL_MS);
	}
	return sooner(wait_ms, clock_changes_in(rest));
}

void rest_free(struct rest *rest, int64_t timeout_ms)
{
	if (!rest) {
		return;
	}
	httpd_free(rest->httpd, timeout_ms);
	generation_unref(rest->current);
	regions_free(rest->regions, rest->n_regions);
	value_free(rest->metrics);
	pthread_mutex_destroy(&rest->lock);
	pthread_mutex_destroy(&rest->metrics_lock);
	free(rest->default_region);
	free(rest->version);
	free(rest);
}
