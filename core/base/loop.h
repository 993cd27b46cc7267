/* SPDX-License-Identifier: Apache-2.0 */
/* An epoll loop with timers: descriptors and moments in, callbacks out. One thread. */
#ifndef BASE_LOOP_H
#define BASE_LOOP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct loop;

typedef void loop_fd_fn(void *context, uint32_t epoll_events);
typedef void loop_timer_fn(void *context);

struct loop_fd { /* embedded in its owner */
	int fd;
	uint32_t events;
	loop_fd_fn *call;
	void *context;
	bool added;
};

struct loop_timer {    /* embedded in its owner */
	int64_t at_ms; /* monotonic */
	loop_timer_fn *call;
	void *context;
	size_t index; /* in the loop's heap; SIZE_MAX or 0 with armed false: not armed */
	bool armed;
};

int loop_new(struct loop **ret); /* < 0: -errno */
void loop_free(struct loop *);

int loop_add_fd(struct loop *, struct loop_fd *); /* EPOLLIN etc. in events; level-triggered */
int loop_set_events(struct loop *, struct loop_fd *, uint32_t events);
void loop_remove_fd(struct loop *, struct loop_fd *); /* also safe from within its callback */

int loop_arm(struct loop *, struct loop_timer *, int64_t at_ms); /* (re)arms */
void loop_disarm(struct loop *, struct loop_timer *);
static inline bool loop_is_armed(const struct loop_timer *t)
{
	return t->armed;
}

int loop_run(struct loop *); /* until loop_stop(); < 0: -errno */
void loop_stop(struct loop *);

#endif
