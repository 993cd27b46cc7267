/* SPDX-License-Identifier: Apache-2.0 */
/* Which flavors are listed, and what they need. */
#include "kit/join.h"

#include "fake_core.h"
#include "model/inventory.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static char *exclude[] = {(char *)(uintptr_t) "OLD", (char *)(uintptr_t) ""};
static struct alias_rule rules[] = {
	{(char *)(uintptr_t) "A100.40", (char *)(uintptr_t) "A100"},
};
static struct join_policy policy = {
	.flavor_exclude = {.n = 2, .items = exclude},
	.alias_map = {.n = 1, .items = rules  },
};

static char findings[4096];

static void keep_finding(const struct gpubroker_finding *f)
{
	size_t n = strlen(findings);

	assert_int_equal(f->severity, GPUBROKER_WARN);
	assert_string_equal(f->check, "flavor");
	snprintf(findings + n, sizeof(findings) - n, "%s: %s [%s]\n", f->subject, f->text,
		f->command ? f->command : "");
}

/* One GPU aggregate, of V100s. */
static void add_aggregate(struct nova_region *region)
{
	static const char body[] =
		"{\"aggregates\":[{\"id\":1,\"name\":\"a\",\"hosts\":[\"h\"],"
		"\"metadata\":{\"gpu\":\"true\",\"gpu_type\":\"V100\",\"gpu_count\":\"2\"}}]}";
	struct gpubroker_error error = {0};

	assert_int_equal(
		nova_parse_aggregates(&region->aggregates, body, strlen(body), "a", NULL, &error),
		0);
}

