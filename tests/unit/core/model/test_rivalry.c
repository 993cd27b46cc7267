/* SPDX-License-Identifier: Apache-2.0 */
/* core/model/rivalry.c: what is free, split among the flavors that draw on it. */
#include "failing_alloc.h"
#include "model/rivalry.h"
#include "model/room.h"
#include "random_region.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#define PLENTY .vcpus = {.total = 1000}, .ram_mib = {.total = 1000}, .disk_gib = {.total = 1000}

enum { HOSTS = 3, FLAVORS = 4 };

struct row {
	const char *rule;
	struct gpubroker_host hosts[HOSTS];       /* to the first without a name */
	struct gpubroker_flavor flavors[FLAVORS]; /* to the first without an id */
	int64_t want[FLAVORS];
};

/* clang-format off */
static const struct gpubroker_gpus three_v[] = {{"V", 3, 0}}, two_v[] = {{"V", 2, 0}}, eight_v[] = {{"V", 8, 0}};
static const struct gpubroker_gpus v_and_a[] = {{"V", 2, 0}, {"A", 2, 0}};
static const struct gpubroker_need one[] = {{"V", 1}}, two[] = {{"V", 2}}, eight[] = {{"V", 8}}, an_a[] = {{"A", 1}};
#define ON(x) .gpus = x, .n_gpus = 1
static const struct row rows[] = {
	{"alone: all that is available", {{.name = "a", PLENTY, ON(three_v)}}, {{.id = "1", ON(one)}}, {3}},
	{"two alike: the first gets the odd one", {{.name = "a", PLENTY, ON(three_v)}},
		{{.id = "1", ON(one)}, {.id = "2", ON(one)}}, {2, 1}},
	{"a turn is one server", {{.name = "a", PLENTY, ON(three_v)}},
		{{.id = "1", ON(one)}, {.id = "2", ON(one)}, {.id = "3", ON(one)}}, {1, 1, 1}},
	{"a turn each, though one is larger", {{.name = "a", PLENTY, ON(eight_v)}},
		{{.id = "1", ON(one)}, {.id = "2", ON(two)}}, {4, 2}},
	{"one that no longer fits leaves the rest to the others", {{.name = "a", PLENTY, ON(eight_v)}},
		{{.id = "1", ON(one)}, {.id = "8", ON(eight)}}, {8, 0}},
	{"in their order", {{.name = "a", PLENTY, ON(eight_v)}},
		{{.id = "8", ON(eight)}, {.id = "1", ON(one)}}, {1, 0}},
	{"hosts with little left first", {{.name = "a", PLENTY, ON(eight_v)}, {.name = "b", PLENTY, ON(two_v)}},
		{{.id = "1", ON(one)}, {.id = "8", ON(eight)}}, {2, 1}},
	{"other GPUs, but the same vCPUs", {{.name = "a", .vcpus = {.total = 3}, .gpus = v_and_a, .n_gpus = 2}},
		{{.id = "v", .vcpus = 1, ON(one)}, {.id = "a", .vcpus = 1, ON(an_a)}}, {2, 1}},
	{"neither flavors without GPUs nor hosts", {{.name = "a", PLENTY, ON(two_v)}},
		{{.id = "c", .vcpus = 1}, {.id = "1", .vcpus = 1, ON(one)}}, {COUNT_UNKNOWN, 2}},
	{"an invalid one gets none", {{.name = "a", PLENTY, ON(two_v)}},
		{{.id = "1", ON(one)}, {.id = "2", .invalid = "no count"}, {.id = "3", .invalid = "?", ON(one)}}, {2, 0, 0}},
	{"nor does one that is invalid for other reasons count among them", {{.name = "a", PLENTY, ON(two_v)}},
		{{.id = "1", .invalid = "no", .wants_no_gpus = true}}, {COUNT_UNKNOWN}},
	{"hosts out of service have none", {{.name = "a", .state = GPUBROKER_HOST_DOWN, PLENTY, ON(two_v)}},
		{{.id = "1", ON(one)}}, {0}},
};
/* clang-format on */

static size_t prepare(const struct row *row, struct snapshot_flavor flavors[], size_t n_hosts)
{
	size_t n = 0;

	for (; n < FLAVORS && row->flavors[n].id; n++) {
		flavors[n] = (struct snapshot_flavor){.flavor = row->flavors[n],
			.count = flavor_count(&row->flavors[n], row->hosts, n_hosts)};
	}
	return n;
}

