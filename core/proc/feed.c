/* SPDX-License-Identifier: Apache-2.0 */
/* What /metrics shows of polls, workers and stores: counted here, sent to rest as one value group
 * (its keys: rest/metrics.h). */
#include "base/str.h"
#include "proc/parent.h"

#include <stdio.h>
#include <string.h>

const int64_t duration_buckets_ms[N_DURATION_BUCKETS] = {
	100, 250, 500, 1000, 2500, 5000, 10000, 30000, 60000, 120000};

void feed_count_failure(struct region *r, enum gpubroker_code code)
{
	r->counters.failures[-(int)code]++;
}

void feed_count_duration(struct parent *p, int64_t duration_ms)
{
	struct duration_counters *d = &p->durations;

	for (size_t i = 0; i < N_DURATION_BUCKETS; i++) {
		d->buckets[i] += duration_ms <= duration_buckets_ms[i];
	}
	d->sum_ms += duration_ms;
	d->count++;
}

static void count_request(struct region_counters *c, const char *service, int status, int64_t count)
{
	size_t i = 0;

	while (i < c->n_requests && (c->requests[i].http_status != status ||
					    !str_equal(c->requests[i].service, service))) {
		i++;
	}
	if (i == MOST_REQUEST_TOTALS) {
		return;
	}
	if (i == c->n_requests) {
		c->requests[i].http_status = status;
		snprintf(c->requests[i].service, sizeof(c->requests[i].service), "%s", service);
		c->n_requests++;
	}
	c->requests[i].count += count;
}

void feed_count_requests(struct region *r, const struct value *message)
{
	const struct value *list = value_get(message, "requests");

	for (size_t i = 0; list && i < list->n_items; i++) {
		const struct value *item = list->items[i];
		const char *service = value_string(item, "service");
		int64_t count = value_integer(item, "count", 0),
			bytes = value_integer(item, "bytes", 0);

		if (service && count > 0 && bytes >= 0) {
			count_request(
				&r->counters, service, (int)value_integer(item, "code", 0), count);
			r->counters.received_bytes += bytes;
		}
	}
}

static bool add_failures(struct value *group, const struct region_counters *c)
{
	struct value *list = value_add_list(group, "failures");

	for (int i = 1; list && i < N_CODES; i++) {
		struct value *item = c->failures[i] > 0 ? value_add_group(list, NULL) : NULL;

		if (item && (!value_add_string(item, "code",
				     gpubroker_code_word((enum gpubroker_code) - i)) ||
				    !value_add_integer(item, "count", c->failures[i]))) {
			return false;
		}
	}
	return list;
}

static bool add_requests(struct value *group, const struct region_counters *c)
{
	struct value *list = value_add_list(group, "requests");

	for (size_t i = 0; list && i < c->n_requests; i++) {
		struct value *item = value_add_group(list, NULL);

		if (!item || !value_add_string(item, "service", c->requests[i].service) ||
			!value_add_integer(item, "code", c->requests[i].http_status) ||
			!value_add_integer(item, "count", c->requests[i].count)) {
			return false;
		}
	}
	return list;
}

static bool add_durations(struct value *group, const struct duration_counters *d)
{
	struct value *durations = value_add_group(group, "durations");
	struct value *buckets = durations ? value_add_list(durations, "buckets") : NULL;

	for (size_t i = 0; buckets && i < N_DURATION_BUCKETS; i++) {
		struct value *item = value_add_group(buckets, NULL);

		if (!item || !value_add_integer(item, "le_ms", duration_buckets_ms[i]) ||
			!value_add_integer(item, "count", d->buckets[i])) {
			return false;
		}
	}
	return buckets && value_add_integer(durations, "sum_ms", d->sum_ms) &&
	       value_add_integer(durations, "count", d->count);
}

static bool add_region(struct value *list, const struct region *r)
{
	const struct region_counters *c = &r->counters;
	struct value *group = value_add_group(list, NULL);

	return group && value_add_string(group, "name", r->status.name) &&
	       value_add_integer(group, "restarts", c->restarts) &&
	       value_add_integer(group, "bytes", c->received_bytes) &&
	       value_add_integer(group, "last_success_ms", c->last_success_ms) &&
	       add_failures(group, c) && add_requests(group, c);
}

static bool add_operation(struct value *list, const char *op, const char *result, int64_t count)
{
	struct value *item = value_add_group(list, NULL);

	return item && value_add_string(item, "op", op) &&
	       value_add_string(item, "result", result) && value_add_integer(item, "count", count);
}

/* What storer counts, and what it found but the parent did not take: bad values, too. */
static bool add_cache(struct value *metrics, const struct value *operations, int64_t ignored)
{
	struct value *list = value_add_list(metrics, "cache");

	for (size_t i = 0; list && operations && i < operations->n_items; i++) {
		const struct value *item = operations->items[i];
		const char *op = value_string(item, "op"), *result = value_string(item, "result");
		int64_t count = value_integer(item, "count", 0);

		if (str_equal(op, "get") && str_equal(result, "bad-value")) {
			count += ignored;
			ignored = 0;
		}
		if (op && result && !add_operation(list, op, result, count)) {
			return false;
		}
	}
	return list && (ignored == 0 || add_operation(list, "get", "bad-value", ignored));
}

struct value *feed_metrics(const struct parent *p)
{
	_cleanup_(value_freep) struct value *metrics = value_new(VALUE_GROUP, NULL);
	const struct value *operations = value_get(p->cache_operations, "operations");
	struct value *list = metrics ? value_add_list(metrics, "regions") : NULL;

	for (size_t i = 0; list && i < p->n_regions; i++) {
		if (!add_region(list, p->regions[i])) {
			return NULL;
		}
	}
	if (!list || !add_durations(metrics, &p->durations) ||
		((operations || p->ignored_snapshots > 0) &&
			!add_cache(metrics, operations, p->ignored_snapshots))) {
		return NULL;
	}
	return TAKE_PTR(metrics);
}
