/* SPDX-License-Identifier: Apache-2.0 */
/* Tests of core/rest/get_legacy.c. */
#include "rest_fixture.h"

#include "rest/handlers.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define MEDIUM "GPU gr\\u00f6\\u00dfer medium"

static void expect(const char *target, unsigned status, const char *body)
{
	_cleanup_(view_unrefp) struct view *view = fixture_three_regions();
	_cleanup_(draft_finish) struct draft d = fixture_render(view, target);

	assert_int_equal(d.status, status);
	assert_string_equal(d.content_type, "application/json");
	assert_string_equal(d.body.data, body);
}

/* Times are local: UTC here. */
static int set_zone(void **state)
{
	return setenv("TZ", "UTC", 1);
}

static void test_list_byte_for_byte(void **state)
{
	set_zone(state);
	expect("/gpus/flavors?region=alpha&x=y", 200,
		"{\n"
		"  \"flavors\": [\n"
		"    {\n"
		"      \"available\": 3,\n"
		"      \"flavor_name\": \"" MEDIUM "\",\n"
		"      \"flavor_openstack_id\": \"alpha-medium\",\n"
		"      \"total\": 4\n"
		"    },\n"
		"    {\n"
		"      \"available\": 1,\n"
		"      \"flavor_name\": \"GPU gr\\u00f6\\u00dfer large\",\n"
		"      \"flavor_openstack_id\": \"alpha-large\",\n"
		"      \"total\": 2\n"
		"    }\n"
		"  ],\n"
		"  \"timestamp\": \"2026-11-22 14:04:00\"\n"
		"}\n");
}

static void test_empty_list_byte_for_byte(void **state)
{
	struct region_status status = fixture_status("alpha");
	struct snapshot *snapshot = fixture_large_snapshot("alpha", FIXTURE_NOW_MS, 0);
	_cleanup_(view_unrefp) struct view *view = fixture_view(&status, &snapshot, 1);
	_cleanup_(draft_finish) struct draft d = {0};

	set_zone(state);
	d = fixture_render(view, "/gpus/flavors");
	assert_string_equal(d.body.data,
		"{\n  \"flavors\": [],\n  \"timestamp\": \"2026-11-22 14:04:05\"\n}\n");
}

static void test_the_oldest_snapshot_dates_the_list(void **state)
{
	_cleanup_(view_unrefp) struct view *view = fixture_three_regions();
	_cleanup_(draft_finish) struct draft d = fixture_render(view, "/gpus/flavors");
	const char *alpha = strstr(d.body.data, "alpha-medium"),
		   *beta = strstr(d.body.data, "beta-medium");

	assert_true(alpha && beta && alpha < beta);
	assert_non_null(strstr(d.body.data, "\"timestamp\": \"2026-11-22 14:02:35\""));
	assert_null(strstr(d.body.data, "cpu"));
}

static void test_one_byte_for_byte(void **state)
{
	set_zone(state);
	expect("/gpus/flavors/alpha-medium", 200,
		"{\n"
		"  \"flavor\": {\n"
		"    \"available\": 3,\n"
		"    \"flavor_name\": \"" MEDIUM "\",\n"
		"    \"flavor_openstack_id\": \"alpha-medium\",\n"
		"    \"total\": 4\n"
		"  },\n"
		"  \"timestamp\": \"2026-11-22 14:04:00\"\n"
		"}\n");
}

static void test_messages_byte_for_byte(void **state)
{
	static const char unknown_id[] = "{\n  \"message\": \"Unkown flavor id!\"\n}\n";
	static const char unknown_region[] = "{\n  \"message\": \"Unknown region!\"\n}\n";

	assert_int_equal(sizeof(unknown_id) - 1, 37);
	expect("/gpus/flavors/ALPHA-MEDIUM", 404, unknown_id);
	expect("/gpus/flavors/alpha-medium?region=beta", 404, unknown_id);
	expect("/gpus/flavors/alpha-cpu", 404, unknown_id);
	expect("/gpus/flavors/%zz", 404, unknown_id);
	expect("/gpus/flavors?region=delta", 404, unknown_region);
	expect("/gpus/flavors?region=", 404, unknown_region);
	expect("/gpus/flavors/alpha-medium?region=%00", 404, unknown_region);
	expect("/v2/flavors?region=delta", 404, unknown_region);
}

static void test_exporter_rows(void **state)
{
	_cleanup_(view_unrefp) struct view *view = fixture_three_regions();
	_cleanup_(draft_finish) struct draft d = fixture_render(view, "/v2/flavors/?region=beta");

	assert_string_equal(d.content_type, JSON_CONTENT_TYPE);
	assert_string_equal(d.body.data,
		"[{\"id\":\"beta-medium\",\"name\":\"GPU gr\xc3\xb6\xc3\x9f"
		"er medium\",\"available\":4,\"total\":4,"
		"\"cores\":14,\"mem\":65535,\"type\":\"gpu\",\"gpu_type\":\"V100\",\"gpu_count\":1,"
		"\"root_disk\":20,\"ephemeral_disk\":5,\"region\":\"beta\"},"
		"{\"id\":\"beta-large\",\"name\":\"GPU gr\xc3\xb6\xc3\x9f"
		"er large\",\"available\":2,\"total\":2,"
		"\"cores\":14,\"mem\":65535,\"type\":\"gpu\",\"gpu_type\":\"V100\",\"gpu_count\":2,"
		"\"root_disk\":20,\"ephemeral_disk\":5,\"region\":\"beta\"},"
		"{\"id\":\"beta-cpu\",\"name\":\"GPU gr\xc3\xb6\xc3\x9f"
		"er cpu\",\"available\":10,\"total\":10,"
		"\"cores\":14,\"mem\":65535,\"type\":\"cpu\",\"gpu_type\":\"\",\"gpu_count\":0,"
		"\"root_disk\":20,\"ephemeral_disk\":5,\"region\":\"beta\"}]\n");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_list_byte_for_byte),
		cmocka_unit_test(test_empty_list_byte_for_byte),
		cmocka_unit_test(test_the_oldest_snapshot_dates_the_list),
		cmocka_unit_test(test_one_byte_for_byte),
		cmocka_unit_test(test_messages_byte_for_byte),
		cmocka_unit_test(test_exporter_rows),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
