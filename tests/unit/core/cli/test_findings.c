/* SPDX-License-Identifier: Apache-2.0 */
/* core/cli/findings.c: what follows from a counted snapshot. */
#include "base/str.h"
#include "cli/findings.h"
#include "model/inventory.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

static struct gpubroker_host host(
	const char *name, const struct gpubroker_gpus *gpus, int64_t ram_mib)
{
	return (struct gpubroker_host){.name = name,
		.vcpus = {.total = 32},
		.ram_mib = {.total = ram_mib},
		.disk_gib = {.total = 1000},
		.gpus = gpus,
		.n_gpus = gpus ? 1 : 0};
}

static struct gpubroker_flavor flavor(
	const char *name, const struct gpubroker_need *need, int64_t ram_mib)
{
	return (struct gpubroker_flavor){.id = name,
		.name = name,
		.vcpus = 4,
		.ram_mib = ram_mib,
		.disk_gib = 10,
		.gpus = need,
		.n_gpus = need ? 1 : 0};
}

static void examine(struct gpubroker_inventory *inventory, struct findings *f)
{
	struct snapshot_origin origin = {
		.region = "r", .broker = "b", .observed_at_ms = 1, .model = MODEL_NOVA};
	_cleanup_(snapshot_unrefp) struct snapshot *s = NULL;

	assert_int_equal(snapshot_count(&s, inventory, &origin, NULL), 0);
	findings_of_snapshot(f, s);
	assert_false(f->failed);
}

/* The text of the finding of that check about that subject (NULL: the region). */
static const char *text_of(const struct findings *f, const char *check, const char *subject)
{
	for (size_t i = 0; f->list && i < f->list->n_items; i++) {
		const struct value *x = f->list->items[i];

		if (str_equal(value_string(x, "check"), check) &&
			str_equal(value_string(x, "subject"), subject)) {
			return value_string(x, "text");
		}
	}
	return NULL;
}

static void test_flavors_that_can_never_start(void **state)
{
	const struct gpubroker_gpus v100 = {.type = "V100", .total = 2};
	const struct gpubroker_need one = {.type = "V100", .count = 1},
				    a100 = {.type = "A100", .count = 1};
	const struct gpubroker_host hosts[] = {host("h1", &v100, 4096), host("h2", &v100, 8192)};
	const struct gpubroker_flavor flavors[] = {flavor("fits", &one, 1024),
		flavor("large", &one, 16384), flavor("elsewhere", &a100, 1024)};
	_cleanup_(inventory_finish) struct gpubroker_inventory inventory = {0};
	_cleanup_(findings_finish) struct findings f = {0};

	for (size_t i = 0; i < ARRAY_SIZE(hosts); i++) {
		assert_int_equal(inventory_add_host(&inventory, &hosts[i], NULL), 0);
	}
	for (size_t i = 0; i < ARRAY_SIZE(flavors); i++) {
		assert_int_equal(inventory_add_flavor(&inventory, &flavors[i], NULL), 0);
	}
	examine(&inventory, &f);
	assert_null(text_of(&f, "never-starts", "fits"));
	assert_non_null(strstr(text_of(&f, "never-starts", "large"), "it needs 16384 MiB"));
	assert_non_null(strstr(text_of(&f, "never-starts", "large"), "is 8192 MiB"));
	assert_non_null(
		strstr(text_of(&f, "never-starts", "elsewhere"), "no host in service has 1 A100"));
	assert_int_equal(findings_count(&f, "error"), 0);
	assert_int_equal(findings_count(&f, "warning"), 2);
}

static void test_more_gpus_than_any_host_has(void **state)
{
	const struct gpubroker_gpus v100 = {.type = "V100", .total = 2};
	const struct gpubroker_need need = {.type = "V100", .count = 3};
	const struct gpubroker_host h = host("h", &v100, 4096);
	const struct gpubroker_flavor three = flavor("three", &need, 1024);
	_cleanup_(inventory_finish) struct gpubroker_inventory inventory = {0};
	_cleanup_(findings_finish) struct findings f = {0};

	assert_int_equal(inventory_add_host(&inventory, &h, NULL), 0);
	assert_int_equal(inventory_add_flavor(&inventory, &three, NULL), 0);
	examine(&inventory, &f);
	assert_string_equal(text_of(&f, "never-starts", "three"),
		"It can never start for lack of V100: it needs 3, the most that one server gets on such a host is 2.");
}

