/* SPDX-License-Identifier: Apache-2.0 */
/* Requests that wait for the next publication: see waiters.h. */
#include "rest/waiters.h"

#include <stdlib.h>

struct waiter *waiter_new(struct MHD_Connection *connection, int64_t now_ms)
{
	struct waiter *w = calloc(1, sizeof(*w));

	if (w) {
		w->connection = connection;
		w->began_ms = w->deadline_ms = now_ms;
	}
	return w;
}

bool waiter_may_wait(struct waiter *w, int64_t patience_ms, int64_t now_ms)
{
	if (!w) {
		return false;
	}
	w->deadline_ms = w->began_ms + patience_ms;
	return now_ms < w->deadline_ms;
}

void waiters_init(struct waiters *waiters, void (*suspend)(struct MHD_Connection *),
	void (*resume)(struct MHD_Connection *))
{
	*waiters = (struct waiters){.suspend = suspend, .resume = resume};
	waiters->ring.previous = waiters->ring.next = &waiters->ring;
	pthread_mutex_init(&waiters->lock, NULL);
}

void waiters_finish(struct waiters *waiters)
{
	pthread_mutex_destroy(&waiters->lock);
}

uint64_t waiters_seen(struct waiters *waiters)
{
	uint64_t n;

	pthread_mutex_lock(&waiters->lock);
	n = waiters->n_wakes;
	pthread_mutex_unlock(&waiters->lock);
	return n;
}

bool waiters_add(struct waiters *waiters, struct waiter *w, uint64_t seen)
{
	bool added = false;

	pthread_mutex_lock(&waiters->lock);
	if (waiters->n_wakes == seen) {
		w->previous = waiters->ring.previous;
		w->next = &waiters->ring;
		w->previous->next = w;
		w->next->previous = w;
		w->listed = true;
		waiters->n++;
		waiters->suspend(w->connection);
		added = true;
	}
	pthread_mutex_unlock(&waiters->lock);
	return added;
}

static void unlink_waiter(struct waiters *waiters, struct waiter *w)
{
	if (w->listed) {
		w->previous->next = w->next;
		w->next->previous = w->previous;
		w->listed = false;
		waiters->n--;
	}
}

void waiters_remove(struct waiters *waiters, struct waiter *w)
{
	pthread_mutex_lock(&waiters->lock);
	unlink_waiter(waiters, w);
	pthread_mutex_unlock(&waiters->lock);
}

size_t waiters_wake(struct waiters *waiters, bool all, int64_t now_ms)
{
	struct waiter *next;
	size_t left;

	pthread_mutex_lock(&waiters->lock);
	waiters->n_wakes += all;
	for (struct waiter *w = waiters->ring.next; w != &waiters->ring; w = next) {
		next = w->next;
		if (all || now_ms >= w->deadline_ms) {
			unlink_waiter(waiters, w);
			waiters->resume(w->connection); /* from here on it may be gone */
		}
	}
	left = waiters->n;
	pthread_mutex_unlock(&waiters->lock);
	return left;
}
