/* SPDX-License-Identifier: Apache-2.0 */
/* zlib streams: see compress.h. The only file of this folder that includes zlib. */
#include "store/compress.h"

#include "base/mem.h"

#include <zlib.h>

enum { FIRST_ROOM_BYTES = 64 * 1024 };

bool compress_is_built(void)
{
	return true;
}

int compress_pack(
	char **ret, size_t *ret_n, const char *data, size_t n, struct gpubroker_error *reterr)
{
	uLongf packed_n = compressBound(n);
	_cleanup_(freep) char *packed = malloc(packed_n);

	if (!packed || compress((Bytef *)packed, &packed_n, (const Bytef *)data, n) != Z_OK) {
		return gpubroker_fail(
			reterr, GPUBROKER_E_INTERNAL, "no memory to compress %zu bytes", n);
	}
	*ret = TAKE_PTR(packed);
	*ret_n = packed_n;
	return 0;
}

static void end_inflate(z_stream *stream)
{
	inflateEnd(stream);
}

/* Makes room for more output, at most `most` bytes and one: the one shows that there is more. */
static bool grow_output(z_stream *stream, char **data, size_t *room, size_t most)
{
	size_t wanted = MIN(MAX(*room * 2, (size_t)FIRST_ROOM_BYTES), most + 1);
	char *bigger = realloc(*data, wanted);

	if (!bigger) {
		return false;
	}
	*data = bigger;
	stream->next_out = (Bytef *)bigger + *room;
	stream->avail_out = (uInt)(wanted - *room);
	*room = wanted;
	return true;
}

int compress_unpack(char **ret, size_t *ret_n, const char *data, size_t n, size_t most,
	struct gpubroker_error *reterr)
{
	_cleanup_(end_inflate) z_stream stream = {0};
	_cleanup_(freep) char *plain = NULL;
	size_t room = 0;
	int status = Z_OK;

	if (n > UINT_MAX || most >= UINT_MAX || inflateInit(&stream) != Z_OK) {
		return gpubroker_fail(
			reterr, GPUBROKER_E_INTERNAL, "a stream of %zu bytes cannot be read", n);
	}
	stream.next_in = (z_const Bytef *)data;
	stream.avail_in = (uInt)n;
	while (status == Z_OK && stream.total_out <= most) {
		if (stream.avail_out == 0 && !grow_output(&stream, &plain, &room, most)) {
			return gpubroker_fail(
				reterr, GPUBROKER_E_INTERNAL, "no memory to decompress");
		}
		status = inflate(&stream, Z_NO_FLUSH);
	}
	if (stream.total_out > most) {
		return gpubroker_fail(reterr, GPUBROKER_E_LIMIT,
			"a compressed value is larger than %zu bytes", most);
	}
	if (status != Z_STREAM_END || stream.avail_in > 0) {
		return gpubroker_fail(
			reterr, GPUBROKER_E_BAD_REPLY, "a compressed value is damaged");
	}
	*ret = TAKE_PTR(plain);
	*ret_n = stream.total_out;
	return 0;
}
