/* SPDX-License-Identifier: Apache-2.0 */
/* plugins/openstack/endpoint.c: addresses and microversions. */
#include "openstack/endpoint.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static void test_addresses(void **state)
{
	static const struct {
		const char *url, *base, *root;
	} rows[] = {
		{"http://h:8774/v2.1",                "http://h:8774/v2.1",     "http://h:8774/v2.1"    },
		{"http://h:8774/v2.1/",               "http://h:8774/v2.1",     "http://h:8774/v2.1"    },
		{"http://h:8774/v2.1/pid",            "http://h:8774/v2.1/pid", "http://h:8774/v2.1"    },
		{"http://h:8774/v2.1/pid/",           "http://h:8774/v2.1/pid", "http://h:8774/v2.1"    },
		{"http://h:8774/v2.1/%(project_id)s", "http://h:8774/v2.1/pid",
                 "http://h:8774/v2.1"								   },
		{"http://h:8774/v2.1/$(tenant_id)s",  "http://h:8774/v2.1/pid",
                 "http://h:8774/v2.1"								   },
		{"http://h:8774/v2/%(tenant_id)s",    "http://h:8774/v2.1/pid", "http://h:8774/v2.1"    },
		{"http://h:8774/v2",                  "http://h:8774/v2.1",     "http://h:8774/v2.1"    },
		{"https://h/compute",                 "https://h/compute/v2.1", "https://h/compute/v2.1"},
		{"https://h",                         "https://h/v2.1",         "https://h/v2.1"        },
		{"https://pid",                       "https://pid/v2.1",       "https://pid/v2.1"      },
		{"https://h/xpid",                    "https://h/xpid/v2.1",    "https://h/xpid/v2.1"   },
		{"http://[::1]:8774/v2.1",            "http://[::1]:8774/v2.1", "http://[::1]:8774/v2.1"},
		{"HTTPS://h/v2.1",                    "HTTPS://h/v2.1",         "HTTPS://h/v2.1"        },
	};
	struct gpubroker_error error;
	struct endpoint e;
	size_t i;

	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		assert_int_equal(
			endpoint_from_url(&e, SERVICE_NOVA, rows[i].url, "pid", &error), 0);
		assert_string_equal(e.base, rows[i].base);
		assert_string_equal(e.root, rows[i].root);
		endpoint_finish(&e);
	}
	assert_int_equal(endpoint_from_url(&e, SERVICE_NOVA, "http://h/v2.1/", NULL, &error), 0);
	assert_string_equal(e.base, "http://h/v2.1");
	endpoint_finish(&e);
	assert_int_equal(endpoint_from_url(&e, SERVICE_NOVA, "ftp://h/v2.1", "pid", &error),
		GPUBROKER_E_CONFIG);
	assert_int_equal(
		endpoint_from_url(&e, SERVICE_NOVA, "", "pid", &error), GPUBROKER_E_CONFIG);
}

static void test_placement(void **state)
{
	static const char fine[] =
		"{\"versions\":[{\"id\":\"v1.0\",\"max_version\":\"1.39\",\"min_version\":\"1.0\"}]}";
	struct gpubroker_error error;
	struct microversions v = {0};
	struct endpoint e;
	int version;

	assert_int_equal(
		endpoint_from_url(&e, SERVICE_PLACEMENT, "http://h:8778/placement/", "pid", &error),
		0);
	assert_string_equal(e.base, "http://h:8778/placement");
	assert_string_equal(e.root, "http://h:8778/placement");
	endpoint_finish(&e);
	assert_int_equal(microversions_parse(&v, SERVICE_PLACEMENT, fine, strlen(fine), &error), 0);
	assert_int_equal(v.min, 0);
	assert_int_equal(v.max, 39);
	v.max = 28;
	assert_int_equal(microversion_choose(&v, SERVICE_PLACEMENT, "c", 29, 39, &version, &error),
		GPUBROKER_E_BAD_REPLY);
	assert_non_null(strstr(error.text, "placement: c needs microversion 1.29"));
	assert_int_equal(
		microversions_parse(&v, SERVICE_PLACEMENT, "{\"versions\":[]}", 15, &error),
		GPUBROKER_E_BAD_REPLY);
}

static void test_addresses_that_are_none(void **state)
{
	static const char *const urls[] = {"http://user:sesame@h/v2.1", "http://sesame@h/v2.1",
		"http://", "http:///v2.1", "http://h/v2.1?sesame=1", "http://h/v2.1#x",
		"http://h/v2.1\r\nX: y", "http://h h/v2.1"};
	struct gpubroker_error error;
	struct endpoint e;
	size_t i;

	for (i = 0; i < sizeof(urls) / sizeof(urls[0]); i++) {
		assert_int_equal(endpoint_from_url(&e, SERVICE_NOVA, urls[i], "pid", &error),
			GPUBROKER_E_CONFIG);
		assert_null(strstr(error.text, "sesame"));
		assert_null(e.base);
	}
}

static void test_microversions(void **state)
{
	int v;

	assert_true(microversion_parse("2.1", 2, &v));
	assert_int_equal(v, 1);
	assert_true(microversion_parse("2.100", 2, &v));
	assert_int_equal(v, 100);
	assert_false(microversion_parse("", 2, &v));
	assert_false(microversion_parse("2.", 2, &v));
	assert_false(microversion_parse("3.1", 2, &v));
	assert_false(microversion_parse("2.1x", 2, &v));
	assert_false(microversion_parse("2.-1", 2, &v));
	assert_false(microversion_parse("2.9999999", 2, &v));
}

static void test_document(void **state)
{
	static const char fine[] = "{\"version\":{\"version\":\"2.93\",\"min_version\":\"2.1\"}}";
	static const char *const bad[] = {"", "{}",
		"{\"version\":{\"version\":\"\",\"min_version\":\"\"}}",
		"{\"version\":{\"version\":\"2.93\"}}", "{\"versions\":[]}"};
	struct microversions v = {0};
	struct gpubroker_error error;
	size_t i;

	assert_int_equal(microversions_parse(&v, SERVICE_NOVA, fine, strlen(fine), &error), 0);
	assert_int_equal(v.min, 1);
	assert_int_equal(v.max, 93);
	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		assert_int_equal(
			microversions_parse(&v, SERVICE_NOVA, bad[i], strlen(bad[i]), &error),
			GPUBROKER_E_BAD_REPLY);
	}
}

static void test_choice(void **state)
{
	struct gpubroker_error error;
	struct microversions has = {1, 93};
	int v;

	assert_int_equal(microversion_choose(&has, SERVICE_NOVA, "c", 53, 87, &v, &error), 0);
	assert_int_equal(v, 87);
	has.max = 60; /* 2.60 is newer than 2.9 */
	assert_int_equal(microversion_choose(&has, SERVICE_NOVA, "c", 9, 87, &v, &error), 0);
	assert_int_equal(v, 60);
	has.max = 52;
	assert_int_equal(microversion_choose(&has, SERVICE_NOVA, "c", 53, 87, &v, &error),
		GPUBROKER_E_BAD_REPLY);
	has = (struct microversions){88, 104};
	assert_int_equal(microversion_choose(&has, SERVICE_NOVA, "c", 53, 87, &v, &error),
		GPUBROKER_E_BAD_REPLY);
	assert_non_null(strstr(error.text, "2.88"));
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_addresses),
		cmocka_unit_test(test_placement),
		cmocka_unit_test(test_addresses_that_are_none),
		cmocka_unit_test(test_microversions),
		cmocka_unit_test(test_document),
		cmocka_unit_test(test_choice),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
