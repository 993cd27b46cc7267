/* SPDX-License-Identifier: Apache-2.0 */
/* A folder of plugins: see plugin_folder.h. */
#include "plugin_folder.h"

#include <dirent.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

char plugin_folder[32];
static char path[128];

int plugin_folder_setup(void **state)
{
	snprintf(plugin_folder, sizeof(plugin_folder), "/tmp/plugins-XXXXXX");
	return mkdtemp(plugin_folder) && chmod(plugin_folder, 0755) == 0 ? 0 : -1;
}

int plugin_folder_teardown(void **state)
{
	DIR *dir = opendir(plugin_folder);
	struct dirent *entry;

	while (dir && (entry = readdir(dir)) != NULL) {
		unlinkat(dirfd(dir), entry->d_name, 0);
	}
	if (dir) {
		closedir(dir);
	}
	return rmdir(plugin_folder);
}

static void copy(FILE *from, FILE *to)
{
	char buffer[16 * 1024];
	size_t n;

	while ((n = fread(buffer, 1, sizeof(buffer), from)) > 0) {
		assert_int_equal(fwrite(buffer, 1, n, to), n);
	}
}

const char *plugin_folder_add(const char *from, const char *name)
{
	FILE *source, *target;

	snprintf(path, sizeof(path), "%s/%s.so", plugin_folder, name);
	target = fopen(path, "w");
	assert_non_null(target);
	source = fopen(from, "r");
	assert_non_null(source);
	copy(source, target);
	fclose(source);
	assert_int_equal(fclose(target), 0);
	assert_int_equal(chmod(path, 0644), 0);
	return path;
}

const char *plugin_folder_write(const char *file, const char *text)
{
	FILE *f;

	snprintf(path, sizeof(path), "%s/%s", plugin_folder, file);
	f = fopen(path, "w");
	assert_non_null(f);
	fputs(text, f);
	assert_int_equal(fclose(f), 0);
	assert_int_equal(chmod(path, 0644), 0);
	return path;
}
