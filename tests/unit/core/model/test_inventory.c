/* SPDX-License-Identifier: Apache-2.0 */
/* core/model/inventory.c: what a plugin may add, what is refused, and that what was added is a copy. */
#include "failing_alloc.h"
#include "model/capacity.h"
#include "model/inventory.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

static struct gpubroker_host good_host(void)
{
	static const struct gpubroker_gpus gpus[] = {
		{"V100", 2, 1},
                {"A100", 4, 9}
        };

	return (struct gpubroker_host){
		.name = "host1",
		.vcpus = {.total = 28, .used = 14,     .ratio_micro = 4000000},
		.ram_mib = { .total = 1000, .used = -5, .reserved = 10,        .max_unit = 900},
		.gpus = gpus,
		.n_gpus = ARRAY_SIZE(gpus)
        };
}

static struct gpubroker_flavor good_flavor(void)
{
	static const struct gpubroker_need needs[] = {
		{"V100", 1}
        };

	return (struct gpubroker_flavor){.id = "1",
		.name = "small",
		.vcpus = 1,
		.ram_mib = 2,
		.disk_gib = 3,
		.is_public = true,
		.gpus = needs,
		.n_gpus = ARRAY_SIZE(needs)};
}

static void assert_host_refused(const struct gpubroker_host *host, int code, const char *text)
{
	_cleanup_(inventory_finish) struct gpubroker_inventory inv = {0};
	struct gpubroker_error error = {0};

	assert_int_equal(inventory_add_host(&inv, host, &error), code);
	assert_int_equal(error.code, code);
	assert_string_equal(error.text, text);
	assert_int_equal(inv.n_hosts, 0);
}

static void assert_flavor_refused(const struct gpubroker_flavor *flavor, int code, const char *text)
{
	_cleanup_(inventory_finish) struct gpubroker_inventory inv = {0};
	struct gpubroker_error error = {0};

	assert_int_equal(inventory_add_flavor(&inv, flavor, &error), code);
	assert_string_equal(error.text, text);
	assert_int_equal(inv.n_flavors, 0);
}

static void test_what_is_added_is_copied(void **state)
{
	_cleanup_(inventory_finish) struct gpubroker_inventory inv = {0};
	char name[] = "host1", type[] = "V100", reason[] = "broken fan";
	struct gpubroker_gpus gpus = {type, 2, 1};
	struct gpubroker_host host = {.name = name,
		.state = GPUBROKER_HOST_DOWN,
		.reason = reason,
		.gpus = &gpus,
		.n_gpus = 1};

	assert_int_equal(inventory_add_host(&inv, &host, NULL), 0);
	memset(name, 'x', 5);
	memset(type, 'x', 4);
	memset(reason, 'x', 10);
	gpus.total = 99;
	assert_string_equal(inv.hosts[0].name, "host1");
	assert_string_equal(inv.hosts[0].reason, "broken fan");
	assert_string_equal(inv.hosts[0].gpus[0].type, "V100");
	assert_int_equal(inv.hosts[0].gpus[0].total, 2);
}

static const char *const gold[] = {"GOLD"};
static const char *const too_many[INVENTORY_MAX_WORDS + 1] = {NULL};

/* What the type has in all follows from its devices, whatever the plugin said. */
static void test_devices_are_added_up(void **state)
{
	_cleanup_(inventory_finish) struct gpubroker_inventory inv = {0};
	struct gpubroker_device devices[2] = {{0}};
	struct gpubroker_gpus gpus = {"V100", 99, 99, devices, 2};
	struct gpubroker_host host = good_host();

	devices[0].total = 4;
	devices[0].used = 1;
	devices[0].words = (struct gpubroker_words){gold, 1};
	devices[1].total = 2;
	devices[1].used = 5;
	host.gpus = &gpus;
	host.n_gpus = 1;
	assert_int_equal(inventory_add_host(&inv, &host, NULL), 0);
	assert_int_equal(inv.hosts[0].gpus[0].total, 6);
	assert_int_equal(inv.hosts[0].gpus[0].used, 3);
	assert_ptr_not_equal(inv.hosts[0].gpus[0].devices, devices);
	assert_ptr_not_equal(inv.hosts[0].gpus[0].devices[0].words.items, gold);
	assert_string_equal(inv.hosts[0].gpus[0].devices[0].words.items[0], "GOLD");
	devices[1].max_unit = -1;
	assert_host_refused(&host, GPUBROKER_E_BAD_REPLY,
		"host 'host1': a device's max_unit is out of range: -1");
	gpus.n_devices = INVENTORY_MAX_DEVICES + 1;
	assert_host_refused(&host, GPUBROKER_E_LIMIT,
		"host 'host1' has more than 1024 devices of GPU type 'V100'");
}

