/* SPDX-License-Identifier: Apache-2.0 */
/* core/model/devices.c and devices_mixed.c: a row for each rule, then against a search that tries every way of
 * putting servers on devices. */
#include "base/mem.h"
#include "model/devices.h"
#include "random_region.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

enum { DEVICES = 4, NEEDS = 3, MOST_FREE = 4 };

static const char *const word_a[] = {"A"};
static const char *const word_b[] = {"B"};
static const char *const words_ab[] = {"A", "B"};
#define A                                                                                          \
	{                                                                                          \
		word_a, 1                                                                          \
	}
#define B                                                                                          \
	{                                                                                          \
		word_b, 1                                                                          \
	}
#define AB                                                                                         \
	{                                                                                          \
		words_ab, 2                                                                        \
	}
#define NO                                                                                         \
	{                                                                                          \
		NULL, 0                                                                            \
	}

struct row {
	const char *rule;
	struct gpubroker_device
		devices[DEVICES];           /* to the first of nothing; none: no devices are told */
	int64_t total, used;                /* where no devices are told */
	struct gpubroker_need needs[NEEDS]; /* to the first without a type */
	bool isolate;
	int64_t want;
};

/* clang-format off */
static const struct row rows[] = {
	{"no devices told: the quotient", {{0}}, 9, 2, {{"T", 2, 0, NO, NO}}, false, 3},
	{"more used than there: none", {{0}}, 2, 3, {{"T", 1, 0, NO, NO}}, false, 0},
	{"no devices told: several from one there are not", {{0}}, 9, 0, {{"T", 2, 2, NO, NO}}, false, 0},
	{"no devices told: each is another one", {{0}}, 9, 0, {{"T", 2, 1, NO, NO}}, true, 4},
	{"no devices told: they have no words", {{0}}, 9, 0, {{"T", 1, 0, A, NO}}, false, 0},
	{"no devices told: nor forbidden ones", {{0}}, 9, 0, {{"T", 1, 0, NO, A}}, false, 9},
	{"a device of its own each", {{1, 1, 0, NO}, {1, 0, 0, NO}, {1, 0, 0, NO}}, 0, 0,
		{{"T", 1, 0, NO, NO}}, false, 2},
	{"one out of use: used though no server has it", {{1, 1, 0, NO}, {1, 0, 0, NO}}, 0, 0,
		{{"T", 1, 0, NO, NO}}, false, 1},
	{"a device of which more is used than there does not take from others", {{1, 5, 0, NO}, {4, 0, 0, NO}}, 0, 0,
		{{"T", 1, 0, NO, NO}}, false, 4},
	{"a unit comes from one device", {{4, 1, 0, NO}, {4, 1, 0, NO}}, 0, 0,
		{{"T", 2, 2, NO, NO}}, false, 2},
	{"units of one server come from several", {{4, 2, 0, NO}, {4, 2, 0, NO}}, 0, 0,
		{{"T", 4, 2, NO, NO}}, false, 1},
	{"no unit is larger than a device's max_unit", {{8, 0, 2, NO}, {4, 0, 0, NO}}, 0, 0,
		{{"T", 4, 4, NO, NO}}, false, 1},
	{"nor smaller than its min_unit", {{8, 0, 0, NO, .min_unit = 2}, {1, 0, 0, NO}}, 0, 0,
		{{"T", 1, 1, NO, NO}}, false, 1},
	{"each is a multiple of its step", {{8, 0, 0, NO, .step_size = 2}, {3, 0, 0, NO}}, 0, 0,
		{{"T", 3, 3, NO, NO}}, false, 1},
	{"required words", {{2, 0, 0, A}, {4, 0, 0, AB}, {8, 0, 0, NO}}, 0, 0,
		{{"T", 1, 0, AB, NO}}, false, 4},
	{"forbidden words", {{2, 0, 0, A}, {4, 0, 0, AB}, {8, 0, 0, NO}}, 0, 0,
		{{"T", 1, 0, NO, B}}, false, 10},
	{"isolate: each unit from another device", {{8, 0, 0, NO}, {1, 0, 0, NO}}, 0, 0,
		{{"T", 2, 1, NO, NO}}, true, 1},
	{"isolate: as many as pairs can be made", {{3, 0, 0, NO}, {3, 0, 0, NO}, {3, 0, 0, NO}}, 0, 0,
		{{"T", 2, 1, NO, NO}}, true, 4},
	{"isolate: more units than devices", {{3, 0, 0, NO}, {3, 0, 0, NO}}, 0, 0,
		{{"T", 3, 1, NO, NO}}, true, 0},
	{"two needs: the one with words leaves its devices to nobody", {{2, 0, 0, A}, {2, 0, 0, NO}}, 0, 0,
		{{"T", 1, 0, NO, NO}, {"T", 1, 0, A, NO}}, false, 2},
	{"two needs: the larger unit first", {{4, 0, 0, NO}, {2, 0, 0, NO}}, 0, 0,
		{{"T", 2, 1, NO, NO}, {"T", 4, 4, NO, NO}}, false, 1},
	{"three needs that share devices in a ring", {{2, 0, 0, A}, {2, 0, 0, B}, {2, 0, 0, AB}}, 0, 0,
		{{"T", 1, 0, A, NO}, {"T", 1, 0, B, NO}, {"T", 1, 0, NO, NO}}, false, 2},
	{"a need makes way for another that has no choice", {{1, 0, 0, AB}, {1, 0, 0, A}}, 0, 0,
		{{"T", 1, 0, A, NO}, {"T", 1, 0, B, NO}}, false, 1},
	{"a need moves to another device for one that cannot", {{2, 0, 0, AB}, {2, 0, 0, A}, {2, 1, 0, B}}, 0, 0,
		{{"T", 1, 0, A, NO}, {"T", 1, 0, B, NO}}, false, 2},
	{"two needs, isolate: not from one device", {{4, 0, 0, NO}}, 0, 0,
		{{"T", 1, 0, NO, NO}, {"T", 2, 2, NO, NO}}, true, 0},
};
/* clang-format on */

