/* SPDX-License-Identifier: Apache-2.0 */
/* core/model/fit/fit.c: never yes where it is impossible, never no where it is possible, seldom unknown. */
#include "fit_cases.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

enum { SMALL_CASES = 20000, DEVICE_CASES = 10000, REGIONS = 400 };

static bool verified(const struct fit_case *c, const struct fit_result *r)
{
	return fit_verify(c->hosts, c->n_hosts, c->asks, c->n_asks, r->placements, r->n_placements);
}

static void test_small_cases(void **state)
{
	uint64_t seed = 20261122;
	size_t n[3] = {0};

	for (size_t i = 0; i < SMALL_CASES; i++) {
		static struct fit_case c;
		_cleanup_(fit_result_finish) struct fit_result r;
		bool possible;

		case_small(&seed, &c, false);
		assert_int_equal(case_solve(&c, &r), 0);
		possible = case_possible(&c);
		if (r.fits != (possible ? FIT_YES : FIT_NO)) {
			fail_msg("case %zu: %d, possible %d", i, r.fits, possible);
		}
		assert_int_equal(r.fits == FIT_YES, verified(&c, &r));
		assert_int_equal(r.fits == FIT_YES, r.reason.len == 0);
		n[r.fits]++;
	}
	/* both answers are tried */
	assert_true(n[FIT_YES] > SMALL_CASES / 5 && n[FIT_NO] > SMALL_CASES / 5);
}

/* What is possible without the rules of devices may be impossible with them, not the other way round. */
static void test_rules_of_devices(void **state)
{
	uint64_t seed = 42;
	size_t n[3] = {0};

	for (size_t i = 0; i < DEVICE_CASES; i++) {
		static struct fit_case c;
		_cleanup_(fit_result_finish) struct fit_result r;

		case_small(&seed, &c, true);
		assert_int_equal(case_solve(&c, &r), 0);
		if (r.fits == FIT_YES) {
			assert_true(verified(&c, &r));
		}
		n[r.fits]++;
	}
	print_message("with rules of devices: %zu yes, %zu no, %zu unknown\n", n[FIT_YES],
		n[FIT_NO], n[FIT_UNKNOWN]);
	assert_true(n[FIT_UNKNOWN] <= DEVICE_CASES / 20);
}

/* Regions that servers fill to the brim: n_more too many, or none. */
static void try_regions(int64_t n_more)
{
	uint64_t seed = 7;
	size_t n[3] = {0}, all = 0;

	for (size_t i = 0; i < REGIONS; i++) {
		static struct fit_case c;
		_cleanup_(fit_result_finish) struct fit_result r = {0};

		case_region(&seed, &c, 5 + i % 40, 2 + i % 5, n_more);
		if (c.n_asks == 0) {
			continue;
		}
		assert_int_equal(case_solve(&c, &r), 0);
		assert_true(r.fits != FIT_YES || verified(&c, &r));
		assert_true(n_more > 0 || r.fits != FIT_NO);
		n[r.fits]++;
		all++;
	}
	print_message("regions of 5 to 44 hosts, %d too many: %zu yes, %zu no, %zu unknown\n",
		(int)n_more, n[FIT_YES], n[FIT_NO], n[FIT_UNKNOWN]);
	assert_true(all > REGIONS / 2 && n[FIT_UNKNOWN] <= all / 20);
}

static void test_regions(void **state)
{
	try_regions(0);
	try_regions(1);
	try_regions(4);
}

/* clang-format off */
/* Types of GPU that share no host are decided one by one; a placement is of all. */
static void test_parts(void **state)
{
	static const struct gpubroker_gpus gpus[] = {{"A100", 4}, {"V100", 4}};
	static const struct gpubroker_host hosts[] = {
		{.name = "a", .ram_mib = {.total = 100}, .gpus = &gpus[0], .n_gpus = 1},
		{.name = "b", .ram_mib = {.total = 100}, .gpus = &gpus[1], .n_gpus = 1},
		{.name = "c", .ram_mib = {.total = 100}, .gpus = &gpus[0], .n_gpus = 1},
	};
	static const struct gpubroker_need needs[] = {{"A100", 3}, {"V100", 1}, {"A100", 1}};
	static const struct gpubroker_flavor flavors[] = {
		{.id = "x", .ram_mib = 10, .gpus = &needs[0], .n_gpus = 1},
		{.id = "y", .ram_mib = 20, .gpus = &needs[1], .n_gpus = 1},
		{.id = "z", .ram_mib = 10, .gpus = &needs[2], .n_gpus = 1},
	};
	static const struct fit_placement expected[] = {
		{0, 0, 1}, {0, 2, 1}, {1, 1, 4}, {2, 0, 1}, {2, 2, 1}};
	const struct fit_ask asks[] = {
		{&flavors[0], "x", 2}, {&flavors[1], "y", 4}, {&flavors[2], "z", 2}};
	_cleanup_(fit_result_finish) struct fit_result r;
	int64_t steps = FIT_STEPS;

	assert_int_equal(fit_solve(&r, hosts, 3, asks, 3, &steps), 0);
	assert_int_equal(r.fits, FIT_YES);
	assert_int_equal(r.n_placements, 5);
	for (size_t i = 0; i < 5; i++) {
		assert_int_equal(r.placements[i].host, expected[i].host);
		assert_int_equal(r.placements[i].ask, expected[i].ask);
		assert_int_equal(r.placements[i].count, expected[i].count);
	}
}
/* clang-format on */

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_small_cases),
		cmocka_unit_test(test_rules_of_devices),
		cmocka_unit_test(test_regions),
		cmocka_unit_test(test_parts),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
