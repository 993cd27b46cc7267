/* SPDX-License-Identifier: Apache-2.0 */
/* An epoll loop with timers: see loop.h. A few hundred timers at most, so a plain array will do. */
#include "base/loop.h"

#include "base/mem.h"
#include "base/mono.h"

#include <errno.h>
#include <sys/epoll.h>
#include <unistd.h>

enum { EVENTS_AT_ONCE = 64 };

struct loop {
	int epoll_fd;
	bool stopped;
	struct loop_timer **timers;
	size_t n_timers, room;
	struct epoll_event ready[EVENTS_AT_ONCE];
	int n_ready;
};

int loop_new(struct loop **ret)
{
	struct loop *l = calloc(1, sizeof(*l));

	if (!l) {
		return -ENOMEM;
	}
	l->epoll_fd = epoll_create1(EPOLL_CLOEXEC);
	if (l->epoll_fd < 0) {
		free(l);
		return -errno;
	}
	*ret = l;
	return 0;
}

void loop_free(struct loop *l)
{
	if (!l) {
		return;
	}
	close(l->epoll_fd);
	free(l->timers);
	free(l);
}

static int control(struct loop *l, int op, struct loop_fd *f)
{
	struct epoll_event event = {.events = f->events, .data = {.ptr = f}};

	return epoll_ctl(l->epoll_fd, op, f->fd, &event) < 0 ? -errno : 0;
}

int loop_add_fd(struct loop *l, struct loop_fd *f)
{
	int r = control(l, EPOLL_CTL_ADD, f);

	f->added = r == 0;
	return r;
}

int loop_set_events(struct loop *l, struct loop_fd *f, uint32_t events)
{
	if (f->events == events) {
		return 0;
	}
	f->events = events;
	return f->added ? control(l, EPOLL_CTL_MOD, f) : 0;
}

void loop_remove_fd(struct loop *l, struct loop_fd *f)
{
	if (!f->added) {
		return;
	}
	control(l, EPOLL_CTL_DEL, f);
	f->added = false;
	for (int i = 0; i < l->n_ready; i++) {
		if (l->ready[i].data.ptr == f) {
			l->ready[i].data.ptr = NULL; /* its event of this round is void */
		}
	}
}

int loop_arm(struct loop *l, struct loop_timer *t, int64_t at_ms)
{
	t->at_ms = at_ms;
	if (t->armed) {
		return 0;
	}
	if (!GROW(l->timers, l->n_timers, l->room)) {
		return -ENOMEM;
	}
	t->index = l->n_timers;
	t->armed = true;
	l->timers[l->n_timers++] = t;
	return 0;
}

void loop_disarm(struct loop *l, struct loop_timer *t)
{
	if (!t->armed) {
		return;
	}
	t->armed = false;
	l->timers[t->index] = l->timers[--l->n_timers];
	l->timers[t->index]->index = t->index;
}

static struct loop_timer *next_timer(const struct loop *l)
{
	struct loop_timer *first = NULL;

	for (size_t i = 0; i < l->n_timers; i++) {
		if (!first || l->timers[i]->at_ms < first->at_ms) {
			first = l->timers[i];
		}
	}
	return first;
}

static int wait_ms(const struct loop *l)
{
	const struct loop_timer *t = next_timer(l);
	int64_t left;

	if (!t) {
		return -1;
	}
	left = t->at_ms - mono_ms();
	return left <= 0 ? 0 : left > 60000 ? 60000 : (int)left;
}

static void run_timers(struct loop *l)
{
	int64_t now = mono_ms();
	struct loop_timer *t;

	while (!l->stopped && (t = next_timer(l)) && t->at_ms <= now) {
		loop_disarm(l, t);
		t->call(t->context);
	}
}

static void run_ready(struct loop *l)
{
	for (int i = 0; i < l->n_ready && !l->stopped; i++) {
		struct loop_fd *f = l->ready[i].data.ptr;

		if (f) {
			l->ready[i].data.ptr = NULL;
			f->call(f->context, l->ready[i].events);
		}
	}
	l->n_ready = 0;
}

int loop_run(struct loop *l)
{
	l->stopped = false;
	while (!l->stopped) {
		int n = epoll_wait(l->epoll_fd, l->ready, EVENTS_AT_ONCE, wait_ms(l));

		if (n < 0 && errno != EINTR) {
			return -errno;
		}
		l->n_ready = MAX(n, 0);
		run_ready(l);
		run_timers(l);
	}
	return 0;
}

void loop_stop(struct loop *l)
{
	l->stopped = true;
}
