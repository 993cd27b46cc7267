/* SPDX-License-Identifier: Apache-2.0 */
/* plugins/openstack/nova_calls.c: what an answer becomes. */
#include "openstack/nova_calls.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static struct nova_region region;
static struct found found = {.region = &region};

static int teardown(void **state)
{
	nova_region_finish(&region);
	nova_services_finish(&found.services);
	nova_flavors_finish(&found.private_flavors);
	return 0;
}

static int take(enum call_id id, const char *subject, const char *body, struct page *page,
	struct gpubroker_error *error)
{
	*page = (struct page){.body = body, .n = strlen(body), .subject = subject};
	return calls[id].take(&found, page, error);
}

static void test_unknown_service_is_a_down_cell(void **state)
{
	struct gpubroker_error error;
	struct page page;

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
	struct page page;

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
	struct page page;

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
	struct page page;
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

static void test_private_flavors(void **state)
{
	struct gpubroker_error error;
	struct page page;

	assert_int_equal(
		take(CALL_PRIVATE_FLAVORS, NULL,
			"{\"flavors\":[{\"id\":\"f\",\"name\":\"n\",\"vcpus\":1,\"ram\":1,\"disk\":0,"
			"\"os-flavor-access:is_public\":false}]}",
			&page, &error),
		0);
	assert_string_equal(page.last, "f");
	assert_int_equal(
		take(CALL_PRIVATE_FLAVORS, NULL,
			"{\"flavors\":[{\"id\":\"g\",\"name\":\"tiny\",\"vcpus\":1,\"ram\":1,\"disk\":0,"
			"\"os-flavor-access:is_public\":true}]}",
			&page, &error),
		GPUBROKER_E_DENIED);
	assert_non_null(strstr(error.text, "'tiny'"));
	assert_int_equal(region.flavors.n, 0);
}

static void test_a_server_of_any_host(void **state)
{
	struct gpubroker_error error;
	struct page page;

	assert_int_equal(take(CALL_SERVER, "s",
				 "{\"server\":{\"id\":\"s\",\"status\":\"VERIFY_RESIZE\","
				 "\"OS-EXT-SRV-ATTR:host\":\"elsewhere\",\"flavor\":{}}}",
				 &page, &error),
		0);
	assert_int_equal(region.servers.n, 1);
	assert_int_equal(take(CALL_SERVER, "t",
				 "{\"server\":{\"id\":\"t\",\"status\":\"ACTIVE\",\"flavor\":{}}}",
				 &page, &error),
		GPUBROKER_E_DENIED);
}

#define MIGRATION(uuid) "{\"uuid\":\"" uuid "\",\"instance_uuid\":\"s\",\"status\":\"finished\"}"

/* Two listings share the list: a page that the other has shown already is not the same page again. */
static void test_migrations(void **state)
{
	static const char body[] = "{\"migrations\":[" MIGRATION("a") "," MIGRATION("b") "]}";
	struct gpubroker_error error;
	struct page page;

	for (int i = 0; i < 2; i++) {
		assert_int_equal(take(CALL_RECENT_MIGRATIONS, NULL, body, &page, &error), 0);
		assert_int_equal(region.migrations.n, 2);
		assert_string_equal(page.last, "b");
		assert_int_equal(page.n_new, 2);
	}
	page = (struct page){.body = body, .n = strlen(body), .marker = "b"};
	assert_int_equal(calls[CALL_RECENT_MIGRATIONS].take(&found, &page, &error), 0);
	assert_int_equal(page.n_new, 0);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test_teardown(test_unknown_service_is_a_down_cell, teardown),
		cmocka_unit_test_teardown(test_servers_of_the_host_asked_for, teardown),
		cmocka_unit_test_teardown(test_hidden_host, teardown),
		cmocka_unit_test_teardown(test_extra_specs, teardown),
		cmocka_unit_test_teardown(test_private_flavors, teardown),
		cmocka_unit_test_teardown(test_a_server_of_any_host, teardown),
		cmocka_unit_test_teardown(test_migrations, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
