/* SPDX-License-Identifier: Apache-2.0 */
/* core/model/capacity.c: a row for each rule of counting, then properties over random regions. */
#include "base/mem.h"
#include "model/capacity.h"
#include "random_region.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#define UP       GPUBROKER_HOST_UP
#define DISABLED GPUBROKER_HOST_DISABLED
#define DOWN     GPUBROKER_HOST_DOWN
#define X1       GPUBROKER_RATIO_ONE
#define X4       (4 * GPUBROKER_RATIO_ONE)

/* ---- the table ---- */

enum { ROW_HOSTS = 3 };

struct row {
	const char *rule;
	struct gpubroker_host hosts[ROW_HOSTS]; /* to the first without a name */
	struct gpubroker_flavor flavor;
	struct flavor_count want;
};

#define GPUS(...)                                                                                  \
	.gpus = (const struct gpubroker_gpus[]){__VA_ARGS__},                                      \
	.n_gpus = ARRAY_SIZE(((const struct gpubroker_gpus[]){__VA_ARGS__}))
#define NEEDS(...)                                                                                 \
	.gpus = (const struct gpubroker_need[]){__VA_ARGS__},                                      \
	.n_gpus = ARRAY_SIZE(((const struct gpubroker_need[]){__VA_ARGS__}))

/* The reference hypervisor: 28 cores at a ratio of 4, 385,534 MiB, 7,392 GiB. */
#define REFERENCE(host_name, used_vcpus, used_ram, used_disk, ...)                                 \
	{                                                                                          \
		.name = host_name, .vcpus = {.total = 28, .used = used_vcpus, .ratio_micro = X4},  \
		.ram_mib = {.total = 385534, .used = used_ram},                                    \
		.disk_gib = {.total = 7392, .used = used_disk}, __VA_ARGS__                        \
	}
#define REFERENCE_PAIR                                                                             \
	{                                                                                          \
		REFERENCE("host3", 14, 65535, 2433, GPUS({"V100", 2, 1})),                         \
			REFERENCE("host4", 0, 0, 0, GPUS({"V100", 2, 0})),                         \
			REFERENCE("host1", 0, 0, 0)                                                \
	}
#define MEDIUM_SIZE .vcpus = 14, .ram_mib = 65535, .disk_gib = 50
#define LARGE_SIZE  .vcpus = 28, .ram_mib = 131070, .disk_gib = 50

/* A host with plenty of all but what the row says after it. */
#define ROOMY(host_name, ...)                                                                      \
	{                                                                                          \
		.name = host_name, .vcpus = {.total = 1000}, .ram_mib = {.total = 1000000},        \
		.disk_gib = {.total = 100000}, __VA_ARGS__                                         \
	}
#define SMALL .vcpus = 1, .ram_mib = 1, .disk_gib = 1

