/* SPDX-License-Identifier: Apache-2.0 */
/* core/model/capacity.c: a row for each rule of counting, then properties over random regions. */
#include "base/mem.h"
#include "capacity_rows.h"
#include "model/capacity.h"
#include "naive_count.h"
#include "random_region.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#define UP       GPUBROKER_HOST_UP
#define DISABLED GPUBROKER_HOST_DISABLED
#define X4       (4 * GPUBROKER_RATIO_ONE)

#define GPUS(...)                                                                                  \
	.gpus = (const struct gpubroker_gpus[]){__VA_ARGS__},                                      \
	.n_gpus = ARRAY_SIZE(((const struct gpubroker_gpus[]){__VA_ARGS__}))
#define NEEDS(...)                                                                                 \
	.gpus = (const struct gpubroker_need[]){__VA_ARGS__},                                      \
	.n_gpus = ARRAY_SIZE(((const struct gpubroker_need[]){__VA_ARGS__}))
#define GOLD                                                                                       \
	{                                                                                          \
		(const char *const[]){"GOLD"}, 1                                                   \
	}
#define NONE                                                                                       \
	{                                                                                          \
		NULL, 0                                                                            \
	}
#define DEMAND(...)                                                                                \
	&(const struct gpubroker_demand)                                                           \
	{                                                                                          \
		__VA_ARGS__                                                                        \
	}
#define CARDS                                                                                      \
	(const struct gpubroker_device[])                                                          \
	{                                                                                          \
		{.total = 4, .used = 1},                                                           \
		{                                                                                  \
			.total = 4, .used = 1                                                      \
		}                                                                                  \
	}

/* ---- the table ---- */

static size_t count_hosts(const struct capacity_row *row)
{
	size_t n = 0;

	while (n < CAPACITY_ROW_HOSTS && row->hosts[n].name) {
		n++;
	}
	return n;
}

static void test_table(void **state)
{
	for (size_t i = 0; i < n_capacity_rows; i++) {
		const struct capacity_row *row = &capacity_rows[i];
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

static void test_explanation_names_the_word(void **state)
{
	const struct gpubroker_host host = {
		.name = "a", .vcpus = {.total = 8}, .words = GOLD, GPUS({"V", 8, 2, CARDS, 2})};
	struct gpubroker_flavor flavor = {
		.id = "f", .vcpus = 2, .forbidden = GOLD, NEEDS({"V", 2, 2})};
	struct host_count c;

	host_explain(&host, &flavor, &c);
	assert_false(c.serves);
	assert_int_equal(c.limited_by, LIMIT_NO_HOST);
	assert_string_equal(c.word, "GOLD");
	assert_true(c.word_is_present);
	assert_int_equal(c.vcpus.available, 4);
	flavor.required = (struct gpubroker_words){
		(const char *const[]){"GOLD", "SSD"},
                  2
        };
	host_explain(&host, &flavor, &c);
	assert_string_equal(c.word, "SSD");
	assert_false(c.word_is_present);
	flavor.required = flavor.forbidden = (struct gpubroker_words)NONE;
	host_explain(&host, &flavor, &c);
	assert_null(c.word);
	assert_int_equal(c.available, 2);
	assert_int_equal(c.gpu.capacity, 8);
	assert_int_equal(c.gpu.free, 6);
	flavor.gpus = (const struct gpubroker_need[]){
		{"V", 1, 0, GOLD, NONE}
        };
	host_explain(&host, &flavor, &c);
	assert_false(c.serves);
	assert_string_equal(c.word, "GOLD");
	assert_false(c.word_is_present);
	assert_string_equal(c.gpu_type, "V");
}

/* Only the one that limits is shown. */
static void test_explanation_of_cpus(void **state)
{
	const struct gpubroker_host host = {
		.name = "a", .vcpus = {.total = 9},
                     .pcpus = { .total = 4, .used = 1}
        };
	const struct gpubroker_flavor flavor = {
		.id = "f", .demand = DEMAND(.vcpus = 3, .pcpus = 1)};
	struct host_count c;

	host_explain(&host, &flavor, &c);
	assert_int_equal(c.vcpus.capacity, 9); /* 3 of either: vcpus, whose total is less */
	assert_int_equal(c.total, 3);
	assert_int_equal(c.available, 3);
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

/* ---- against a second implementation ---- */

static bool tells_devices(const struct gpubroker_host *host)
{
	for (size_t i = 0; i < host->n_gpus; i++) {
		if (host->gpus[i].n_devices > 0) {
			return true;
		}
	}
	return false;
}

static void check_against_naive(
	const struct random_region *region, const struct gpubroker_flavor *flavor)
{
	struct flavor_count got = flavor_count(flavor, region->hosts, region->n_hosts);
	int64_t total = 0, available = 0;

	for (size_t i = 0; i < region->n_hosts; i++) {
		const struct gpubroker_host *host = &region->hosts[i];
		struct host_count count;

		host_explain(host, flavor, &count);
		assert_true(count.available <= count.total);
		if (!tells_devices(host)) {
			assert_int_equal(count.total, naive_on_host(host, flavor, true));
			assert_int_equal(count.available, naive_on_host(host, flavor, false));
		}
		if (host->state == UP) {
			total += count.total;
			available += count.available;
		}
	}
	assert_int_equal(got.total, total);
	assert_int_equal(got.available, available);
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
		(round % 2 ? random_region : random_rich_region)(&seed, &region);
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
		cmocka_unit_test(test_explanation_names_the_word),
		cmocka_unit_test(test_explanation_of_cpus),
		cmocka_unit_test(test_words),
		cmocka_unit_test(test_properties),
		cmocka_unit_test(test_a_need_of_zero_does_not_constrain),
	};

	return cmocka_run_group_tests_name("capacity", tests, NULL, NULL);
}
