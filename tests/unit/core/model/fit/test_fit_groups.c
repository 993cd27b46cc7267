/* SPDX-License-Identifier: Apache-2.0 */
/* core/model/fit/fit_groups.c: what it says is right, and it decides where there are many flavors. */
#include "fit_cases.h"
#include "model/fit/fit_problem.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

static bool holds(const struct fit_case *c, const struct fit_problem *p, const int64_t placed[])
{
	_cleanup_(fit_result_finish) struct fit_result r = {0};

	assert_true(fit_placements(p, placed, &r));
	return fit_verify(c->hosts, c->n_hosts, c->asks, c->n_asks, r.placements, r.n_placements);
}

static void test_small_cases(void **state)
{
	uint64_t seed = 23;
	int n[3] = {0};

	for (int i = 0; i < 20000; i++) {
		static struct fit_case c;
		_cleanup_(fit_problem_finish) struct fit_problem p = {0};
		_cleanup_(freep) int64_t *placed = NULL;
		int64_t steps = FIT_STEPS;
		int found;

		case_small(&seed, &c, false);
		assert_int_equal(
			fit_problem_init(&p, c.hosts, c.n_hosts, c.asks, c.n_asks, &steps), 1);
		if (p.n_hosts == 0) {
			continue;
		}
		placed = calloc(p.n_hosts * p.n_items, sizeof(*placed));
		found = fit_groups(&p, placed, &steps);
		assert_true(found != FIT_FOUND_NONE || !case_possible(&c));
		assert_true(found != FIT_FOUND_ONE || holds(&c, &p, placed));
		n[found]++;
	}
	assert_true(n[FIT_FOUND_NONE] > 100 && n[FIT_FOUND_ONE] > 100);
}

enum { HOSTS = 3 };

/* One server each of many flavors, no two the same, for two GPUs each: there are GPUs for 63. */
static int try_many(size_t n_asks, int64_t ram_mib)
{
	static const struct gpubroker_gpus gpus = {"V100", 42, 0, NULL, 0};
	static const struct gpubroker_need need = {"V100", 2};
	struct gpubroker_host hosts[HOSTS];
	struct gpubroker_flavor flavors[FIT_MAX_ASKS];
	struct fit_ask asks[FIT_MAX_ASKS];
	_cleanup_(fit_problem_finish) struct fit_problem p = {0};
	int64_t placed[HOSTS * FIT_MAX_ASKS] = {0}, steps = FIT_STEPS;

	for (size_t h = 0; h < HOSTS; h++) {
		hosts[h] = (struct gpubroker_host){
			.name = "h", .ram_mib = {.total = ram_mib}, .gpus = &gpus, .n_gpus = 1};
	}
	for (size_t i = 0; i < n_asks; i++) {
		flavors[i] = (struct gpubroker_flavor){
			.id = "x", .ram_mib = 100 + (int64_t)i, .gpus = &need, .n_gpus = 1};
		asks[i] = (struct fit_ask){&flavors[i], "x", 1};
	}
	assert_int_equal(fit_problem_init(&p, hosts, HOSTS, asks, n_asks, &steps), 1);
	assert_int_equal(p.n_items, n_asks);
	return fit_groups(&p, placed, &steps);
}

static void test_many_flavors(void **state)
{
	assert_int_equal(try_many(FIT_MAX_ASKS - 1, 100000), FIT_FOUND_ONE);
	assert_int_equal(try_many(FIT_MAX_ASKS, 100000), FIT_FOUND_NONE);
	/* enough for the least, not for the most of them */
	assert_int_equal(try_many(FIT_MAX_ASKS - 1, 2200), FIT_FOUND_UNKNOWN);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_small_cases),
		cmocka_unit_test(test_many_flavors),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