/* clang-format off */
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Woverride-init" /* what a row says of a ROOMY host replaces plenty */
static const struct row rows[] = {
	{"the reference set-up: medium", REFERENCE_PAIR,
		{.id = "m", MEDIUM_SIZE, NEEDS({"V100", 1})}, {4, 3, LIMIT_GPU}},
	{"the reference set-up: large", REFERENCE_PAIR,
		{.id = "l", LARGE_SIZE, NEEDS({"V100", 1})}, {4, 3, LIMIT_GPU}},
	{"the reference set-up: two GPUs", REFERENCE_PAIR,
		{.id = "2", LARGE_SIZE, NEEDS({"V100", 2})}, {2, 1, LIMIT_GPU}},
	{"an alias that no host has is 0/0", REFERENCE_PAIR,
		{.id = "f", MEDIUM_SIZE, NEEDS({"NOSUCH", 1})}, {0, 0, LIMIT_NO_HOST}},
	{"aliases are told apart by case", REFERENCE_PAIR,
		{.id = "f", MEDIUM_SIZE, NEEDS({"v100", 1})}, {0, 0, LIMIT_NO_HOST}},
	{"more GPUs than any host has", REFERENCE_PAIR,
		{.id = "f", MEDIUM_SIZE, NEEDS({"V100", 3})}, {0, 0, LIMIT_GPU}},

	{"a host must have every alias asked for",
		{ROOMY("a", GPUS({"V100", 4, 0})), ROOMY("b", GPUS({"V100", 4, 0}, {"A100", 2, 0}))},
		{.id = "f", SMALL, NEEDS({"V100", 1}, {"A100", 1})}, {2, 2, LIMIT_GPU}},
	{"the scarcest of several aliases counts",
		{ROOMY("a", GPUS({"V100", 8, 2}, {"A100", 8, 7}))},
		{.id = "f", SMALL, NEEDS({"V100", 2}, {"A100", 1})}, {4, 1, LIMIT_GPU}},
	{"a GPU count of 0 does not constrain, but only hosts of the type serve it",
		{ROOMY("a", GPUS({"V100", 2, 2})), ROOMY("b"), ROOMY("c", GPUS({"A100", 2, 0}))},
		{.id = "f", .vcpus = 1000, NEEDS({"V100", 0})}, {1, 1, LIMIT_VCPUS}},

	{"hosts that are disabled or down do not count",
		{ROOMY("a", .state = DISABLED, GPUS({"V", 4, 0})), ROOMY("b", .state = DOWN, GPUS({"V", 2, 0})),
			ROOMY("c", GPUS({"V", 1, 0}))},
		{.id = "f", SMALL, NEEDS({"V", 1})}, {1, 1, LIMIT_GPU}},
	{"none in service: no-host",
		{ROOMY("a", .state = DISABLED, GPUS({"V", 4, 0}))},
		{.id = "f", SMALL, NEEDS({"V", 1})}, {0, 0, LIMIT_NO_HOST}},
	{"an aggregate without GPUs has the alias, but none",
		{ROOMY("a", GPUS({"V", 0, 0}))},
		{.id = "f", SMALL, NEEDS({"V", 1})}, {0, 0, LIMIT_GPU}},

	{"the least of the four: vcpus",
		{ROOMY("a", .vcpus = {.total = 10, .used = 3}, GPUS({"V", 8, 0}))},
		{.id = "f", .vcpus = 2, .ram_mib = 1, .disk_gib = 1, NEEDS({"V", 1})}, {5, 3, LIMIT_VCPUS}},
	{"the least of the four: ram",
		{ROOMY("a", .ram_mib = {.total = 10, .used = 3}, GPUS({"V", 8, 0}))},
		{.id = "f", .vcpus = 1, .ram_mib = 2, .disk_gib = 1, NEEDS({"V", 1})}, {5, 3, LIMIT_RAM}},
	{"the least of the four: disk",
		{ROOMY("a", .disk_gib = {.total = 10, .used = 3}, GPUS({"V", 8, 0}))},
		{.id = "f", .vcpus = 1, .ram_mib = 1, .disk_gib = 2, NEEDS({"V", 1})}, {5, 3, LIMIT_DISK}},
	{"ties: gpu before all others",
		{{.name = "a", .vcpus = {.total = 2}, .ram_mib = {.total = 2}, .disk_gib = {.total = 2}, GPUS({"V", 2, 0})}},
		{.id = "f", SMALL, NEEDS({"V", 1})}, {2, 2, LIMIT_GPU}},
	{"ties: ram before vcpus",
		{{.name = "a", .vcpus = {.total = 2}, .ram_mib = {.total = 2}, .disk_gib = {.total = 2}, GPUS({"V", 3, 0})}},
		{.id = "f", SMALL, NEEDS({"V", 1})}, {2, 2, LIMIT_RAM}},
	{"ties: vcpus before disk",
		{{.name = "a", .vcpus = {.total = 2}, .ram_mib = {.total = 3}, .disk_gib = {.total = 2}, GPUS({"V", 3, 0})}},
		{.id = "f", SMALL, NEEDS({"V", 1})}, {2, 2, LIMIT_VCPUS}},
	{"what limits most hosts, not what limits the sum",
		{ROOMY("a", .vcpus = {.total = 1}, GPUS({"V", 8, 0})), ROOMY("b", .vcpus = {.total = 1}, GPUS({"V", 8, 0})),
			ROOMY("c", GPUS({"V", 1, 1}))},
		{.id = "f", SMALL, NEEDS({"V", 1})}, {3, 2, LIMIT_VCPUS}},
	{"as many hosts for each: the earlier in the order",
		{ROOMY("a", .disk_gib = {.total = 1}, GPUS({"V", 8, 0})), ROOMY("b", .ram_mib = {.total = 1}, GPUS({"V", 8, 0}))},
		{.id = "f", SMALL, NEEDS({"V", 1})}, {2, 2, LIMIT_RAM}},

	{"floor(amount * ratio): 7 * 1.9 is 13",
		{ROOMY("a", .vcpus = {.total = 7, .ratio_micro = 1900000}, GPUS({"V", 99, 0}))},
		{.id = "f", SMALL, NEEDS({"V", 1})}, {13, 13, LIMIT_VCPUS}},
	{"in decimal: 10 * 1.1 is 11, 100 * 1.15 is 115",
		{ROOMY("a", .vcpus = {.total = 10, .ratio_micro = 1100000}, GPUS({"V", 999, 0})),
			ROOMY("b", .vcpus = {.total = 100, .ratio_micro = 1150000}, GPUS({"V", 999, 0}))},
		{.id = "f", SMALL, NEEDS({"V", 1})}, {126, 126, LIMIT_VCPUS}},
	{"floor first, then minus used",
		{ROOMY("a", .vcpus = {.total = 3, .used = 1, .ratio_micro = 1500000}, GPUS({"V", 99, 0}))},
		{.id = "f", SMALL, NEEDS({"V", 1})}, {4, 3, LIMIT_VCPUS}},
	{"what is reserved is not there, before the ratio",
		{ROOMY("a", .vcpus = {.total = 10, .reserved = 2, .ratio_micro = X4}, GPUS({"V", 99, 0}))},
		{.id = "f", SMALL, NEEDS({"V", 1})}, {32, 32, LIMIT_VCPUS}},
	{"more reserved than there",
		{ROOMY("a", .vcpus = {.total = 1, .reserved = 2}, GPUS({"V", 9, 0}))},
		{.id = "f", SMALL, NEEDS({"V", 1})}, {0, 0, LIMIT_VCPUS}},
	{"no server is larger than its host, whatever the ratio",
		{ROOMY("a", .vcpus = {.total = 28, .ratio_micro = X4}, GPUS({"V", 9, 0}))},
		{.id = "f", .vcpus = 29, NEEDS({"V", 1})}, {0, 0, LIMIT_VCPUS}},
	{"as large as its host it may be",
		{ROOMY("a", .vcpus = {.total = 28, .ratio_micro = X4}, GPUS({"V", 9, 0}))},
		{.id = "f", .vcpus = 28, NEEDS({"V", 1})}, {4, 4, LIMIT_VCPUS}},
	{"nor larger than max_unit",
		{ROOMY("a", .ram_mib = {.total = 100, .max_unit = 40}, GPUS({"V", 9, 0}))},
		{.id = "f", .ram_mib = 41, NEEDS({"V", 1})}, {0, 0, LIMIT_RAM}},
	{"a max_unit above the total lets one server overcommit",
		{ROOMY("a", .ram_mib = {.total = 100, .max_unit = 1000, .ratio_micro = 2 * X1}, GPUS({"V", 9, 0}))},
		{.id = "f", .ram_mib = 101, NEEDS({"V", 1})}, {1, 1, LIMIT_RAM}},

	{"used up beyond the capacity is 0, not less",
		{ROOMY("a", .vcpus = {.total = 28, .used = 113, .ratio_micro = X4}, GPUS({"V", 2, 0})),
			ROOMY("b", GPUS({"V", 2, 0}))},
		{.id = "f", SMALL, NEEDS({"V", 1})}, {4, 2, LIMIT_GPU}},
	{"more GPUs used than there are is 0, not less",
		{ROOMY("a", GPUS({"V", 2, 5})), ROOMY("b", GPUS({"V", 2, 0}))},
		{.id = "f", SMALL, NEEDS({"V", 1})}, {4, 2, LIMIT_GPU}},
	{"a pool that has more free than the host's total adds nothing",
		{ROOMY("a", .disk_gib = {.total = 100, .used = -900}, GPUS({"V", 9, 0}))},
		{.id = "f", .disk_gib = 50, NEEDS({"V", 1})}, {2, 2, LIMIT_DISK}},

	{"disk is root, ephemeral and swap",
		{ROOMY("a", .disk_gib = {.total = 100}, GPUS({"V", 99, 0}))},
		{.id = "f", .disk_gib = 10, .ephemeral_gib = 8, .swap_mib = 2048, NEEDS({"V", 1})}, {5, 5, LIMIT_DISK}},
	{"swap is rounded up to GiB",
		{ROOMY("a", .disk_gib = {.total = 100}, GPUS({"V", 99, 0}))},
		{.id = "f", .disk_gib = 49, .swap_mib = 1025, NEEDS({"V", 1})}, {1, 1, LIMIT_DISK}},
	{"one MiB of swap is one GiB",
		{ROOMY("a", .disk_gib = {.total = 100}, GPUS({"V", 99, 0}))},
		{.id = "f", .disk_gib = 49, .swap_mib = 1, NEEDS({"V", 1})}, {2, 2, LIMIT_DISK}},
	{"a disk of 0 does not constrain, not even where there is none",
		{ROOMY("a", .disk_gib = {.total = 0}, GPUS({"V", 2, 0}))},
		{.id = "f", .vcpus = 1, .ram_mib = 1, NEEDS({"V", 1})}, {2, 2, LIMIT_GPU}},
	{"vcpus and ram of 0 do not constrain",
		{{.name = "a", GPUS({"V", 2, 1})}},
		{.id = "f", NEEDS({"V", 1})}, {2, 1, LIMIT_GPU}},

	{"an invalid flavor is 0/0", REFERENCE_PAIR,
		{.id = "f", MEDIUM_SIZE, NEEDS({"V100", 1}), .invalid = "no count"}, {0, 0, LIMIT_NO_HOST}},
	{"a flavor that asks for nothing is not counted", REFERENCE_PAIR,
		{.id = "f", NEEDS({"V100", 0})}, {0, 0, LIMIT_NONE}},
	{"a CPU flavor fits on every host",
		{ROOMY("a", .vcpus = {.total = 4}), ROOMY("b", .vcpus = {.total = 2}, GPUS({"V", 1, 1}))},
		{.id = "f", .vcpus = 2}, {3, 3, LIMIT_VCPUS}},
	{"the largest numbers do not overflow",
		{ROOMY("a", .ram_mib = {.total = 1000000000000, .ratio_micro = 1000000000000})},
		{.id = "f", .ram_mib = 1}, {COUNT_MAX, COUNT_MAX, LIMIT_RAM}},
};
#pragma GCC diagnostic pop
/* clang-format on */