static size_t count_needs(const struct gpubroker_need needs[])
{
	size_t n = 0;

	while (n < NEEDS && needs[n].type) {
		n++;
	}
	return n;
}

static void test_table(void **state)
{
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		const struct row *row = &rows[i];
		struct gpubroker_gpus gpus = {.type = "T", .total = row->total, .used = row->used};
		const struct gpubroker_host host = {.name = "h", .gpus = &gpus, .n_gpus = 1};
		const struct gpubroker_flavor flavor = {.id = "f",
			.gpus = row->needs,
			.n_gpus = count_needs(row->needs),
			.isolate = row->isolate};
		struct device_asks asks;
		int64_t slots[DEVICES];

		while (gpus.n_devices < DEVICES && row->devices[gpus.n_devices].total > 0) {
			gpus.n_devices++;
		}
		gpus.devices = row->devices;
		assert_null(device_asks_init(&asks, &host, &flavor));
		assert_int_equal(asks.n, 1);
		devices_free(&gpus, false, slots);
		if (devices_fit(asks.items, slots) != row->want) {
			fail_msg("%s: %lld, wanted %lld", row->rule,
				(long long)devices_fit(asks.items, slots), (long long)row->want);
		}
	}
}

static void test_asks(void **state)
{
	/* clang-format off */
	static const struct gpubroker_device devices[3] = {{.total = 1}};
	static const struct gpubroker_gpus gpus[] = {
		{"T", 3, 0, devices, 3}, {"U", 1, 0, NULL, 0}, {"V", 1, 0, NULL, 0}};
	static const struct gpubroker_need needs[] = {
		{"V", 1, 0, NO, NO}, {"T", 2, 2, NO, NO}, {"U", 0, 0, NO, NO}, {"V", 4, 2, NO, NO}, {"W", 1, 0, NO, NO}};
	/* clang-format on */
	const struct gpubroker_host host = {.name = "h", .gpus = gpus, .n_gpus = 3};
	struct gpubroker_flavor flavor = {.id = "f", .gpus = needs, .n_gpus = 4, .isolate = true};
	struct device_asks asks;

	assert_null(device_asks_init(&asks, &host, &flavor));
	assert_int_equal(asks.n, 2);
	assert_ptr_equal(asks.items[0].gpus, &gpus[2]);
	assert_int_equal(asks.items[0].n, 2);
	assert_int_equal(asks.items[0].count, 5);
	assert_int_equal(asks.items[0].slot, 4);
	assert_true(asks.items[0].isolate);
	assert_ptr_equal(asks.items[0].needs[1].need, &needs[3]);
	assert_int_equal(asks.items[0].needs[1].unit, 2);
	assert_int_equal(asks.items[0].needs[1].units, 2);
	assert_ptr_equal(asks.items[1].gpus, &gpus[0]);
	assert_int_equal(asks.items[1].slot, 0);
	assert_ptr_equal(asks.items[1].needs[0].need, &needs[1]);
	flavor.n_gpus = 5;
	assert_ptr_equal(device_asks_init(&asks, &host, &flavor), &needs[4]);
}

