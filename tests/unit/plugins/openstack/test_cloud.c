/* SPDX-License-Identifier: Apache-2.0 */
/* plugins/openstack/cloud.c: what of a description belongs together. */
#include "openstack/cloud.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static char url[] = "https://h:5000/v3", word[] = "w";

static struct cloud complete(void)
{
	return (struct cloud){
		.auth_url = url, .username = word, .password = word, .project_name = word};
}

static void assert_fine(const struct cloud *c, enum login expected)
{
	struct gpubroker_error error;
	enum login login;

	assert_int_equal(cloud_check(c, &login, &error), 0);
	assert_int_equal(login, expected);
}

static void assert_refused(const struct cloud *c, const char *words)
{
	struct gpubroker_error error;
	enum login login;

	assert_int_equal(cloud_check(c, &login, &error), GPUBROKER_E_CONFIG);
	assert_non_null(strstr(error.text, words));
}

static void test_password(void **state)
{
	struct cloud c = complete();

	assert_fine(&c, LOGIN_PASSWORD);
	c.username = NULL;
	assert_refused(&c, "username or user_id");
	c.user_id = word;
	assert_fine(&c, LOGIN_PASSWORD);
	c.password = NULL;
	assert_refused(&c, "password");
}

static void test_project(void **state)
{
	struct cloud c = complete();

	c.project_name = NULL;
	assert_refused(&c, "project_name");
	c.project_id = word;
	assert_fine(&c, LOGIN_PASSWORD);
}

static void test_application_credential(void **state)
{
	struct cloud c = {.auth_url = url, .application_credential_id = word};

	assert_refused(&c, "secret");
	c.application_credential_secret = word;
	assert_fine(&c, LOGIN_APPLICATION_CREDENTIAL);
	c.application_credential_id = NULL;
	assert_refused(&c, "application_credential_id");
	c.application_credential_name = word;
	assert_refused(&c, "username or user_id");
	c.user_id = word;
	assert_fine(&c, LOGIN_APPLICATION_CREDENTIAL);
}

static void test_token(void **state)
{
	struct cloud c = {.auth_url = url, .token = word, .project_id = word};

	assert_fine(&c, LOGIN_TOKEN);
}

static void test_one_way_only(void **state)
{
	struct cloud c = complete();

	c.token = word;
	assert_refused(&c, "several ways");
	c.token = NULL;
	c.application_credential_id = word;
	assert_refused(&c, "several ways");
}

static void test_urls(void **state)
{
	static const char *const bad[] = {"h:5000", "ftp://h", "http://", "http://u@h/v3",
		"http://u:p@h", "http://h/?a", "http://h /v3", "https://h#x"};
	static const char *const good[] = {
		"http://h", "HTTPS://h", "http://[::1]:5000/v3", "http://h/path@x"};
	struct cloud c = complete();
	size_t i;

	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		c.auth_url = (char *)bad[i];
		assert_refused(&c, "auth_url");
		c.auth_url = url;
		c.compute_endpoint = (char *)bad[i];
		assert_refused(&c, "compute_endpoint");
		c.compute_endpoint = NULL;
	}
	for (i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
		c.auth_url = (char *)good[i];
		assert_fine(&c, LOGIN_PASSWORD);
	}
	c.auth_url = NULL;
	assert_refused(&c, "auth_url is missing");
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_password),
		cmocka_unit_test(test_project),
		cmocka_unit_test(test_application_credential),
		cmocka_unit_test(test_token),
		cmocka_unit_test(test_one_way_only),
		cmocka_unit_test(test_urls),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
