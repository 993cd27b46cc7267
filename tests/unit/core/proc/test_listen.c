/* SPDX-License-Identifier: Apache-2.0 */
/* Listening sockets: addresses of each kind, a socket left by a dead daemon, one that is in use. */
#include "proc/listen.h"

#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
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

/* A socket at descriptor 3 as a service manager passes it, in a process of its own: the tests' runner has other things
 * there. 0: it is as it should be. */
static int passed_in_a_child(
	int fd, const char *pid, const char *n_fds, int expected, size_t expected_n)
{
	struct gpubroker_error error = {0};
	char own[16];
	int fds[2], status;
	size_t n = 99;
	pid_t child = fork();

	if (child == 0) {
		snprintf(own, sizeof(own), "%d", (int)getpid());
		dup2(fd, 3);
		close_range(4, ~0U, 0);
		setenv("LISTEN_PID", pid ? pid : own, 1);
		setenv("LISTEN_FDS", n_fds, 1);
		if (listen_passed(fds, 2, &n, &error) != expected || n != expected_n) {
			_exit(1);
		}
		if (expected_n > 0 && (fds[0] != 3 || fcntl(3, F_GETFD) != FD_CLOEXEC ||
					      !(fcntl(3, F_GETFL) & O_NONBLOCK))) {
			_exit(2);
		}
		_exit(getenv("LISTEN_PID") || getenv("LISTEN_FDS") ? 3 : 0);
	}
	assert_int_equal(waitpid(child, &status, 0), child);
	return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

static void passed(void **state)
{
	int listening = socket(AF_INET, SOCK_STREAM, 0), datagram = socket(AF_INET, SOCK_DGRAM, 0);

	assert_int_equal(passed_in_a_child(listening, NULL, "1", GPUBROKER_E_CONFIG, 0), 0);
	assert_int_equal(listen(listening, 1), 0);
	assert_int_equal(passed_in_a_child(listening, NULL, "1", 0, 1), 0);
	assert_int_equal(passed_in_a_child(listening, "1", "1", 0, 0), 0); /* for somebody else */
	assert_int_equal(passed_in_a_child(listening, NULL, "0", 0, 0), 0);
	assert_int_equal(passed_in_a_child(listening, NULL, "-1", 0, 0), 0);
	assert_int_equal(passed_in_a_child(listening, NULL, "one", 0, 0), 0);
	assert_int_equal(passed_in_a_child(listening, NULL, "2", GPUBROKER_E_CONFIG, 0), 0);
	assert_int_equal(passed_in_a_child(listening, NULL, "3", GPUBROKER_E_CONFIG, 0), 0);
	assert_int_equal(passed_in_a_child(datagram, NULL, "1", GPUBROKER_E_CONFIG, 0), 0);
	close(listening);
	close(datagram);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(tcp), cmocka_unit_test(unix_socket), cmocka_unit_test(passed)};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
