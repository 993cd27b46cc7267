/* SPDX-License-Identifier: Apache-2.0 */
/* core/model/fragment.c: exact bytes, those of the predecessor as Python's json module writes them. */
#include "model/fragment.h"
#include "sample.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#define NOW INT64_C(1763820072345) /* 2025-11-22T14:01:12.345Z */

/* clang-format off */
static const struct gpubroker_need needs[] = {
	{.type = "V100", .count = 1}, {.type = "A\"100", .count = 1}, {.type = "V100", .count = 1, .unit = 1}};
/* clang-format on */

static const struct snapshot_flavor counted_here = {
	.flavor = {.id = "1-2",
		   .name = "gr\xc3\xb6\xc3\x9f"
			"er \xf0\x9f\x98\x80 \"x\"/\x7f", .vcpus = 14,
		   .ram_mib = 65536,
		   .disk_gib = 50,
		   .ephemeral_gib = 5,
		   .swap_mib = 1024,
		   .is_public = true,
		   .gpus = needs,
		   .n_gpus = 3},
	.count = {4, 3,                    LIMIT_RAM				  },
	.available_exclusive = 2,
};

static const struct snapshot_flavor told_little = {
	.flavor = {.id = "2",
		   .name = "b",
		   .vcpus = COUNT_UNKNOWN,
		   .ram_mib = COUNT_UNKNOWN,
		   .disk_gib = COUNT_UNKNOWN,
		   .ephemeral_gib = COUNT_UNKNOWN,
		   .swap_mib = COUNT_UNKNOWN},
	.count = {COUNT_UNKNOWN, COUNT_UNKNOWN, LIMIT_UNKNOWN},
	.available_exclusive = COUNT_UNKNOWN,
};

static void test_row(void **state)
{
	const struct view_region region = {.status = sample_status("here"), .state = REGION_OK};
	const struct view_row row = {&region, &counted_here};
	_cleanup_(strbuf_finish) struct strbuf out = {0};

	fragment_add_row(&out, &row, NULL, NULL);
	assert_string_equal(out.data,
		"{\"region\":\"here\",\"site\":\"a-site\",\"id\":\"1-2\","
		"\"name\":\"gr\xc3\xb6\xc3\x9f"
		"er \xf0\x9f\x98\x80 \\\"x\\\"/\x7f\",\"vcpus\":14,\"ram_mib\":65536,"
		"\"disk_gib\":50,\"ephemeral_gib\":5,\"swap_mib\":1024,\"is_public\":true,"
		"\"gpus\":[{\"type\":\"V100\",\"count\":2},{\"type\":\"A\\\"100\",\"count\":1}],"
		"\"total\":4,\"available\":3,\"available_exclusive\":2,\"limited_by\":\"ram\",\"state\":\"ok\"}");
}

static void test_types(void **state)
{
	_cleanup_(strbuf_finish) struct strbuf out = {0};

	fragment_add_types(&out, &told_little.flavor);
	assert_int_equal(out.len, 0);
	fragment_add_types(&out, &counted_here.flavor);
	assert_string_equal(out.data, "V100+A\"100");
}

static void test_row_without_what_is_not_known(void **state)
{
	const struct view_region region = {.status = sample_status("far"), .state = REGION_STALE};
	const struct view_row row = {&region, &told_little};
	_cleanup_(strbuf_finish) struct strbuf out = {0};

	fragment_add_row(&out, &row, NULL, NULL);
	assert_string_equal(out.data,
		"{\"region\":\"far\",\"site\":\"a-site\",\"id\":\"2\",\"name\":\"b\",\"is_public\":false,"
		"\"gpus\":[],\"state\":\"stale\"}");
}

static bool is_in_list(void *context, const char *field)
{
	return strstr(context, field) != NULL;
}

