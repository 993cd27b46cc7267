/* SPDX-License-Identifier: Apache-2.0 */
/* Tests of core/rest/gate.c. */
#include "rest/gate.h"

#include <netinet/in.h>
#include <sys/socket.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static struct sockaddr_in peer(uint32_t address)
{
	return (struct sockaddr_in){.sin_family = AF_INET, .sin_addr.s_addr = htonl(address)};
}

static struct gate *gate_of(const struct rest_settings *settings)
{
	struct gate *gate = NULL;

	assert_int_equal(gate_new(&gate, settings, NULL), 0);
	return gate;
}

static void test_all_connections(void **state)
{
	const struct rest_settings settings = {.max_connections = 1};
	struct gate *gate = gate_of(&settings);
	void *first = gate_open(gate, NULL, 0), *second = gate_open(gate, NULL, 0);
	bool close_it;

	assert_true(gate_connection_limit(gate) > 1);
	assert_int_equal(gate_request(gate, first, NULL, NULL, 0, &close_it), 0);
	assert_false(close_it);
	assert_int_equal(gate_request(gate, second, NULL, NULL, 0, &close_it), 503);
	assert_true(close_it);
	gate_close(gate, second, NULL);
	gate_close(gate, first, NULL);
	second = gate_open(gate, NULL, 0);
	assert_int_equal(gate_request(gate, second, NULL, NULL, 0, &close_it), 0);
	gate_free(gate);
}

static void test_connections_of_an_address(void **state)
{
	const struct rest_settings settings = {
		.max_connections = 100, .max_connections_per_address = 1};
	struct gate *gate = gate_of(&settings);
	struct sockaddr_in a = peer(0xc0000201), b = peer(0xc0000202);
	void *first = gate_open(gate, (struct sockaddr *)&a, 0), *second;
	bool close_it;

	second = gate_open(gate, (struct sockaddr *)&a, 0);
	assert_int_equal(
		gate_request(gate, second, (struct sockaddr *)&a, NULL, 0, &close_it), 429);
	assert_true(close_it);
	gate_close(gate, second, (struct sockaddr *)&a);
	second = gate_open(gate, (struct sockaddr *)&b, 0);
	assert_int_equal(gate_request(gate, second, (struct sockaddr *)&b, NULL, 0, &close_it), 0);
	gate_close(gate, first, (struct sockaddr *)&a);
	first = gate_open(gate, (struct sockaddr *)&a, 0);
	assert_int_equal(gate_request(gate, first, (struct sockaddr *)&a, NULL, 0, &close_it), 0);
	gate_free(gate);
}

static void test_proxies(void **state)
{
	static const char *const proxies[] = {"192.0.2.1"};
	const struct rest_settings settings = {.max_connections_per_address = 1,
		.requests_per_s_per_address = 1,
		.trusted_proxies = proxies,
		.n_trusted_proxies = 1};
	struct gate *gate = gate_of(&settings);
	struct sockaddr_in a = peer(0xc0000201);
	void *first = gate_open(gate, (struct sockaddr *)&a, 0), *second;
	bool close_it;

	second = gate_open(gate, (struct sockaddr *)&a, 0);
	assert_int_equal(
		gate_request(gate, first, (struct sockaddr *)&a, "10.0.0.1", 0, &close_it), 0);
	assert_int_equal(
		gate_request(gate, second, (struct sockaddr *)&a, "10.0.0.2", 0, &close_it), 0);
	assert_int_equal(
		gate_request(gate, second, (struct sockaddr *)&a, "10.0.0.1", 0, &close_it), 429);
	assert_false(close_it);
	gate_free(gate);
	gate_free(NULL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_all_connections),
		cmocka_unit_test(test_connections_of_an_address),
		cmocka_unit_test(test_proxies),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
