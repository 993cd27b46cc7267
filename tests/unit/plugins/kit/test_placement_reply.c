/* SPDX-License-Identifier: Apache-2.0 */
/* Placement's replies as typed structs; what is wrong with one is named. */
#include "kit/placement_reply.h"

#include "data_file.h"
#include "failing_alloc.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static const char providers[] =
	"{\"resource_providers\": ["
	"{\"uuid\": \"b\", \"name\": \"gpu\", \"generation\": 2, \"parent_provider_uuid\": \"a\","
	" \"root_provider_uuid\": \"a\"},"
	"{\"uuid\": \"a\", \"name\": \"host\", \"generation\": 7, \"parent_provider_uuid\": null,"
	" \"root_provider_uuid\": \"a\", \"links\": []},"
	"{\"uuid\": \"c\", \"name\": \"old\", \"generation\": 0}]}";
static const char inventories[] =
	"{\"resource_provider_generation\": 7, \"inventories\": {\"VCPU\": {\"total\": 28, \"reserved\": 1,"
	" \"min_unit\": 1, \"max_unit\": 28, \"step_size\": 2, \"allocation_ratio\": 1.1}}}";
static const char candidates[] =
	"{\"allocation_requests\": [], \"provider_summaries\": {"
	"\"a\": {\"resources\": {\"VCPU\": {\"capacity\": 29, \"used\": 14}}, \"traits\": [\"Z\", \"A\"],"
	" \"parent_provider_uuid\": null, \"root_provider_uuid\": \"a\"},"
	"\"d\": {\"resources\": {}, \"traits\": [], \"parent_provider_uuid\": \"a\", \"root_provider_uuid\": \"a\"}}}";
static const char allocations[] =
	"{\"allocations\": {\"a\": {\"resources\": {\"VCPU\": 14, \"DISK_GB\": 51}},"
	" \"b\": {\"resources\": {\"CUSTOM_X\": 1}}}, \"project_id\": \"p\"}";

static void test_providers(void **state)
{
	struct placement_region region = {0};

	assert_int_equal(
		placement_parse_providers(&region, providers, strlen(providers), "p", NULL), 0);
	assert_int_equal(region.providers.n, 3);
	assert_string_equal(region.providers.items[0].uuid, "a");
	assert_null(placement_find(&region, "a")->parent);
	assert_string_equal(placement_find(&region, "b")->root, "a");
	assert_string_equal(placement_find(&region, "c")->root, "c"); /* before 1.14 */
	assert_int_equal(placement_find(&region, "a")->generation, 7);
	assert_null(placement_find(&region, "x"));
	assert_false(placement_find(&region, "a")->has_usages);
	placement_region_finish(&region);
	assert_null(placement_find(&region, "a"));
}

static void test_parts_of_a_provider(void **state)
{
	struct placement_region region = {0};
	struct placement_provider *p;

	placement_parse_providers(&region, providers, strlen(providers), "p", NULL);
	p = placement_find(&region, "a");
	assert_int_equal(
		placement_parse_inventories(p, inventories, strlen(inventories), "i", NULL), 0);
	assert_true(p->has_inventories);
	assert_int_equal(placement_inventory_of(p, "VCPU")->ratio_micro, 1100000);
	assert_int_equal(placement_inventory_of(p, "VCPU")->step_size, 2);
	assert_null(placement_inventory_of(p, "PCPU"));
	assert_int_equal(
		placement_parse_usages(p, "{\"usages\": {\"VCPU\": 3}}", 23, "u", NULL), 0);
	assert_int_equal(placement_used(p, "VCPU"), 3);
	assert_int_equal(placement_used(p, "PCPU"), 0);
	assert_int_equal(
		placement_parse_traits(p, "{\"traits\": [\"B\", \"A\"]}", 22, "t", NULL), 0);
	assert_true(placement_has_trait(p, "A"));
	assert_false(placement_has_trait(p, "C"));
	placement_region_finish(&region);
}

static void test_candidates(void **state)
{
	struct placement_region region = {0};
	const struct placement_provider *p;

	placement_parse_providers(&region, providers, strlen(providers), "p", NULL);
	assert_int_equal(
		placement_parse_candidates(&region, candidates, strlen(candidates), "c", NULL), 0);
	p = placement_find(&region, "a");
	assert_int_equal(placement_used(p, "VCPU"), 14);
	assert_true(placement_has_trait(p, "Z"));
	assert_string_equal(p->name, "host");
	assert_true(placement_find(&region, "d")->has_traits); /* the list did not have it */
	assert_false(placement_find(&region, "b")->has_usages);
	placement_region_finish(&region);
}

static void test_allocations(void **state)
{
	struct placement_region region = {0};

	assert_int_equal(placement_parse_allocations(
				 &region, "m", allocations, strlen(allocations), "a", NULL),
		0);
	assert_int_equal(region.n_allocations, 3);
	assert_string_equal(region.allocations[0].consumer, "m");
	assert_string_equal(region.allocations[2].class, "CUSTOM_X");
	assert_int_equal(
		placement_parse_allocations(&region, "n", "{\"allocations\": {}}", 19, "a", NULL),
		0);
	assert_int_equal(region.n_allocations, 3);
	placement_region_finish(&region);
}

