/* SPDX-License-Identifier: Apache-2.0 */
/* In place of compress.c where zlib is missing: large values go uncompressed, if the server takes them. */
#include "store/compress.h"

bool compress_is_built(void)
{
	return false;
}

int compress_pack(
	char **ret, size_t *ret_n, const char *data, size_t n, struct gpubroker_error *reterr)
{
	return gpubroker_fail(reterr, GPUBROKER_E_CONFIG, "this build cannot compress");
}

int compress_unpack(char **ret, size_t *ret_n, const char *data, size_t n, size_t most,
	struct gpubroker_error *reterr)
{
	return gpubroker_fail(reterr, GPUBROKER_E_CONFIG, "this build cannot decompress");
}
