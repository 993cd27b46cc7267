/* SPDX-License-Identifier: Apache-2.0 */
/* The OS_* variables of a start without configuration file: taken out of the parent's environment before anything
 * else is started, kept in a sealed memfd, readable by the one worker that gets its descriptor. */
#ifndef PROC_OSENV_H
#define PROC_OSENV_H

#include <stddef.h>

struct osenv {       /* in the worker */
	char *bytes; /* "NAME=value\0…" */
	size_t n;
};

/* Moves every OS_* out of env (its bytes are overwritten, the entries removed). < 0: -errno. */
int osenv_seal(char **env, int *ret_fd);
int osenv_read(struct osenv *ret, int fd);
const char *osenv_get(const struct osenv *, const char *name); /* NULL: unset or empty */
void osenv_finish(struct osenv *);                             /* wipes */

#endif
