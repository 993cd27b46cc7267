/* SPDX-License-Identifier: Apache-2.0 */
/* Tests of core/rest/get_status.c. */
#include "rest_fixture.h"

#include "rest/answer.h"
#include "rest/metrics.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static void expect(struct front *front, const char *target, unsigned status, const char *part)
{
	struct answer a;

	answer_make(&a, front->rest, fixture_request(target), false);
	assert_int_equal(a.status, status);
	assert_non_null(strstr(a.draft.body.data, part));
	answer_finish(&a);
}

static struct front start(void)
{
	struct rest_settings settings = fixture_settings();

	return fixture_front(&settings);
}

static void test_live_while_the_parent_answers(void **state)
{
	struct front front = start();

	expect(&front, "/livez", 200, "alive");
	fixture_advance_ms(5000);
	expect(&front, "/livez", 200, "alive");
	fixture_advance_ms(1);
	expect(&front, "/livez", 503, "parent");
	rest_set_alive(front.rest, fixture_mono_ms());
	expect(&front, "/livez", 200, "alive");
	fixture_end(&front);
}

static void set(struct front *front, struct region_status a, struct region_status b, bool data)
{
	struct region_status statuses[] = {a, b};
	struct snapshot *snapshots[] = {
		data ? fixture_snapshot("alpha", FIXTURE_NOW_MS, 1) : NULL, NULL};

	fixture_set_regions(front, statuses, snapshots, 2);
}

static void test_ready_once_all_were_tried_and_one_has_data(void **state)
{
	struct front front = start();
	struct region_status disabled = fixture_pending("beta");

	expect(&front, "/readyz", 503, "no data");
	set(&front, fixture_pending("alpha"), fixture_failed("beta"), false);
	expect(&front, "/readyz", 503, "'alpha'");
	set(&front, fixture_failed("alpha"), fixture_failed("beta"), false);
	expect(&front, "/readyz", 503, "No region");
	set(&front, fixture_status("alpha"), fixture_pending("beta"), true);
	expect(&front, "/readyz", 503, "'beta'");
	set(&front, fixture_status("alpha"), fixture_failed("beta"), true);
	expect(&front, "/readyz", 200, "ready");
	disabled.maintenance = strdup("moving");
	set(&front, fixture_status("alpha"), disabled, true);
	expect(&front, "/readyz", 503, "'beta'");
	disabled = fixture_pending("beta");
	disabled.enabled = false;
	set(&front, fixture_status("alpha"), disabled, true);
	expect(&front, "/readyz", 200, "ready");
	fixture_end(&front);
}

static const char *accept_openmetrics(const struct request *r, const char *name)
{
	return strcmp(name, "Accept") == 0 ? "application/openmetrics-text" : NULL;
}

static void test_metrics_in_either_format(void **state)
{
	struct front front = start();
	struct request *r = fixture_request("/metrics");
	struct answer a;

	set(&front, fixture_status("alpha"), fixture_failed("beta"), true);
	answer_make(&a, front.rest, r, false);
	assert_string_equal(a.draft.content_type, METRICS_TEXT);
	answer_finish(&a);
	r->header = accept_openmetrics;
	answer_make(&a, front.rest, r, false);
	assert_string_equal(a.draft.content_type, METRICS_OPENMETRICS);
	assert_string_equal(a.draft.body.data + a.draft.body.len - 6, "# EOF\n");
	answer_finish(&a);
	fixture_end(&front);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_live_while_the_parent_answers),
		cmocka_unit_test(test_ready_once_all_were_tried_and_one_has_data),
		cmocka_unit_test(test_metrics_in_either_format),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
