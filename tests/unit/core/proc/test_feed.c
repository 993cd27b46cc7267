/* SPDX-License-Identifier: Apache-2.0 */
/* What the parent counts becomes the group that rest/metrics.h describes. */
#include "proc/parent.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

static struct value *requests(const char *service, int64_t code, int64_t count, int64_t bytes)
{
	struct value *message = value_new(VALUE_GROUP, NULL),
		     *list = value_add_list(message, "requests");
	struct value *item = value_add_group(list, NULL);

	value_add_string(item, "service", service);
	value_add_integer(item, "code", code);
	value_add_integer(item, "count", count);
	value_add_integer(item, "bytes", bytes);
	return message;
}

static void count(struct region *r, const char *service, int64_t code, int64_t n, int64_t bytes)
{
	_cleanup_(value_freep) struct value *message = requests(service, code, n, bytes);

	feed_count_requests(r, message);
}

static void counters_become_a_group(void **state)
{
	struct region r = {.status = {.name = (char[]){"bielefeld"}}};
	struct region *regions[] = {&r};
	struct parent p = {.regions = regions, .n_regions = 1};
	_cleanup_(value_freep) struct value *metrics = NULL;
	const struct value *group, *buckets;

	count(&r, "nova", 200, 3, 100);
	count(&r, "nova", 200, 2, 10);
	count(&r, "nova", 503, 1, 0);
	count(&r, "nova", 200, -7, 5); /* nonsense counts nothing */
	feed_count_failure(&r, GPUBROKER_E_TIMEOUT);
	feed_count_failure(&r, GPUBROKER_E_TIMEOUT);
	feed_count_duration(&p, 250);
	feed_count_duration(&p, 700000);
	metrics = feed_metrics(&p);
	assert_non_null(metrics);
	group = value_get(metrics, "regions")->items[0];
	assert_string_equal(value_string(group, "name"), "bielefeld");
	assert_int_equal(value_integer(group, "bytes", -1), 110);
	assert_int_equal(value_get(group, "requests")->n_items, 2);
	assert_int_equal(value_integer(value_get(group, "requests")->items[0], "count", -1), 5);
	assert_int_equal(value_get(group, "failures")->n_items, 1);
	assert_string_equal(
		value_string(value_get(group, "failures")->items[0], "code"), "timeout");
	assert_int_equal(value_integer(value_get(group, "failures")->items[0], "count", -1), 2);
	buckets = value_get(value_get(metrics, "durations"), "buckets");
	assert_int_equal(buckets->n_items, N_DURATION_BUCKETS);
	for (size_t i = 0; i < N_DURATION_BUCKETS; i++) {
		assert_int_equal(value_integer(buckets->items[i], "count", -1),
			duration_buckets_ms[i] >= 250);
	}
	assert_int_equal(value_integer(value_get(metrics, "durations"), "count", -1), 2);
	assert_null(value_get(metrics, "cache"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(counters_become_a_group)};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
