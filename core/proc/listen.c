/* SPDX-License-Identifier: Apache-2.0 */
/* Listening sockets: see listen.h. */
#include "proc/listen.h"

#include "base/mem.h"
#include "base/str.h"

#include <errno.h>
#include <fcntl.h>
#include <netdb.h>
#include <netinet/in.h>
#include <stdbool.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

enum { BACKLOG = 4096, FIRST_PASSED_FD = 3 /* by convention, see sd_listen_fds(3) */ };

static int bind_and_listen(int family, const struct sockaddr *address, socklen_t n)
{
	int fd = socket(family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0), on = 1, r;

	if (fd < 0) {
		return -errno;
	}
	if (family != AF_UNIX) {
		setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
	}
	if (family == AF_INET6) {
		setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &on, sizeof(on));
	}
	if (bind(fd, address, n) < 0 || listen(fd, BACKLOG) < 0) {
		r = -errno;
		close(fd);
		return r;
	}
	return fd;
}

/* A socket that nobody listens on is what a daemon that died has left. */
static bool is_left_over(const struct sockaddr_un *address)
{
	struct stat st;
	int fd, r;

	if (lstat(address->sun_path, &st) < 0 || !S_ISSOCK(st.st_mode)) {
		return false;
	}
	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (fd < 0) {
		return false;
	}
	r = connect(fd, (const struct sockaddr *)address, sizeof(*address)) < 0 ? -errno : 0;
	close(fd);
	return r == -ECONNREFUSED;
}

static int open_unix(const char *path, struct gpubroker_error *reterr)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	int fd;

	if (strlen(path) >= sizeof(address.sun_path)) {
		return gpubroker_fail(reterr, GPUBROKER_E_CONFIG,
			"the path of the socket unix:%s is too long", path);
	}
	memcpy(address.sun_path, path, strlen(path));
	if (is_left_over(&address)) {
		unlink(path);
	}
	fd = bind_and_listen(AF_UNIX, (const struct sockaddr *)&address, sizeof(address));
	if (fd < 0) {
		return gpubroker_fail(reterr, GPUBROKER_E_CONFIG, "cannot listen on unix:%s: %s",
			path, strerror(-fd));
	}
	chmod(path, 0666); /* as open to everybody on the machine as a loopback port */
	return fd;
}

/* A kind of address that this machine does not have at all: IPv6 switched off. */
static bool is_missing_here(const struct addrinfo *a, int error)
{
	const struct sockaddr_in6 *v6 = (const struct sockaddr_in6 *)(const void *)a->ai_addr;

	return error == -EAFNOSUPPORT || (error == -EADDRNOTAVAIL && a->ai_family == AF_INET6 &&
						 IN6_IS_ADDR_LOOPBACK(&v6->sin6_addr));
}

/* "localhost" is 127.0.0.1 and ::1, also where there is no ::1: one of them will do. */
static int bind_all(
	const struct addrinfo *list, int fds[], size_t most, size_t *ret_n, bool *ret_missing)
{
	int missing = 0;

	for (const struct addrinfo *a = list; a && *ret_n < most; a = a->ai_next) {
		int r = bind_and_listen(a->ai_family, a->ai_addr, a->ai_addrlen);

		if (r >= 0) {
			fds[(*ret_n)++] = r;
		} else if (is_missing_here(a, r)) {
			missing = r;
		} else {
			return r;
		}
	}
	*ret_missing = *ret_n == 0;
	return *ret_n > 0 ? 0 : missing;
}

static int open_tcp(const char *address, const char *host, const char *port, int fds[], size_t most,
	size_t *ret_n, struct gpubroker_error *reterr)
{
	struct addrinfo hints = {.ai_socktype = SOCK_STREAM,
				.ai_flags = AI_PASSIVE | AI_NUMERICSERV},
			*list;
	bool missing = false;
	int r = getaddrinfo(*host ? host : NULL, port, &hints, &list);

	*ret_n = 0;
	if (r != 0) {
		return gpubroker_fail(reterr, GPUBROKER_E_CONFIG, "cannot listen on %s: %s",
			address, gai_strerror(r));
	}
	r = bind_all(list, fds, most, ret_n, &missing);
	freeaddrinfo(list);
	if (r >= 0) {
		return 0;
	}
	while (*ret_n > 0) {
		close(fds[--*ret_n]);
	}
	gpubroker_fail(
		reterr, GPUBROKER_E_CONFIG, "cannot listen on %s: %s", address, strerror(-r));
	return missing ? 1 : GPUBROKER_E_CONFIG;
}

