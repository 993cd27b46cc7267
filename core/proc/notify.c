/* SPDX-License-Identifier: Apache-2.0 */
/* Messages to the service manager: see notify.h. */
#include "proc/notify.h"

#include "base/mem.h"
#include "base/str.h"

#include <errno.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

enum { MOST_BYTES = 2048 };

/* "/path", or "@name" in the abstract name space. */
static int set_address(struct notify *n, const char *name)
{
	size_t length = strlen(name);

	if ((name[0] != '/' && name[0] != '@') || length < 2) {
		return -EAFNOSUPPORT;
	}
	if (length >= sizeof(n->address.sun_path)) {
		return -ENAMETOOLONG;
	}
	n->address.sun_family = AF_UNIX;
	memcpy(n->address.sun_path, name, length);
	if (name[0] == '@') {
		n->address.sun_path[0] = '\0';
	}
	n->address_size = (socklen_t)(offsetof(struct sockaddr_un, sun_path) + length);
	return 0;
}

/* The variables also reach processes that are started in between (a shell around the daemon): meant is who has
 * the number. */
static int64_t watchdog_from_environment(void)
{
	const char *usec = getenv("WATCHDOG_USEC"), *pid = getenv("WATCHDOG_PID");
	int64_t number;

	if (!usec || (pid && (!str_to_int64(pid, &number) || number != getpid()))) {
		return 0;
	}
	return str_to_int64(usec, &number) && number > 0 ? MAX(number / 1000, 1) : 0;
}

int notify_begin(struct notify *ret)
{
	const char *name = getenv("NOTIFY_SOCKET");
	int r = 0;

	*ret = (struct notify){.fd = -1};
	if (name && *name) {
		r = set_address(ret, name);
		if (r == 0) {
			ret->fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
			r = ret->fd < 0 ? -errno : 0;
		}
		ret->watchdog_ms = r == 0 ? watchdog_from_environment() : 0;
	}
	unsetenv("NOTIFY_SOCKET");
	unsetenv("WATCHDOG_USEC");
	unsetenv("WATCHDOG_PID");
	return r;
}

void notify_finish(struct notify *n)
{
	if (n->fd >= 0) {
		close(n->fd);
	}
	n->fd = -1;
}

bool notify_send(const struct notify *n, const char *format, ...)
{
	char text[MOST_BYTES];
	int length;
	va_list ap;

	if (n->fd < 0) {
		return true;
	}
	va_start(ap, format);
	length = vsnprintf(text, sizeof(text), format, ap);
	va_end(ap);
	if (length < 0) {
		return false;
	}
	return sendto(n->fd, text, MIN((size_t)length, sizeof(text) - 1),
		       MSG_DONTWAIT | MSG_NOSIGNAL, (const struct sockaddr *)&n->address,
		       n->address_size) >= 0;
}

void notify_line(char *text)
{
	for (; *text; text++) {
		if ((unsigned char)*text < 0x20 || *text == 0x7f) {
			*text = ' ';
		}
	}
}
