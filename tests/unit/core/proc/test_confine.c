/* SPDX-License-Identifier: Apache-2.0 */
/* What a confined process may not do fails. Each case runs in a process of its own. */
#include "proc/confine.h"

#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

static int in_a_process_of_its_own(int (*what)(void))
{
	int status;
	pid_t pid = fork();

	if (pid == 0) {
		_exit(what());
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFEXITED(status));
	return WEXITSTATUS(status);
}

static int limits(void)
{
	const char *missing;
	struct rlimit core;

	confine(CONFINE_WORKER, &missing);
	getrlimit(RLIMIT_CORE, &core);
	return (core.rlim_max != 0) | (prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0) != 1) << 1 |
	       (prctl(PR_GET_DUMPABLE, 0, 0, 0, 0) != 0) << 2;
}

static void limits_are_set(void **state)
{
	assert_int_equal(in_a_process_of_its_own(limits), 0);
}

/* 77: this machine has no filters. */
static int start_a_program(void)
{
	const char *missing;

	confine(CONFINE_WORKER, &missing);
	if (missing && strcmp(missing, "seccomp") == 0) {
		return 77;
	}
	execl("/bin/true", "true", (char *)NULL);
	return errno == EPERM ? 0 : 1;
}

static int open_and_connect(void)
{
	const struct sockaddr nowhere = {.sa_family = AF_UNIX};
	const char *missing;

	confine(CONFINE_REST, &missing);
	confine_sealed(&missing);
	if (missing) {
		return 77;
	}
	if (open("/etc/hostname", O_RDONLY) >= 0 || errno != EPERM) {
		return 1;
	}
	if (connect(socket(AF_UNIX, SOCK_STREAM, 0), &nowhere, sizeof(nowhere)) == 0 ||
		errno != EPERM) {
		return 2;
	}
	return 0;
}

static void no_worker_starts_a_program(void **state)
{
	int status = in_a_process_of_its_own(start_a_program);

	if (status == 77) {
		skip();
	}
	assert_int_equal(status, 0);
}

static void a_sealed_rest_opens_and_connects_nothing(void **state)
{
	int status = in_a_process_of_its_own(open_and_connect);

	if (status == 77) {
		skip();
	}
	assert_int_equal(status, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(limits_are_set),
		cmocka_unit_test(no_worker_starts_a_program),
		cmocka_unit_test(a_sealed_rest_opens_and_connects_nothing)};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
