/* SPDX-License-Identifier: Apache-2.0 */
/* core/model/room.c: what is free on a host on paper follows the same rules as the counts. */
#include "failing_alloc.h"
#include "model/room.h"
#include "random_region.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

enum { MOST_NUMBERS = 64 };

/* clang-format off */
static const struct gpubroker_device devices[] = {{.total = 4}, {.total = 4, .used = 1}};
static const struct gpubroker_gpus gpus[] = {{"T", 8, 1, devices, 2}, {"U", 3, 1, NULL, 0}};
static const struct gpubroker_need needs[] = {{.type = "U", .count = 1}, {.type = "T", .count = 2, .unit = 2}};
static const struct gpubroker_host host = {
	.name = "h",
	.vcpus = {.total = 10, .used = 2, .ratio_micro = 2000000},
	.pcpus = {.total = 8, .used = 1},
	.ram_mib = {.total = 100, .used = -7},
	.disk_gib = {.total = 5, .used = 9},
	.gpus = gpus,
	.n_gpus = 2,
};
static const struct gpubroker_demand demand = {.vcpus = 3, .pcpus = 2, .ram_mib = 10};
static const struct gpubroker_flavor flavor = {.id = "f", .gpus = needs, .n_gpus = 2, .demand = &demand};
/* clang-format on */

static void test_taking(void **state)
{
	int64_t memory[MOST_NUMBERS], saved[MOST_NUMBERS];
	struct room room;
	struct room_ask ask;
	struct device_asks asks;

	assert_int_equal(room_size(&host), ROOM_AMOUNTS + 3);
	room_init(&room, &host, memory);
	assert_int_equal(room.n, ROOM_AMOUNTS + 3);
	assert_int_equal(room.free[ROOM_VCPUS], 18);
	assert_int_equal(
		room.free[ROOM_RAM_MIB], 100); /* a shared pool has no more room than the host */
	assert_int_equal(room.free[ROOM_DISK_GIB], 0);
	room_ask_init(&ask, &asks, &host, &flavor);
	assert_false(ask.never);
	assert_true(ask.has_gpus);
	assert_int_equal(room_fits(&room, &ask), 2); /* type U */
	room_save(&room, saved);
	room_take(&room, &ask, 2);
	assert_int_equal(room_fits(&room, &ask), 0);
	assert_int_equal(room.free[ROOM_VCPUS], 12);
	assert_int_equal(room.free[ROOM_PCPUS], 3);
	assert_int_equal(room.free[ROOM_RAM_MIB], 80);
	assert_int_equal(room.free[ROOM_AMOUNTS], 2); /* the tighter device, then the other */
	assert_int_equal(room.free[ROOM_AMOUNTS + 1], 1);
	assert_int_equal(room.free[ROOM_AMOUNTS + 2], 0);
	room_restore(&room, saved);
	assert_int_equal(room_fits(&room, &ask), 2);
}

static void never(const char *why, struct gpubroker_host h, struct gpubroker_flavor f)
{
	struct room_ask ask;
	struct device_asks asks;
	int64_t memory[MOST_NUMBERS];
	struct room room;

	room_init(&room, &h, memory);
	room_ask_init(&ask, &asks, &h, &f);
	if (!ask.never || room_fits(&room, &ask) != 0) {
		fail_msg("%s", why);
	}
}

static void test_never(void **state)
{
	static const char *const word[] = {"W"};
	const struct gpubroker_demand nothing = {0};
	struct gpubroker_host h = host;
	struct gpubroker_flavor f = flavor;

	h.state = GPUBROKER_HOST_DISABLED;
	never("disabled", h, f);
	h.state = GPUBROKER_HOST_DOWN;
	never("down", h, f);
	h.state = GPUBROKER_HOST_SKIPPED;
	never("skipped", h, f);
	h = host;
	h.n_gpus = 1;
	never("a type is lacking", h, f);
	h = host;
	f.required = (struct gpubroker_words){word, 1};
	never("a word is lacking", h, f);
	h.words = f.required;
	f.forbidden = f.required;
	never("a word is forbidden", h, f);
	f = flavor;
	f.invalid = "broken";
	never("invalid", h, f);
	f = flavor;
	h.pcpus.step_size = 4;
	never("no multiple", h, f);
	h = host;
	h.vcpus.max_unit = 2;
	never("too large", h, f);
	f.n_gpus = 0;
	f.demand = &nothing;
	never("nothing asked", h, f);
}

/* One after the other fit as many as are counted, and what is prepared for long says the same. */
static void fill(const struct gpubroker_host *h, const struct gpubroker_flavor *f)
{
	_cleanup_(arena_finish) struct arena arena = {0};
	int64_t memory[MOST_NUMBERS], n = 0;
	struct room room;
	struct room_ask ask, kept;
	struct device_asks asks;
	struct host_count count;

	room_init(&room, h, memory);
	room_ask_init(&ask, &asks, h, f);
	assert_true(room_ask_keep(&kept, &arena, h, f));
	host_explain(h, f, &count);
	assert_int_equal(room_fits(&room, &ask), count.in_service ? count.available : 0);
	while (room_fits(&room, &ask) > 0) {
		assert_int_equal(room_fits(&room, &kept), room_fits(&room, &ask));
		room_take(&room, n % 2 ? &ask : &kept, 1);
		n++;
	}
	assert_int_equal(n, count.in_service ? count.available : 0);
	for (size_t i = 0; i < room.n; i++) {
		assert_true(room.free[i] >= 0);
	}
}

static void test_agrees_with_the_counts(void **state)
{
	uint64_t seed = 99;
	struct random_region region;

	fill(&host, &flavor);
	for (int round = 0; round < 6000; round++) {
		(round % 2 ? random_region : random_rich_region)(&seed, &region);
		for (size_t i = 0; i < region.n_hosts * region.n_flavors; i++) {
			fill(&region.hosts[i / region.n_flavors],
				&region.flavors[i % region.n_flavors]);
		}
	}
}

static bool keep_once(void)
{
	_cleanup_(arena_finish) struct arena arena = {0};
	struct room_ask ask;

	return room_ask_keep(&ask, &arena, &host, &flavor);
}

static void test_no_memory(void **state)
{
	failing_alloc_try_all(keep_once);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_taking),
		cmocka_unit_test(test_never),
		cmocka_unit_test(test_agrees_with_the_counts),
		cmocka_unit_test(test_no_memory),
	};

	return cmocka_run_group_tests_name("room", tests, NULL, NULL);
}
