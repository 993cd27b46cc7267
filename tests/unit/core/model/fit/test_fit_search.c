/* SPDX-License-Identifier: Apache-2.0 */
/* core/model/fit/fit_search.c: decides without help from the others. */
#include "fit_cases.h"
#include "model/fit/fit_problem.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static int try_case(const struct fit_case *c, int64_t steps)
{
	_cleanup_(fit_problem_finish) struct fit_problem p;
	_cleanup_(fit_result_finish) struct fit_result r = {0};
	_cleanup_(freep) int64_t *placed = NULL;
	int64_t enough = FIT_STEPS;
	int found;

	assert_int_equal(
		fit_problem_init(&p, c->hosts, c->n_hosts, c->asks, c->n_asks, &enough), 1);
	if (p.n_hosts == 0) {
		return FIT_FOUND_NONE;
	}
	placed = calloc(p.n_hosts * p.n_items, sizeof(*placed));
	found = fit_search(&p, placed, &steps);
	if (found == FIT_FOUND_ONE) {
		assert_true(fit_placements(&p, placed, &r));
		assert_true(fit_verify(
			c->hosts, c->n_hosts, c->asks, c->n_asks, r.placements, r.n_placements));
	}
	return found;
}

static void test_small_cases(void **state)
{
	uint64_t seed = 17;

	for (int i = 0; i < 3000; i++) {
		static struct fit_case c;

		case_small(&seed, &c, false);
		assert_int_equal(try_case(&c, FIT_STEPS),
			case_possible(&c) ? FIT_FOUND_ONE : FIT_FOUND_NONE);
	}
}

static void test_rules_of_devices(void **state)
{
	uint64_t seed = 18;
	int n[3] = {0};

	for (int i = 0; i < 3000; i++) {
		static struct fit_case c;

		case_small(&seed, &c, true);
		n[try_case(&c, FIT_STEPS)]++;
	}
	assert_true(n[FIT_FOUND_ONE] > 300 && n[FIT_FOUND_NONE] > 300);
}

static void test_full_regions(void **state)
{
	uint64_t seed = 19;
	int n_found = 0, n = 0;

	for (int i = 0; i < 50; i++) {
		static struct fit_case c;
		int found;

		case_region(&seed, &c, 10, 3, 0);
		if (c.n_asks > 0) {
			found = try_case(&c, FIT_STEPS);
			assert_true(found != FIT_FOUND_NONE);
			n_found += found == FIT_FOUND_ONE;
			n++;
		}
	}
	assert_true(n_found > n * 9 / 10);
}

static void test_steps(void **state)
{
	static struct fit_case c;
	uint64_t seed = 20;

	case_region(&seed, &c, 40, 5, 0);
	assert_int_equal(try_case(&c, 1), FIT_FOUND_UNKNOWN);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_small_cases),
		cmocka_unit_test(test_rules_of_devices),
		cmocka_unit_test(test_full_regions),
		cmocka_unit_test(test_steps),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
