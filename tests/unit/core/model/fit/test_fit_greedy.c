/* SPDX-License-Identifier: Apache-2.0 */
/* core/model/fit/fit_greedy.c: what it finds is good, and it finds most of what there is. */
#include "fit_cases.h"
#include "model/fit/fit_problem.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

/* 1: found; 0: not. */
static int try_case(const struct fit_case *c)
{
	_cleanup_(fit_problem_finish) struct fit_problem p;
	_cleanup_(fit_result_finish) struct fit_result r = {0};
	_cleanup_(freep) int64_t *placed = NULL;
	int64_t steps = FIT_STEPS;
	int found;

	assert_int_equal(fit_problem_init(&p, c->hosts, c->n_hosts, c->asks, c->n_asks, &steps), 1);
	placed = calloc(p.n_hosts * p.n_items + 1, sizeof(*placed));
	found = fit_greedy(&p, placed, &steps);
	assert_true(found == 0 || found == 1);
	if (found) {
		assert_true(fit_placements(&p, placed, &r));
		assert_true(fit_verify(
			c->hosts, c->n_hosts, c->asks, c->n_asks, r.placements, r.n_placements));
	}
	return found;
}

static void test_small_cases(void **state)
{
	uint64_t seed = 99;
	int n_possible = 0, n_found = 0;

	for (int i = 0; i < 4000; i++) {
		static struct fit_case c;
		bool possible;
		int found;

		case_small(&seed, &c, false);
		possible = case_possible(&c);
		found = try_case(&c);
		assert_true(possible || !found);
		n_possible += possible;
		n_found += found;
	}
	assert_true(n_found > n_possible * 95 / 100);
}

static void test_rules_of_devices(void **state)
{
	uint64_t seed = 98;
	int n_found = 0;

	for (int i = 0; i < 4000; i++) {
		static struct fit_case c;

		case_small(&seed, &c, true);
		n_found += try_case(&c);
	}
	assert_true(n_found > 400);
}

static void test_steps(void **state)
{
	static struct fit_case c;
	_cleanup_(fit_problem_finish) struct fit_problem p;
	_cleanup_(freep) int64_t *placed = NULL;
	uint64_t seed = 5;
	int64_t steps = FIT_STEPS;

	case_region(&seed, &c, 20, 4, 10);
	assert_int_equal(fit_problem_init(&p, c.hosts, c.n_hosts, c.asks, c.n_asks, &steps), 1);
	placed = calloc(p.n_hosts * p.n_items + 1, sizeof(*placed));
	steps = 1;
	assert_int_equal(fit_greedy(&p, placed, &steps), 0);
	assert_int_equal(steps, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_small_cases),
		cmocka_unit_test(test_rules_of_devices),
		cmocka_unit_test(test_steps),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