static void test_classes_of_accelerators(void **state)
{
	assert_true(placement_is_accelerator("VGPU"));
	assert_true(placement_is_accelerator("CUSTOM_PCI_10DE_1DB6"));
	assert_false(placement_is_accelerator("VCPU"));
	assert_false(placement_is_accelerator("NET_BW_EGR_KILOBIT_PER_SEC"));
}

static int parse_any(const char *what, const char *body, struct gpubroker_error *error)
{
	struct placement_region region = {0};
	struct placement_provider p = {0};
	size_t n = strlen(body);
	int r = 0;

	switch (*what) {
	case 'p':
		r = placement_parse_providers(&region, body, n, what, error);
		break;
	case 'c':
		r = placement_parse_candidates(&region, body, n, what, error);
		break;
	case 'a':
		r = placement_parse_allocations(&region, "x", body, n, what, error);
		break;
	case 'i':
		r = placement_parse_inventories(&p, body, n, what, error);
		break;
	case 'u':
		r = placement_parse_usages(&p, body, n, what, error);
		break;
	case 't':
		r = placement_parse_traits(&p, body, n, what, error);
		break;
	}
	/* a provider on its own is finished as one of a region */
	if (p.inventories || p.usages || p.traits) {
		region.providers.items = calloc(1, sizeof(p));
		region.providers.items[0] = p;
		region.providers.n = 1;
	}
	placement_region_finish(&region);
	return r;
}

#define INVENTORY(text) "{\"inventories\": {\"VCPU\": {" text "}}}"

static void test_what_is_wrong_is_named(void **state)
{
	static const struct {
		const char *what, *body, *names;
	} rows[] = {
		{"p", "{}",												"resource_providers"       },
		{"p", "{\"resource_providers\": [{\"name\": \"x\", \"generation\": 1}]}",
                 "resource_providers[0].uuid"													 },
		{"p", "{\"resource_providers\": [{\"uuid\": 7, \"name\": \"x\", \"generation\": 1}]}",
                 "resource_providers[0].uuid"													 },
		{"c", "{\"provider_summaries\": []}",								      "provider_summaries"       },
		{"c", "{\"provider_summaries\": {\"a\": {\"root_provider_uuid\": \"a\"}}}",
                 "provider_summaries.a.resources"												     },
		{"c", "{\"provider_summaries\": {\"a\": {\"root_provider_uuid\": \"a\", \"resources\": {\"VCPU\": {}}}}}",
                 "provider_summaries.a.resources.VCPU.used"											   },
		{"a", "{\"allocations\": {\"a\": {}}}",								    "allocations.a.resources"  },
		{"a", "{\"allocations\": {\"a\": {\"resources\": {\"VCPU\": -1}}}}",
                 "allocations.a.resources.VCPU is out of range"										       },
		{"i", INVENTORY("\"total\": 1"),									   "inventories.VCPU.reserved"},
		{"i", INVENTORY("\"total\": 2000000000000"),
                 "inventories.VCPU.total is out of range"											     },
		{"i",
                 INVENTORY(
				"\"total\": 1, \"reserved\": 0, \"min_unit\": 1, \"max_unit\": 1, \"step_size\": 1, "
				"\"allocation_ratio\": -1"),
                 "inventories.VCPU.allocation_ratio is not a ratio"										   },
		{"u", "{\"usages\": {\"VCPU\": null}}",								    "usages.VCPU"              },
		{"t", "{\"traits\": null}",										"traits"                   },
		{"t", "{\"traits\": [1]}",										 "traits[0]"                },
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct gpubroker_error error = {0};

		assert_int_equal(
			parse_any(rows[i].what, rows[i].body, &error), GPUBROKER_E_BAD_REPLY);
		if (!strstr(error.text, rows[i].names)) {
			fail_msg("%s: %s", rows[i].names, error.text);
		}
	}
}

static bool read_all(void)
{
	struct placement_region region = {0};
	struct placement_provider *p;
	int r = placement_parse_providers(&region, providers, strlen(providers), "p", NULL);

	r = r < 0 ? r
		  : placement_parse_candidates(&region, candidates, strlen(candidates), "c", NULL);
	p = r < 0 ? NULL : placement_find(&region, "a");
	r = r < 0 ? r : placement_parse_inventories(p, inventories, strlen(inventories), "i", NULL);
	r = r < 0 ? r
		  : placement_parse_allocations(
			    &region, "m", allocations, strlen(allocations), "a", NULL);
	placement_region_finish(&region);
	return r == 0;
}

static void test_no_memory(void **state)
{
	failing_alloc_try_all(read_all);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_providers),
		cmocka_unit_test(test_parts_of_a_provider),
		cmocka_unit_test(test_candidates),
		cmocka_unit_test(test_allocations),
		cmocka_unit_test(test_classes_of_accelerators),
		cmocka_unit_test(test_what_is_wrong_is_named),
		cmocka_unit_test(test_no_memory),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