static size_t count_hosts(const struct row *row)
{
	size_t n = 0;

	while (n < ROW_HOSTS && row->hosts[n].name) {
		n++;
	}
	return n;
}

static void test_table(void **state)
{
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		const struct row *row = &rows[i];
		struct flavor_count got = flavor_count(&row->flavor, row->hosts, count_hosts(row));

		if (got.total != row->want.total || got.available != row->want.available ||
			got.limited_by != row->want.limited_by) {
			fail_msg("%s: %lld/%lld limit %d, wanted %lld/%lld limit %d", row->rule,
				(long long)got.total, (long long)got.available, got.limited_by,
				(long long)row->want.total, (long long)row->want.available,
				row->want.limited_by);
		}
	}
}

/* ---- one host, explained ---- */

static void test_explanation(void **state)
{
	const struct gpubroker_host host = {
		.name = "a",
		.state = DISABLED,
		.vcpus = {.total = 8,   .used = 9,   .ratio_micro = X4},
		.ram_mib = {.total = 100, .used = 130},
		.disk_gib = {.total = 50           },
		GPUS({"V100",            4,       1                 },
                  {"A100",            2,                  1           }
                  )
        };
	const struct gpubroker_flavor flavor = {
		.id = "f", .vcpus = 8, .ram_mib = 10, NEEDS({"V100", 1}, {"A100", 1})};
	struct host_count c;

	host_explain(&host, &flavor, &c);
	assert_ptr_equal(c.host, &host);
	assert_true(c.serves);
	assert_false(c.in_service);
	assert_int_equal(c.total, 2);
	assert_int_equal(c.available, 0);
	assert_int_equal(c.limited_by, LIMIT_RAM);
	assert_string_equal(c.gpu_type, "A100");
	assert_int_equal(c.gpu.capacity, 2);
	assert_int_equal(c.gpu.free, 1);
	assert_int_equal(c.vcpus.need, 8);
	assert_int_equal(c.vcpus.capacity, 32);
	assert_int_equal(c.vcpus.free, 23);
	assert_int_equal(c.vcpus.available, 2);
	assert_int_equal(c.ram_mib.free, -30);
	assert_int_equal(c.ram_mib.total, 10);
	assert_true(c.disk_gib.available == QUOTIENT_FREE);
}

