/* SPDX-License-Identifier: Apache-2.0 */
/* core/model/pools.c: the GPUs of a region by type, and which of the free ones are stranded. */
#include "failing_alloc.h"
#include "model/inventory.h"
#include "model/pools.h"
#include "random_region.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

static const struct gpubroker_gpus gpus_a[] = {
	{"V100", 8, 1},
        {"A100", 4, 6}
};
static const struct gpubroker_gpus gpus_b[] = {
	{"V100", 4, 1}
};
static const struct gpubroker_gpus gpus_c[] = {
	{"V100", 2, 0},
        {"L40S", 3, 0}
};
static const struct gpubroker_host hosts[] = {
	{.name = "a",		       .vcpus = {.total = 100},             .gpus = gpus_a, .n_gpus = 2},
	{.name = "b",		      .vcpus = {.total = 3, .used = 1},							 .gpus = gpus_b, .n_gpus = 1},
	{.name = "c",.state = GPUBROKER_HOST_DOWN,.gpus = gpus_c, .n_gpus = 2},
	{.name = "d",				 .vcpus = {.total = 100}							 },
};

static const struct gpubroker_need one_v100[] = {
	{"V100", 1}
};
static const struct gpubroker_need three_v100[] = {
	{"V100", 3}
};
static const struct gpubroker_need pair_of_v100[] = {
	{.type = "V100", .count = 2, .unit = 2}
};
static const struct gpubroker_need v100_and_a100[] = {
	{"V100", 1},
        {"A100", 1}
};

struct case_row {
	const char *rule;
	struct snapshot_flavor flavors[2]; /* to the first without an id */
	int64_t stranded_v100;
};

#define FLAVOR(needs, ...)                                                                         \
	{                                                                                          \
		.flavor = {.id = "f", .gpus = needs, .n_gpus = ARRAY_SIZE(needs), __VA_ARGS__ }    \
	}

/* Free V100: 7 on a, 3 on b. */
static const struct case_row cases[] = {
	{"without a flavor that asks for them all free ones are stranded", {{{0}}},                                            10},
	{"a flavor of one GPU takes all",                                  {FLAVOR(one_v100)},                                 0 },
	{"what is left over beside whole servers is stranded: 7 - 6",      {FLAVOR(three_v100)},                               1 },
	{"so is what no vCPU is left for: b has 2",                        {FLAVOR(one_v100, .vcpus = 1)},                     1 },
	{"the flavor that takes most counts",                              {FLAVOR(three_v100), FLAVOR(one_v100, .vcpus = 1)},
         0														       },
	{"an invalid flavor takes none",                                   {FLAVOR(one_v100, .invalid = "no")},                10},
	{"nor one that asks for devices that are not told",                {FLAVOR(pair_of_v100)},                             10},
	{"nor one that lacks its other type: A100 are all used",           {FLAVOR(v100_and_a100)},                            10},
};

static void test_stranded(void **state)
{
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		_cleanup_(arena_finish) struct arena arena = {0};
		struct region_pools pools;
		size_t n_flavors = 0;

		while (n_flavors < 2 && cases[i].flavors[n_flavors].flavor.id) {
			n_flavors++;
		}
		assert_int_equal(pools_count(&arena, hosts, ARRAY_SIZE(hosts), cases[i].flavors,
					 n_flavors, &pools),
			0);
		assert_int_equal(pools.n, 3);
		if (pools.items[2].stranded != cases[i].stranded_v100) {
			fail_msg("%s: %lld", cases[i].rule, (long long)pools.items[2].stranded);
		}
		assert_int_equal(
			pools.stranded[0][0] + pools.stranded[1][0], cases[i].stranded_v100);
		assert_int_equal(pools.stranded[2][0], COUNT_UNKNOWN);
	}
}

