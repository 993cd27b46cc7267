/* SPDX-License-Identifier: Apache-2.0 */
/* HOST:PORT, [v6]:PORT, unix:/path. The sentences are in tests/data/conf/listen. */
#include "conf/hostport.h"

#include "base/mem.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

static void good_ones_are_taken_apart(void **state)
{
	static const struct {
		const char *text, *host;
		uint16_t port;
	} cases[] = {
		{"127.0.0.1:8080",        "127.0.0.1",       8080 },
		{"[::1]:1",               "::1",             1    },
		{"[::ffff:1.2.3.4]:1",    "::ffff:1.2.3.4",  1    },
		{"localhost:0",           "localhost",       0    },
		{"a-b.example.org:65535", "a-b.example.org", 65535},
	};
	struct hostport e;

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		assert_int_equal(hostport_parse(cases[i].text, &e, NULL), 0);
		assert_false(e.is_unix);
		assert_string_equal(e.host, cases[i].host);
		assert_int_equal(e.port, cases[i].port);
	}
	assert_int_equal(hostport_parse("unix:/run/x y", &e, NULL), 0);
	assert_true(e.is_unix);
	assert_string_equal(e.path, "/run/x y");
}

static void bad_ones_are_refused(void **state)
{
	static const char *const cases[] = {"", ":", "a", "a:", ":1", "a:-1", "a:+1", "a:1 ",
		"a: 1", "a:65536", "a:99999999999999999999", "::1:1", "[::1]", "[::1]1", "[]:1",
		"[::1%lo]:1", "[a]:1", "1.2.3:1", "-a:1", ".a:1", "a/b:1", "http://a:1",
		"unix:", "unix:a", "*:1"};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct gpubroker_error error = {0};
		struct hostport e;

		assert_int_equal(hostport_parse(cases[i], &e, &error), GPUBROKER_E_CONFIG);
		assert_true(error.text[0] != '\0');
	}
}

static void a_host_that_is_too_long_is_refused(void **state)
{
	char text[400];
	struct hostport e;

	memset(text, 'a', sizeof(text));
	memcpy(text + 256, ":80", 4);
	assert_true(hostport_parse(text, &e, NULL) < 0);
	memcpy(text + 255, ":80", 4);
	assert_int_equal(hostport_parse(text, &e, NULL), 0);
}

static void networks(void **state)
{
	static const char *const good[] = {
		"10.0.0.0/8", "10.0.0.1", "0.0.0.0/0", "::/0", "fd00::/8", "::1/128"};
	static const char *const bad[] = {"", "/8", "10.0.0.0/", "10.0.0.0/33", "10.0.0.0/-1",
		"10.0.0.0/ 8", "10.0.0/8", "::1/129", "a", "10.0.0.0/8/8", "::1/128x",
		"1111:1111:1111:1111:1111:1111:1111:1111:1111:1111:1111:1111"};

	for (size_t i = 0; i < ARRAY_SIZE(good); i++) {
		assert_true(network_is_valid(good[i]));
	}
	for (size_t i = 0; i < ARRAY_SIZE(bad); i++) {
		assert_false(network_is_valid(bad[i]));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(good_ones_are_taken_apart),
		cmocka_unit_test(bad_ones_are_refused),
		cmocka_unit_test(a_host_that_is_too_long_is_refused),
		cmocka_unit_test(networks),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