static void test_words_and_demands(void **state)
{
	_cleanup_(inventory_finish) struct gpubroker_inventory inv = {0};
	struct gpubroker_demand demand = {.pcpus = 2};
	struct gpubroker_need needs[2] = {
		{.type = "V100", .count = 4},
                { .type = "V100",    .count = 4,  .unit = 2}
        };
	struct gpubroker_flavor flavor = good_flavor();
	struct gpubroker_host host = good_host();

	flavor.gpus = needs;
	flavor.n_gpus = 2;
	flavor.demand = &demand;
	flavor.required = flavor.remarks = (struct gpubroker_words){gold, 1};
	assert_int_equal(inventory_add_flavor(&inv, &flavor, NULL), 0);
	demand.pcpus = -2;
	needs[0].count = 5;
	assert_int_equal(inv.flavors[0].demand->pcpus, 2);
	assert_int_equal(inv.flavors[0].gpus[0].count, 4);
	assert_string_equal(inv.flavors[0].remarks.items[0], "GOLD");
	assert_flavor_refused(
		&flavor, GPUBROKER_E_BAD_REPLY, "flavor '1': demand of pcpus is out of range: -2");
	flavor.demand = NULL;
	needs[0].unit = 3;
	assert_flavor_refused(
		&flavor, GPUBROKER_E_INTERNAL, "flavor '1': GPU unit does not divide the count");
	flavor = good_flavor();
	flavor.forbidden = (struct gpubroker_words){too_many, ARRAY_SIZE(too_many)};
	assert_flavor_refused(
		&flavor, GPUBROKER_E_LIMIT, "more than 256 of a kind: word of a flavor");
	host.words = (struct gpubroker_words){too_many, 1};
	assert_host_refused(&host, GPUBROKER_E_BAD_REPLY, "a word of a host is empty");
	host = good_host();
	host.pcpus.step_size = -1;
	assert_host_refused(
		&host, GPUBROKER_E_BAD_REPLY, "host 'host1': pcpus step_size is out of range: -1");
}

static void test_duplicates(void **state)
{
	_cleanup_(inventory_finish) struct gpubroker_inventory inv = {0};
	struct gpubroker_host host = good_host();
	struct gpubroker_flavor flavor = good_flavor();
	struct gpubroker_error error;

	assert_int_equal(inventory_add_host(&inv, &host, NULL), 0);
	assert_int_equal(inventory_add_host(&inv, &host, &error), GPUBROKER_E_BAD_REPLY);
	assert_string_equal(error.text, "host 'host1' is there twice");
	assert_int_equal(inventory_add_flavor(&inv, &flavor, NULL), 0);
	assert_int_equal(inventory_add_flavor(&inv, &flavor, &error), GPUBROKER_E_BAD_REPLY);
	assert_string_equal(error.text, "flavor id '1' is there twice");
	flavor.id = "2"; /* names need not differ */
	assert_int_equal(inventory_add_flavor(&inv, &flavor, NULL), 0);
}

static void test_duplicate_types(void **state)
{
	const struct gpubroker_gpus gpus[] = {
		{"V100", 2, 1},
                {"V100", 4, 0}
        };
	const struct gpubroker_need needs[] = {
		{"V100", 2},
                {"V100", 4}
        };
	struct gpubroker_host host = good_host();
	struct gpubroker_flavor flavor = good_flavor();

	host.gpus = gpus;
	host.n_gpus = 2;
	assert_host_refused(&host, GPUBROKER_E_BAD_REPLY, "host 'host1' has GPU type 'V100' twice");
	flavor.gpus = needs;
	flavor.n_gpus = 2;
	assert_flavor_refused(
		&flavor, GPUBROKER_E_BAD_REPLY, "flavor '1' asks for GPU type 'V100' twice");
}