static int read_flavors(
	const char *body, struct gpubroker_inventory *inv, struct gpubroker_error *error)
{
	struct gpubroker_core core = fake_core;
	struct nova_region region = {0};
	struct notes notes = {0};
	int r;

	core.finding = keep_finding;
	findings[0] = '\0';
	add_aggregate(&region);

	fake_core_clear_log();
	assert_int_equal(
		nova_parse_flavors(&region.flavors, body, strlen(body), "f", NULL, error), 0);
	r = join_flavors(&core, &region, &policy, &notes, inv, error);
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

/* Names mean nothing: ids tell flavors apart. */
static void test_two_of_one_name(void **state)
{
	struct gpubroker_inventory inv = {0};
	struct gpubroker_error error = {0};

	assert_int_equal(read_flavors("{\"flavors\":[" FLAVOR("1", "twin",
					      "{\"pci_passthrough:alias\":\"V:1\"}") "," FLAVOR("2",
					      "twin", "{\"pci_passthrough:alias\":\"V:2\"}") "]}",
				 &inv, &error),
		0);
	assert_int_equal(inv.n_flavors, 2);
	assert_int_equal(inv.flavors[0].gpus[0].count, 1);
	assert_string_equal(inv.flavors[1].id, "2");
	assert_int_equal(inv.flavors[1].gpus[0].count, 2);
	inventory_finish(&inv);
}

static void test_flavors_without_gpus(void **state)
{
	static const char body[] = "{\"flavors\":[" FLAVOR("1", "cpu", "{}") "," FLAVOR(
		"2", "gpu", "{\"resources:VGPU\":\"1\"}") "," FLAVOR("3", "OLD cpu",
		"{}") "," FLAVOR("4", "encrypted", "{\"hw:mem_encryption\":\"true\"}") "]}";
	struct gpubroker_inventory inv = {0};
	struct gpubroker_error error = {0};

	assert_int_equal(read_flavors(body, &inv, &error), 0);
	assert_int_equal(inv.n_flavors, 1);
	assert_string_equal(inv.flavors[0].id, "2");
	assert_string_equal(inv.flavors[0].gpus[0].type, "VGPU");
	inventory_finish(&inv);
	inv = (struct gpubroker_inventory){0};
	policy.include_cpu_flavors = true;
	assert_int_equal(read_flavors(body, &inv, &error), 0);
	policy.include_cpu_flavors = false;
	assert_int_equal(inv.n_flavors, 3);
	assert_string_equal(inv.flavors[0].id, "1");
	assert_int_equal(inv.flavors[0].n_gpus, 0);
	assert_string_equal(inv.flavors[2].id, "4");
	assert_int_equal(inv.flavors[2].remarks.n, 1);
	inventory_finish(&inv);
}

static void test_what_cannot_be_known_is_left_out(void **state)
{
	struct gpubroker_inventory inv = {0};
	struct gpubroker_error error = {0};

	assert_int_equal(read_flavors("{\"flavors\":[" FLAVOR(
					      "1", "fpga", "{\"accel:device_profile\":\"p\"}") "]}",
				 &inv, &error),
		0);
	assert_int_equal(inv.n_flavors, 0);
	assert_non_null(strstr(fake_core_log(),
		"flavor skipped id=1 name=fpga reason=Nova does not show what its device profile 'p' "
		"asks for"));
	assert_non_null(strstr(findings, "fpga: it is not counted: Nova does not show"));
	inventory_finish(&inv);
}

/* The region's Placement decides: what hosts are, and what extra specs mean. */
static void test_with_placement(void **state)
{
	static const char body[] = "{\"flavors\":[" FLAVOR("1", "a",
		"{\"resources:VGPU\":\"2\",\"trait:T\":\"required\",\"resources:VCPU\":\"0\"}") "]}";
	static char class[] = "VGPU";
	struct placement_amount usage = {.class = class};
	struct placement_provider provider = {.usages = &usage, .n_usages = 1};
	struct placement_region placement = {
		.providers = {.items = &provider, .n = 1}
        };
	struct gpubroker_inventory inv = {0};
	struct gpubroker_error error = {0};
	struct gpubroker_core core = fake_core;
	struct nova_region region = {.placement = &placement};
	struct notes notes = {0};
	const struct gpubroker_flavor *f;

	core.finding = keep_finding;
	findings[0] = '\0';
	assert_int_equal(
		nova_parse_flavors(&region.flavors, body, strlen(body), "f", NULL, &error), 0);
	assert_int_equal(join_flavors(&core, &region, &policy, &notes, &inv, &error), 0);
	f = &inv.flavors[0];
	assert_int_equal(f->gpus[0].unit, 2);
	assert_string_equal(f->gpus[0].required.items[0], "T");
	assert_int_equal(f->demand->vcpus, 0);
	assert_string_equal(findings, ""); /* a provider has VGPU */
	notes_finish(&notes);
	nova_flavors_finish(&region.flavors);
	inventory_finish(&inv);
}

static void test_findings(void **state)
{
	static const struct {
		const char *flavor, *expect;
	} rows[] = {
		{FLAVOR("1",    "good",   "{\"pci_passthrough:alias\":\"V100:1\"}"),                ""},
		{FLAVOR("1",    "none",   "{\"pci_passthrough:alias\":\"H100:0\"}"),                ""},
		{FLAVOR("a b",  "other",  "{\"pci_passthrough:alias\":\"H100:1\"}"),
                 "other: it asks for 'H100', which no host has: neither is it the gpu_type of an "
			"aggregate with gpu=true, nor does Placement know it [openstack flavor set "
			"--property pci_passthrough:alias=ALIAS:COUNT 'a b']\n"                       },
		{FLAVOR("1",    "class",  "{\"resources:VGPU\":\"1\"}"),
                 "class: it asks for 'VGPU', which no host has: neither is it the gpu_type of an "
			"aggregate with gpu=true, nor does Placement know it []\n"                    },
		{FLAVOR("it's", "broken", "{\"pci_passthrough:alias\":\"V100\"}"),
                 "broken: it cannot be started: alias 'V100' has no count [openstack flavor set "
			"--property pci_passthrough:alias=ALIAS:COUNT 'it'\\''s']\n"                  },
		{FLAVOR("1",    "x",      "{\"resources:VGPU\":\"x\"}"),
                 "x: it cannot be started: Nova ignores 'resources:VGPU=x': a server would start "
			"without it [openstack flavor unset --property resources:VGPU 1]\n"           },
		{FLAVOR("1",    "groups", "{\"resources1:VGPU\":\"1\",\"resources2:VGPU\":\"1\"}"),
                 "groups: it cannot be started: several groups need a group_policy [openstack "
			"flavor set --property group_policy=none 1]\n"                                },
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct gpubroker_inventory inv = {0};
		struct gpubroker_error error = {0};
		char body[1024];

		snprintf(body, sizeof(body), "{\"flavors\":[%s]}", rows[i].flavor);
		assert_int_equal(read_flavors(body, &inv, &error), 0);
		assert_string_equal(findings, rows[i].expect);
		inventory_finish(&inv);
	}
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
		cmocka_unit_test(test_two_of_one_name),
		cmocka_unit_test(test_flavors_without_gpus),
		cmocka_unit_test(test_what_cannot_be_known_is_left_out),
		cmocka_unit_test(test_with_placement),
		cmocka_unit_test(test_findings),
		cmocka_unit_test(test_hidden_extra_specs),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
