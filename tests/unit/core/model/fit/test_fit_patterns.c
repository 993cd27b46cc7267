/* SPDX-License-Identifier: Apache-2.0 */
/* core/model/fit/fit_patterns.c: all ways to fill a host, and hosts that are filled alike. */
#include "model/fit/fit_patterns.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static const struct gpubroker_gpus four[] = {
	{"V100", 4, 0, NULL, 0}
};
static const struct gpubroker_gpus two[] = {
	{"V100", 4, 2, NULL, 0}
};
/* clang-format off */
static const struct gpubroker_host hosts[] = {
	{.name = "a", .ram_mib = {.total = 4000}, .gpus = four, .n_gpus = 1},
	{.name = "b", .ram_mib = {.total = 1000}, .gpus = two, .n_gpus = 1},
	/* more memory than the first, which makes no difference */
	{.name = "c", .ram_mib = {.total = 4300}, .gpus = four, .n_gpus = 1},
};
static const struct gpubroker_need needs[] = {{"V100", 1}, {"V100", 2}};
static const struct gpubroker_flavor flavors[] = {
	{.id = "one", .ram_mib = 1000, .gpus = &needs[0], .n_gpus = 1},
	{.id = "two", .ram_mib = 1000, .gpus = &needs[1], .n_gpus = 1},
};
/* clang-format on */

static void init(struct fit_problem *p, int64_t one, int64_t two_, struct fit_ask asks[2])
{
	int64_t steps = 10000;

	asks[0] = (struct fit_ask){&flavors[0], "one", one};
	asks[1] = (struct fit_ask){&flavors[1], "two", two_};
	assert_int_equal(fit_problem_init(p, hosts, 3, asks, 2, &steps), 1);
}

static void test_patterns(void **state)
{
	static const int32_t small[] = {1, 0, 0, 1}, large[] = {4, 0, 2, 1, 0, 2};
	_cleanup_(fit_patterns_finish) struct fit_patterns f;
	_cleanup_(fit_problem_finish) struct fit_problem p;
	struct fit_ask asks[2];
	int64_t steps = 10000;

	init(&p, 9, 9, asks);
	assert_int_equal(fit_patterns_init(&f, &p, &steps), 1);
	assert_int_equal(f.n_classes, 2);
	assert_int_equal(f.classes[0].n_members, 1);
	assert_int_equal(f.classes[0].n_patterns, 2);
	assert_memory_equal(f.classes[0].patterns, small, sizeof(small));
	assert_int_equal(f.classes[1].n_members, 2);
	assert_int_equal(f.classes[1].n_patterns, 3);
	assert_memory_equal(f.classes[1].patterns, large, sizeof(large));
}

/* No pattern has more than is asked for. */
static void test_few_servers(void **state)
{
	static const int32_t only[] = {1, 1};
	_cleanup_(fit_patterns_finish) struct fit_patterns f;
	_cleanup_(fit_problem_finish) struct fit_problem p;
	struct fit_ask asks[2];
	int64_t steps = 10000;

	init(&p, 1, 1, asks);
	assert_int_equal(fit_patterns_init(&f, &p, &steps), 1);
	assert_int_equal(f.classes[0].n_patterns, 1);
	assert_memory_equal(f.classes[0].patterns, only, sizeof(only));
}

/* As many flavors as may be asked for, all different: a pattern is that many numbers. */
static void test_many_flavors(void **state)
{
	static const struct gpubroker_host host = {
		.name = "h", .ram_mib = {.total = 1000}, .gpus = two, .n_gpus = 1};
	struct gpubroker_flavor many[FIT_MAX_ASKS];
	_cleanup_(fit_patterns_finish) struct fit_patterns f;
	_cleanup_(fit_problem_finish) struct fit_problem p;
	struct fit_ask asks[FIT_MAX_ASKS];
	int64_t steps = 1000000;

	for (size_t i = 0; i < FIT_MAX_ASKS; i++) {
		many[i] = (struct gpubroker_flavor){
			.id = "x", .ram_mib = 600 + (int64_t)i, .gpus = &needs[0], .n_gpus = 1};
		asks[i] = (struct fit_ask){&many[i], "x", 1};
	}
	assert_int_equal(fit_problem_init(&p, &host, 1, asks, FIT_MAX_ASKS, &steps), 1);
	assert_int_equal(p.n_items, FIT_MAX_ASKS);
	assert_int_equal(fit_patterns_init(&f, &p, &steps), 1);
	assert_int_equal(f.classes[0].n_patterns, FIT_MAX_ASKS); /* each alone */
	for (size_t i = 0; i < FIT_MAX_ASKS; i++) {
		for (size_t j = 0; j < FIT_MAX_ASKS; j++) {
			assert_int_equal(f.classes[0].patterns[i * FIT_MAX_ASKS + j], i == j);
		}
	}
}

static void test_limits(void **state)
{
	_cleanup_(fit_problem_finish) struct fit_problem p;
	struct fit_patterns f;
	struct fit_ask asks[2];
	int64_t steps = 3;

	init(&p, 9, 9, asks);
	assert_int_equal(fit_patterns_init(&f, &p, &steps), 0);
	fit_patterns_finish(&f);
	fit_problem_finish(&p);
	init(&p, FIT_MAX_COUNT, 1, asks);
	steps = 10000;
	assert_int_equal(fit_patterns_init(&f, &p, &steps), 0);
	fit_patterns_finish(&f);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_patterns),
		cmocka_unit_test(test_few_servers),
		cmocka_unit_test(test_many_flavors),
		cmocka_unit_test(test_limits),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