static void test_numbers_out_of_range(void **state)
{
	const struct gpubroker_gpus negative = {"V100", 2, -1};
	struct gpubroker_host host = good_host();
	struct gpubroker_flavor flavor = good_flavor();

	host.vcpus.total = -1;
	assert_host_refused(
		&host, GPUBROKER_E_BAD_REPLY, "host 'host1': vcpus total is out of range: -1");
	host = good_host();
	host.disk_gib.used = INVENTORY_MAX_NUMBER + 1;
	assert_host_refused(&host, GPUBROKER_E_BAD_REPLY,
		"host 'host1': disk_gib used is out of range: 1000000000001");
	host = good_host();
	host.ram_mib.ratio_micro = -4;
	assert_host_refused(&host, GPUBROKER_E_BAD_REPLY,
		"host 'host1': ram_mib allocation ratio is out of range: -4");
	host = good_host();
	host.gpus = &negative;
	host.n_gpus = 1;
	assert_host_refused(
		&host, GPUBROKER_E_BAD_REPLY, "host 'host1': GPUs used is out of range: -1");
	flavor.swap_mib = -1;
	assert_flavor_refused(
		&flavor, GPUBROKER_E_BAD_REPLY, "flavor '1': swap_mib is out of range: -1");
}

static void test_names(void **state)
{
	_cleanup_(inventory_finish) struct gpubroker_inventory inv = {0};
	struct gpubroker_host host = good_host();
	struct gpubroker_flavor flavor = good_flavor();
	char long_name[INVENTORY_MAX_NAME + 2];

	host.name = "";
	assert_host_refused(&host, GPUBROKER_E_BAD_REPLY, "a host name is empty");
	host.name = "a\nb";
	assert_host_refused(&host, GPUBROKER_E_BAD_REPLY, "a host name holds a control character");
	flavor.id = NULL;
	assert_flavor_refused(&flavor, GPUBROKER_E_BAD_REPLY, "a flavor id is empty");
	flavor.id = "\xc2\x85"; /* NEL, of the second set of control characters */
	assert_flavor_refused(
		&flavor, GPUBROKER_E_BAD_REPLY, "a flavor id holds a control character");
	memset(long_name, 'n', sizeof(long_name) - 1);
	long_name[sizeof(long_name) - 1] = '\0';
	flavor.id = long_name;
	assert_int_equal(inventory_add_flavor(&inv, &flavor, NULL), GPUBROKER_E_BAD_REPLY);
	flavor.id = long_name + 1;
	assert_int_equal(inventory_add_flavor(&inv, &flavor, NULL), 0);
}

static void test_text_is_mended(void **state)
{
	_cleanup_(inventory_finish) struct gpubroker_inventory inv = {0};
	struct gpubroker_host host = good_host();
	struct gpubroker_flavor flavor = good_flavor();
	char long_text[2 * INVENTORY_MAX_TEXT] = "";

	for (size_t i = 0; i + 3 < sizeof(long_text); i += 2) {
		memcpy(long_text + i, "\xc3\xa4", 3);
	}
	host.name = "m\xfcnchen";
	host.reason = long_text;
	assert_int_equal(inventory_add_host(&inv, &host, NULL), 0);
	assert_string_equal(inv.hosts[0].name, "m\xef\xbf\xbdnchen");
	assert_int_equal(strlen(inv.hosts[0].reason), INVENTORY_MAX_TEXT);
	flavor.name = "a\tb\xf0\x9f\x98\x80\xff";
	flavor.invalid = "";
	assert_int_equal(inventory_add_flavor(&inv, &flavor, NULL), 0);
	assert_string_equal(inv.flavors[0].name, "a\xef\xbf\xbd"
						 "b\xf0\x9f\x98\x80\xef\xbf\xbd");
	assert_string_equal(inv.flavors[0].invalid, "");
}

static void test_caps(void **state)
{
	_cleanup_(inventory_finish) struct gpubroker_inventory inv = {0};
	struct gpubroker_flavor flavor = good_flavor();
	struct gpubroker_host host = good_host();
	struct gpubroker_error error = {0};
	char id[16];

	flavor.id = id;
	for (int i = 0; i < INVENTORY_MAX_FLAVORS; i++) {
		snprintf(id, sizeof(id), "%d", i);
		assert_int_equal(inventory_add_flavor(&inv, &flavor, NULL), 0);
	}
	snprintf(id, sizeof(id), "one more");
	assert_int_equal(inventory_add_flavor(&inv, &flavor, &error), GPUBROKER_E_LIMIT);
	assert_string_equal(error.text, "the region has more than 10000 flavors");
	host.n_gpus = INVENTORY_MAX_TYPES + 1;
	assert_host_refused(&host, GPUBROKER_E_LIMIT, "host 'host1' has more than 64 GPU types");
}