static void test_explanation_names_the_lacking_type(void **state)
{
	const struct gpubroker_host host = {
		.name = "a", .vcpus = {.total = 8}, GPUS({"V100", 4, 4})};
	const struct gpubroker_flavor flavor = {
		.id = "f", .vcpus = 2, NEEDS({"V100", 1}, {"A100", 3})};
	struct host_count c;

	host_explain(&host, &flavor, &c);
	assert_false(c.serves);
	assert_int_equal(c.total, 0);
	assert_int_equal(c.limited_by, LIMIT_NO_HOST);
	assert_string_equal(c.gpu_type, "A100");
	assert_int_equal(c.gpu.need, 3);
	assert_int_equal(c.vcpus.available, 4);
}

static void test_words(void **state)
{
	enum limit limit;

	for (int i = LIMIT_GPU; i <= LIMIT_NONE; i++) {
		assert_true(limit_parse(limit_word((enum limit)i), &limit));
		assert_int_equal(limit, i);
	}
	assert_null(limit_word(LIMIT_UNKNOWN));
	assert_false(limit_parse("GPU", &limit));
}

/* ---- a second implementation: puts servers on a host one by one until one does not fit ---- */

static int64_t naive_capacity(const struct gpubroker_amount *a)
{
	const int64_t ratio = a->ratio_micro ? a->ratio_micro : X1;
	int64_t capacity = 0;

	while ((capacity + 1) * X1 <= (a->total - a->reserved) * ratio) {
		capacity++;
	}
	return capacity;
}

