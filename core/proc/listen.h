/* SPDX-License-Identifier: Apache-2.0 */
/* Listening sockets, which the parent owns so that a new `rest` finds connections waiting instead of refused. */
#ifndef PROC_LISTEN_H
#define PROC_LISTEN_H

#include <gpubroker/error.h>

#include <stddef.h>

/* address: "HOST:PORT", "[v6]:PORT" or "unix:/path". A name may have several addresses: one socket each.
 * Opens sockets into fds (room for most); *ret_n: how many. < 0: CONFIG with the sentence, and none is open;
 * 1: the same, because this machine has no addresses of that kind (IPv6 is switched off). */
int listen_open(
	const char *address, int fds[], size_t most, size_t *ret_n, struct gpubroker_error *reterr);

/* The sockets that a service manager has opened and passed: LISTEN_FDS of them from descriptor 3 on, if LISTEN_PID is
 * this process. The variables are taken out of the environment. < 0: CONFIG, one of them is no listening socket. */
int listen_passed(int fds[], size_t most, size_t *ret_n, struct gpubroker_error *reterr);

/* "127.0.0.1:8080" of a listening socket, with the port that the kernel chose for 0. */
void listen_describe(int fd, char *text, size_t n);

#endif
