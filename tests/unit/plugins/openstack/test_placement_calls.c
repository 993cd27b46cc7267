/* SPDX-License-Identifier: Apache-2.0 */
/* plugins/openstack/placement_calls.c: what an answer becomes. */
#include "openstack/placement_calls.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define TREE                                                                                           \
	"{\"allocation_requests\":[],\"provider_summaries\":{\"root\":{\"resources\":{\"VCPU\":"       \
	"{\"capacity\":112,\"used\":14}},\"traits\":[\"COMPUTE_NODE\"],\"parent_provider_uuid\":null," \
	"\"root_provider_uuid\":\"root\"}}}"

static struct placement_region placement;
static struct nova_region region = {.placement = &placement};
static struct found found = {.region = &region};

static int take(enum call_id id, const char *subject, const char *body)
{
	struct page page = {.body = body, .n = strlen(body), .subject = subject};
	struct gpubroker_error error;

	return calls[id].take(&found, &page, &error);
}

static void test_a_provider_piece_by_piece(void **state)
{
	struct placement_provider *p;

	assert_int_equal(take(CALL_CANDIDATES_VCPU, NULL, TREE), 0);
	p = placement_find(&placement, "root");
	assert_non_null(p);
	assert_true(p->has_usages);
	assert_true(p->has_traits);
	assert_false(p->has_inventories);
	assert_int_equal(p->usages[0].capacity, 112);
	assert_int_equal(placement_used(p, "VCPU"), 14);
	assert_int_equal(
		take(CALL_INVENTORIES, "root",
			"{\"inventories\":{\"VCPU\":{\"total\":28,\"reserved\":0,\"min_unit\":1,"
			"\"max_unit\":28,\"step_size\":1,\"allocation_ratio\":4.0}}}"),
		0);
	assert_int_equal(placement_inventory_of(p, "VCPU")->max_unit, 28);
	assert_int_equal(take(CALL_USAGES, "root", "{\"usages\":{\"VCPU\":28}}"), 0);
	assert_int_equal(placement_used(p, "VCPU"), 28);
	assert_int_equal(take(CALL_TRAITS, "root", "{\"traits\":[\"X\"]}"), 0);
	assert_true(placement_has_trait(p, "X"));
	placement_region_finish(&placement);
}

static void test_a_provider_that_nobody_asked_for(void **state)
{
	assert_int_equal(take(CALL_USAGES, "other", "{\"usages\":{\"VCPU\":28}}"), 0);
	assert_int_equal(placement.providers.n, 0);
	placement_region_finish(&placement);
}

static void test_lists(void **state)
{
	assert_int_equal(
		take(CALL_TREE, "a",
			"{\"resource_providers\":[{\"uuid\":\"a\",\"name\":\"h\",\"generation\":3,"
			"\"parent_provider_uuid\":null,\"root_provider_uuid\":\"a\"}]}"),
		0);
	assert_int_equal(placement_find(&placement, "a")->generation, 3);
	assert_int_equal(take(CALL_ALLOCATIONS, "consumer",
				 "{\"allocations\":{\"a\":{\"resources\":{\"VCPU\":14}}}}"),
		0);
	assert_string_equal(placement.allocations[0].consumer, "consumer");
	assert_int_equal(take(CALL_TREE, "a", "[]"), GPUBROKER_E_BAD_REPLY);
	placement_region_finish(&placement);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_a_provider_piece_by_piece),
		cmocka_unit_test(test_a_provider_that_nobody_asked_for),
		cmocka_unit_test(test_lists),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
