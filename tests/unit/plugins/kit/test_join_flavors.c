/* SPDX-License-Identifier: Apache-2.0 */
/* Which flavors are listed, and what they need. */
#include "kit/join.h"

#include "fake_core.h"
#include "model/inventory.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static char *exclude[] = {(char *)(uintptr_t) "OLD", (char *)(uintptr_t) ""};
static struct alias_rule rules[] = {
	{(char *)(uintptr_t) "A100.40", (char *)(uintptr_t) "A100"},
};
static const struct join_policy policy = {
	.flavor_exclude = {.n = 2, .items = exclude},
	.alias_map = {.n = 1, .items = rules  },
};

static int read_flavors(
	const char *body, struct gpubroker_inventory *inv, struct gpubroker_error *error)
{
	struct nova_region region = {0};
	struct notes notes = {0};
	int r;

	fake_core_clear_log();
	assert_int_equal(
		nova_parse_flavors(&region.flavors, body, strlen(body), "f", NULL, error), 0);
	r = join_flavors(&fake_core, &region, &policy, &notes, inv, error);
	notes_finish(&notes);
	nova_region_finish(&region);
	return r;
}

#define FLAVOR(id, name, specs)                                                                    \
	"{\"id\":\"" id "\",\"name\":\"" name "\",\"vcpus\":1,\"ram\":2,\"disk\":3,"               \
	"\"OS-FLV-EXT-DATA:ephemeral\":4,\"swap\":5,\"os-flavor-access:is_public\":false,"         \
	"\"extra_specs\":" specs "}"

static void test_needs(void **state)
{
	struct gpubroker_inventory inv = {0};
	struct gpubroker_error error = {0};
	const struct gpubroker_flavor *f;

	assert_int_equal(
		read_flavors(
			"{\"flavors\":[" FLAVOR("1", "a",
				"{\"pci_passthrough:alias\":\"A100.40:1,V100:2,A100:3\"}") "]}",
			&inv, &error),
		0);
	assert_int_equal(inv.n_flavors, 1);
	f = &inv.flavors[0];
	assert_int_equal(f->vcpus, 1);
	assert_int_equal(f->ram_mib, 2);
	assert_int_equal(f->disk_gib, 3);
	assert_int_equal(f->ephemeral_gib, 4);
	assert_int_equal(f->swap_mib, 5);
	assert_false(f->is_public);
	assert_null(f->invalid);
	assert_int_equal(f->n_gpus, 2); /* two aliases of one type add up */
	assert_string_equal(f->gpus[0].type, "A100");
	assert_int_equal(f->gpus[0].count, 4);
	assert_string_equal(f->gpus[1].type, "V100");
	assert_int_equal(f->gpus[1].count, 2);
	inventory_finish(&inv);
}

static void test_which_are_listed(void **state)
{
	struct gpubroker_inventory inv = {0};
	struct gpubroker_error error = {0};

	assert_int_equal(
		read_flavors(
			"{\"flavors\":[" FLAVOR("1", "no gpu", "{\"a\":\"b\"}") "," FLAVOR("2",
				"an OLD one", "{\"pci_passthrough:alias\":\"V:1\"}") "," FLAVOR("3",
				"an old one", "{\"pci_passthrough:alias\":\"V:1\"}") "," FLAVOR("4",
				"broken", "{\"pci_passthrough:alias\":\"V\"}") "]}",
			&inv, &error),
		0);
	assert_int_equal(inv.n_flavors, 2);
	assert_string_equal(inv.flavors[0].id, "3");
	assert_string_equal(inv.flavors[1].id, "4");
	assert_string_equal(inv.flavors[1].invalid, "alias 'V' has no count");
	assert_int_equal(inv.flavors[1].n_gpus, 0);
	assert_non_null(strstr(fake_core_log(), "id=4 name=broken"));
	inventory_finish(&inv);
}

static void test_hidden_extra_specs(void **state)
{
	struct gpubroker_inventory inv = {0};
	struct gpubroker_error error = {0};

	assert_int_equal(
		read_flavors(
			"{\"flavors\":[{\"id\":\"1\",\"name\":\"a\",\"vcpus\":1,\"ram\":1,\"disk\":1}]}",
			&inv, &error),
		GPUBROKER_E_DENIED);
	assert_int_equal(read_flavors("{\"flavors\":[]}", &inv, &error), 0);
	inventory_finish(&inv);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_needs),
		cmocka_unit_test(test_which_are_listed),
		cmocka_unit_test(test_hidden_extra_specs),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