static void test_table(void **state)
{
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct snapshot_flavor flavors[FLAVORS];
		size_t n_hosts = 0, n;

		while (n_hosts < HOSTS && rows[i].hosts[n_hosts].name) {
			n_hosts++;
		}
		n = prepare(&rows[i], flavors, n_hosts);
		assert_int_equal(rivalry_split(rows[i].hosts, n_hosts, flavors, n), 0);
		for (size_t j = 0; j < n; j++) {
			if (flavors[j].available_exclusive != rows[i].want[j]) {
				fail_msg("%s: flavor %zu has %lld", rows[i].rule, j,
					(long long)flavors[j].available_exclusive);
			}
		}
	}
}

/* GPUs of one type that all flavors take together, where no device can be missed. */
static void check_sums(const struct random_region *region, const struct snapshot_flavor flavors[])
{
	static const char *const types[] = {"A100", "L40S", "V100"};

	for (size_t t = 0; t < ARRAY_SIZE(types); t++) {
		int64_t taken = 0, there = 0;

		for (size_t i = 0; i < region->n_flavors; i++) {
			for (size_t j = 0; j < flavors[i].flavor.n_gpus; j++) {
				const struct gpubroker_need *need = &flavors[i].flavor.gpus[j];

				taken += strcmp(need->type, types[t]) == 0
						 ? need->count *
							   MAX(flavors[i].available_exclusive, 0)
						 : 0;
			}
		}
		for (size_t i = 0; i < region->n_hosts; i++) {
			for (size_t j = 0; j < region->hosts[i].n_gpus; j++) {
				const struct gpubroker_gpus *gpus = &region->hosts[i].gpus[j];

				there += region->hosts[i].state == GPUBROKER_HOST_UP &&
							 strcmp(gpus->type, types[t]) == 0
						 ? MAX(gpus->total - gpus->used, 0)
						 : 0;
			}
		}
		assert_true(taken <= there);
	}
}

static void test_properties(void **state)
{
	uint64_t seed = 8;
	struct random_region region;

	for (int round = 0; round < 3000; round++) {
		struct snapshot_flavor flavors[RANDOM_FLAVORS];
		size_t rivals = 0;

		(round % 2 ? random_region : random_rich_region)(&seed, &region);
		for (size_t i = 0; i < region.n_flavors; i++) {
			flavors[i] = (struct snapshot_flavor){.flavor = region.flavors[i],
				.count = flavor_count(
					&region.flavors[i], region.hosts, region.n_hosts)};
		}
		assert_int_equal(
			rivalry_split(region.hosts, region.n_hosts, flavors, region.n_flavors), 0);
		for (size_t i = 0; i < region.n_flavors; i++) {
			assert_true(flavors[i].available_exclusive <= flavors[i].count.available);
			rivals += flavors[i].count.available > 0 &&
				  flavors[i].available_exclusive != COUNT_UNKNOWN;
		}
		for (size_t i = 0; i < region.n_flavors; i++) {
			if (rivals == 1 && flavors[i].available_exclusive != COUNT_UNKNOWN) {
				assert_int_equal(
					flavors[i].available_exclusive, flavors[i].count.available);
			}
		}
		check_sums(&region, flavors);
	}
}

/* Counts that no loop over servers would come to the end of. */
static void test_huge_counts(void **state)
{
	static const struct gpubroker_gpus many = {"V", INVENTORY_MAX_NUMBER, 0, NULL, 0};
	const struct gpubroker_host host = {.name = "a", .gpus = &many, .n_gpus = 1};
	struct snapshot_flavor flavors[2] = {
		{.flavor = {.id = "1", ON(one)}}, {.flavor = {.id = "2", ON(two)}}};

	for (size_t i = 0; i < 2; i++) {
		flavors[i].count = flavor_count(&flavors[i].flavor, &host, 1);
	}
	assert_int_equal(rivalry_split(&host, 1, flavors, 2), 0);
	assert_true(flavors[0].available_exclusive > INVENTORY_MAX_NUMBER / 10 * 3);
	assert_true(flavors[1].available_exclusive > INVENTORY_MAX_NUMBER / 10 * 3);
	assert_int_equal(flavors[0].available_exclusive + 2 * flavors[1].available_exclusive,
		INVENTORY_MAX_NUMBER);
}

static bool split_once(void)
{
	struct snapshot_flavor flavors[FLAVORS];
	const size_t n = prepare(&rows[1], flavors, 1);

	return rivalry_split(rows[1].hosts, 1, flavors, n) == 0;
}

static void test_no_memory(void **state)
{
	failing_alloc_try_all(split_once);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_table),
		cmocka_unit_test(test_properties),
		cmocka_unit_test(test_huge_counts),
		cmocka_unit_test(test_no_memory),
	};

	return cmocka_run_group_tests_name("rivalry", tests, NULL, NULL);
}
