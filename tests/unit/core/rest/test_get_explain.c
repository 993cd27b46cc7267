/* SPDX-License-Identifier: Apache-2.0 */
/* Tests of core/rest/get_explain.c. */
#include "rest_fixture.h"

#include "model/inventory.h"
#include "rest/handlers.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define EXPLAIN(id) "/v1/regions/alpha/flavors/" id "/explain"

static const char *const remarks[] = {"asks for a NUMA topology", "asks for huge pages"};
static const char *const gold[] = {"CUSTOM_GOLD"};
static const struct gpubroker_gpus v100[] = {
	{"V100", 2, 1, NULL, 0}
};
static const struct gpubroker_gpus a100[] = {
	{"A100", 4, 9, NULL, 0}
};

/* clang-format off */
/* Out of the order of their names. */
static const struct gpubroker_host hosts[] = {
	{.name = "red",
	 .ram_mib = {.total = 200000, .used = 150000, .reserved = 10000},
		.vcpus = {.total = 28, .used = 10, .ratio_micro = 4000000},
		.gpus = v100,
		.n_gpus = 1},
	{.name = "blue",
	 .ram_mib = {.total = 200000},
		.vcpus = {.total = 28},
		.gpus = v100,
		.n_gpus = 1,
		.state = GPUBROKER_HOST_DISABLED,
		.reason = "replaced by red"},
	{.name = "green", .vcpus = {.total = 28}, .gpus = a100, .n_gpus = 1},
	{.name = "black", .state = GPUBROKER_HOST_SKIPPED, .reason = "it has no hypervisor record"},
	{.name = "plain", .vcpus = {.total = 8}, .ram_mib = {.total = 1000}},
};

static void add_flavors(struct gpubroker_inventory *inv)
{
	static const struct gpubroker_need one = {.type = "V100", .count = 1};
	static const struct gpubroker_need other = {.type = "H100", .count = 1};
	const struct gpubroker_flavor flavors[] = {
		{.id = "f1", .name = "one", .vcpus = 14, .ram_mib = 65535, .gpus = &one, .n_gpus = 1},
		{.id = "f2",
		 .name = "bad",
			.gpus = &one,
			.n_gpus = 1,
			.remarks = {remarks, 2},
			.invalid = "alias 'V100' has no count"},
		{.id = "f3", .name = "cpu", .vcpus = 4, .ram_mib = 100},
		{.id = "f4", .name = "elsewhere", .gpus = &other, .n_gpus = 1},
		{.id = "f5",
		 .name = "pinned",
			.demand = &(const struct gpubroker_demand){.pcpus = 2},
			.gpus = &one,
			.n_gpus = 1,
			.required = {gold, 1}},
	};

	for (size_t i = 0; i < ARRAY_SIZE(flavors); i++) {
		assert_int_equal(inventory_add_flavor(inv, &flavors[i], NULL), 0);
	}
}
/* clang-format on */

static struct view *make_view(bool counted)
{
	_cleanup_(inventory_finish) struct gpubroker_inventory inv = {0};
	const struct snapshot_origin origin = {"alpha", "b", FIXTURE_NOW_MS, 10, MODEL_NOVA};
	struct region_status status = fixture_status("alpha");
	struct snapshot *s = NULL;

	for (size_t i = 0; !counted && i < ARRAY_SIZE(hosts); i++) {
		assert_int_equal(inventory_add_host(&inv, &hosts[i], NULL), 0);
	}
	if (counted) {
		const struct gpubroker_flavor f = {.id = "f1", .name = "one"};

		assert_int_equal(inventory_add_counted_flavor(&inv, &f, 3, 1, NULL), 0);
	} else {
		add_flavors(&inv);
	}
	assert_int_equal(snapshot_count(&s, &inv, &origin, NULL), 0);
	return fixture_view(&status, &s, 1);
}

