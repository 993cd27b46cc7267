/* SPDX-License-Identifier: Apache-2.0 */
/* Messages to the service manager that has started the daemon: systemd's notification protocol, one datagram of
 * `KEY=value` lines. It is small enough to be spoken without libsystemd and what that would bring into every
 * process. Without a service manager nothing is sent and nothing is missing. */
#ifndef PROC_NOTIFY_H
#define PROC_NOTIFY_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/socket.h>
#include <sys/un.h>

struct notify {
	int fd; /* -1: nobody wants to know */
	struct sockaddr_un address;
	socklen_t address_size;
	int64_t watchdog_ms; /* the service manager gives us up after so long without a sign; 0: it does not watch */
};

/* From NOTIFY_SOCKET, WATCHDOG_USEC and WATCHDOG_PID, which are taken out of the environment. < 0: a NOTIFY_SOCKET
 * that cannot be used, -errno; nothing will be sent. */
int notify_begin(struct notify *ret);
void notify_finish(struct notify *);
/* Never waits. A line end in an argument has to be the format's own: see notify_line(). false: it could not be sent. */
__attribute__((format(printf, 2, 3))) bool notify_send(const struct notify *, const char *format, ...);
/* Text as one line: control characters become spaces. */
void notify_line(char *text);

#endif
