/* SPDX-License-Identifier: Apache-2.0 */
/* plugins/openstack/environ.c: OS_* variables. */
#include "openstack/cloud.h"

#include "fake_core.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static const char *const (*variables)[2];

static const char *look_up(const char *name)
{
	size_t i;

	for (i = 0; variables[i][0]; i++) {
		if (!strcmp(variables[i][0], name)) {
			return variables[i][1];
		}
	}
	return NULL;
}

static int from(const char *const v[][2], struct cloud *ret, struct gpubroker_error *error)
{
	struct gpubroker_core core = fake_core;

	variables = v;
	core.environment = look_up;
	*ret = (struct cloud){0};
	return cloud_from_environment(&core, ret, error);
}

static void test_as_horizon_writes_it(void **state)
{
	static const char *const v[][2] = {
		{"OS_AUTH_URL",          "https://h:5000"},
                {"OS_PROJECT_ID",                      "p"},
		{"OS_PROJECT_NAME","name"},
                {"OS_USER_DOMAIN_NAME",      "D"},
		{"OS_PROJECT_DOMAIN_ID",                      "d"},
                {"OS_USERNAME",              "u"},
                {"OS_PASSWORD", "s"},
		{"OS_REGION_NAME",                      "R"},
                {"OS_INTERFACE",      "public"},
		{"OS_IDENTITY_API_VERSION",          "3"},
                {NULL                     }
        };
	struct gpubroker_error error;
	struct cloud c;

	assert_int_equal(from(v, &c, &error), 0);
	assert_string_equal(c.auth_url, "https://h:5000");
	assert_string_equal(c.project_id, "p");
	assert_string_equal(c.user_domain_name, "D");
	assert_string_equal(c.project_domain_id, "d");
	assert_string_equal(c.password, "s");
	assert_string_equal(c.region_name, "R");
	assert_false(c.insecure);
	cloud_finish(&c);
	assert_null(c.password);
}

static void test_old_names(void **state)
{
	static const char *const v[][2] = {
		{"OS_AUTH_URL",     "x"},
                {"OS_TENANT_NAME",                 "t"},
                {"OS_PROJECT_NAME",""},
		{"OS_ENDPOINT_TYPE", "internalURL"},
                {"OS_AUTH_TOKEN",                 "tok"},
		{"OS_DEFAULT_DOMAIN",    "dd"},
                {"OS_INSECURE",   "True"},
                {NULL                }
        };
	struct gpubroker_error error;
	struct cloud c;

	assert_int_equal(from(v, &c, &error), 0);
	assert_string_equal(c.project_name, "t");
	assert_string_equal(c.interface, "internalURL");
	assert_string_equal(c.token, "tok");
	assert_string_equal(c.user_domain_id, "dd");
	assert_string_equal(c.project_domain_id, "dd");
	assert_true(c.insecure);
	cloud_finish(&c);
}

static void test_insecure_is_the_word_true(void **state)
{
	static const char *const v[][2] = {
		{"OS_AUTH_URL", "x"},
                {"OS_INSECURE",             "1"},
                {NULL}
        };
	struct gpubroker_error error;
	struct cloud c;

	assert_int_equal(from(v, &c, &error), 0);
	assert_false(c.insecure);
	cloud_finish(&c);
}

static void test_only_the_login_asked_for(void **state)
{
	static const char *const both[][2] = {
		{"OS_AUTH_URL", "x"},
                {"OS_PASSWORD",             "s"},
                {"OS_TOKEN","t"},
		{"OS_APPLICATION_CREDENTIAL_ID",    "i"},
                {"OS_APPLICATION_CREDENTIAL_SECRET",             "cs"},
		{NULL      }
        };
	static const char *const token[][2] = {
		{"OS_AUTH_URL", "x"},
                {"OS_PASSWORD",             "s"},
                {"OS_TOKEN","t"},
		{"OS_AUTH_TYPE",    "token"},
                {NULL            }
        };
	struct gpubroker_error error;
	struct cloud c;

	assert_int_equal(from(both, &c, &error), 0);
	assert_string_equal(c.application_credential_secret, "cs");
	assert_null(c.password);
	assert_null(c.token);
	cloud_finish(&c);
	assert_int_equal(from(token, &c, &error), 0);
	assert_string_equal(c.token, "t");
	assert_null(c.password);
	cloud_finish(&c);
}

static void test_refused(void **state)
{
	static const char *const cases[][3][2] = {
		{{"OS_AUTH_URL", "x"}, {"OS_AUTH_TYPE", "v3totp"},       {NULL}},
		{{"OS_AUTH_URL", "x"}, {"OS_TRUST_ID", "t"},             {NULL}},
		{{"OS_AUTH_URL", "x"}, {"OS_SYSTEM_SCOPE", "all"},       {NULL}},
		{{"OS_AUTH_URL", "x"}, {"OS_IDENTITY_API_VERSION", "2"}, {NULL}},
		{{"OS_CLOUD", "x"},    {"OS_REGION_NAME", "y"},          {NULL}},
	};
	struct gpubroker_error error;
	struct cloud c;
	size_t i;

	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		assert_int_equal(from(cases[i], &c, &error), GPUBROKER_E_CONFIG);
		assert_non_null(
			strstr(error.text, i < 4 ? cases[i][1][0] : "there is no cloud 'x'"));
		cloud_finish(&c);
	}
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_as_horizon_writes_it),
		cmocka_unit_test(test_old_names),
		cmocka_unit_test(test_insecure_is_the_word_true),
		cmocka_unit_test(test_only_the_login_asked_for),
		cmocka_unit_test(test_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
