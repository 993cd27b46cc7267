/* SPDX-License-Identifier: Apache-2.0 */
/* core/model/fit/fit_weights.c: they refute only what is impossible, and much of that. */
#include "fit_cases.h"
#include "model/fit/fit_patterns.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

/* 1: refuted. */
static int try_case(const struct fit_case *c)
{
	_cleanup_(fit_problem_finish) struct fit_problem p;
	_cleanup_(fit_patterns_finish) struct fit_patterns f = {0};
	int64_t steps = FIT_STEPS;
	int r;

	assert_int_equal(fit_problem_init(&p, c->hosts, c->n_hosts, c->asks, c->n_asks, &steps), 1);
	if (p.n_hosts == 0) {
		return 1;
	}
	assert_int_equal(fit_patterns_init(&f, &p, &steps), 1);
	r = fit_weights_find(&f, &steps);
	assert_true(r == 0 || r == 1);
	for (size_t i = 0; i < f.n_weights; i++) {
		const struct fit_weights *w = &f.weights[i];

		assert_int_equal(w->rest[f.n_classes], 0);
		for (size_t k = 0; k < p.n_items; k++) {
			assert_true(w->of[k] >= 0);
		}
	}
	return r;
}

static void test_small_cases(void **state)
{
	uint64_t seed = 31;
	int n_impossible = 0, n_refuted = 0;

	for (int i = 0; i < 4000; i++) {
		static struct fit_case c;
		bool possible;
		int refuted;

		case_small(&seed, &c, false);
		possible = case_possible(&c);
		refuted = try_case(&c);
		assert_false(possible && refuted);
		n_impossible += !possible;
		n_refuted += refuted;
	}
	assert_true(n_refuted > n_impossible * 95 / 100);
}

static void test_full_regions(void **state)
{
	uint64_t seed = 32;
	int n_refuted = 0;

	for (int i = 0; i < 100; i++) {
		static struct fit_case c;

		case_region(&seed, &c, 20, 4, 0);
		assert_true(c.n_asks == 0 || try_case(&c) == 0);
		case_region(&seed, &c, 20, 4, 20);
		n_refuted += c.n_asks > 0 && try_case(&c);
	}
	assert_true(n_refuted > 70);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_small_cases),
		cmocka_unit_test(test_full_regions),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
