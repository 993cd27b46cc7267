/* SPDX-License-Identifier: Apache-2.0 */
/* One end of a socketpair. `struct chan` is for processes with a loop: it queues what the socket does not take.
 * The peer_… functions are for straight-line processes (worker, loader), which may block. */
#ifndef PROC_CHAN_H
#define PROC_CHAN_H

#include "base/loop.h"
#include "base/value.h"
#include "proc/frame.h"

struct chan_calls {
	/* frame is borrowed. The chan may be freed from within. */
	void (*frame)(void *context, const struct frame *);
	/* The peer has closed or broke the protocol (why says so, else NULL). Not called after chan_free(). */
	void (*closed)(void *context, const char *why);
	void (*drained)(void *context); /* all that was queued has been written; may be NULL */
};

struct chan;
/* Takes fd and makes it non-blocking. */
int chan_new(struct chan **ret, struct loop *, int fd, const struct chan_calls *, void *context);
void chan_free(struct chan *);
/* Takes over what a blocking reader of the same socket has read already; frames are delivered at once. */
void chan_adopt(struct chan *, struct frame_reader *taken);
/* Queue and write what can be written. No memory breaks the channel (closed is called from the loop). */
void chan_send(struct chan *, enum message_type, const void *, size_t);
void chan_send_value(struct chan *, enum message_type, const struct value *);
bool chan_is_drained(const struct chan *);
/* Delivers what a dead peer has left in the socket. Not from within a callback of the same chan; the chan may
 * be freed by a callback meanwhile. */
void chan_read_rest(struct chan *);

/* Blocking. < 0: the parent is gone or no memory; the process should end. */
int peer_send(int fd, enum message_type, const void *, size_t);
int peer_send_value(int fd, enum message_type, const struct value *);
int peer_receive(int fd, struct frame_reader *, struct frame *ret);

#endif
