/* SPDX-License-Identifier: Apache-2.0 */
/* Tests of core/rest/get_fit.c. */
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

static struct snapshot *counted_snapshot(const char *region)
{
	_cleanup_(inventory_finish) struct gpubroker_inventory inv = {0};
	const struct snapshot_origin origin = {region, "b", FIXTURE_NOW_MS, 10, MODEL_NOVA};
	const struct gpubroker_flavor f = {.id = "alpha-medium", .name = "one"};
	struct snapshot *s = NULL;

	assert_int_equal(inventory_add_counted_flavor(&inv, &f, 3, 1, NULL), 0);
	assert_int_equal(snapshot_count(&s, &inv, &origin, NULL), 0);
	return s;
}

/* alpha: 3 GPUs are free, one of them alone; beta: stale, all 4 are free; then regions without hosts. */
static struct front start(void)
{
	struct rest_settings settings = fixture_settings();
	struct front front = fixture_front(&settings);
	struct region_status statuses[] = {fixture_status("alpha"), fixture_failed("beta"),
		fixture_pending("gamma"), fixture_failed("delta"), fixture_status("epsilon"),
		fixture_status("zeta")};
	struct snapshot *snapshots[] = {fixture_snapshot("alpha", FIXTURE_NOW_MS - 5000, 1),
		fixture_snapshot("beta", FIXTURE_NOW_MS - 90000, 2), NULL, NULL,
		counted_snapshot("epsilon"), fixture_snapshot("zeta", FIXTURE_NOW_MS - 5000, 1)};

	statuses[5].enabled = false;
	fixture_set_regions(&front, statuses, snapshots, ARRAY_SIZE(statuses));
	return front;
}

static void expect(const char *body, unsigned status, const char *part)
{
	struct front front = start();
	struct request *r = fixture_request("/v1/fit");
	struct draft d = {.status = 200};

	r->body = body;
	r->body_length = strlen(body);
	get_fit(front.rest, r, &d);
	assert_int_equal(d.status, status);
	if (!strstr(d.body.data, part)) {
		fail_msg("%s: %s", part, d.body.data);
	}
	draft_finish(&d);
	fixture_end(&front);
}

static void test_placements(void **state)
{
	expect("{\"flavors\":{\"alpha-large\":1,\"alpha-medium\":1},\"region\":\"alpha\"}", 200,
		"{\"regions\":[{\"name\":\"alpha\",\"fits\":true,\"placements\":["
		"{\"host\":\"host-1\",\"flavor\":\"alpha-large\",\"count\":1},"
		"{\"host\":\"host-2\",\"flavor\":\"alpha-medium\",\"count\":1}]}]}\n");
	expect("{\"flavors\":{\"GPU gr\xc3\xb6\xc3\x9f"
	       "er medium\":3},\"region\":\"alpha\"}",
		200, "{\"host\":\"host-1\",\"flavor\":\"GPU gr\xc3\xb6\xc3\x9f");
	expect("{\"flavors\":{\"alpha-large\":2},\"region\":\"alpha\"}", 200,
		"\"fits\":false,\"placements\":[],\"reason\":\"of alpha-large 2 are asked for, 1 fits at "
		"most\"}]}\n");
}

static void test_every_region_answers(void **state)
{
	static const char body[] = "{\"flavors\":{\"alpha-medium\":2}}";

	expect(body, 200, "{\"name\":\"alpha\",\"fits\":true");
	expect(body, 200,
		"{\"name\":\"beta\",\"fits\":false,\"placements\":[],\"reason\":\"it has no flavor "
		"alpha-medium; its numbers are stale\"}");
	expect(body, 200,
		"{\"name\":\"gamma\",\"fits\":null,\"placements\":[],\"reason\":\"it has not been read yet\"}");
	expect(body, 200, "{\"name\":\"delta\",\"fits\":null,\"placements\":[],\"reason\":\"");
	expect(body, 200,
		"{\"name\":\"epsilon\",\"fits\":null,\"placements\":[],\"reason\":\"it is counted by");
	expect(body, 200,
		"{\"name\":\"zeta\",\"fits\":null,\"placements\":[],\"reason\":\"it is disabled\"}]}\n");
	expect("{\"flavors\":{\"beta-medium\":4}}", 200,
		"}],\"reason\":\"its numbers are stale\"}");
}

static void test_refusals(void **state)
{
	expect("{\"flavors\":{\"nope\":1}}", 404, "'nope'");
	expect("{\"flavors\":{\"alpha-medium\":1,\"nope\":1},\"region\":\"alpha\"}", 404, "'nope'");
	expect("{\"flavors\":{\"alpha-medium\":1},\"region\":\"x\"}", 404, "no region 'x'");
	expect("{\"flavors\":{\"nope\":1},\"region\":\"gamma\"}", 200, "not been read yet");
	expect("{\"flavors\":{\"alpha-medium\":1},\"region\":\"beta\"}", 200, "\"fits\":false");
	expect("{\"flavors\":{\"alpha-medium\":0}}", 400, "count of 'alpha-medium'");
	expect("x", 400, "no JSON");
}

static void test_a_name_that_several_have(void **state)
{
	struct rest_settings settings = fixture_settings();
	struct front front = fixture_front(&settings);
	struct region_status status = fixture_status("alpha");
	_cleanup_(inventory_finish) struct gpubroker_inventory inv = {0};
	const struct snapshot_origin origin = {"alpha", "b", FIXTURE_NOW_MS, 10, MODEL_NOVA};
	static const char body[] = "{\"flavors\":{\"same\":1}}";
	struct gpubroker_flavor f = {.id = "1", .name = "same", .vcpus = 1};
	struct request *r = fixture_request("/v1/fit");
	struct draft d = {.status = 200};
	struct snapshot *s = NULL;

	assert_int_equal(inventory_add_flavor(&inv, &f, NULL), 0);
	f.id = "2";
	assert_int_equal(inventory_add_flavor(&inv, &f, NULL), 0);
	assert_int_equal(snapshot_count(&s, &inv, &origin, NULL), 0);
	fixture_set_regions(&front, &status, &s, 1);
	r->body = body;
	r->body_length = strlen(body);
	get_fit(front.rest, r, &d);
	assert_int_equal(d.status, 409);
	assert_non_null(strstr(d.body.data, ":ambiguous-flavor\""));
	draft_finish(&d);
	fixture_end(&front);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_placements),
		cmocka_unit_test(test_every_region_answers),
		cmocka_unit_test(test_refusals),
		cmocka_unit_test(test_a_name_that_several_have),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
