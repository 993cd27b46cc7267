/* SPDX-License-Identifier: Apache-2.0 */
/* Tests of core/rest/answer.c. */
#include "rest_fixture.h"

#include "rest/answer.h"
#include "rest/route.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static const char *if_none_match;

static const char *one_header(const struct request *r, const char *name)
{
	return strcmp(name, "If-None-Match") == 0 ? if_none_match : NULL;
}

static struct front cold_front(void)
{
	struct rest_settings settings = fixture_settings();
	struct front front = fixture_front(&settings);
	struct region_status statuses[] = {
		fixture_status("alpha"), fixture_pending("beta"), fixture_failed("gamma")};
	struct snapshot *snapshots[] = {fixture_snapshot("alpha", FIXTURE_NOW_MS, 1), NULL, NULL};

	fixture_set_regions(&front, statuses, snapshots, 3);
	return front;
}

/* status 0: it waits. */
static void expect(
	struct front *front, enum method method, const char *target, bool may_wait, unsigned status)
{
	struct request *r = fixture_request(target);
	struct answer a;

	r->method = method;
	r->header = one_header;
	answer_make(&a, front->rest, r, may_wait);
	if (a.wait != (status == 0) || a.status != status) {
		fail_msg("%s: %u", target, a.status);
	}
	if (status >= 400) {
		assert_true(a.draft.body.len > 0);
		assert_int_equal(a.draft.retry_after_s > 0, status == 503);
	}
	if (status == 405) {
		assert_string_equal(a.draft.allow,
			r->route->flags & ROUTE_POST ? "POST, OPTIONS" : "GET, HEAD, OPTIONS");
	}
	answer_finish(&a);
}

static void test_refusals(void **state)
{
	static const struct {
		enum method method;
		const char *target;
		unsigned status;
	} cases[] = {
		{METHOD_GET,     "/nope",						404},
		{METHOD_OTHER,   "/nope",						404},
		{METHOD_OTHER,   "/v1",						  405},
		{METHOD_OTHER,   "/gpus/flavors/x",                                      405},
		{METHOD_OPTIONS, "/gpus/flavors",                                        200},
		{METHOD_OPTIONS, "/nope",						404},
		{METHOD_GET,     "/v1/%zz",					      400},
		{METHOD_GET,     "/v1/regions/alpha/flavors/%00",                        400},
		{METHOD_GET,     "/v1/regions?x",                                        400},
		{METHOD_GET,     "/v1/flavors?name=%zz",                                 400},
		{METHOD_GET,     "/v1/flavors?wait_available=1",                         400},
		{METHOD_GET,     "/v1/regions/alpha/flavors/alpha-cpu?wait_available=1", 400},
		{METHOD_GET,     "/livez?x=%zz",                                         200},
		{METHOD_GET,     "/v1/fit",					      405},
		{METHOD_HEAD,    "/v1/fit",					      405},
		{METHOD_OPTIONS, "/v1/fit",					      200},
		{METHOD_POST,    "/v1/flavors",                                          405},
		{METHOD_GET,     "/v1/flavors",                                          200},
		{METHOD_HEAD,    "/v1/flavors?region=beta",                              200},
	};
	struct front front = cold_front();

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		expect(&front, cases[i].method, cases[i].target, true, cases[i].status);
	}
	fixture_end(&front);
}

static void test_what_waits(void **state)
{
	static const struct {
		const char *target;
		unsigned at_first, at_last;
	} cases[] = {
		{"/gpus/flavors",                           0,   200},
		{"/gpus/flavors?region=alpha",              200, 200},
		{"/gpus/flavors?region=beta",               0,   503},
		{"/gpus/flavors?region=gamma",              503, 503},
		{"/gpus/flavors?region=delta",              404, 404},
		{"/gpus/flavors/alpha-medium",              0,   200},
		{"/gpus/flavors/alpha-medium?region=alpha", 200, 200},
		{"/gpus/flavors/unknown",                   0,   404},
		{"/v2/flavors/",                            0,   200},
		{"/v1/flavors",                             200, 200},
		{"/v1/regions/beta",                        200, 200},
	};
	struct front front = cold_front();

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		expect(&front, METHOD_GET, cases[i].target, true, cases[i].at_first);
		expect(&front, METHOD_GET, cases[i].target, false, cases[i].at_last);
	}
	fixture_end(&front);
}

