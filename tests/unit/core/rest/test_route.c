/* SPDX-License-Identifier: Apache-2.0 */
/* Tests of core/rest/route.c. */
#include "rest/route.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static const struct route *match(const char *variables[2], size_t n, const char *const items[])
{
	struct segments s = {.n = n};

	memcpy(s.items, items, n * sizeof(*items));
	return route_match(&s, variables);
}

static void test_table(void **state)
{
	static const struct {
		size_t n;
		const char *items[5];
		const char *pattern, *first, *second;
	} cases[] = {
		{1, {""},				   "/",				 NULL,  NULL},
		{2, {"gpus", "flavors"},                    "/gpus/flavors",                     NULL,  NULL},
		{3, {"gpus", "flavors", "a/b"},             "/gpus/flavors/{id}",                "a/b", NULL},
		{3, {"gpus", "flavors", ""},                NULL,                                NULL,  NULL},
		{4, {"gpus", "flavors", "a", "b"},          NULL,                                NULL,  NULL},
		{1, {"gpus"},			       NULL,                                NULL,  NULL},
		{2, {"gpus", "flavor"},                     NULL,                                NULL,  NULL},
		{2, {"gpus", "flavorss"},                   NULL,                                NULL,  NULL},
		{2, {"v2", "flavors"},                      "/v2/flavors",                       NULL,  NULL},
		{3, {"v2", "flavors", ""},                  "/v2/flavors/",                      NULL,  NULL},
		{3, {"v2", "flavors", "x"},                 NULL,                                NULL,  NULL},
		{1, {"v1"},				 "/v1",                               NULL,  NULL},
		{2, {"v1", ""},                             NULL,                                NULL,  NULL},
		{3, {"v1", "regions", "r"},                 "/v1/regions/{region}",              "r",   NULL},
		{4, {"v1", "regions", "r", "flavors"},      "/v1/regions/{region}/flavors",      "r",   NULL},
		{5, {"v1", "regions", "r", "flavors", "i"}, "/v1/regions/{region}/flavors/{id}",
                 "r",										   "i" },
		{5, {"v1", "regions", "", "flavors", "i"},  NULL,                                NULL,  NULL},
		{0, {NULL},				 NULL,                                NULL,  NULL},
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		const char *variables[2];
		const struct route *r = match(variables, cases[i].n, cases[i].items);

		assert_true(str_equal(r ? r->pattern : NULL, cases[i].pattern));
		if (r) {
			assert_true(str_equal(variables[0], cases[i].first));
			assert_true(str_equal(variables[1], cases[i].second));
		}
	}
}

static void test_rows_are_whole(void **state)
{
	for (size_t i = 0; i < n_routes; i++) {
		assert_int_equal(routes[i].pattern[0], '/');
		assert_true(!routes[i].render != !routes[i].live);
		assert_int_equal(route_index(&routes[i]), i);
		assert_int_equal(!!(routes[i].flags & ROUTE_STRICT),
			strncmp(routes[i].pattern, "/v1", 3) == 0);
	}
	assert_int_equal(route_index(NULL), n_routes);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_table),
		cmocka_unit_test(test_rows_are_whole),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
