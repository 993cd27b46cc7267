/* SPDX-License-Identifier: Apache-2.0 */
/* Tests of core/rest/filter.c. */
#include "rest_fixture.h"

#include "rest/filter.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static void expect_ids(const char *target, const char *ids)
{
	_cleanup_(view_unrefp) struct view *view = fixture_three_regions();
	_cleanup_(strbuf_finish) struct strbuf got = {0};
	const struct page_source source = {.view = view, .request = fixture_request(target)};
	const struct view_row **rows;
	struct draft problem = {0};
	struct filter filter;
	size_t n = 0;

	assert_true(filter_parse(&filter, &source, &problem));
	rows = filter_rows(&filter, view, NULL, &n);
	for (size_t i = 0; i < n; i++) {
		strbuf_addf(&got, "%s%s", i == 0 ? "" : " ", rows[i]->flavor->flavor.id);
	}
	strbuf_adds(&got, "");
	assert_string_equal(got.len > 0 ? got.data : "", ids);
	free(rows);
}

static void test_what_passes(void **state)
{
	expect_ids("/v1/flavors",
		"alpha-medium alpha-large alpha-cpu beta-medium beta-large beta-cpu");
	expect_ids("/v1/flavors?region=beta", "beta-medium beta-large beta-cpu");
	expect_ids("/v1/flavors?region=gamma", "");
	expect_ids("/v1/flavors?region=gamma&region=beta", "beta-medium beta-large beta-cpu");
	expect_ids("/v1/flavors?gpu_type=V100", "alpha-medium alpha-large beta-medium beta-large");
	expect_ids("/v1/flavors?gpu_type=v100", "");
	expect_ids(
		"/v1/flavors?gpu_type=A100&gpu_type=V100&region=alpha", "alpha-medium alpha-large");
	expect_ids("/v1/flavors?name=LARGE", "alpha-large beta-large");
	expect_ids("/v1/flavors?min_available=4", "alpha-cpu beta-medium beta-cpu");
}

static void test_order(void **state)
{
	expect_ids("/v1/flavors?sort=-available&gpu_type=V100",
		"beta-medium alpha-medium beta-large alpha-large");
	expect_ids("/v1/flavors?sort=available,-region&gpu_type=V100",
		"alpha-large beta-large alpha-medium beta-medium");
	expect_ids("/v1/flavors?sort=name&region=alpha", "alpha-cpu alpha-large alpha-medium");
	expect_ids("/v1/flavors?sort=total&region=alpha", "alpha-large alpha-medium alpha-cpu");
	expect_ids("/v1/flavors?sort=vcpus",
		"alpha-medium alpha-large alpha-cpu beta-medium beta-large beta-cpu");
	expect_ids("/v1/flavors?sort=-vcpus",
		"alpha-medium alpha-large alpha-cpu beta-medium beta-large beta-cpu");
	expect_ids("/v1/flavors?sort=-state&gpu_type=V100",
		"beta-medium beta-large alpha-medium alpha-large");
}

static void test_fields(void **state)
{
	_cleanup_(view_unrefp) struct view *view = fixture_three_regions();
	const struct page_source source = {
		.view = view, .request = fixture_request("/v1/flavors?fields=id,gpus")};
	struct draft problem = {0};
	struct filter filter;

	assert_true(filter_parse(&filter, &source, &problem));
	assert_true(filter_wants_field(&filter, "id"));
	assert_true(filter_wants_field(&filter, "gpus"));
	assert_false(filter_wants_field(&filter, "name"));
	assert_false(filter_wants_field(&filter, "i"));
}

static void test_what_is_malformed_is_named(void **state)
{
	static const struct {
		const char *target, *part;
		unsigned status;
	} cases[] = {
		{"/v1/flavors?min_available=x",                                         "min_available: 'x'", 400},
		{"/v1/flavors?min_available=-1",                                        "min_available",      400},
		{"/v1/flavors?min_available=",                                          "min_available",      400},
		{"/v1/flavors?min_available=99999999999999999999",                      "min_available",      400},
		{"/v1/flavors?fields=",						 "fields",             400},
		{"/v1/flavors?fields=id,colour",                                        "'colour'",           400},
		{"/v1/flavors?sort=",						   "sort",               400},
		{"/v1/flavors?sort=gpus",					       "'gpus'",             400},
		{"/v1/flavors?fields=id,",					      "fields",             400},
		{"/v1/flavors?sort=id,",						"sort",               400},
		{"/v1/flavors?sort=id,,name",                                           "sort",               400},
		{"/v1/flavors?sort=id,id,id,id,id,id,id,id,id,id,id,id,id,id,id,id,id", "16",                 400},
		{"/v1/flavors?name=a&name=b",                                           "name: given twice",  400},
		{"/v1/flavors?region=delta",                                            "'delta'",            404},
	};
	_cleanup_(view_unrefp) struct view *view = fixture_three_regions();

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		const struct page_source source = {
			.view = view, .request = fixture_request(cases[i].target)};
		struct draft problem = {0};
		struct filter filter;

		assert_false(filter_parse(&filter, &source, &problem));
		assert_int_equal(problem.status, cases[i].status);
		assert_non_null(strstr(problem.body.data, cases[i].part));
		draft_finish(&problem);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_what_passes),
		cmocka_unit_test(test_order),
		cmocka_unit_test(test_fields),
		cmocka_unit_test(test_what_is_malformed_is_named),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
