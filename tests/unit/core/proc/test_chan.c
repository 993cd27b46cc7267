/* SPDX-License-Identifier: Apache-2.0 */
/* Channels: frames in order through a full socket, the end of a peer, and a peer that breaks the protocol. */
#include "proc/chan.h"

#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

struct seen {
	struct loop *loop;
	size_t frames, bytes, stop_after;
	bool closed, drained;
	const char *why;
};

static void on_frame(void *context, const struct frame *frame)
{
	struct seen *s = context;

	s->frames++;
	s->bytes += frame->n;
	if (s->frames == s->stop_after) {
		loop_stop(s->loop);
	}
}

static void on_closed(void *context, const char *why)
{
	struct seen *s = context;

	s->closed = true;
	s->why = why;
	loop_stop(s->loop);
}

static void on_drained(void *context)
{
	((struct seen *)context)->drained = true;
}

static const struct chan_calls calls = {
	.frame = on_frame, .closed = on_closed, .drained = on_drained};

struct pair {
	struct seen seen;
	struct chan *chan;
	int peer;
};

static void open_pair(struct pair *p)
{
	int fds[2];

	*p = (struct pair){0};
	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, fds), 0);
	assert_int_equal(loop_new(&p->seen.loop), 0);
	assert_int_equal(chan_new(&p->chan, p->seen.loop, fds[0], &calls, &p->seen), 0);
	p->peer = fds[1];
}

static void close_pair(struct pair *p)
{
	chan_free(p->chan);
	loop_free(p->seen.loop);
	close(p->peer);
}

enum { BIG = 3 * 1000 * 1000 };

static void *read_and_answer(void *context)
{
	struct pair *p = context;
	struct frame_reader reader = {0};
	struct frame frame;

	for (int i = 0; i < 3; i++) {
		assert_int_equal(peer_receive(p->peer, &reader, &frame), 0);
		assert_int_equal(frame.n, BIG);
	}
	frame_reader_finish(&reader);
	peer_send(p->peer, MSG_HELLO, NULL, 0);
	return NULL;
}

static void what_does_not_fit_is_queued(void **state)
{
	char *big = calloc(1, BIG);
	struct pair p;
	pthread_t thread;

	open_pair(&p);
	p.seen.stop_after = 1;
	for (int i = 0; i < 3; i++) {
		chan_send(p.chan, MSG_SNAPSHOT, big, BIG);
	}
	assert_false(chan_is_drained(p.chan));
	pthread_create(&thread, NULL, read_and_answer, &p);
	loop_run(p.seen.loop);
	pthread_join(thread, NULL);
	assert_true(p.seen.drained);
	assert_true(chan_is_drained(p.chan));
	close_pair(&p);
	free(big);
}

static void frames_before_the_end_are_delivered(void **state)
{
	struct pair p;

	open_pair(&p);
	for (int i = 0; i < 100; i++) {
		assert_int_equal(peer_send(p.peer, MSG_HELLO, "12345", 5), 0);
	}
	shutdown(p.peer, SHUT_WR);
	loop_run(p.seen.loop);
	assert_int_equal(p.seen.frames, 100);
	assert_int_equal(p.seen.bytes, 500);
	assert_true(p.seen.closed);
	assert_null(p.seen.why);
	close_pair(&p);
}

static void a_broken_peer_is_told_apart(void **state)
{
	struct pair p;

	open_pair(&p);
	assert_int_equal(write(p.peer, "no frame at all", 15), 15);
	loop_run(p.seen.loop);
	assert_true(p.seen.closed);
	assert_non_null(p.seen.why);
	close_pair(&p);
}

static void what_was_read_already_is_taken_over(void **state)
{
	struct frame_reader reader = {0};
	struct frame frame;
	struct pair p;

	open_pair(&p);
	peer_send(p.peer, MSG_CONFIG, "c", 1);
	peer_send(p.peer, MSG_HELLO, "h", 1);
	for (char byte; frame_next(&reader, &frame) <= 0;) {
		assert_int_equal(recv(p.peer - 1, &byte, 1, 0), 1);
		frame_feed(&reader, &byte, 1);
	}
	assert_int_equal(frame.type, MSG_CONFIG);
	p.seen.stop_after = 1;
	chan_adopt(p.chan, &reader);
	loop_run(p.seen.loop);
	assert_int_equal(p.seen.frames, 1);
	close_pair(&p);
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(what_does_not_fit_is_queued),
		cmocka_unit_test(frames_before_the_end_are_delivered),
		cmocka_unit_test(a_broken_peer_is_told_apart),
		cmocka_unit_test(what_was_read_already_is_taken_over)};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
