/* SPDX-License-Identifier: Apache-2.0 */
/* plugins/openstack/nova_calls.c: what is asked, and what an answer becomes. */
#include "openstack/nova_calls.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static struct nova_region region;
static struct nova_found found = {.region = &region};

static int teardown(void **state)
{
	nova_region_finish(&region);
	nova_services_finish(&found.services);
	return 0;
}

static int take(enum nova_call_id id, const char *subject, const char *body, struct nova_page *page,
	struct gpubroker_error *error)
{
	*page = (struct nova_page){.body = body, .n = strlen(body), .subject = subject};
	return nova_calls[id].take(&found, page, error);
}

static void assert_url(
	enum nova_call_id id, const char *subject, const char *marker, const char *expected)
{
	struct text url = {0};

	nova_call_url(&url, &nova_calls[id], "http://h/v2.1", subject, marker);
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
	assert_url(CALL_EXTRA_SPECS, "f/1", NULL, "http://h/v2.1/flavors/f%2F1/os-extra_specs");
}

/* openstack-facts: what each version takes away or adds. */
static void test_versions(void **state)
{
	assert_in_range(nova_calls[CALL_AGGREGATES].wanted, 41, 104);
	assert_in_range(nova_calls[CALL_HYPERVISORS].floor, 53, 87);
	assert_in_range(nova_calls[CALL_HYPERVISORS].wanted, 53, 87);
	assert_in_range(nova_calls[CALL_FLAVORS].wanted, 75, 101);
	assert_in_range(nova_calls[CALL_SERVERS].floor, 47, 72);
	assert_in_range(nova_calls[CALL_SERVERS].wanted, 69, 72);
	assert_in_range(nova_calls[CALL_SERVICES].wanted, 69, 104);
}

static void test_unknown_service_is_a_down_cell(void **state)
{
	struct gpubroker_error error;
	struct nova_page page;

	assert_int_equal(
		take(CALL_SERVICES, NULL,
			"{\"services\":[{\"binary\":\"nova-compute\",\"host\":\"h1\",\"status\":\"enabled\","
			"\"state\":\"up\"},{\"binary\":\"nova-compute\",\"host\":\"h2\",\"status\":\"UNKNOWN\"}]}",
			&page, &error),
		GPUBROKER_E_INCOMPLETE);
	assert_non_null(strstr(error.text, "'h2'"));
}

#define SERVER(id, host)                                                                           \
	"{\"servers\":[{\"id\":\"" id "\",\"status\":\"ACTIVE\",\"OS-EXT-SRV-ATTR:host\":\"" host  \
	"\",\"flavor\":"                                                                           \
	"{\"original_name\":\"f\",\"extra_specs\":{}}}]}"

static void test_servers_of_the_host_asked_for(void **state)
{
	struct gpubroker_error error;
	struct nova_page page;

	assert_int_equal(take(CALL_SERVERS, "h1", SERVER("a", "h1"), &page, &error), 0);
	assert_int_equal(page.n_items, 1);
	assert_int_equal(page.n_new, 1);
	assert_string_equal(page.last, "a");
	/* the same again: counted, not new */
	assert_int_equal(take(CALL_SERVERS, "h1", SERVER("a", "h1"), &page, &error), 0);
	assert_int_equal(page.n_items, 1);
	assert_int_equal(page.n_new, 0);
	assert_int_equal(take(CALL_SERVERS, "h1", SERVER("b", "H1"), &page, &error), 0);
	assert_int_equal(
		take(CALL_SERVERS, "h1", SERVER("c", "h2"), &page, &error), GPUBROKER_E_DENIED);
	assert_non_null(strstr(error.text, "allow_all_filters"));
}

static void test_hidden_host(void **state)
{
	struct gpubroker_error error;
	struct nova_page page;

	assert_int_equal(
		take(CALL_SERVERS, "h1",
			"{\"servers\":[{\"id\":\"a\",\"status\":\"ACTIVE\",\"flavor\":{}}]}", &page,
			&error),
		GPUBROKER_E_DENIED);
	assert_non_null(strstr(error.text, "os-extended-server-attributes"));
}

static void test_extra_specs(void **state)
{
	static const char flavors[] =
		"{\"flavors\":[{\"id\":\"f1\",\"name\":\"n\",\"vcpus\":1,\"ram\":1,\"disk\":0,\"swap\":\"\"}]}";
	struct gpubroker_error error;
	struct nova_page page;
	struct nova_flavor *flavor;

	assert_int_equal(take(CALL_FLAVORS, NULL, flavors, &page, &error), 0);
	flavor = &region.flavors.items[0];
	assert_false(flavor->has_extra_specs);
	assert_int_equal(
		take(CALL_EXTRA_SPECS, "f1",
			"{\"extra_specs\":{\"pci_passthrough:alias\":\"V100:1\",\"a\":null}}",
			&page, &error),
		0);
	assert_true(flavor->has_extra_specs);
	assert_string_equal(nova_pair_value(flavor->extra_specs, flavor->n_extra_specs,
				    "pci_passthrough:alias"),
		"V100:1");
	assert_int_equal(take(CALL_EXTRA_SPECS, "f1", "{\"extra_specs\":[]}", &page, &error),
		GPUBROKER_E_BAD_REPLY);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test_teardown(test_urls, teardown),
		cmocka_unit_test_teardown(test_versions, teardown),
		cmocka_unit_test_teardown(test_unknown_service_is_a_down_cell, teardown),
		cmocka_unit_test_teardown(test_servers_of_the_host_asked_for, teardown),
		cmocka_unit_test_teardown(test_hidden_host, teardown),
		cmocka_unit_test_teardown(test_extra_specs, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
