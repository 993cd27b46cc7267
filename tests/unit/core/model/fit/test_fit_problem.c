/* SPDX-License-Identifier: Apache-2.0 */
/* core/model/fit/fit_problem.c: hosts and flavors as numbers, and back. */
#include "model/fit/fit_problem.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

enum { N_HOSTS = 3, N_ASKS = 3 };

static const struct gpubroker_gpus gpus[] = {
	{"V100", 4, 1, NULL, 0}
};
static const struct gpubroker_need need = {.type = "V100", .count = 1};

/* The second host is down; the third has no GPU. */
/* clang-format off */
static const struct gpubroker_host hosts[N_HOSTS] = {
	{.name = "a", .vcpus = {.total = 100}, .ram_mib = {.total = 1000, .used = 200}, .gpus = gpus, .n_gpus = 1},
	{.name = "b", .vcpus = {.total = 100}, .ram_mib = {.total = 1000}, .gpus = gpus, .n_gpus = 1,
		.state = GPUBROKER_HOST_DOWN},
	{.name = "c", .vcpus = {.total = 8}},
};
/* The first and the last are the same but for their names. */
static const struct gpubroker_flavor flavors[N_ASKS] = {
	{.id = "f", .vcpus = 2, .ram_mib = 300, .gpus = &need, .n_gpus = 1},
	{.id = "g", .vcpus = 3},
	{.id = "h", .vcpus = 2, .ram_mib = 300, .gpus = &need, .n_gpus = 1},
};
/* clang-format on */
static const struct fit_ask asks[N_ASKS] = {
	{&flavors[0], "f", 1},
        {&flavors[1], "g", 2},
        {&flavors[2], "h", 1}
};

static void test_numbers(void **state)
{
	_cleanup_(fit_problem_finish) struct fit_problem p;
	int64_t steps = 1000;

	assert_int_equal(fit_problem_init(&p, hosts, N_HOSTS, asks, N_ASKS, &steps), 1);
	assert_true(steps < 1000);
	assert_true(p.plain);
	assert_int_equal(p.n_hosts, 2);
	assert_int_equal(p.hosts[1], 2);
	assert_int_equal(p.n_items, 2);
	assert_int_equal(p.items[0].count, 2);
	assert_int_equal(p.item_of[2], 0);
	assert_int_equal(p.n_resources, ROOM_AMOUNTS + 1);
	assert_string_equal(p.gpu_types[ROOM_AMOUNTS], "V100");
	assert_int_equal(fit_needs(&p, 0)[ROOM_RAM_MIB], 300);
	assert_int_equal(fit_needs(&p, 0)[ROOM_AMOUNTS], 1);
	/* cut to what all together need: 2 + 6 + 2 CPUs, 600 MiB, 2 GPUs */
	assert_int_equal(p.sums[ROOM_VCPUS], 10);
	assert_int_equal(fit_free(&p, 0)[ROOM_VCPUS], 10);
	assert_int_equal(fit_free(&p, 0)[ROOM_RAM_MIB], 600);
	assert_int_equal(fit_free(&p, 0)[ROOM_AMOUNTS], 2);
	assert_int_equal(fit_caps(&p, 0)[0], 2);
	assert_int_equal(fit_caps(&p, 0)[1], 2);
	assert_int_equal(fit_caps(&p, 1)[0], 0);
	assert_int_equal(fit_caps(&p, 1)[1], 2);
}

static void test_taking(void **state)
{
	_cleanup_(fit_problem_finish) struct fit_problem p;
	int64_t steps = 1000, *free;

	assert_int_equal(fit_problem_init(&p, hosts, N_HOSTS, asks, N_ASKS, &steps), 1);
	free = fit_free(&p, 0);
	assert_int_equal(fit_most(&p, free, 0, 9), 2);
	assert_int_equal(fit_most(&p, free, 0, 1), 1);
	fit_take(&p, free, 0, 1);
	assert_int_equal(free[ROOM_RAM_MIB], 300);
	assert_int_equal(fit_most(&p, free, 0, 9), 1);
}

/* Both asks of one item get their share. */
static void test_placements(void **state)
{
	_cleanup_(fit_problem_finish) struct fit_problem p;
	_cleanup_(fit_result_finish) struct fit_result r = {0};
	const int64_t placed[] = {2, 1, 0, 1};
	static const struct fit_placement expected[] = {
		{0, 0, 1},
                {0, 1, 1},
                {0, 2, 1},
                {2, 1, 1}
        };
	int64_t steps = 1000;

	assert_int_equal(fit_problem_init(&p, hosts, N_HOSTS, asks, N_ASKS, &steps), 1);
	assert_true(fit_placements(&p, placed, &r));
	assert_int_equal(r.n_placements, 4);
	for (size_t i = 0; i < 4; i++) {
		assert_int_equal(r.placements[i].host, expected[i].host);
		assert_int_equal(r.placements[i].ask, expected[i].ask);
		assert_int_equal(r.placements[i].count, expected[i].count);
	}
}

static void test_rules_of_devices(void **state)
{
	struct gpubroker_need whole = {.type = "V100", .count = 2, .unit = 2};
	const struct gpubroker_flavor f = {.id = "f", .gpus = &whole, .n_gpus = 1};
	const struct fit_ask one[] = {
		{&f, "f", 5}
        };
	struct fit_problem p;
	int64_t steps = 1000;

	assert_int_equal(fit_problem_init(&p, hosts, N_HOSTS, one, 1, &steps), 1);
	assert_false(p.plain);
	fit_problem_finish(&p);
	whole.unit = 1;
	assert_int_equal(fit_problem_init(&p, hosts, N_HOSTS, one, 1, &steps), 1);
	assert_true(p.plain);
	fit_problem_finish(&p);
}

static void test_limits(void **state)
{
	_cleanup_(fit_problem_finish) struct fit_problem p;
	int64_t steps = 10;

	assert_int_equal(fit_problem_init(&p, hosts, N_HOSTS, asks, N_ASKS, &steps), 0);
	assert_int_equal(steps, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_numbers),
		cmocka_unit_test(test_taking),
		cmocka_unit_test(test_placements),
		cmocka_unit_test(test_rules_of_devices),
		cmocka_unit_test(test_limits),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
