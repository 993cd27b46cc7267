/* SPDX-License-Identifier: Apache-2.0 */
/* Files of tests/data, whole: see data_file.h. */
#include "data_file.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

char *data_file(const char *name, size_t *ret_n)
{
	char path[1024], *data;
	long size;
	FILE *f;

	snprintf(path, sizeof(path), "%s/%s", DATA_DIR, name);
	f = fopen(path, "rb");
	if (!f || fseek(f, 0, SEEK_END) != 0 || (size = ftell(f)) < 0) {
		fail_msg("%s cannot be read", path);
		return NULL;
	}
	rewind(f);
	data = calloc(1, (size_t)size + 1);
	assert_non_null(data);
	assert_int_equal(fread(data, 1, (size_t)size, f), size);
	fclose(f);
	if (ret_n) {
		*ret_n = (size_t)size;
	}
	return data;
}
