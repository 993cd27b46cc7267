/* SPDX-License-Identifier: Apache-2.0 */
/* Tests of core/rest/metrics.c. */
#include "rest_fixture.h"

#include "rest/metrics.h"

#include <stdio.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static struct value *add(struct value *list, const char *key, const char *text, const char *key2,
	const char *text2, int64_t count)
{
	struct value *g = value_add_group(list, NULL);

	value_add_string(g, key, text);
	if (key2) {
		value_add_string(g, key2, text2);
	}
	value_add_integer(g, "count", count);
	return g;
}

static struct value *make_counters(void)
{
	struct value *root = value_new(VALUE_GROUP, NULL);
	struct value *region = value_add_group(value_add_list(root, "regions"), NULL);
	struct value *durations, *bucket;

	value_add_string(region, "name", "alpha");
	value_add_integer(region, "restarts", 2);
	value_add_integer(region, "bytes", 12345);
	value_add_integer(region, "last_success_ms", 1795356241250);
	add(value_add_list(region, "failures"), "code", "network", NULL, NULL, 7);
	value_add_integer(add(value_add_list(region, "requests"), "service", "nova", NULL, NULL, 9),
		"code", 200);
	durations = value_add_group(root, "durations");
	bucket = value_add_group(value_add_list(durations, "buckets"), NULL);
	value_add_integer(bucket, "le_ms", 500);
	value_add_integer(bucket, "count", 3);
	value_add_integer(durations, "sum_ms", 1234);
	value_add_integer(durations, "count", 4);
	add(value_add_list(root, "cache"), "op", "set", "result", "ok", 11);
	return root;
}

static void expect_lines(bool openmetrics, const char *const lines[], size_t n)
{
	_cleanup_(view_unrefp) struct view *view = fixture_three_regions();
	_cleanup_(value_freep) struct value *counters = make_counters();
	_cleanup_(strbuf_finish) struct strbuf b = {0};
	const struct metrics_source source = {.view = view,
		.counters = counters,
		.version = "1.2.3",
		.now_wall_ms = FIXTURE_NOW_MS};

	metrics_write(&b, &source, openmetrics);
	assert_false(b.failed);
	for (size_t i = 0; i < n; i++) {
		char line[256];

		snprintf(line, sizeof(line), "%s\n", lines[i]);
		if (!strstr(b.data, line)) {
			fail_msg("not there: %s", lines[i]);
		}
	}
}

static void test_samples(void **state)
{
	static const char *const lines[] = {
		"gpubroker_flavor_instances_capacity{region=\"alpha\",flavor=\"GPU gr\xc3\xb6\xc3\x9f"
		"er large\",flavor_id=\"alpha-large\",gpu_type=\"V100\"} 2",
		"gpubroker_flavor_instances_available{region=\"beta\",flavor=\"GPU gr\xc3\xb6\xc3\x9f"
		"er cpu\",flavor_id=\"beta-cpu\",gpu_type=\"\"} 10",
		"gpubroker_gpus{region=\"alpha\",gpu_type=\"V100\",state=\"used\"} 1",
		"gpubroker_region_up{region=\"alpha\"} 1",
		"gpubroker_region_up{region=\"beta\"} 0",
		"gpubroker_region_up{region=\"gamma\"} 0",
		"gpubroker_region_snapshot_age_seconds{region=\"beta\"} 90.0",
		"gpubroker_region_last_success_timestamp_seconds{region=\"alpha\"} 1795356241.25",
		"gpubroker_region_last_success_timestamp_seconds{region=\"beta\"} 1795356155.0",
		"gpubroker_refresh_duration_seconds_bucket{le=\"0.5\"} 3",
		"gpubroker_refresh_duration_seconds_bucket{le=\"+Inf\"} 4",
		"gpubroker_refresh_duration_seconds_sum 1.234",
		"gpubroker_refresh_duration_seconds_count 4",
		"gpubroker_refresh_failures_total{region=\"alpha\",code=\"network\"} 7",
		"gpubroker_upstream_requests_total{region=\"alpha\",service=\"nova\",code=\"200\"} 9",
		"gpubroker_upstream_received_bytes_total{region=\"alpha\"} 12345",
		"gpubroker_cache_operations_total{op=\"set\",result=\"ok\"} 11",
		"gpubroker_worker_restarts_total{region=\"alpha\"} 2",
		"gpubroker_build_info{version=\"1.2.3\"} 1",
	};

	expect_lines(false, lines, ARRAY_SIZE(lines));
	expect_lines(true, lines, ARRAY_SIZE(lines));
}

static void test_families_are_named_as_the_format_wants(void **state)
{
	static const char *const text[] = {"# TYPE gpubroker_refresh_failures_total counter",
		"# TYPE gpubroker_build_info gauge",
		"# TYPE gpubroker_refresh_duration_seconds histogram"};
	static const char *const open[] = {"# TYPE gpubroker_refresh_failures counter",
		"# TYPE gpubroker_build info", "# TYPE gpubroker_http_requests counter"};

	expect_lines(false, text, ARRAY_SIZE(text));
	expect_lines(true, open, ARRAY_SIZE(open));
}

static void test_labels_are_escaped(void **state)
{
	_cleanup_(view_unrefp) struct view *view = fixture_three_regions();
	_cleanup_(strbuf_finish) struct strbuf b = {0};
	const struct metrics_source source = {
		.view = view, .version = "a\\b\"c\nd", .now_wall_ms = FIXTURE_NOW_MS};

	metrics_write(&b, &source, false);
	assert_non_null(strstr(b.data, "gpubroker_build_info{version=\"a\\\\b\\\"c\\nd\"} 1\n"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_samples),
		cmocka_unit_test(test_families_are_named_as_the_format_wants),
		cmocka_unit_test(test_labels_are_escaped),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
