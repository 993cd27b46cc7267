/* SPDX-License-Identifier: Apache-2.0 */
/* Frames: bytes in any portions → whole messages. Pure. */
#ifndef PROC_FRAME_H
#define PROC_FRAME_H

#include "base/str.h"
#include "proc/message.h"

struct frame_reader {
	struct strbuf bytes;
	size_t used; /* of bytes, by frames already taken */
};

struct frame {
	enum message_type type;
	const char *data; /* borrowed until the next call on the reader */
	size_t n;
};

void frame_reader_finish(struct frame_reader *);
/* 1: *ret is the next frame; 0: more bytes are needed; < 0: what came is no frame (length over the cap,
 * reserved not 0, type unknown) or there is no memory. */
int frame_next(struct frame_reader *, struct frame *ret);
void frame_feed(struct frame_reader *, const void *, size_t);

void frame_write_header(struct strbuf *out, enum message_type, size_t n);

#endif
