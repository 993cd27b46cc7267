/* SPDX-License-Identifier: Apache-2.0 */
/* OS_* variables leave the environment, bytes and all, and arrive in the worker. */
#include "proc/osenv.h"

#include "base/mem.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

static void sealed_and_read(void **state)
{
	char secret[] = "OS_PASSWORD=correct horse",
	     empty[] = "OS_REGION_NAME=", other[] = "LANG=C", odd[] = "OS_X";
	char *env[] = {secret, other, empty, odd, NULL};
	struct osenv e = {0};
	int fd;

	assert_int_equal(osenv_seal(env, &fd), 0);
	assert_ptr_equal(env[0], other);
	assert_null(env[1]);
	for (size_t i = 0; i < sizeof(secret); i++) {
		assert_int_equal(secret[i], 0);
	}
	assert_int_equal(write(fd, "x", 1), -1);
	assert_int_equal(errno, EPERM);
	assert_int_equal(osenv_read(&e, fd), 0);
	assert_string_equal(osenv_get(&e, "OS_PASSWORD"), "correct horse");
	assert_null(osenv_get(&e, "OS_PASS"));
	assert_null(osenv_get(&e, "OS_REGION_NAME"));
	assert_null(osenv_get(&e, "OS_X"));
	assert_null(osenv_get(&e, "LANG"));
	osenv_finish(&e);
	close(fd);
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(sealed_and_read)};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
