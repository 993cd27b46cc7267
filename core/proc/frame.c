/* SPDX-License-Identifier: Apache-2.0 */
/* Frames: see frame.h. */
#include "proc/frame.h"

#include <string.h>

enum { KEPT_BYTES = 256 * 1024 };

void frame_reader_finish(struct frame_reader *r)
{
	strbuf_finish(&r->bytes);
	r->used = 0;
}

/* Lets go of the frames that have been taken, and of the room that a large one needed. */
static void forget_used(struct frame_reader *r)
{
	size_t left = r->bytes.len - r->used;

	if (r->used == 0) {
		return;
	}
	if (left == 0 && r->bytes.room > KEPT_BYTES) {
		strbuf_finish(&r->bytes);
	} else {
		memmove(r->bytes.data, r->bytes.data + r->used, left);
		r->bytes.len = left;
	}
	r->used = 0;
}

void frame_feed(struct frame_reader *r, const void *data, size_t n)
{
	forget_used(r);
	strbuf_add(&r->bytes, data, n);
}

int frame_next(struct frame_reader *r, struct frame *ret)
{
	size_t left = r->bytes.len - r->used;
	struct frame_header header;

	if (r->bytes.failed) {
		return -1;
	}
	if (left == 0) {
		forget_used(r);
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
