/* SPDX-License-Identifier: Apache-2.0 */
/* Tests of core/rest/http/address.c. */
#include "rest/http/address.h"

#include <netinet/in.h>
#include <sys/socket.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static struct address parsed(const char *text)
{
	struct address a;

	assert_true(address_parse(text, strlen(text), &a));
	return a;
}

static void expect_text(const char *text, const char *written)
{
	struct address a = parsed(text);
	char out[ADDRESS_TEXT_SIZE];

	address_write(out, &a);
	assert_string_equal(out, written);
}

static void test_forms(void **state)
{
	static const char *const wrong[] = {
		"", "localhost", "1.2.3", "[::1", "[::1]x", "1.2.3.4.5", ":::"};
	struct address a;

	expect_text("192.0.2.1", "192.0.2.1");
	expect_text("192.0.2.1:80", "192.0.2.1");
	expect_text("2001:db8::1", "2001:db8::1");
	expect_text("[2001:db8::1]:443", "2001:db8::1");
	expect_text("::ffff:192.0.2.1", "192.0.2.1");
	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
		assert_false(address_parse(wrong[i], strlen(wrong[i]), &a));
	}
}

static void test_sockets(void **state)
{
	struct sockaddr_in v4 = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(0xc0000201)};
	struct sockaddr unix_socket = {.sa_family = AF_UNIX};
	struct address a, b = parsed("192.0.2.1");

	assert_true(address_from_socket((struct sockaddr *)&v4, &a));
	assert_memory_equal(&a, &b, sizeof(a));
	assert_false(address_from_socket(&unix_socket, &a));
	assert_false(address_from_socket(NULL, &a));
}

static void test_a_client_is_an_address_or_a_64(void **state)
{
	struct address a = parsed("2001:db8::1"), b = parsed("2001:db8::2"),
		       c = parsed("2001:db8:1::1");
	struct address ka = address_of_client(&a), kb = address_of_client(&b),
		       kc = address_of_client(&c);
	struct address v4 = parsed("192.0.2.1"), kv4 = address_of_client(&v4);

	assert_memory_equal(&ka, &kb, sizeof(ka));
	assert_memory_not_equal(&ka, &kc, sizeof(ka));
	assert_memory_equal(&v4, &kv4, sizeof(v4));
}

static void test_networks(void **state)
{
	static const char *const texts[] = {"10.0.0.0/9", "192.0.2.1", "2001:db8::/33", "::1"};
	static const struct {
		const char *address;
		bool in;
	} cases[] = {
		{"10.127.1.1",       true },
                {"10.128.0.0",       false},
                {"192.0.2.1",        true },
		{"192.0.2.2",        false},
                {"2001:db8:7fff::1", true },
                {"2001:db8:8000::1", false},
		{"::1",              true },
                {"::2",              false}
        };
	struct networks networks;

	assert_int_equal(networks_parse(&networks, texts, 4, NULL), 0);
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct address a = parsed(cases[i].address);

		assert_int_equal(networks_contain(&networks, &a), cases[i].in);
	}
	networks_finish(&networks);
}

static void test_wrong_networks_are_named(void **state)
{
	static const char *const wrong[] = {
		"10.0.0.0/33", "::/129", "10.0.0.0/", "proxy", "10.0.0.0/-1"};
	struct networks networks;

	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
		struct gpubroker_error error = {0};

		assert_int_equal(
			networks_parse(&networks, &wrong[i], 1, &error), GPUBROKER_E_CONFIG);
		assert_non_null(strstr(error.text, wrong[i]));
	}
}

static void test_forwarded(void **state)
{
	static const char *const texts[] = {"10.0.0.0/8"};
	static const struct {
		const char *peer, *header, *client;
	} cases[] = {
		{"10.0.0.1",     NULL,                            "10.0.0.1"    },
		{"10.0.0.1",     "",                              "10.0.0.1"    },
		{"10.0.0.1",     "192.0.2.1",                     "192.0.2.1"   },
		{"10.0.0.1",     "6.6.6.6, 192.0.2.1 , 10.0.0.2", "192.0.2.1"   },
		{"10.0.0.1",     "192.0.2.1, nonsense",           "10.0.0.1"    },
		{"10.0.0.1",     "10.0.0.3,10.0.0.2",             "10.0.0.3"    },
		{"10.0.0.1",     ",",                             "10.0.0.1"    },
		{"10.0.0.1",     "[2001:db8::1]:99",              "2001:db8::1" },
		{"198.51.100.1", "192.0.2.1",                     "198.51.100.1"},
	};
	struct networks networks;

	assert_int_equal(networks_parse(&networks, texts, 1, NULL), 0);
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct address peer = parsed(cases[i].peer), wanted = parsed(cases[i].client);
		struct address got = address_forwarded(&networks, &peer, cases[i].header);

		assert_memory_equal(&got, &wanted, sizeof(got));
	}
	networks_finish(&networks);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_forms),
		cmocka_unit_test(test_sockets),
		cmocka_unit_test(test_a_client_is_an_address_or_a_64),
		cmocka_unit_test(test_networks),
		cmocka_unit_test(test_wrong_networks_are_named),
		cmocka_unit_test(test_forwarded),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