static void test_sums(void **state)
{
	_cleanup_(arena_finish) struct arena arena = {0};
	struct region_pools ret;
	struct gpu_pool *pools;

	assert_int_equal(pools_count(&arena, hosts, ARRAY_SIZE(hosts), NULL, 0, &ret), 0);
	pools = ret.items;
	assert_int_equal(ret.n, 3);
	assert_string_equal(pools[0].type, "A100");
	assert_int_equal(pools[0].total, 4);
	assert_int_equal(pools[0].used, 4); /* 6 of 4 */
	assert_int_equal(pools[0].free, 0);
	assert_int_equal(pools[0].hosts, 1);
	assert_string_equal(pools[1].type, "L40S");
	assert_int_equal(pools[1].total, 0);
	assert_int_equal(pools[1].hosts, 0);
	assert_int_equal(pools[1].disabled, 3);
	assert_string_equal(pools[2].type, "V100");
	assert_int_equal(pools[2].total, 12);
	assert_int_equal(pools[2].used, 2);
	assert_int_equal(pools[2].free, 10);
	assert_int_equal(pools[2].disabled, 2);
	assert_int_equal(pools[2].hosts, 2);
	assert_int_equal(pools[2].configurations[0], 10);
	assert_int_equal(pools[2].configurations[1], 4); /* 7 / 2 + 3 / 2 */
	assert_int_equal(pools[2].configurations[2], 1);
	assert_int_equal(pools[2].configurations[3], 0);
}

/* Nobody knows what a skipped host has. */
static void test_skipped_hosts_are_in_no_pool(void **state)
{
	const struct gpubroker_host skipped = {
		.name = "s", .state = GPUBROKER_HOST_SKIPPED, .gpus = gpus_a, .n_gpus = 2};
	_cleanup_(arena_finish) struct arena arena = {0};
	struct region_pools ret;

	assert_int_equal(pools_count(&arena, &skipped, 1, NULL, 0, &ret), 0);
	assert_int_equal(ret.n, 0);
	assert_int_equal(ret.stranded[0][0], COUNT_UNKNOWN);
}

/* One need in two parts is taken in both. */
static void test_two_needs_of_one_type(void **state)
{
	static const struct gpubroker_device cards[] = {{.total = 4}, {.total = 4}};
	static const struct gpubroker_gpus slices = {"S", 8, 0, cards, 2};
	static const struct gpubroker_need needs[] = {
		{.type = "S", .count = 2, .unit = 2},
                {.type = "S",           .count = 1          }
        };
	const struct gpubroker_host host = {.name = "h", .gpus = &slices, .n_gpus = 1};
	const struct snapshot_flavor flavor = FLAVOR(needs);
	_cleanup_(arena_finish) struct arena arena = {0};
	struct region_pools ret;

	assert_int_equal(pools_count(&arena, &host, 1, &flavor, 1, &ret), 0);
	assert_int_equal(ret.items[0].stranded, 2); /* 3 and 3 of 8 */
}

static void test_no_hosts(void **state)
{
	_cleanup_(arena_finish) struct arena arena = {0};
	struct region_pools ret = {.n = 99};

	assert_int_equal(pools_count(&arena, NULL, 0, NULL, 0, &ret), 0);
	assert_int_equal(ret.n, 0);
}

static void test_properties(void **state)
{
	uint64_t seed = 1;
	struct random_region region;

	for (int round = 0; round < 2000; round++) {
		_cleanup_(arena_finish) struct arena arena = {0};
		struct snapshot_flavor flavors[RANDOM_FLAVORS];
		struct region_pools ret;

		random_rich_region(&seed, &region);
		for (size_t i = 0; i < region.n_flavors; i++) {
			flavors[i] = (struct snapshot_flavor){.flavor = region.flavors[i]};
		}
		assert_int_equal(pools_count(&arena, region.hosts, region.n_hosts, flavors,
					 region.n_flavors, &ret),
			0);
		for (size_t i = 0; i < ret.n; i++) {
			const struct gpu_pool *pools = ret.items;

			assert_true(i == 0 || strcmp(pools[i - 1].type, pools[i].type) < 0);
			assert_int_equal(pools[i].total, pools[i].used + pools[i].free);
			assert_true(pools[i].used >= 0 && pools[i].free >= 0);
			assert_true(pools[i].stranded >= 0 && pools[i].stranded <= pools[i].free);
			assert_int_equal(pools[i].configurations[0], pools[i].free);
		}
	}
}

static bool count_once(void)
{
	_cleanup_(arena_finish) struct arena arena = {0};
	struct region_pools ret;

	return pools_count(&arena, hosts, ARRAY_SIZE(hosts), NULL, 0, &ret) == 0;
}

static void test_no_memory(void **state)
{
	failing_alloc_try_all(count_once);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_stranded),
		cmocka_unit_test(test_sums),
		cmocka_unit_test(test_skipped_hosts_are_in_no_pool),
		cmocka_unit_test(test_two_needs_of_one_type),
		cmocka_unit_test(test_no_hosts),
		cmocka_unit_test(test_properties),
		cmocka_unit_test(test_no_memory),
	};

	return cmocka_run_group_tests_name("pools", tests, NULL, NULL);
}