static void test_words(void **state)
{
	const struct gpubroker_words a = A, b = B, ab = AB, none = NO;
	const char *word = NULL;

	assert_true(words_allow(&none, &none, &none, &word));
	assert_true(words_allow(&ab, &a, &none, &word));
	assert_true(words_allow(&a, &a, &b, &word));
	assert_null(word);
	assert_false(words_allow(&a, &ab, &none, &word));
	assert_string_equal(word, "B");
	assert_false(words_allow(&ab, &none, &a, &word));
	assert_string_equal(word, "A");
	assert_false(words_allow(&ab, &none, &a, NULL));
}

/* ---- every way ---- */

struct search {
	const struct device_ask *ask;
	int memo[MOST_FREE + 1][MOST_FREE + 1][MOST_FREE + 1][MOST_FREE + 1]; /* servers + 1 */
};

static int most_servers(struct search *s, const int64_t slots[DEVICES]);

/* Puts the units of one server from the given one on, then goes on with the next server. touched: devices. */
static int most_after(
	struct search *s, int64_t slots[DEVICES], size_t need, int64_t unit, unsigned touched)
{
	const struct device_need *n = &s->ask->needs[need];
	int most = -1;

	if (need == s->ask->n) {
		return 1 + most_servers(s, slots);
	}
	if (unit == n->units) {
		return most_after(s, slots, need + 1, 0, touched);
	}
	for (size_t d = 0; d < s->ask->gpus->n_devices; d++) {
		int here;

		if (slots[d] < n->unit || !device_is_eligible(s->ask, n, d) ||
			(s->ask->isolate && touched & 1U << d)) {
			continue;
		}
		slots[d] -= n->unit;
		here = most_after(s, slots, need, unit + 1, touched | 1U << d);
		slots[d] += n->unit;
		most = MAX(most, here);
	}
	return most;
}

static int most_servers(struct search *s, const int64_t slots[DEVICES])
{
	int *memo = &s->memo[slots[0]][slots[1]][slots[2]][slots[3]];

	if (*memo == 0) {
		int64_t copy[DEVICES];

		memcpy(copy, slots, sizeof(copy));
		*memo = MAX(most_after(s, copy, 0, 0, 0), 0) + 1;
	}
	return *memo - 1;
}

static struct gpubroker_words random_words(uint64_t *seed)
{
	static const struct gpubroker_words all[] = {A, B, AB, NO, NO};

	return all[random_below(seed, (int64_t)ARRAY_SIZE(all))];
}

struct random_case {
	struct gpubroker_device devices[DEVICES];
	struct gpubroker_gpus gpus;
	struct gpubroker_need needs[NEEDS];
	struct gpubroker_host host;
	struct gpubroker_flavor flavor;
};

static void random_case(uint64_t *seed, struct random_case *c)
{
	memset(c, 0, sizeof(*c));
	c->gpus.type = "T";
	c->gpus.devices = c->devices;
	c->gpus.n_devices = DEVICES;
	c->host.name = "h";
	c->host.gpus = &c->gpus;
	c->host.n_gpus = 1;
	c->flavor.id = "f";
	c->flavor.gpus = c->needs;
	c->flavor.n_gpus = 1 + (size_t)random_below(seed, NEEDS);
	c->flavor.isolate = random_below(seed, 2) == 0;
	for (size_t i = 0; i < DEVICES; i++) {
		c->devices[i] =
			(struct gpubroker_device){.total = random_below(seed, MOST_FREE + 1),
				.used = random_below(seed, 2),
				.max_unit = random_below(seed, 4) ? 0 : 1,
				.min_unit = random_below(seed, 8) ? 0 : 2,
				.step_size = random_below(seed, 8) ? 0 : 2,
				.words = random_words(seed)};
	}
	for (size_t i = 0; i < c->flavor.n_gpus; i++) {
		const int64_t unit = INT64_C(1)
				     << (random_below(seed, 3) ? 0 : random_below(seed, 3));

		c->needs[i] = (struct gpubroker_need){.type = "T",
			.count = unit * (1 + random_below(seed, 2)),
			.unit = unit,
			.required = random_words(seed)};
		if (random_below(seed, 3) == 0) {
			c->needs[i].forbidden = random_words(seed);
		}
	}
}

