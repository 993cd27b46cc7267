/* SPDX-License-Identifier: Apache-2.0 */
/* Files of tests/data, whole. DATA_DIR is set by meson.build. */
#ifndef DATA_FILE_H
#define DATA_FILE_H

#include <stddef.h>

/* Terminated, the caller's; the test fails if it cannot be read. name: "kit/servers-detail-2.79.json". */
char *data_file(const char *name, size_t *ret_n);

#endif
