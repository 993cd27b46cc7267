/* SPDX-License-Identifier: Apache-2.0 */
/* plugins/openstack/calls.c: what is asked. */
#include "openstack/calls.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static void assert_url(
	enum call_id id, const char *subject, const char *marker, const char *expected)
{
	struct text url = {0};

	call_url(&url, &calls[id], "http://h/v2.1", subject, marker);
	assert_string_equal(url.data, expected);
	text_finish(&url);
}

static void test_urls(void **state)
{
	assert_url(CALL_AGGREGATES, NULL, NULL, "http://h/v2.1/os-aggregates");
	assert_url(CALL_SERVICES, NULL, NULL, "http://h/v2.1/os-services?binary=nova-compute");
	assert_url(CALL_HYPERVISORS, NULL, NULL, "http://h/v2.1/os-hypervisors/detail");
	assert_url(CALL_HYPERVISORS, NULL, "m", "http://h/v2.1/os-hypervisors/detail?marker=m");
	assert_url(CALL_FLAVORS, NULL, "a b",
		"http://h/v2.1/flavors/detail?is_public=None&marker=a%20b");
	assert_url(CALL_SERVERS, "h&1", NULL,
		"http://h/v2.1/servers/detail?all_tenants=1&soft_deleted=true&host=h%261");
	assert_url(CALL_SERVERS, "h", "m",
		"http://h/v2.1/servers/detail?all_tenants=1&soft_deleted=true&host=h&marker=m");
	assert_url(CALL_SERVER, "s", NULL, "http://h/v2.1/servers/s");
	assert_url(CALL_FINISHED_MIGRATIONS, NULL, "m",
		"http://h/v2.1/os-migrations?status=finished&marker=m");
	assert_url(CALL_RECENT_MIGRATIONS, "2026-11-22T15:40:52Z", NULL,
		"http://h/v2.1/os-migrations?changes-since=2026-11-22T15%3A40%3A52Z");
	assert_url(CALL_CANDIDATES_VCPU, NULL, NULL,
		"http://h/v2.1/allocation_candidates?resources=VCPU:1");
	assert_url(CALL_CANDIDATES_RAM, "in:u,v", NULL,
		"http://h/v2.1/allocation_candidates?resources=MEMORY_MB:1&member_of=in%3Au%2Cv");
	assert_url(CALL_USAGES, "u", NULL, "http://h/v2.1/resource_providers/u/usages");
	assert_url(CALL_EXTRA_SPECS, "f/1", NULL, "http://h/v2.1/flavors/f%2F1/os-extra_specs");
}

/* openstack-facts: what each version takes away or adds. */
static void test_versions(void **state)
{
	assert_in_range(calls[CALL_AGGREGATES].wanted, 41, 104);
	assert_in_range(calls[CALL_HYPERVISORS].floor, 53, 87);
	assert_in_range(calls[CALL_HYPERVISORS].wanted, 53, 87);
	assert_in_range(calls[CALL_FLAVORS].wanted, 75, 101);
	assert_in_range(calls[CALL_SERVERS].floor, 47, 72);
	assert_in_range(calls[CALL_SERVERS].wanted, 69, 72);
	assert_in_range(calls[CALL_SERVICES].wanted, 69, 104);
	assert_in_range(calls[CALL_FINISHED_MIGRATIONS].floor, 59, 79);
	for (int id = CALL_CANDIDATES_VCPU; id < N_CALLS; id++) {
		assert_int_equal(calls[id].service, SERVICE_PLACEMENT);
		assert_in_range(calls[id].floor, 29, 31);
		assert_int_equal(calls[id].wanted, 39);
	}
}

/* A query of several groups is a product that Placement may die of. */
static void test_no_query_has_groups(void **state)
{
	for (int id = 0; id < N_CALLS; id++) {
		assert_null(calls[id].query ? strstr(calls[id].query, "resources1") : NULL);
		assert_null(calls[id].query ? strstr(calls[id].query, "group_policy") : NULL);
	}
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_urls),
		cmocka_unit_test(test_versions),
		cmocka_unit_test(test_no_query_has_groups),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
