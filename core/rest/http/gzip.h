/* SPDX-License-Identifier: Apache-2.0 */
/* Compressing bodies. gzip_none.c stands in where zlib is left out of the build. */
#ifndef REST_GZIP_H
#define REST_GZIP_H

#include <stdbool.h>
#include <stddef.h>

/* false: not smaller, no memory, or built without zlib; then the plain body is sent. *ret: to be freed. */
bool gzip_smaller(const char *data, size_t n, char **ret, size_t *ret_len);

#endif