/* What a plugin has said already, with a command perhaps. */
static void test_nothing_is_said_twice(void **state)
{
	const struct gpubroker_host gone = {.name = "gone", .state = GPUBROKER_HOST_SKIPPED},
				    odd = {.name = "odd", .state = GPUBROKER_HOST_SKIPPED};
	const struct gpubroker_need a100 = {.type = "A100", .count = 1};
	const struct gpubroker_flavor flavors[] = {
		flavor("known", &a100, 1024), flavor("unknown", &a100, 1024)};
	_cleanup_(inventory_finish) struct gpubroker_inventory inventory = {0};
	_cleanup_(findings_finish) struct findings f = {0};

	findings_add(
		&f, &(struct gpubroker_finding){GPUBROKER_ERROR, "gpu-host", "gone", "x", "y"});
	findings_add(&f, &(struct gpubroker_finding){GPUBROKER_INFO, "gpu-host", "odd", "x", NULL});
	findings_add(&f, &(struct gpubroker_finding){GPUBROKER_WARN, "flavor", "known", "x", "y"});
	assert_int_equal(inventory_add_host(&inventory, &gone, NULL), 0);
	assert_int_equal(inventory_add_host(&inventory, &odd, NULL), 0);
	assert_int_equal(inventory_add_flavor(&inventory, &flavors[0], NULL), 0);
	assert_int_equal(inventory_add_flavor(&inventory, &flavors[1], NULL), 0);
	examine(&inventory, &f);
	assert_null(text_of(&f, "host", "gone"));
	assert_non_null(text_of(&f, "host", "odd"));
	assert_null(text_of(&f, "never-starts", "known"));
	assert_non_null(text_of(&f, "never-starts", "unknown"));
}

static void test_hosts_and_gpus_that_do_not_count(void **state)
{
	const struct gpubroker_gpus v100 = {.type = "V100", .total = 2},
				    t4 = {.type = "T4", .total = 1};
	const struct gpubroker_need two = {.type = "V100", .count = 2};
	struct gpubroker_host down = host("down", &v100, 4096), up = host("up", &v100, 1024);
	const struct gpubroker_host other = host("other", &t4, 4096);
	const struct gpubroker_flavor large = flavor("large", &two, 2048);
	const struct gpubroker_flavor invalid = {
		.id = "i", .name = "i", .invalid = "alias 'x' has no count"};
	_cleanup_(inventory_finish) struct gpubroker_inventory inventory = {0};
	_cleanup_(findings_finish) struct findings f = {0};

	down.state = GPUBROKER_HOST_DOWN;
	assert_int_equal(inventory_add_host(&inventory, &down, NULL), 0);
	assert_int_equal(inventory_add_host(&inventory, &up, NULL), 0);
	assert_int_equal(inventory_add_host(&inventory, &other, NULL), 0);
	assert_int_equal(inventory_add_flavor(&inventory, &large, NULL), 0);
	assert_int_equal(inventory_add_flavor(&inventory, &invalid, NULL), 0);
	examine(&inventory, &f);
	assert_non_null(strstr(text_of(&f, "host", "down"), "is down"));
	assert_non_null(strstr(text_of(&f, "stranded", "V100"), "2 of 2 free GPUs"));
	assert_non_null(strstr(text_of(&f, "gpu-type", "T4"), "no flavor asks for one"));
	assert_non_null(strstr(text_of(&f, "flavor", "i"), "alias 'x' has no count"));
}

static void test_a_region_without_gpus(void **state)
{
	const struct gpubroker_host plain = host("h", NULL, 4096);
	_cleanup_(inventory_finish) struct gpubroker_inventory inventory = {0};
	_cleanup_(findings_finish) struct findings f = {0};

	assert_int_equal(inventory_add_host(&inventory, &plain, NULL), 0);
	examine(&inventory, &f);
	assert_non_null(text_of(&f, "gpu-hosts", NULL));
	assert_non_null(text_of(&f, "gpu-flavors", NULL));
	assert_int_equal(findings_count(&f, "error"), 2);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_flavors_that_can_never_start),
		cmocka_unit_test(test_more_gpus_than_any_host_has),
		cmocka_unit_test(test_nothing_is_said_twice),
		cmocka_unit_test(test_hosts_and_gpus_that_do_not_count),
		cmocka_unit_test(test_a_region_without_gpus),
	};

	return cmocka_run_group_tests_name("findings", tests, NULL, NULL);
}
