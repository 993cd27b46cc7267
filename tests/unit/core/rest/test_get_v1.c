/* SPDX-License-Identifier: Apache-2.0 */
/* Tests of core/rest/get_v1.c. */
#include "rest_fixture.h"

#include "rest/handlers.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static void expect_problem(const char *target, unsigned status, const char *part)
{
	_cleanup_(view_unrefp) struct view *view = fixture_three_regions();
	_cleanup_(draft_finish) struct draft d = fixture_render(view, target);

	assert_int_equal(d.status, status);
	assert_string_equal(d.content_type, "application/problem+json");
	assert_non_null(strstr(d.body.data, part));
}

static void expect_body(const char *target, const char *body)
{
	_cleanup_(view_unrefp) struct view *view = fixture_three_regions();
	_cleanup_(draft_finish) struct draft d = fixture_render(view, target);

	assert_int_equal(d.status, 200);
	assert_string_equal(d.content_type, JSON_CONTENT_TYPE);
	assert_string_equal(d.body.data, body);
}

static void test_index(void **state)
{
	_cleanup_(view_unrefp) struct view *view = fixture_three_regions();
	_cleanup_(draft_finish) struct draft d = fixture_render(view, "/v1");

	assert_memory_equal(d.body.data, "{\"version\":\"1.2.3\",\"regions\":\"/v1/regions\"", 42);
}

static void test_flavors(void **state)
{
	expect_body("/v1/flavors?fields=id,available&min_available=3&gpu_type=V100",
		"{\"flavors\":[{\"id\":\"alpha-medium\",\"available\":3},{\"id\":\"beta-medium\",\"available\":4}],"
		"\"regions\":[{\"name\":\"alpha\",\"state\":\"ok\",\"observed_at\":\"2026-11-22T14:04:00Z\"},"
		"{\"name\":\"beta\",\"state\":\"stale\",\"observed_at\":\"2026-11-22T14:02:35Z\"},"
		"{\"name\":\"gamma\",\"state\":\"pending\"}]}\n");
	expect_body("/v1/flavors?region=gamma",
		"{\"flavors\":[],\"regions\":[{\"name\":\"gamma\",\"state\":\"pending\"}]}\n");
}

static void test_region_flavors(void **state)
{
	expect_body("/v1/regions/alpha/flavors?fields=id&sort=id",
		"{\"flavors\":[{\"id\":\"alpha-cpu\"},{\"id\":\"alpha-large\"},{\"id\":\"alpha-medium\"}],"
		"\"regions\":[{\"name\":\"alpha\",\"state\":\"ok\",\"observed_at\":\"2026-11-22T14:04:00Z\"}]}\n");
	expect_problem("/v1/regions/delta/flavors", 404, "no region 'delta'");
	expect_problem("/v1/regions/alpha/flavors?sort=x", 400, "sort");
}

static void test_region_flavor(void **state)
{
	expect_body("/v1/regions/alpha/flavors/alpha-large",
		"{\"region\":\"alpha\",\"site\":\"a-site\",\"id\":\"alpha-large\","
		"\"name\":\"GPU gr\xc3\xb6\xc3\x9f"
		"er large\",\"vcpus\":14,\"ram_mib\":65535,\"disk_gib\":20,"
		"\"ephemeral_gib\":5,\"swap_mib\":0,\"is_public\":true,\"gpus\":[{\"type\":\"V100\",\"count\":2}],"
		"\"total\":2,\"available\":1,\"available_exclusive\":1,\"limited_by\":\"gpu\",\"state\":\"ok\","
		"\"observed_at\":\"2026-11-22T14:04:00Z\"}\n");
	expect_problem("/v1/regions/beta/flavors/alpha-large", 404, "'alpha-large'");
	expect_problem("/v1/regions/delta/flavors/alpha-large", 404, "'delta'");
}

static void test_regions(void **state)
{
	_cleanup_(view_unrefp) struct view *view = fixture_three_regions();
	_cleanup_(draft_finish) struct draft list = fixture_render(view, "/v1/regions");
	_cleanup_(draft_finish) struct draft one = fixture_render(view, "/v1/regions/beta");

	assert_ptr_equal(one.only, view_find_region(view, "beta"));
	one.body.data[one.body.len - 1] = '\0';
	assert_non_null(strstr(list.body.data, one.body.data));
	assert_memory_equal(list.body.data, "{\"regions\":[{\"name\":\"alpha\"", 27);
	assert_non_null(strstr(one.body.data, "\"error\":{\"code\":\"network\""));
	expect_problem("/v1/regions/delta", 404, "'delta'");
}

static void test_gpus(void **state)
{
	expect_body("/v1/gpus",
		"{\"gpus\":[{\"region\":\"alpha\",\"type\":\"V100\",\"total\":4,\"used\":1,\"free\":3,\"stranded\":0,"
		"\"disabled\":0,\"hosts\":2,\"configurations\":{\"1\":3,\"2\":1,\"4\":0,\"8\":0}},"
		"{\"region\":\"beta\",\"type\":\"V100\",\"total\":4,\"used\":0,\"free\":4,\"stranded\":0,"
		"\"disabled\":0,\"hosts\":2,\"configurations\":{\"1\":4,\"2\":2,\"4\":0,\"8\":0}}]}\n");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_index),
		cmocka_unit_test(test_flavors),
		cmocka_unit_test(test_region_flavors),
		cmocka_unit_test(test_region_flavor),
		cmocka_unit_test(test_regions),
		cmocka_unit_test(test_gpus),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