/* A sentence about maintenance hides errors, not that the region has yet to be read. */
static void test_a_region_in_maintenance_is_waited_for(void **state)
{
	struct rest_settings settings = fixture_settings();
	struct front front = fixture_front(&settings);
	struct region_status statuses[] = {
		fixture_status("alpha"), fixture_pending("beta"), fixture_failed("gamma")};
	struct snapshot *snapshots[] = {fixture_snapshot("alpha", FIXTURE_NOW_MS, 1), NULL, NULL};

	statuses[1].maintenance = strdup("moving");
	statuses[2].maintenance = strdup("moving, too");
	fixture_set_regions(&front, statuses, snapshots, 3);
	expect(&front, METHOD_GET, "/gpus/flavors", true, 0);
	expect(&front, METHOD_GET, "/gpus/flavors", false, 200);
	expect(&front, METHOD_GET, "/gpus/flavors?region=beta", true, 0);
	expect(&front, METHOD_GET, "/gpus/flavors?region=gamma", true, 503);
	fixture_end(&front);
}

/* A front that was started again must not say that nothing is there. */
static void test_before_the_regions_are_known(void **state)
{
	static const char *const targets[] = {
		"/gpus/flavors", "/v1/regions", "/v1/flavors", "/v1/regions/alpha", "/"};
	struct rest_settings settings = fixture_settings();
	struct front front = fixture_front(&settings);

	for (size_t i = 0; i < sizeof(targets) / sizeof(targets[0]); i++) {
		expect(&front, METHOD_GET, targets[i], true, 0);
		expect(&front, METHOD_GET, targets[i], false, 503);
	}
	expect(&front, METHOD_GET, "/readyz", true, 0);
	expect(&front, METHOD_GET, "/readyz", false, 503);
	expect(&front, METHOD_GET, "/metrics", true, 0);
	expect(&front, METHOD_GET, "/livez", true, 200);
	fixture_end(&front);
}

static void expect_region_status(struct front *front, const char *target, const char *status)
{
	struct answer a;

	answer_make(&a, front->rest, fixture_request(target), false);
	if (status) {
		assert_string_equal(a.draft.region_status.data, status);
	} else {
		assert_int_equal(a.draft.region_status.len, 0);
	}
	answer_finish(&a);
}

static void test_refusals_name_the_regions_that_are_not_fine(void **state)
{
	struct front front = cold_front();

	expect_region_status(&front, "/gpus/flavors/unknown",
		"beta=pending, gamma=error;since=2026-11-22T14:03:05Z");
	expect_region_status(
		&front, "/gpus/flavors?region=gamma", "gamma=error;since=2026-11-22T14:03:05Z");
	expect_region_status(&front, "/gpus/flavors/unknown?region=alpha", NULL);
	expect_region_status(&front, "/v1/regions/unknown", NULL);
	fixture_end(&front);
}

static void test_conditions(void **state)
{
	struct front front = cold_front();

	if_none_match = "*";
	expect(&front, METHOD_GET, "/v1/flavors", true, 304);
	expect(&front, METHOD_GET, "/livez", true, 200);
	expect(&front, METHOD_GET, "/nope", true, 404);
	if_none_match = NULL;
	fixture_end(&front);
}

static void test_problems_name_the_path(void **state)
{
	_cleanup_(draft_finish) struct draft d = {0};

	draft_problem(&d, fixture_request("/v1/a%20b?secret=1"), 404, "no %s", "thing");
	assert_non_null(strstr(d.body.data, "\"instance\":\"/v1/a%20b\""));
	assert_non_null(strstr(d.body.data, "\"detail\":\"no thing\""));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_refusals),
		cmocka_unit_test(test_what_waits),
		cmocka_unit_test(test_a_region_in_maintenance_is_waited_for),
		cmocka_unit_test(test_before_the_regions_are_known),
		cmocka_unit_test(test_refusals_name_the_regions_that_are_not_fine),
		cmocka_unit_test(test_conditions),
		cmocka_unit_test(test_problems_name_the_path),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