int listen_open(
	const char *address, int fds[], size_t most, size_t *ret_n, struct gpubroker_error *reterr)
{
	char host[256];
	const char *colon = strrchr(address, ':');
	size_t n = colon ? (size_t)(colon - address) : 0;
	int r;

	if (strncmp(address, "unix:", 5) == 0) {
		r = open_unix(address + 5, reterr);
		if (r >= 0) {
			fds[0] = r;
			*ret_n = 1;
		}
		return MIN(r, 0);
	}
	if (!colon || n >= sizeof(host)) {
		return gpubroker_fail(
			reterr, GPUBROKER_E_CONFIG, "\"%s\" is no HOST:PORT", address);
	}
	if (n >= 2 && address[0] == '[' && address[n - 1] == ']') {
		memcpy(host, address + 1, n - 2);
		host[n - 2] = '\0';
	} else {
		memcpy(host, address, n);
		host[n] = '\0';
	}
	return open_tcp(address, host, colon + 1, fds, most, ret_n, reterr);
}

static bool is_listening(int fd)
{
	int type = 0, listening = 0;
	socklen_t n = sizeof(type), m = sizeof(listening);

	return getsockopt(fd, SOL_SOCKET, SO_TYPE, &type, &n) == 0 && type == SOCK_STREAM &&
	       getsockopt(fd, SOL_SOCKET, SO_ACCEPTCONN, &listening, &m) == 0 && listening;
}

static int64_t variable(const char *name)
{
	const char *text = getenv(name);
	int64_t number;

	return text && str_to_int64(text, &number) ? number : 0;
}

/* How many descriptors are meant for this process, and not for a shell around it. */
static size_t count_passed(void)
{
	int64_t n = variable("LISTEN_PID") == getpid() ? variable("LISTEN_FDS") : 0;

	unsetenv("LISTEN_PID");
	unsetenv("LISTEN_FDS");
	unsetenv("LISTEN_FDNAMES");
	return n > 0 ? (size_t)n : 0;
}

int listen_passed(int fds[], size_t most, size_t *ret_n, struct gpubroker_error *reterr)
{
	size_t n = count_passed();

	*ret_n = 0;
	if (n > most) {
		return gpubroker_fail(reterr, GPUBROKER_E_CONFIG,
			"%zu sockets were passed, more than %zu", n, most);
	}
	for (size_t i = 0; i < n; i++) {
		int fd = FIRST_PASSED_FD + (int)i;

		if (!is_listening(fd)) {
			return gpubroker_fail(reterr, GPUBROKER_E_CONFIG,
				"descriptor %d was passed, but is no listening stream socket", fd);
		}
		fcntl(fd, F_SETFD, FD_CLOEXEC);
		fcntl(fd, F_SETFL, fcntl(fd, F_GETFL) | O_NONBLOCK);
		fds[i] = fd;
	}
	*ret_n = n;
	return 0;
}

void listen_describe(int fd, char *text, size_t n)
{
	struct sockaddr_storage address = {0};
	socklen_t length = sizeof(address);
	char host[128], port[16];

	if (getsockname(fd, (struct sockaddr *)&address, &length) < 0) {
		snprintf(text, n, "?");
	} else if (address.ss_family == AF_UNIX) {
		snprintf(text, n, "unix:%s", ((struct sockaddr_un *)&address)->sun_path);
	} else if (getnameinfo((struct sockaddr *)&address, length, host, sizeof(host), port,
			   sizeof(port), NI_NUMERICHOST | NI_NUMERICSERV) == 0) {
		snprintf(text, n, address.ss_family == AF_INET6 ? "[%s]:%s" : "%s:%s", host, port);
	}
}
