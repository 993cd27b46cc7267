/* SPDX-License-Identifier: Apache-2.0 */
/* What the configuration may say where a cache is, and what it may not. */
#include "base/mem.h"
#include "store/server_address.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

static void good_addresses_are_read(void **state)
{
	static const struct {
		const char *text, *host;
		uint16_t port;
	} cases[] = {
		{"127.0.0.1:11211",          "127.0.0.1",           11211},
		{"cache.example.org:1",      "cache.example.org",   1    },
		{"cache",                    "cache",               11211},
		{"[::1]:65535",              "::1",                 65535},
		{"[fe80::1]",                "fe80::1",             11211},
		{"unix:/run/memcached.sock", "/run/memcached.sock", 0    },
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct server_address address;

		assert_int_equal(server_address_parse(&address, cases[i].text, NULL), 0);
		assert_string_equal(address.host, cases[i].host);
		assert_int_equal(address.port, cases[i].port);
		server_address_finish(&address);
	}
}

static void bad_addresses_are_named(void **state)
{
	static const char *const cases[] = {"", ":11211", "host:", "host:0", "host:65536",
		"host:-1", "host:80x", "host: 80", "::1:11211", "[::1", "[::1]11211", "[]:1",
		"unix:", "unix:relative", "user:pass@host:1", "http://host:1", "a b"};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct server_address address;
		struct gpubroker_error error = {0};

		assert_int_equal(
			server_address_parse(&address, cases[i], &error), GPUBROKER_E_CONFIG);
		assert_non_null(strstr(error.text, cases[i]));
		server_address_finish(&address);
	}
}

static void path_must_fit_a_socket_address(void **state)
{
	char text[200];
	struct server_address address;

	memset(text, 'x', sizeof(text));
	memcpy(text, "unix:/", 6);
	text[5 + 108] = '\0';
	assert_int_equal(server_address_parse(&address, text, NULL), GPUBROKER_E_CONFIG);
	text[5 + 107] = '\0';
	assert_int_equal(server_address_parse(&address, text, NULL), 0);
	server_address_finish(&address);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(good_addresses_are_read),
		cmocka_unit_test(bad_addresses_are_named),
		cmocka_unit_test(path_must_fit_a_socket_address),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