static void test_fields(void **state)
{
	const struct view_region region = {.status = sample_status("here"), .state = REGION_OK};
	const struct view_row row = {&region, &counted_here};
	_cleanup_(strbuf_finish) struct strbuf out = {0};

	fragment_add_row(&out, &row, is_in_list, (void *)"available,gpus");
	fragment_add_row(&out, &row, is_in_list, (void *)"");
	assert_string_equal(out.data,
		"{\"gpus\":[{\"type\":\"V100\",\"count\":2},{\"type\":\"A\\\"100\",\"count\":1}],"
		"\"available\":3}{}");
}

static void test_region(void **state)
{
	struct snapshot snapshot = {.observed_at_ms = NOW, .model = MODEL_NOVA, .n_flavors = 7};
	struct view_region region = {
		.status = sample_status("here"),
		.state = REGION_STALE,
		.snapshot = &snapshot,
		.gpus = {10, 6, 4, 2, 8}
        };
	_cleanup_(strbuf_finish) struct strbuf out = {0};

	region.status.next_refresh_ms = NOW + 60000;
	region.status.code = GPUBROKER_E_AUTH;
	region.status.error_text = (char *)"keystone says too much";
	region.status.maintenance = (char *)"moving";
	fragment_add_region(&out, &region);
	assert_string_equal(out.data,
		"{\"name\":\"here\",\"title\":\"A title\",\"site\":\"a-site\",\"plugin\":\"openstack\","
		"\"state\":\"stale\",\"observed_at\":\"2025-11-22T14:01:12Z\","
		"\"next_refresh_at\":\"2025-11-22T14:02:12Z\",\"capacity_model\":\"nova\","
		"\"error\":{\"code\":\"auth\",\"detail\":\"The cloud refused the broker's credentials.\"},"
		"\"maintenance\":\"moving\",\"flavors\":7,"
		"\"gpus\":{\"total\":10,\"used\":6,\"free\":4,\"stranded\":2,\"disabled\":8}}");
}

static void test_region_without_data(void **state)
{
	const struct view_region region = {.status = sample_status("new"), .state = REGION_PENDING};
	_cleanup_(strbuf_finish) struct strbuf out = {0};

	fragment_add_region(&out, &region);
	assert_string_equal(out.data,
		"{\"name\":\"new\",\"title\":\"A title\",\"site\":\"a-site\",\"plugin\":\"openstack\","
		"\"state\":\"pending\",\"gpus\":{}}");
}

static void test_counted_elsewhere_has_no_model(void **state)
{
	struct snapshot snapshot = {.observed_at_ms = NOW, .model = MODEL_COUNTED};
	const struct view_region region = {
		.status = sample_status("far"), .state = REGION_OK, .snapshot = &snapshot};
	_cleanup_(strbuf_finish) struct strbuf out = {0};

	fragment_add_region(&out, &region);
	assert_null(strstr(out.data, "capacity_model"));
	assert_non_null(strstr(out.data, "observed_at"));
	assert_non_null(strstr(out.data, "\"flavors\":0,\"gpus\":{}"));
}

/* Hosts without a GPU are known to have none. */
static void test_a_region_without_gpus(void **state)
{
	struct snapshot snapshot = {.observed_at_ms = NOW, .model = MODEL_NOVA};
	const struct view_region region = {
		.status = sample_status("cpu"), .state = REGION_OK, .snapshot = &snapshot};
	_cleanup_(strbuf_finish) struct strbuf out = {0};

	fragment_add_region(&out, &region);
	assert_non_null(strstr(out.data,
		"\"flavors\":0,\"gpus\":{\"total\":0,\"used\":0,\"free\":0,\"stranded\":0,"
		"\"disabled\":0}}"));
}

