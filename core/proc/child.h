/* SPDX-License-Identifier: Apache-2.0 */
/* A child process of the parent: the same binary, re-executed in a role, with a channel at fd 3. */
#ifndef PROC_CHILD_H
#define PROC_CHILD_H

#include "base/loop.h"
#include "proc/chan.h"

#include <sys/types.h>

struct child;

/* How children are started: fixed at the daemon's start. */
struct child_host {
	struct loop *loop;
	int self_fd; /* the daemon's own binary, held open so that an upgrade on disk changes nothing */
};

struct child_calls {
	void (*frame)(void *context, struct child *, const struct frame *);
	void (*drained)(void *context, struct child *); /* may be NULL */
	void (*ended)(void *context, struct child *,
		const char *how); /* "exit status 1", "signal 9 (Killed)";
									* after its last frame; free it here */
};

struct child_spec {
	const char *role; /* the word after --role */
	const char *name; /* a region, or NULL */
	const int *fds;   /* further descriptors: they become 4, 5, … in the child */
	size_t n_fds;
	bool network; /* gets the proxy variables and the credentials directory of the environment */
};

int child_start(struct child **ret, const struct child_host *, const struct child_spec *,
	const struct child_calls *, void *context);
void child_kill(struct child *); /* SIGKILL; ended() follows */
void child_free(struct child *); /* also one that still runs: it is killed and reaped */
struct chan *child_chan(struct child *);
pid_t child_pid(const struct child *);
int64_t child_age_ms(const struct child *);

#endif
