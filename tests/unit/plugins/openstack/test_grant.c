/* SPDX-License-Identifier: Apache-2.0 */
/* plugins/openstack/grant.c: what Keystone grants, and which endpoint is meant. */
#include "openstack/grant.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define TIMES                                                                                      \
	"\"expires_at\":\"2026-11-22T16:39:13.000000Z\",\"issued_at\":\"2026-11-22T15:39:13.000000Z\""
#define ENDPOINT(interface, region, url)                                                           \
	"{\"interface\":\"" interface "\",\"region_id\":\"" region "\",\"region\":\"" region       \
	"\",\"url\":\"" url "\"}"
#define COMPUTE(endpoints)                                                                          \
	"{\"token\":{" TIMES                                                                        \
	",\"project\":{\"id\":\"p\"},\"catalog\":[{\"type\":\"identity\",\"endpoints\":[" ENDPOINT( \
		"public", "A", "http://k") "]},{\"type\":\"compute\",\"endpoints\":[" endpoints     \
					   "]}]}}"

static struct grant parsed(const char *body)
{
	struct gpubroker_error error;
	struct grant g;

	assert_int_equal(grant_parse(&g, body, strlen(body), &error), 0);
	return g;
}

static void assert_url(
	const char *body, const char *interface, const char *region, const char *expected)
{
	struct grant g = parsed(body);
	struct gpubroker_error error;
	const char *url;

	assert_int_equal(grant_endpoint(&g, "compute", interface, region, &url, &error), 0);
	assert_string_equal(url, expected);
	grant_finish(&g);
}

static void assert_none(
	const char *body, const char *interface, const char *region, const char *words)
{
	struct grant g = parsed(body);
	struct gpubroker_error error;
	const char *url;

	assert_int_equal(
		grant_endpoint(&g, "compute", interface, region, &url, &error), GPUBROKER_E_CONFIG);
	assert_non_null(strstr(error.text, words));
	grant_finish(&g);
}

static void test_fields(void **state)
{
	struct grant g = parsed(
		"{\"token\":{" TIMES ",\"project\":{\"id\":\"p\"},\"roles\":[{\"name\":\"member\"},"
		"{\"name\":\"admin\"}]}}");

	assert_int_equal(g.expires_ms - g.issued_ms, 3600 * 1000);
	assert_int_equal(g.expires_ms, INT64_C(1795365553) * 1000);
	assert_string_equal(g.project_id, "p");
	assert_true(g.is_admin);
	assert_false(g.is_system);
	grant_finish(&g);
}

static void test_malformed(void **state)
{
	static const char *const bodies[] = {"", "{}", "[]", "{\"token\":7}", "{\"token\":{}}",
		"{\"token\":{\"expires_at\":\"never\"}}",
		"{\"token\":{\"expires_at\":\"2026-11-22T16:39:13+01:00\"}}",
		"{\"token\":{" TIMES ",\"roles\":[7]}}", "{\"token\":{" TIMES ",\"project\":{}}}",
		"{\"token\":{" TIMES ",\"catalog\":[7]}}",
		"{\"token\":{" TIMES ",\"catalog\":[{\"type\":\"compute\",\"endpoints\":{}}]}}"};
	struct gpubroker_error error;
	struct grant g;
	size_t i;

	for (i = 0; i < sizeof(bodies) / sizeof(bodies[0]); i++) {
		assert_int_equal(grant_parse(&g, bodies[i], strlen(bodies[i]), &error),
			GPUBROKER_E_BAD_REPLY);
		assert_null(g.endpoints);
	}
}

static void test_interface_and_region(void **state)
{
	static const char body[] = COMPUTE(ENDPOINT("admin", "A", "http://a-admin") "," ENDPOINT(
		"public", "A", "http://a") "," ENDPOINT("public", "B",
		"http://b") "," ENDPOINT("internal", "B", "http://b-int"));

	assert_url(body, NULL, "A", "http://a");
	assert_url(body, "public", "B", "http://b");
	assert_url(body, "publicURL", "B", "http://b");
	assert_url(body, "internalURL", "B", "http://b-int");
	assert_url(body, "admin", "A", "http://a-admin");
	assert_none(body, NULL, NULL, "several regions (A, B)");
	assert_none(body, NULL, "a", "only in: A, B");
	assert_none(body, "internal", "A", "only: admin, public");
}

static void test_only_region(void **state)
{
	assert_url(COMPUTE(ENDPOINT("public", "A", "http://a")), NULL, NULL, "http://a");
	/* regions of other services do not count */
	assert_url(COMPUTE(ENDPOINT("public", "B", "http://b")), NULL, NULL, "http://b");
	/* an endpoint without a URL, or with a null one, does not exist */
	assert_url(COMPUTE(ENDPOINT("public", "B",
			   "") ",{\"interface\":\"public\",\"url\":null}," ENDPOINT("public", "B",
			   "http://b")),
		NULL, NULL, "http://b");
}

static void test_no_compute(void **state)
{
	assert_none(
		"{\"token\":{" TIMES
		",\"project\":{\"id\":\"p\"},\"catalog\":[{\"type\":\"image\",\"endpoints\":[" ENDPOINT(
			"public", "A", "http://i") "]}]}}",
		NULL, NULL, "only: image");
	assert_none("{\"token\":{" TIMES ",\"system\":{\"all\":true}}}", NULL, NULL, "the system");
	assert_none("{\"token\":{" TIMES "}}", NULL, NULL, "no project");
	/* a region is configured, the endpoints have none */
	assert_none("{\"token\":{" TIMES
		    ",\"project\":{\"id\":\"p\"},\"catalog\":[{\"type\":\"compute\",\"endpoints\":["
		    "{\"interface\":\"public\",\"url\":\"http://i\"}]}]}}",
		NULL, "A", "no endpoint in region 'A'");
	/* aliases of the type are not the type */
	assert_none(
		"{\"token\":{" TIMES
		",\"project\":{\"id\":\"p\"},\"catalog\":[{\"type\":\"compute_legacy\",\"endpoints\":[" ENDPOINT(
			"public", "A", "http://i") "]}]}}",
		NULL, "A", "compute_legacy");
}

static void test_margin(void **state)
{
	assert_int_equal(grant_margin_ms(3600 * 1000), 120 * 1000);
	assert_int_equal(grant_margin_ms(480 * 1000), 120 * 1000);
	assert_int_equal(grant_margin_ms(60 * 1000), 15 * 1000);
	assert_int_equal(grant_margin_ms(0), 0);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_fields),
		cmocka_unit_test(test_malformed),
		cmocka_unit_test(test_interface_and_region),
		cmocka_unit_test(test_only_region),
		cmocka_unit_test(test_no_compute),
		cmocka_unit_test(test_margin),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