static bool naive_fits(const struct gpubroker_amount *a, int64_t need, int64_t servers, bool empty)
{
	const int64_t used = empty ? 0 : a->used;

	return need == 0 || (need <= (a->max_unit ? a->max_unit : a->total) &&
				    servers * need <= naive_capacity(a) - used);
}

static bool naive_gpus_fit(const struct gpubroker_host *host, const struct gpubroker_flavor *flavor,
	int64_t servers, bool empty)
{
	for (size_t i = 0; i < flavor->n_gpus; i++) {
		bool is_there = false;
		int64_t left = -1;

		for (size_t j = 0; j < host->n_gpus; j++) {
			if (strcmp(host->gpus[j].type, flavor->gpus[i].type) == 0) {
				left = host->gpus[j].total - (empty ? 0 : host->gpus[j].used);
				is_there = true;
			}
		}
		if (!is_there) {
			return false;
		}
		if (flavor->gpus[i].count > 0 && servers * flavor->gpus[i].count > left) {
			return false;
		}
	}
	return true;
}

static int64_t naive_on_host(
	const struct gpubroker_host *host, const struct gpubroker_flavor *flavor, bool empty)
{
	const int64_t disk = flavor->disk_gib + flavor->ephemeral_gib + flavor->swap_mib / 1024 +
			     (flavor->swap_mib % 1024 > 0);
	int64_t n = 0;

	while (n < 1000 && naive_gpus_fit(host, flavor, n + 1, empty) &&
		naive_fits(&host->vcpus, flavor->vcpus, n + 1, empty) &&
		naive_fits(&host->ram_mib, flavor->ram_mib, n + 1, empty) &&
		naive_fits(&host->disk_gib, disk, n + 1, empty)) {
		n++;
	}
	return n < 1000 ? n : 0; /* it asks for nothing */
}

