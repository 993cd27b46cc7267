/* SPDX-License-Identifier: Apache-2.0 */
/* Tests of core/rest/answer.c. */
#include "rest_fixture.h"

#include "rest/answer.h"

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
		assert_string_equal(a.draft.allow, "GET, HEAD, OPTIONS");
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
		cmocka_unit_test(test_conditions),
		cmocka_unit_test(test_problems_name_the_path),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
