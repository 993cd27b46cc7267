/* SPDX-License-Identifier: Apache-2.0 */
/* plugins/openstack/nova.c: a reading, request by request. What a whole cloud does is tested in tests/fake. */
#include "openstack/nova.h"

#include "canned_http.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define V(version) "OpenStack-API-Version: compute 2." #version "\r\n"

static struct gpubroker_core core;
static struct canned_server *server;
static struct keystone keystone;
static struct join_policy policy = {.capacity = (char[]){"nova"}};
static struct nova nova;
static struct nova_region region;

static const struct canned versions = {
	"GET /v2.1/ ", 200, NULL, "{\"version\":{\"version\":\"2.93\",\"min_version\":\"2.1\"}}"};
static const struct canned no_services = {"/os-services", 200, V(79), "{\"services\":[]}"};
static const struct canned aggregates = {"/os-aggregates", 200, V(79),
	"{\"aggregates\":[{\"id\":1,\"name\":\"a\",\"hosts\":[\"h1\",\"h0\"],\"metadata\":{\"gpu\":\"true\","
	"\"gpu_count\":\"2\",\"gpu_type\":\"T\"}},{\"id\":2,\"name\":\"b\",\"hosts\":[\"h1\"],\"metadata\":"
	"{\"gpu\":\"true\",\"gpu_count\":\"1\",\"gpu_type\":\"U\"}},{\"id\":3,\"name\":\"c\",\"hosts\":[\"h2\"],"
	"\"metadata\":{\"gpu\":\"false\"}}]}"};
static const struct canned no_hypervisors = {"/os-hypervisors", 200, V(79), "{\"hypervisors\":[]}"};
static const struct canned no_flavors = {"/flavors", 200, V(79), "{\"flavors\":[]}"};
static const struct canned no_migrations = {"/os-migrations", 200, V(79), "{\"migrations\":[]}"};
static const struct canned no_servers = {"/servers/detail", 200, V(72), "{\"servers\":[]}"};

static void begin(const struct canned *answers, size_t n)
{
	static const struct http_settings settings = {0};
	struct gpubroker_error error;

	server = canned_start(answers, n);
	core = canned_core();
	keystone = (struct keystone){.core = &core,
		.token = strdup("t0ken"),
		.renew_at_ms = INT64_MAX,
		.expires_at_ms = INT64_MAX,
		.is_admin = true};
	assert_int_equal(http_new(&settings, &core, &keystone.http, NULL), 0);
	assert_int_equal(endpoint_from_url(&keystone.endpoints[SERVICE_NOVA], SERVICE_NOVA,
				 canned_url(server), NULL, &error),
		0);
	nova = (struct nova){
		.keystone = &keystone, .http = keystone.http, .core = &core, .policy = &policy};
	region = (struct nova_region){0};
}

static void end(void)
{
	nova_region_finish(&region);
	keystone_logout(&keystone);
	http_free(keystone.http);
	canned_stop(server);
}

static size_t count(const char *words)
{
	size_t i, n = 0;

	for (i = 0; i < canned_requests(server); i++) {
		n += strstr(canned_request(server, i), words) != NULL;
	}
	return n;
}

static void test_requests_of_a_reading(void **state)
{
	const struct canned answers[] = {versions, no_services, aggregates, no_hypervisors,
		no_flavors, no_migrations, no_migrations, no_servers, no_servers};
	struct gpubroker_error error;

	begin(answers, 9);
	assert_int_equal(nova_read(&nova, &region, &error), 0);
	assert_int_equal(canned_requests(server), 9);
	assert_int_equal(count("os-migrations?status=finished "), 1);
	assert_int_equal(count("os-migrations?changes-since="), 1);
	assert_int_equal(count("host=h0 "), 1);
	assert_int_equal(count("host=h1 "), 1);
	assert_int_equal(count("X-Auth-Token: t0ken\r\n"), 9);
	assert_int_equal(nova.versions[SERVICE_NOVA].max, 93);
	assert_int_equal(region.aggregates.n, 3);
	end();
}

static void test_an_error_ends_the_reading(void **state)
{
	const struct canned answers[] = {
		versions, no_services,
		{"/os-aggregates", 403, V(79),
			       "{\"forbidden\":{\"message\":\"Policy doesn't allow os_compute_api:os-aggregates:index to be "
			"performed. s3cret\"}}"},
		{"/os-hypervisors", -1   },
                 {"/flavors",              -1             },
                 no_migrations, no_migrations
        };
	struct gpubroker_error error;

	begin(answers, 7);
	assert_int_equal(nova_read(&nova, &region, &error), GPUBROKER_E_DENIED);
	assert_non_null(strstr(error.text, "os_compute_api:os-aggregates:index"));
	assert_null(strstr(error.text, "s3cret"));
	assert_int_equal(nova.versions[SERVICE_NOVA].max, 0);
	end();
}

static void test_services_say_why(void **state)
{
	const struct canned answers[] = {
		versions, aggregates, {"/os-hypervisors", 500                                     },
		{ "/os-services", 200, V(79),
				       "{\"services\":[{\"host\":\"h9\",\"status\":\"UNKNOWN\"}]}"},
		no_flavors, no_migrations, no_migrations, no_servers, no_servers
        };
	struct gpubroker_error error;

	begin(answers, 9);
	assert_int_equal(nova_read(&nova, &region, &error), GPUBROKER_E_INCOMPLETE);
	assert_non_null(strstr(error.text, "'h9'"));
	end();
}

static void test_version_of_the_answer(void **state)
{
	const struct canned answers[] = {
		versions, no_services, {"/os-aggregates", 200, V(1), "{\"aggregates\":[]}"},
		no_hypervisors, no_flavors, no_migrations, no_migrations
        };
	struct gpubroker_error error;

	begin(answers, 7);
	assert_int_equal(nova_read(&nova, &region, &error), GPUBROKER_E_BAD_REPLY);
	assert_non_null(strstr(error.text, "'compute 2.1'"));
	end();
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_requests_of_a_reading),
		cmocka_unit_test(test_an_error_ends_the_reading),
		cmocka_unit_test(test_services_say_why),
		cmocka_unit_test(test_version_of_the_answer),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
