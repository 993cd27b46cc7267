/* SPDX-License-Identifier: Apache-2.0 */
/* Frames: see frame.h. */
#include "proc/frame.h"

#include <string.h>

void frame_reader_finish(struct frame_reader *r)
{
	strbuf_finish(&r->bytes);
	r->used = 0;
}

void frame_feed(struct frame_reader *r, const void *data, size_t n)
{
	if (r->used > 0 && r->used == r->bytes.len) {
		strbuf_clear(&r->bytes);
		r->used = 0;
	}
	strbuf_add(&r->bytes, data, n);
}

int frame_next(struct frame_reader *r, struct frame *ret)
{
	size_t left = r->bytes.len - r->used;
	struct frame_header header;

	if (r->bytes.failed) {
		return -1;
	}
	if (left < sizeof(header)) {
		return 0;
	}
	memcpy(&header, r->bytes.data + r->used, sizeof(header));
	if (header.length > FRAME_MAX_BYTES || header.reserved != 0 || header.type < MSG_CONFIG ||
		header.type >= N_MESSAGE_TYPES) {
		return -1;
	}
	if (left < sizeof(header) + header.length) {
		return 0;
	}
	*ret = (struct frame){.type = (enum message_type)header.type,
		.data = r->bytes.data + r->used + sizeof(header),
		.n = header.length};
	r->used += sizeof(header) + header.length;
	return 1;
}

void frame_write_header(struct strbuf *out, enum message_type type, size_t n)
{
	struct frame_header header = {.length = (uint32_t)n, .type = (uint16_t)type};

	strbuf_add(out, &header, sizeof(header));
}
