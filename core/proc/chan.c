/* SPDX-License-Identifier: Apache-2.0 */
/* One end of a socketpair: see chan.h. */
#include "proc/chan.h"

#include "base/mem.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

enum { READ_AT_ONCE = 64 * 1024 };

struct chan {
	struct loop *loop;
	struct loop_fd fd;
	struct frame_reader in;
	struct strbuf out;
	size_t out_sent;
	const struct chan_calls *calls;
	void *context;
	bool *freed; /* set while a callback runs: tells that the chan is gone */
	bool closed;
};

static void set_wanted_events(struct chan *c)
{
	uint32_t events = EPOLLIN | (c->out_sent < c->out.len ? (uint32_t)EPOLLOUT : 0);

	if (!c->closed) {
		loop_set_events(c->loop, &c->fd, events);
	}
}

static void close_chan(struct chan *c, const char *why)
{
	if (c->closed) {
		return;
	}
	c->closed = true;
	loop_remove_fd(c->loop, &c->fd);
	c->calls->closed(c->context, why);
}

/* Delivers whole frames. false: the chan is gone or closed. */
static bool deliver(struct chan *c)
{
	struct frame frame;
	bool freed = false;
	int r;

	while ((r = frame_next(&c->in, &frame)) > 0) {
		c->freed = &freed;
		c->calls->frame(c->context, &frame);
		if (freed) {
			return false;
		}
		c->freed = NULL;
	}
	if (r < 0) {
		close_chan(c, "it sent something that is no message");
		return false;
	}
	return !c->closed;
}

/* 1: read something; 0: nothing there now; < 0: the end. */
static int read_some(struct chan *c)
{
	char bytes[READ_AT_ONCE];
	ssize_t n = recv(c->fd.fd, bytes, sizeof(bytes), MSG_DONTWAIT);

	if (n < 0) {
		return errno == EAGAIN || errno == EINTR ? 0 : -1;
	}
	if (n == 0) {
		return -1;
	}
	frame_feed(&c->in, bytes, (size_t)n);
	return 1;
}

static bool write_some(struct chan *c)
{
	while (c->out_sent < c->out.len) {
		ssize_t n = send(c->fd.fd, c->out.data + c->out_sent, c->out.len - c->out_sent,
			MSG_DONTWAIT | MSG_NOSIGNAL);

		if (n < 0 && errno == EINTR) {
			continue;
		}
		if (n < 0) {
			return errno == EAGAIN;
		}
		c->out_sent += (size_t)n;
	}
	strbuf_finish(&c->out);
	c->out_sent = 0;
	return true;
}

static void on_event(void *context, uint32_t events)
{
	struct chan *c = context;
	bool freed = false;
	int r = 0;

	if (events & EPOLLOUT) {
		if (!write_some(c)) {
			events |= EPOLLIN; /* the reading side will tell why */
		}
		if (chan_is_drained(c) && c->calls->drained) {
			c->freed = &freed;
			c->calls->drained(c->context);
			if (freed) {
				return;
			}
			c->freed = NULL;
		}
	}
	if (events & (EPOLLIN | EPOLLHUP | EPOLLERR)) {
		r = read_some(c);
		if (!deliver(c)) {
			return;
		}
	}
	if (r < 0) {
		close_chan(c, NULL);
		return;
	}
	set_wanted_events(c);
}

int chan_new(
	struct chan **ret, struct loop *l, int fd, const struct chan_calls *calls, void *context)
{
	struct chan *c = calloc(1, sizeof(*c));
	int r;

	if (!c) {
		close(fd);
		return -ENOMEM;
	}
	*c = (struct chan){
		.loop = l,
		.fd = {.fd = fd, .events = EPOLLIN, .call = on_event, .context = c},
		.calls = calls,
		.context = context
        };
	fcntl(fd, F_SETFL, fcntl(fd, F_GETFL) | O_NONBLOCK);
	r = loop_add_fd(l, &c->fd);
	if (r < 0) {
		close(fd);
		free(c);
		return r;
	}
	*ret = c;
	return 0;
}

void chan_free(struct chan *c)
{
	if (!c) {
		return;
	}
	if (c->freed) {
		*c->freed = true;
	}
	loop_remove_fd(c->loop, &c->fd);
	close(c->fd.fd);
	frame_reader_finish(&c->in);
	strbuf_finish(&c->out);
	free(c);
}

void chan_adopt(struct chan *c, struct frame_reader *reader)
{
	frame_reader_finish(&c->in);
	c->in = *reader;
	*reader = (struct frame_reader){0};
	deliver(c);
}

bool chan_is_drained(const struct chan *c)
{
	return c->out_sent >= c->out.len;
}

void chan_send(struct chan *c, enum message_type type, const void *data, size_t n)
{
	bool was_drained = chan_is_drained(c);

	if (c->closed) {
		return;
	}
	frame_write_header(&c->out, type, n);
	strbuf_add(&c->out, data, n);
	if (c->out.failed) {
		shutdown(c->fd.fd, SHUT_RDWR); /* the loop will find the channel closed */
		return;
	}
	if (was_drained) {
		write_some(c);
	}
	set_wanted_events(c);
}

void chan_send_value(struct chan *c, enum message_type type, const struct value *v)
{
	struct strbuf bytes = {0};

	value_encode(v, &bytes);
	if (bytes.failed) {
		shutdown(c->fd.fd, SHUT_RDWR);
	} else {
		chan_send(c, type, bytes.data, bytes.len);
	}
	strbuf_finish(&bytes);
}

void chan_read_rest(struct chan *c)
{
	while (!c->closed && read_some(c) > 0 && deliver(c)) {
	}
}

static int send_all(int fd, const void *data, size_t n)
{
	const char *at = data;

	while (n > 0) {
		ssize_t sent = send(fd, at, n, MSG_NOSIGNAL);

		if (sent < 0 && errno != EINTR) {
			return -errno;
		}
		at += MAX(sent, 0);
		n -= (size_t)MAX(sent, 0);
	}
	return 0;
}

int peer_send(int fd, enum message_type type, const void *data, size_t n)
{
	struct frame_header header = {.length = (uint32_t)n, .type = (uint16_t)type};
	int r;

	if (n > FRAME_MAX_BYTES) {
		return -EMSGSIZE;
	}
	r = send_all(fd, &header, sizeof(header));
	return r < 0 ? r : send_all(fd, data, n);
}

int peer_send_value(int fd, enum message_type type, const struct value *v)
{
	struct strbuf bytes = {0};
	int r;

	value_encode(v, &bytes);
	r = bytes.failed ? -ENOMEM : peer_send(fd, type, bytes.data, bytes.len);
	if (bytes.data) {
		wipe(bytes.data, bytes.len);
	}
	strbuf_finish(&bytes);
	return r;
}

int peer_receive(int fd, struct frame_reader *reader, struct frame *ret)
{
	char bytes[READ_AT_ONCE];
	int r;

	while ((r = frame_next(reader, ret)) == 0) {
		ssize_t n = recv(fd, bytes, sizeof(bytes), 0);

		if (n < 0 && errno == EINTR) {
			continue;
		}
		if (n <= 0) {
			return -EPIPE;
		}
		frame_feed(reader, bytes, (size_t)n);
	}
	return r < 0 ? -EPROTO : 0;
}
