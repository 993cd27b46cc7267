/* SPDX-License-Identifier: Apache-2.0 */
/* Listening sockets: addresses of each kind, a socket left by a dead daemon, one that is in use. */
#include "proc/listen.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

static void expect_open(const char *address, const char *begin, int *ret_fd)
{
	struct gpubroker_error error = {0};
	char text[160];
	size_t n;

	assert_int_equal(listen_open(address, ret_fd, 1, &n, &error), 0);
	assert_int_equal(n, 1);
	listen_describe(*ret_fd, text, sizeof(text));
	assert_memory_equal(text, begin, strlen(begin));
}

static void tcp(void **state)
{
	char address[160], text[160];
	struct gpubroker_error error = {0};
	int fd, second;
	size_t n;

	expect_open("127.0.0.1:0", "127.0.0.1:", &fd);
	listen_describe(fd, text, sizeof(text));
	snprintf(address, sizeof(address), "%s", text);
	assert_true(listen_open(address, &second, 1, &n, &error) < 0);
	assert_non_null(strstr(error.text, address));
	close(fd);
	expect_open("[::1]:0", "[::1]:", &fd);
	close(fd);
	expect_open("localhost:0", "", &fd);
	close(fd);
	assert_true(listen_open("no port", &fd, 1, &n, &error) < 0);
}

static void unix_socket(void **state)
{
	char folder[] = "/tmp/test_listen.XXXXXX", address[80];
	struct gpubroker_error error = {0};
	int fd, second;
	size_t n;

	assert_non_null(mkdtemp(folder));
	snprintf(address, sizeof(address), "unix:%s/s", folder);
	expect_open(address, address, &fd);
	assert_true(listen_open(address, &second, 1, &n, &error) < 0); /* somebody listens there */
	close(fd);
	expect_open(address, address, &fd); /* nobody does: it was left over */
	close(fd);
	unlink(address + 5);
	assert_int_equal(rmdir(folder), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(tcp), cmocka_unit_test(unix_socket)};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
