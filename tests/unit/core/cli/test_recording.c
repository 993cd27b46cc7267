/* SPDX-License-Identifier: Apache-2.0 */
/* core/cli/recording.c: the folder and the names in it; a whole recording is in scenario d02. */
#include "base/mem.h"
#include "cli/recording.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

static void test_a_folder_of_its_own(void **state)
{
	char folder[] = "/tmp/gpubroker-recording-XXXXXX", path[100];
	struct gpubroker_error error = {0};
	struct recording r;
	struct stat st;

	assert_non_null(mkdtemp(folder));
	assert_int_equal(recording_begin(&r, folder, &error), 0); /* there, and empty */
	recording_add(&r, "servers.json", "{}", 2);
	assert_int_equal(r.error.code, GPUBROKER_OK);
	assert_int_equal(r.n_files, 1);
	recording_finish(&r);
	snprintf(path, sizeof(path), "%s/servers.json", folder);
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_size, 2);
	assert_int_equal(recording_begin(&r, folder, &error), GPUBROKER_E_CONFIG);
	assert_non_null(strstr(error.text, "is not empty"));
	assert_int_equal(recording_begin(&r, path, &error), GPUBROKER_E_CONFIG); /* a file */
	unlink(path);
	rmdir(folder);
}

static void test_names_lead_nowhere_else(void **state)
{
	static const char *const names[] = {"../x", "/tmp/x", "", ".hidden", "a b", "a/b"};

	for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
		char folder[] = "/tmp/gpubroker-recording-XXXXXX";
		struct gpubroker_error error = {0};
		struct recording r;

		assert_non_null(mkdtemp(folder));
		assert_int_equal(recording_begin(&r, folder, &error), 0);
		recording_add(&r, names[i], "x", 1);
		assert_int_equal(r.error.code, GPUBROKER_E_INTERNAL);
		assert_int_equal(r.n_files, 0);
		recording_finish(&r);
		assert_int_equal(rmdir(folder), 0); /* nothing was written */
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_a_folder_of_its_own),
		cmocka_unit_test(test_names_lead_nowhere_else),
	};

	return cmocka_run_group_tests_name("recording", tests, NULL, NULL);
}
