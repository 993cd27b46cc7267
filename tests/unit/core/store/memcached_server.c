/* SPDX-License-Identifier: Apache-2.0 */
/* A memcached of the test's own: see memcached_server.h. */
#include "memcached_server.h"

#include <assert.h>
#include <netdb.h>
#include <netinet/in.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

enum { START_TRIES = 2000, BETWEEN_TRIES_MS = 5 };

bool memcached_is_installed(void)
{
	char paths[4096];
	char *rest = paths, *dir;

	snprintf(paths, sizeof(paths), "%s", getenv("PATH") ? getenv("PATH") : "");
	while ((dir = strsep(&rest, ":"))) {
		char file[4200];

		snprintf(file, sizeof(file), "%s/memcached", dir);
		if (access(file, X_OK) == 0) {
			return true;
		}
	}
	return false;
}

static int listen_on_free_port(int *ret_port)
{
	struct sockaddr_in address = {
		.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	socklen_t n = sizeof(address);
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	assert(fd >= 0);
	assert(bind(fd, (struct sockaddr *)&address, n) == 0 && listen(fd, 16) == 0);
	assert(getsockname(fd, (struct sockaddr *)&address, &n) == 0);
	*ret_port = ntohs(address.sin_port);
	return fd;
}

int free_port(void)
{
	int port;

	close(listen_on_free_port(&port));
	return port;
}

/* -1: nobody is there. */
static int dial(const struct memcached_server *server)
{
	struct sockaddr_un path = {.sun_family = AF_UNIX};
	struct addrinfo hints = {.ai_flags = AI_NUMERICHOST, .ai_socktype = SOCK_STREAM}, *found;
	char port[16];
	int fd, r;

	if (server->port == 0) {
		snprintf(path.sun_path, sizeof(path.sun_path), "%s", server->listen);
		fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
		r = connect(fd, (struct sockaddr *)&path, sizeof(path));
	} else {
		snprintf(port, sizeof(port), "%d", server->port);
		assert(getaddrinfo(server->listen, port, &hints, &found) == 0);
		fd = socket(found->ai_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
		r = connect(fd, found->ai_addr, found->ai_addrlen);
		freeaddrinfo(found);
	}
	if (r < 0) {
		close(fd);
		return -1;
	}
	return fd;
}

static void await_server(const struct memcached_server *server)
{
	for (int i = 0; i < START_TRIES; i++) {
		int fd = dial(server);

		if (fd >= 0) {
			close(fd);
			return;
		}
		assert(waitpid(server->pid, NULL, WNOHANG) == 0); /* it ended at once */
		poll(NULL, 0, BETWEEN_TRIES_MS);
	}
	assert(!"memcached does not answer");
}

void memcached_server_again(struct memcached_server *server)
{
	const char *argv[16] = {"memcached", "-U", "0", "-t", "1", "-m", "64"};
	int n = 7;
	char port[16];

	snprintf(port, sizeof(port), "%d", server->port);
	argv[n++] = server->port > 0 ? "-l" : "-s";
	argv[n++] = server->listen;
	if (server->port > 0) {
		argv[n++] = "-p";
		argv[n++] = port;
	}
	if (server->item_max) {
		argv[n++] = "-I";
		argv[n++] = server->item_max;
	}
	if (geteuid() == 0) {
		argv[n++] = "-u";
		argv[n++] = "root";
	}
	server->pid = fork();
	assert(server->pid >= 0);
	if (server->pid == 0) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		execvp("memcached", (char *const *)argv);
		_exit(127);
	}
	await_server(server);
}

void memcached_server_start(
	struct memcached_server *server, const char *listen, const char *item_max)
{
	*server = (struct memcached_server){.item_max = item_max};
	snprintf(server->listen, sizeof(server->listen), "%s", listen);
	if (listen[0] == '/') {
		snprintf(server->where, sizeof(server->where), "unix:%s", listen);
	} else {
		server->port = free_port();
		snprintf(server->where, sizeof(server->where),
			strchr(listen, ':') ? "[%s]:%d" : "%s:%d", listen, server->port);
	}
	memcached_server_again(server);
}

void memcached_server_kill(struct memcached_server *server)
{
	if (server->pid > 0) {
		kill(server->pid, SIGKILL);
		waitpid(server->pid, NULL, 0);
		server->pid = 0;
	}
}

/* Returns when it has stopped. */
void memcached_server_freeze(struct memcached_server *server)
{
	int status;

	kill(server->pid, SIGSTOP);
	assert(waitpid(server->pid, &status, WUNTRACED) == server->pid && WIFSTOPPED(status));
}

void memcached_server_thaw(struct memcached_server *server)
{
	kill(server->pid, SIGCONT);
}

static void answer_everybody(int listener, const char *greeting, const char *answer)
{
	char packet[4096];

	for (;;) {
		int fd = accept(listener, NULL, NULL);
		const char *next = greeting;

		while (fd >= 0 && recv(fd, packet, sizeof(packet), 0) > 0 &&
			send(fd, next, strlen(next), MSG_NOSIGNAL) > 0) {
			next = answer;
		}
		close(fd);
	}
}

void fake_server_start(struct memcached_server *server, const char *greeting, const char *answer)
{
	int listener;

	*server = (struct memcached_server){.listen = "127.0.0.1"};
	listener = listen_on_free_port(&server->port);
	snprintf(server->where, sizeof(server->where), "127.0.0.1:%d", server->port);
	server->pid = fork();
	assert(server->pid >= 0);
	if (server->pid == 0) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		answer_everybody(listener, greeting, answer);
	}
	close(listener);
}

static bool line_is(const char *line, const char *start)
{
	return strncmp(line, start, strlen(start)) == 0;
}

bool cache_look(const struct memcached_server *server, const char *key, struct cache_item *ret)
{
	int fd = dial(server);
	FILE *stream = fdopen(fd, "r+");
	char line[512];
	bool found = false;

	*ret = (struct cache_item){0};
	assert(stream);
	fprintf(stream, "mg %s f t s v\r\n", key);
	fflush(stream);
	assert(fgets(line, sizeof(line), stream));
	if (line_is(line, "VA ")) {
		assert(sscanf(line, "VA %zu f%u t%ld", &ret->n, &ret->flags, &ret->expires_in_s) ==
			3);
		ret->data = calloc(1, ret->n + 1);
		assert(ret->data && fread(ret->data, 1, ret->n, stream) == ret->n);
		found = true;
	}
	fclose(stream);
	return found;
}

void cache_put(const struct memcached_server *server, const char *key, unsigned flags,
	const char *data, size_t n)
{
	int fd = dial(server);
	FILE *stream = fdopen(fd, "r+");
	char line[64];

	assert(stream);
	fprintf(stream, "set %s %u 0 %zu\r\n", key, flags, n);
	fwrite(data, 1, n, stream);
	fputs("\r\n", stream);
	fflush(stream);
	assert(fgets(line, sizeof(line), stream) && line_is(line, "STORED"));
	fclose(stream);
}