static void check_against_naive(
	const struct random_region *region, const struct gpubroker_flavor *flavor)
{
	struct flavor_count got = flavor_count(flavor, region->hosts, region->n_hosts);
	int64_t total = 0, available = 0;

	for (size_t i = 0; i < region->n_hosts && !flavor->invalid; i++) {
		const int64_t on_host = naive_on_host(&region->hosts[i], flavor, true);

		if (region->hosts[i].state == UP) {
			total += on_host;
			available += MIN(naive_on_host(&region->hosts[i], flavor, false), on_host);
		}
	}
	assert_int_equal(got.total, total);
	assert_int_equal(got.available, available);
	assert_true(got.available <= got.total);
}

static void reverse_hosts(struct random_region *region)
{
	for (size_t i = 0; i < region->n_hosts / 2; i++) {
		struct gpubroker_host other = region->hosts[i];

		region->hosts[i] = region->hosts[region->n_hosts - 1 - i];
		region->hosts[region->n_hosts - 1 - i] = other;
	}
}

static void use_more(uint64_t *seed, struct random_region *region)
{
	struct gpubroker_host *host = &region->hosts[random_below(seed, (int64_t)region->n_hosts)];
	struct gpubroker_gpus *gpus = (struct gpubroker_gpus *)host->gpus;

	host->vcpus.used += random_below(seed, 3);
	host->ram_mib.used += random_below(seed, 3);
	host->disk_gib.used += random_below(seed, 3);
	for (size_t i = 0; i < host->n_gpus; i++) {
		gpus[i].used += random_below(seed, 2);
	}
}

enum { ROUNDS = 3000 };

static void test_properties(void **state)
{
	uint64_t seed = 20261122;
	struct random_region region;

	for (int round = 0; round < ROUNDS; round++) {
		random_region(&seed, &region);
		for (size_t i = 0; i < region.n_flavors; i++) {
			const struct gpubroker_flavor *flavor = &region.flavors[i];
			struct flavor_count before, after;

			check_against_naive(&region, flavor);
			before = flavor_count(flavor, region.hosts, region.n_hosts);
			reverse_hosts(&region);
			after = flavor_count(flavor, region.hosts, region.n_hosts);
			assert_int_equal(after.total, before.total);
			assert_int_equal(after.available, before.available);
			assert_int_equal(after.limited_by, before.limited_by);
			if (region.n_hosts > 0) {
				use_more(&seed, &region);
				after = flavor_count(flavor, region.hosts, region.n_hosts);
				assert_true(after.available <= before.available);
				assert_int_equal(after.total, before.total);
			}
		}
	}
}

/* Taking a need away never lowers a count, unless nothing is left to ask for. */
static void test_a_need_of_zero_does_not_constrain(void **state)
{
	uint64_t seed = 4711;
	struct random_region region;

	for (int round = 0; round < ROUNDS; round++) {
		random_region(&seed, &region);
		for (size_t i = 0; i < region.n_flavors; i++) {
			struct gpubroker_flavor less = region.flavors[i];
			struct flavor_count before = flavor_count(
						    &less, region.hosts, region.n_hosts),
					    after;

			if (less.n_gpus == 0 || region.needs[i][0].count == 0) {
				continue;
			}
			less.disk_gib = less.ephemeral_gib = less.swap_mib = 0;
			less.vcpus = random_below(&seed, 2) ? less.vcpus : 0;
			after = flavor_count(&less, region.hosts, region.n_hosts);
			assert_true(
				after.total >= before.total && after.available >= before.available);
			assert_int_not_equal(after.limited_by, LIMIT_DISK);
		}
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_table),
		cmocka_unit_test(test_explanation),
		cmocka_unit_test(test_explanation_names_the_lacking_type),
		cmocka_unit_test(test_words),
		cmocka_unit_test(test_properties),
		cmocka_unit_test(test_a_need_of_zero_does_not_constrain),
	};

	return cmocka_run_group_tests_name("capacity", tests, NULL, NULL);
}