/* Every device that serves the larger of two units serves the smaller one too; or all units are equal. */
static bool is_nested(const struct device_ask *ask)
{
	bool equal = true, nested = true;

	for (size_t i = 0; i < ask->n; i++) {
		equal = equal && ask->needs[i].unit == ask->needs[0].unit;
		for (size_t j = 0; j < ask->n; j++) {
			for (size_t d = 0; ask->needs[i].unit > ask->needs[j].unit && d < DEVICES;
				d++) {
				nested = nested &&
					 (!device_is_eligible(ask, &ask->needs[i], d) ||
						 device_is_eligible(ask, &ask->needs[j], d));
			}
		}
	}
	return equal || (nested && !ask->isolate);
}

static void check_taking(uint64_t *seed, const struct device_ask *ask, int64_t slots[], int64_t fit)
{
	const int64_t n = random_below(seed, fit + 1);
	int64_t before = 0, after = 0;
	struct search search = {.ask = ask};

	for (size_t i = 0; i < DEVICES; i++) {
		before += slots[i];
	}
	devices_take(ask, slots, n);
	for (size_t i = 0; i < DEVICES; i++) {
		assert_true(slots[i] >= 0);
		after += slots[i];
	}
	assert_int_equal(before - after, n * ask->count);
	assert_true(devices_fit(ask, slots) <= most_servers(&search, slots));
	if (ask->n == 1) {
		assert_int_equal(devices_fit(ask, slots), fit - n);
	}
}

static void test_against_every_way(void **state)
{
	uint64_t seed = 20261123;
	int compared = 0;

	for (int round = 0; round < 40000; round++) {
		struct random_case c;
		struct device_asks asks;
		struct search search = {.ask = asks.items};
		int64_t slots[DEVICES], fit;
		int most;

		random_case(&seed, &c);
		assert_null(device_asks_init(&asks, &c.host, &c.flavor));
		devices_free(&c.gpus, false, slots);
		fit = devices_fit(asks.items, slots);
		most = most_servers(&search, slots);
		if (is_nested(asks.items)) {
			assert_int_equal(fit, most);
			compared += most > 0;
		}
		assert_true(fit <= most);
		check_taking(&seed, asks.items, slots, fit);
	}
	assert_true(compared > 2000);
}

/* What has words may be asked for by name; what is nearly used up serves no larger unit. */
static void test_plain_devices_are_taken_first(void **state)
{
	struct random_case c;
	struct device_asks asks;
	uint64_t seed = 1;
	int64_t slots[DEVICES] = {3, 4, 2, 4};

	random_case(&seed, &c);
	for (size_t i = 0; i < DEVICES; i++) {
		c.devices[i] = (struct gpubroker_device){.total = MOST_FREE};
	}
	c.devices[2].words = (struct gpubroker_words)A;
	c.flavor.n_gpus = 1;
	c.flavor.isolate = false;
	c.needs[0] = (struct gpubroker_need){.type = "T", .count = 1};
	assert_null(device_asks_init(&asks, &c.host, &c.flavor));
	devices_take(asks.items, slots, 4);
	assert_int_equal(slots[0], 0);
	assert_int_equal(slots[1], 3);
	assert_int_equal(slots[2], 2);
	assert_int_equal(slots[3], 4);
}

static void test_too_many_needs_of_one_type(void **state)
{
	static const struct gpubroker_device device = {.total = 1000000};
	struct gpubroker_gpus gpus = {"T", 1000000, 0, &device, 1};
	struct gpubroker_need needs[DEVICES_MAX_NEEDS + 1];
	const struct gpubroker_host host = {.name = "h", .gpus = &gpus, .n_gpus = 1};
	struct gpubroker_flavor flavor = {.id = "f", .gpus = needs, .n_gpus = DEVICES_MAX_NEEDS};
	struct device_asks asks;
	int64_t slots[1] = {1000000};

	for (size_t i = 0; i < ARRAY_SIZE(needs); i++) {
		needs[i] = (struct gpubroker_need){
			.type = "T", .count = (int64_t)i + 1, .unit = (int64_t)i + 1};
	}
	assert_null(device_asks_init(&asks, &host, &flavor));
	assert_int_equal(devices_fit(asks.items, slots), 1000000 / 136);
	flavor.n_gpus++;
	assert_null(device_asks_init(&asks, &host, &flavor));
	assert_int_equal(devices_fit(asks.items, slots), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_table),
		cmocka_unit_test(test_asks),
		cmocka_unit_test(test_words),
		cmocka_unit_test(test_against_every_way),
		cmocka_unit_test(test_plain_devices_are_taken_first),
		cmocka_unit_test(test_too_many_needs_of_one_type),
	};

	return cmocka_run_group_tests_name("devices", tests, NULL, NULL);
}