static void test_bodies(void **state)
{
	_cleanup_(view_unrefp) struct view *view = make_view(false);
	_cleanup_(draft_finish) struct draft d = fixture_render(view, EXPLAIN("f1"));

	assert_int_equal(d.status, 200);
	assert_ptr_equal(d.only, view->regions);
	/* the row is test_get_v1.c's */
	assert_memory_equal(d.body.data, "{\"region\":\"alpha\"", 17);
	assert_string_equal(strstr(d.body.data, ",\"state\":\"ok\""),
		",\"state\":\"ok\",\"hosts\":["
		"{\"name\":\"host-1\",\"state\":\"skipped\",\"total\":0,\"available\":0,\"limited_by\":\"no-host\","
		"\"gpus\":[],\"reason\":\"cannot be counted: it has no hypervisor record\"},"
		"{\"name\":\"host-2\",\"state\":\"disabled\",\"total\":0,\"available\":0,\"limited_by\":\"no-host\","
		"\"gpus\":[{\"type\":\"V100\",\"total\":2,\"used\":1,\"free\":1}],"
		"\"vcpus\":{\"total\":28,\"used\":0,\"need\":14},"
		"\"ram_mib\":{\"total\":200000,\"used\":0,\"need\":65535},"
		"\"reason\":\"disabled by the operator: replaced by host-5\"},"
		"{\"name\":\"host-5\",\"state\":\"up\",\"total\":2,\"available\":0,\"limited_by\":\"ram\","
		"\"gpus\":[{\"type\":\"V100\",\"total\":2,\"used\":1,\"free\":1}],"
		"\"vcpus\":{\"total\":112,\"used\":10,\"need\":14},"
		"\"ram_mib\":{\"total\":190000,\"used\":150000,\"need\":65535},"
		"\"disk_gib\":{\"total\":0,\"used\":0,\"need\":0},"
		"\"reason\":\"1 GPU free, RAM short by 25,535 MiB; 1 of 1 free V100 is stranded: no flavor of "
		"the region fits beside it\"}]}\n");
}

static void expect_part(const char *target, bool show_names, const char *part, bool there)
{
	_cleanup_(view_unrefp) struct view *view = make_view(false);
	_cleanup_(draft_finish) struct draft d = fixture_render_for(view, target, show_names);

	assert_int_equal(d.status, 200);
	if ((strstr(d.body.data, part) != NULL) != there) {
		fail_msg("%s in %s", part, d.body.data);
	}
}

static void test_names(void **state)
{
	for (size_t i = 0; i < ARRAY_SIZE(hosts); i++) {
		expect_part(EXPLAIN("f3"), false, hosts[i].name, false);
		expect_part(EXPLAIN("f3"), true, hosts[i].name, true);
	}
	expect_part(EXPLAIN("f1"), true, "replaced by red\"", true);
	expect_part(EXPLAIN("f1"), true, "host-", false);
}

static void test_flavors(void **state)
{
	expect_part(EXPLAIN("f2"), false,
		"\"state\":\"ok\",\"reason\":\"it cannot be started: alias 'V100' has no count\","
		"\"remarks\":[\"asks for a NUMA topology\",\"asks for huge pages\"],\"hosts\":[",
		true);
	expect_part(EXPLAIN("f1"), false, "remarks", false);
	expect_part(EXPLAIN("f3"), false, "\"name\":\"host-4\",\"state\":\"up\",\"total\":2", true);
	expect_part(EXPLAIN("f4"), false, "\"reason\":\"no host of the region has H100\"", true);
	expect_part(EXPLAIN("f5"), false, "\"pcpus\":{\"total\":0,\"used\":0,\"need\":2}", true);
	expect_part(EXPLAIN("f5"), false, "lacks CUSTOM_GOLD, which the flavor requires", true);
	expect_part(EXPLAIN("f1"), false, "pcpus", false);
	/* hosts that have none of the types */
	expect_part(EXPLAIN("f1"), false, "A100", false);
	expect_part(EXPLAIN("f3"), false,
		"\"gpus\":[{\"type\":\"A100\",\"total\":4,\"used\":4,\"free\":0}]", true);
}

static void test_refusals(void **state)
{
	_cleanup_(view_unrefp) struct view *view = make_view(true);
	_cleanup_(draft_finish) struct draft elsewhere = fixture_render(view, EXPLAIN("f1"));
	_cleanup_(draft_finish) struct draft unknown = fixture_render(view, EXPLAIN("f9"));

	assert_int_equal(elsewhere.status, 409);
	assert_non_null(strstr(elsewhere.body.data, ":no-hosts\""));
	assert_int_equal(unknown.status, 404);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_bodies),
		cmocka_unit_test(test_names),
		cmocka_unit_test(test_flavors),
		cmocka_unit_test(test_refusals),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
