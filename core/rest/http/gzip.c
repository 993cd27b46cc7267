/* SPDX-License-Identifier: Apache-2.0 */
/* Compressing bodies: see gzip.h. The only file of core/rest that includes zlib. */
#include "rest/http/gzip.h"

#include "base/mem.h"

#include <zlib.h>

enum {
	SMALLEST_WORTH_IT = 200,    /* bytes: below, the gzip frame eats what is won */
	BIG = 256 * 1024,           /* above, level 1: five times as fast for a tenth more bytes */
	WINDOW_BITS_GZIP = 15 + 16, /* a gzip frame instead of a zlib one */
	MEMORY_LEVEL = 8,
};

bool gzip_smaller(const char *data, size_t n, char **ret, size_t *ret_len)
{
	z_stream z = {0};
	_cleanup_(freep) char *out = NULL;
	int level = n > BIG ? 1 : 6, end;

	if (n < SMALLEST_WORTH_IT || n > UINT32_MAX / 2) {
		return false;
	}
	out = malloc(n);
	if (!out || deflateInit2(&z, level, Z_DEFLATED, WINDOW_BITS_GZIP, MEMORY_LEVEL,
			    Z_DEFAULT_STRATEGY) != Z_OK) {
		return false;
	}
	z.next_in = (Bytef *)(uintptr_t)data;
	z.avail_in = (uInt)n;
	z.next_out = (Bytef *)out;
	z.avail_out = (uInt)(n - 1);
	end = deflate(&z, Z_FINISH);
	*ret_len = n - 1 - z.avail_out;
	deflateEnd(&z);
	if (end != Z_STREAM_END) {
		return false;
	}
	*ret = realloc(out, *ret_len);
	if (!*ret) {
		return false;
	}
	TAKE_PTR(out);
	return true;
}
