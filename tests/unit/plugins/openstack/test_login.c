/* SPDX-License-Identifier: Apache-2.0 */
/* plugins/openstack/login.c: address and body of a login. */
#include "openstack/login.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

/* The struct is filled by the core, so its strings are not const. */
#define S(text) ((char *)(text))

static void test_urls(void **state)
{
	static const char *const rows[][2] = {
		{"https://h:5000",               "https://h:5000/v3/auth/tokens"           },
		{"https://h:5000/",              "https://h:5000/v3/auth/tokens"           },
		{"https://h:5000/v3",            "https://h:5000/v3/auth/tokens"           },
		{"https://h:5000/v3/",           "https://h:5000/v3/auth/tokens"           },
		{"https://h:5000/v2.0",          "https://h:5000/v3/auth/tokens"           },
		{"https://h:5000/v2.0/",         "https://h:5000/v3/auth/tokens"           },
		{"https://h/identity",           "https://h/identity/v3/auth/tokens"       },
		{"https://h/identity//v3//",     "https://h/identity/v3/auth/tokens"       },
		{"http://[2001:db8::1]:5000/v3", "http://[2001:db8::1]:5000/v3/auth/tokens"},
	};
	size_t i;

	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct text url = {0};

		login_url(&url, rows[i][0]);
		assert_string_equal(url.data, rows[i][1]);
		text_finish(&url);
	}
}

static void assert_body(const struct cloud *c, enum login login, const char *expected)
{
	struct text body = {0};

	login_body(&body, c, login);
	assert_string_equal(body.data, expected);
	text_finish(&body);
}

static void test_password(void **state)
{
	struct cloud c = {.username = S("u"),
		.user_domain_name = S("D"),
		.password = S("p\"\\"),
		.project_name = S("P"),
		.project_domain_id = S("d"),
		.project_domain_name = S("ignored")};

	assert_body(&c, LOGIN_PASSWORD,
		"{\"auth\":{\"identity\":{\"methods\":[\"password\"],\"password\":{\"user\":{\"name\":\"u\","
		"\"domain\":{\"name\":\"D\"},\"password\":\"p\\\"\\\\\"}}},\"scope\":{\"project\":{\"name\":\"P\","
		"\"domain\":{\"id\":\"d\"}}}}}");
	c.user_id = S("U");
	c.project_id = S("I");
	assert_body(&c, LOGIN_PASSWORD,
		"{\"auth\":{\"identity\":{\"methods\":[\"password\"],\"password\":{\"user\":{\"id\":\"U\","
		"\"password\":\"p\\\"\\\\\"}}},\"scope\":{\"project\":{\"id\":\"I\"}}}}");
}

static void test_default_domain(void **state)
{
	struct cloud c = {.username = S("u"), .password = S("p"), .project_name = S("P")};

	assert_body(&c, LOGIN_PASSWORD,
		"{\"auth\":{\"identity\":{\"methods\":[\"password\"],\"password\":{\"user\":{\"name\":\"u\","
		"\"domain\":{\"id\":\"default\"},\"password\":\"p\"}}},\"scope\":{\"project\":{\"name\":\"P\","
		"\"domain\":{\"id\":\"default\"}}}}}");
}

static void test_application_credential_has_no_scope(void **state)
{
	struct cloud c = {.application_credential_id = S("i"),
		.application_credential_secret = S("s"),
		.project_name = S("P")};

	assert_body(&c, LOGIN_APPLICATION_CREDENTIAL,
		"{\"auth\":{\"identity\":{\"methods\":[\"application_credential\"],\"application_credential\":"
		"{\"id\":\"i\",\"secret\":\"s\"}}}}");
	c.application_credential_id = NULL;
	c.application_credential_name = S("n");
	c.user_id = S("U");
	assert_body(&c, LOGIN_APPLICATION_CREDENTIAL,
		"{\"auth\":{\"identity\":{\"methods\":[\"application_credential\"],\"application_credential\":"
		"{\"name\":\"n\",\"user\":{\"id\":\"U\"},\"secret\":\"s\"}}}}");
}

static void test_token(void **state)
{
	struct cloud c = {.token = S("t"), .project_id = S("P")};

	assert_body(&c, LOGIN_TOKEN,
		"{\"auth\":{\"identity\":{\"methods\":[\"token\"],\"token\":{\"id\":\"t\"}},"
		"\"scope\":{\"project\":{\"id\":\"P\"}}}}");
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_urls),
		cmocka_unit_test(test_password),
		cmocka_unit_test(test_default_domain),
		cmocka_unit_test(test_application_credential_has_no_scope),
		cmocka_unit_test(test_token),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
