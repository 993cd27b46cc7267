/* SPDX-License-Identifier: Apache-2.0 */
/* Values too large for memcached as they are: zlib streams (RFC 1950), as Python's zlib module reads them. */
#ifndef STORE_COMPRESS_H
#define STORE_COMPRESS_H

#include <gpubroker/error.h>

#include <stdbool.h>
#include <stddef.h>

bool compress_is_built(void); /* false: this build has no zlib, and both calls fail with CONFIG */

/* *ret is the caller's. < 0: INTERNAL (no memory). */
int compress_pack(
	char **ret, size_t *ret_n, const char *data, size_t n, struct gpubroker_error *reterr);

/* Never makes more than most bytes. < 0: BAD_REPLY (not one whole stream), LIMIT, INTERNAL (no memory). */
int compress_unpack(char **ret, size_t *ret_n, const char *data, size_t n, size_t most,
	struct gpubroker_error *reterr);

#endif
