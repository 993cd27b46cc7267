/* SPDX-License-Identifier: Apache-2.0 */
/* plugins/openstack/keystone.c: the token's life. */
#include "openstack/keystone.h"

#include "canned_http.h"
#include "fake_core.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

/* The struct is filled by the core, so its strings are not const. */
#define S(text) ((char *)(text))

#define GRANTED                                                                                                         \
	"{\"token\":{\"expires_at\":\"2026-11-22T16:39:13.000000Z\",\"issued_at\":\"2026-11-22T15:39:13.000000Z\","     \
	"\"project\":{\"id\":\"p\"},\"roles\":[{\"name\":\"admin\"}],\"catalog\":[{\"type\":\"compute\",\"endpoints\":" \
	"[{\"interface\":\"public\",\"region_id\":\"R\",\"url\":\"http://n/v2.1\"}]}]}}"

static struct gpubroker_core core;
static struct canned_server *server;
static struct cloud cloud;
static struct keystone keystone;

static void begin(const struct canned *answers, size_t n)
{
	static const struct http_settings settings = {0};

	server = canned_start(answers, n);
	core = canned_core();
	cloud = (struct cloud){.auth_url = (char *)canned_url(server),
		.username = S("u"),
		.password = S("s3cret"),
		.project_name = S("p")};
	keystone = (struct keystone){.cloud = &cloud, .login = LOGIN_PASSWORD, .core = &core};
	fake_core_clear_log();
	assert_int_equal(http_new(&settings, &core, &keystone.http, NULL), 0);
}

static void end(void)
{
	keystone_logout(&keystone);
	http_free(keystone.http);
	canned_stop(server);
	canned_ahead_ms = 0;
}

static void test_one_token_for_its_life(void **state)
{
	static const struct canned answers[] = {
		{"POST /v3/auth/tokens", 201, "X-Subject-Token: one\r\n", GRANTED},
		{"POST /v3/auth/tokens", 201, "X-Subject-Token: two\r\n", GRANTED}
        };
	struct gpubroker_error error;

	begin(answers, 2);
	assert_int_equal(keystone_login(&keystone, &error), 0);
	assert_string_equal(keystone.token, "one");
	assert_string_equal(keystone.endpoints[SERVICE_NOVA].base, "http://n/v2.1");
	assert_string_equal(fake_core_log(), "");
	canned_ahead_ms = 3400 * 1000;
	assert_int_equal(keystone_login(&keystone, &error), 0);
	assert_string_equal(keystone.token, "one");
	canned_ahead_ms = 3500 * 1000;
	assert_int_equal(keystone_login(&keystone, &error), 0);
	assert_string_equal(keystone.token, "two");
	assert_int_equal(canned_requests(server), 2);
	end();
}

static void test_serves_on_while_keystone_is_away(void **state)
{
	static const struct canned answers[] = {
		{"POST",   201, "X-Subject-Token: one\r\n", GRANTED},
                {"POST", 500   },
                {"POST",     500    }
        };
	struct gpubroker_error error;

	begin(answers, 3);
	assert_int_equal(keystone_login(&keystone, &error), 0);
	canned_ahead_ms = 3500 * 1000;
	assert_int_equal(keystone_login(&keystone, &error), 0);
	assert_string_equal(keystone.token, "one");
	canned_ahead_ms = 3601 * 1000;
	assert_int_equal(keystone_login(&keystone, &error), GPUBROKER_E_UNAVAILABLE);
	assert_null(keystone.token);
	end();
}

static void test_refusals(void **state)
{
	static const struct {
		struct canned answer;
		int code;
		const char *words;
	} rows[] = {
		{{"POST", 401},				  GPUBROKER_E_AUTH,      "refuses"        },
		{{"POST", 401, "Openstack-Auth-Receipt: r\r\n"}, GPUBROKER_E_AUTH,      "second factor"  },
		{{"POST", 404},				  GPUBROKER_E_CONFIG,    "auth_url"       },
		{{"POST", 300, "Location: http://e/\r\n"},       GPUBROKER_E_BAD_REPLY, "http://e/"      },
		{{"POST", 201, NULL, GRANTED},                   GPUBROKER_E_BAD_REPLY, "without a token"},
		{{"POST", 201, "X-Subject-Token: t\r\n", "{}"},  GPUBROKER_E_BAD_REPLY, "token"          },
		{{"POST", 0},				    GPUBROKER_E_NETWORK,   "keystone"       },
	};
	struct gpubroker_error error;
	size_t i;

	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		begin(&rows[i].answer, 1);
		assert_int_equal(keystone_login(&keystone, &error), rows[i].code);
		assert_int_equal(error.code, rows[i].code);
		assert_non_null(strstr(error.text, rows[i].words));
		assert_null(strstr(error.text, "s3cret"));
		assert_null(keystone.token);
		assert_null(keystone.endpoints[SERVICE_NOVA].base);
		end();
	}
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_one_token_for_its_life),
		cmocka_unit_test(test_serves_on_while_keystone_is_away),
		cmocka_unit_test(test_refusals),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
