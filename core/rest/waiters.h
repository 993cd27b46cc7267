/* SPDX-License-Identifier: Apache-2.0 */
/* Requests that wait for the next publication. Safe for threads. */
#ifndef REST_WAITERS_H
#define REST_WAITERS_H

#include <pthread.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct MHD_Connection;

struct waiter {
	struct waiter *previous, *next;
	struct MHD_Connection *connection;
	int64_t began_ms, deadline_ms; /* monotonic */
	bool listed;
};

struct waiters {
	pthread_mutex_t lock;
	struct waiter ring; /* its head */
	size_t n;
	uint64_t n_wakes; /* of all */
	/* Called under the lock. */
	void (*suspend)(struct MHD_Connection *);
	void (*resume)(struct MHD_Connection *);
};

struct waiter *waiter_new(struct MHD_Connection *, int64_t now_ms); /* free() it */
/* Sets the deadline; false: it is over, or there is no waiter. */
bool waiter_may_wait(struct waiter *, int64_t patience_ms, int64_t now_ms);

void waiters_init(struct waiters *, void (*suspend)(struct MHD_Connection *),
	void (*resume)(struct MHD_Connection *));
void waiters_finish(struct waiters *);

/* To be read before looking at what one would wait for. */
uint64_t waiters_seen(struct waiters *);
/* Suspends it, unless all were woken since `seen`: then false, and what was looked at is old. */
bool waiters_add(struct waiters *, struct waiter *, uint64_t seen);
void waiters_remove(struct waiters *, struct waiter *); /* if it is in */
/* Resumes all, or those whose time is over. How many are left. */
size_t waiters_wake(struct waiters *, bool all, int64_t now_ms);

#endif