static void test_counted_elsewhere(void **state)
{
	_cleanup_(inventory_finish) struct gpubroker_inventory inv = {0};
	struct gpubroker_flavor flavor = good_flavor();
	struct gpubroker_host host = good_host();

	flavor.vcpus = flavor.ram_mib = COUNT_UNKNOWN;
	assert_int_equal(
		inventory_add_counted_flavor(&inv, &flavor, 2, 3, NULL), GPUBROKER_E_BAD_REPLY);
	assert_int_equal(
		inventory_add_counted_flavor(&inv, &flavor, -2, 0, NULL), GPUBROKER_E_BAD_REPLY);
	assert_int_equal(inventory_add_counted_flavor(&inv, &flavor, 4, 3, NULL), 0);
	assert_true(inv.is_counted);
	assert_int_equal(inv.counted[0].total, 4);
	assert_int_equal(inv.counted[0].available, 3);
	flavor.id = "2";
	assert_int_equal(
		inventory_add_counted_flavor(&inv, &flavor, COUNT_UNKNOWN, COUNT_UNKNOWN, NULL), 0);
	flavor = good_flavor();
	flavor.id = "3";
	assert_int_equal(inventory_add_flavor(&inv, &flavor, NULL), GPUBROKER_E_INTERNAL);
	assert_int_equal(inventory_add_host(&inv, &host, NULL), GPUBROKER_E_INTERNAL);
}

static void test_counted_does_not_mix_in(void **state)
{
	_cleanup_(inventory_finish) struct gpubroker_inventory with_host = {0}, with_flavor = {0};
	struct gpubroker_flavor flavor = good_flavor();
	struct gpubroker_host host = good_host();

	assert_int_equal(inventory_add_host(&with_host, &host, NULL), 0);
	assert_int_equal(inventory_add_counted_flavor(&with_host, &flavor, 1, 1, NULL),
		GPUBROKER_E_INTERNAL);
	assert_int_equal(inventory_add_flavor(&with_flavor, &flavor, NULL), 0);
	flavor.id = "2";
	assert_int_equal(inventory_add_counted_flavor(&with_flavor, &flavor, 1, 1, NULL),
		GPUBROKER_E_INTERNAL);
}

static bool add_some(void)
{
	_cleanup_(inventory_finish) struct gpubroker_inventory inv = {0}, counted = {0};
	struct gpubroker_flavor flavor = good_flavor();
	struct gpubroker_host host = good_host();
	char name[8];
	int r = 0;

	host.reason = "\xff";
	host.name = flavor.id = name;
	for (int i = 0; r == 0 && i < 20; i++) {
		snprintf(name, sizeof(name), "%d", i);
		r = inventory_add_host(&inv, &host, NULL);
		r = r < 0 ? r : inventory_add_flavor(&inv, &flavor, NULL);
		r = r < 0 ? r : inventory_add_counted_flavor(&counted, &flavor, 1, 1, NULL);
	}
	assert_true(r == 0 || r == GPUBROKER_E_INTERNAL);
	return r == 0;
}

static void test_no_memory(void **state)
{
	failing_alloc_try_all(add_some);
}

static void test_state_words(void **state)
{
	enum gpubroker_host_state host_state;

	assert_true(host_state_parse("disabled", &host_state));
	assert_int_equal(host_state, GPUBROKER_HOST_DISABLED);
	assert_string_equal(host_state_word(GPUBROKER_HOST_DOWN), "down");
	assert_false(host_state_parse("Up", &host_state));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_what_is_added_is_copied),
		cmocka_unit_test(test_devices_are_added_up),
		cmocka_unit_test(test_words_and_demands),
		cmocka_unit_test(test_duplicates),
		cmocka_unit_test(test_duplicate_types),
		cmocka_unit_test(test_numbers_out_of_range),
		cmocka_unit_test(test_names),
		cmocka_unit_test(test_text_is_mended),
		cmocka_unit_test(test_caps),
		cmocka_unit_test(test_counted_elsewhere),
		cmocka_unit_test(test_counted_does_not_mix_in),
		cmocka_unit_test(test_no_memory),
		cmocka_unit_test(test_state_words),
	};

	return cmocka_run_group_tests_name("inventory", tests, NULL, NULL);
}