/* json.dumps({"flavors": [{…}]}, indent=2, sort_keys=True) */
static void test_legacy_flavor(void **state)
{
	const struct view_row row = {.flavor = &counted_here};
	_cleanup_(strbuf_finish) struct strbuf out = {0};

	strbuf_adds(&out, "{\n  \"flavors\": [\n    ");
	fragment_add_legacy_flavor(&out, &row, 6);
	strbuf_adds(&out, "\n  ]\n}");
	assert_string_equal(out.data,
		"{\n"
		"  \"flavors\": [\n"
		"    {\n"
		"      \"available\": 3,\n"
		"      \"flavor_name\": \"gr\\u00f6\\u00dfer \\ud83d\\ude00 \\\"x\\\"/\\u007f\",\n"
		"      \"flavor_openstack_id\": \"1-2\",\n"
		"      \"total\": 4\n"
		"    }\n"
		"  ]\n"
		"}");
}

static void test_legacy_flavor_of_one(void **state)
{
	struct snapshot_flavor flavor = counted_here;
	const struct view_row row = {.flavor = &flavor};
	_cleanup_(strbuf_finish) struct strbuf out = {0};

	flavor.flavor.name = "";
	fragment_add_legacy_flavor(&out, &row, 4);
	assert_string_equal(out.data,
		"{\n    \"available\": 3,\n    \"flavor_name\": \"\",\n"
		"    \"flavor_openstack_id\": \"1-2\",\n    \"total\": 4\n  }");
}

/* A view over rows, for functions that look at nothing else of it. */
static struct view view_of(struct view_row rows[], size_t n)
{
	return (struct view){.rows = rows, .n_rows = n};
}

static void test_legacy_cache_list(void **state)
{
	const struct snapshot_flavor cpu = {
		.flavor = {.id = "c", .name = "cpu", .vcpus = 1}
        };
	struct view_row rows[] = {
		{NULL, &cpu         },
                {NULL, &counted_here},
                {NULL, &told_little },
                {NULL, &counted_here}
        };
	struct view view = view_of(rows, 4);
	_cleanup_(strbuf_finish) struct strbuf out = {0};

#define ITEM                                                                                       \
	"{\"flavor_openstack_id\": \"1-2\", \"flavor_name\": "                                     \
	"\"gr\\u00f6\\u00dfer \\ud83d\\ude00 \\\"x\\\"/\\u007f\", \"available\": 3, \"total\": 4}"
	fragment_add_legacy_cache_list(&out, &view);
	assert_string_equal(out.data, "[" ITEM ", " ITEM "]");
	strbuf_clear(&out);
	view = view_of(rows, 1);
	fragment_add_legacy_cache_list(&out, &view);
	assert_string_equal(out.data, "[]");
}

static void test_view(void **state)
{
	struct view_region regions[] = {
		{.status = sample_status("one")}, {.status = sample_status("two")}};
	struct view_row rows[] = {
		{&regions[0], &told_little},
                {&regions[1], &told_little}
        };
	struct view view = {.regions = regions, .n_regions = 2, .rows = rows, .n_rows = 2};
	_cleanup_(strbuf_finish) struct strbuf out = {0}, want = {0};

	strbuf_adds(&want, "{\"flavors\":[");
	fragment_add_row(&want, &rows[0], NULL, NULL);
	strbuf_adds(&want, ",");
	fragment_add_row(&want, &rows[1], NULL, NULL);
	strbuf_adds(&want, "],\"regions\":[");
	fragment_add_region(&want, &regions[0]);
	strbuf_adds(&want, ",");
	fragment_add_region(&want, &regions[1]);
	strbuf_adds(&want, "]}");
	fragment_add_view(&out, &view);
	assert_string_equal(out.data, want.data);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_row),
		cmocka_unit_test(test_types),
		cmocka_unit_test(test_row_without_what_is_not_known),
		cmocka_unit_test(test_fields),
		cmocka_unit_test(test_region),
		cmocka_unit_test(test_region_without_data),
		cmocka_unit_test(test_counted_elsewhere_has_no_model),
		cmocka_unit_test(test_a_region_without_gpus),
		cmocka_unit_test(test_legacy_flavor),
		cmocka_unit_test(test_legacy_flavor_of_one),
		cmocka_unit_test(test_legacy_cache_list),
		cmocka_unit_test(test_view),
	};

	return cmocka_run_group_tests_name("fragment", tests, NULL, NULL);
}
