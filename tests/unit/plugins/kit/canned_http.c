/* SPDX-License-Identifier: Apache-2.0 */
/* A web server in a thread: see canned_http.h. */
#include "canned_http.h"

#include "base/mono.h"
#include "fake_core.h"

#include <arpa/inet.h>
#include <poll.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum { MOST = 64, REQUEST_BYTES = 16384 };

struct canned_server {
	struct canned answers[MOST];
	bool used[MOST];
	size_t n_answers;
	char *requests[MOST];
	size_t n_requests, n_connections;
	int listener, stop[2];
	struct pollfd fds[MOST];
	nfds_t n_fds;
	char buffers[MOST][REQUEST_BYTES];
	char url[64];
	pthread_t thread;
	pthread_mutex_t lock;
};

int64_t canned_ahead_ms;

static int64_t ahead_mono_ms(void)
{
	return mono_ms() + canned_ahead_ms;
}

struct gpubroker_core canned_core(void)
{
	struct gpubroker_core core = fake_core;

	core.mono_ms = ahead_mono_ms;
	core.wall_ms = wall_ms;
	return core;
}

/* Whether a whole request stands in the text. */
static bool is_whole(const char *text)
{
	const char *end = strstr(text, "\r\n\r\n"), *length = strcasestr(text, "content-length:");

	if (!end) {
		return false;
	}
	return strlen(end + 4) >= (length && length < end ? strtoul(length + 15, NULL, 10) : 0);
}

static const struct canned *choose(struct canned_server *s, const char *request)
{
	size_t i;

	for (i = 0; i < s->n_answers; i++) {
		if (!s->used[i] && strstr(request, s->answers[i].match)) {
			s->used[i] = true;
			return &s->answers[i];
		}
	}
	return NULL;
}

/* false: the connection is to be closed. */
static bool answer(struct canned_server *s, int fd, const char *request)
{
	const struct canned *a;
	const char *body;
	char *text;
	int n;

	pthread_mutex_lock(&s->lock);
	if (s->n_requests < MOST) {
		s->requests[s->n_requests++] = strdup(request);
	}
	a = choose(s, request);
	pthread_mutex_unlock(&s->lock);
	if (!a || a->status <= 0) {
		return a && a->status < 0;
	}
	body = a->body ? a->body : "";
	n = asprintf(&text, "HTTP/1.1 %d Whatever\r\nContent-Length: %zu\r\n%s\r\n%s", a->status,
		strlen(body), a->headers ? a->headers : "", body);
	if (n < 0 || send(fd, text, (size_t)n, MSG_NOSIGNAL) != n) {
		abort();
	}
	free(text);
	return true;
}

/* false: it is closed. */
static bool serve(struct canned_server *s, nfds_t i)
{
	char *buffer = s->buffers[i];
	size_t used = strlen(buffer);
	ssize_t n = recv(s->fds[i].fd, buffer + used, REQUEST_BYTES - 1 - used, 0);

	if (n <= 0) {
		return false;
	}
	buffer[used + (size_t)n] = '\0';
	if (!is_whole(buffer)) {
		return true;
	}
	if (!answer(s, s->fds[i].fd, buffer)) {
		return false;
	}
	buffer[0] = '\0';
	return true;
}

static void *run(void *arg)
{
	struct canned_server *s = arg;
	nfds_t i;

	while (poll(s->fds, s->n_fds, -1) >= 0 && !s->fds[0].revents) {
		if (s->fds[1].revents && s->n_fds < MOST) {
			s->buffers[s->n_fds][0] = '\0';
			s->fds[s->n_fds++] = (struct pollfd){
				.fd = accept(s->listener, NULL, NULL), .events = POLLIN};
			pthread_mutex_lock(&s->lock);
			s->n_connections++;
			pthread_mutex_unlock(&s->lock);
		}
		for (i = 2; i < s->n_fds; i++) {
			if (s->fds[i].revents && !serve(s, i)) {
				close(s->fds[i].fd);
				s->fds[i].fd = -1;
				s->fds[i].revents = 0;
			}
		}
	}
	return NULL;
}

struct canned_server *canned_start(const struct canned *answers, size_t n)
{
	struct canned_server *s = calloc(1, sizeof(*s));
	struct sockaddr_in at = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	socklen_t size = sizeof(at);

	if (!s || n > MOST) {
		abort();
	}
	memcpy(s->answers, answers, n * sizeof(*answers));
	s->n_answers = n;
	s->listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (bind(s->listener, (struct sockaddr *)&at, size) < 0 || listen(s->listener, 16) < 0 ||
		getsockname(s->listener, (struct sockaddr *)&at, &size) < 0 || pipe(s->stop) < 0) {
		abort();
	}
	snprintf(s->url, sizeof(s->url), "http://127.0.0.1:%u", ntohs(at.sin_port));
	s->fds[0] = (struct pollfd){.fd = s->stop[0], .events = POLLIN};
	s->fds[1] = (struct pollfd){.fd = s->listener, .events = POLLIN};
	s->n_fds = 2;
	pthread_mutex_init(&s->lock, NULL);
	if (pthread_create(&s->thread, NULL, run, s) != 0) {
		abort();
	}
	return s;
}

void canned_stop(struct canned_server *s)
{
	nfds_t i;

	close(s->stop[1]);
	pthread_join(s->thread, NULL);
	close(s->stop[0]);
	for (i = 1; i < s->n_fds; i++) {
		if (s->fds[i].fd >= 0) {
			close(s->fds[i].fd);
		}
	}
	for (i = 0; i < s->n_requests; i++) {
		free(s->requests[i]);
	}
	pthread_mutex_destroy(&s->lock);
	free(s);
}

const char *canned_url(const struct canned_server *s)
{
	return s->url;
}

size_t canned_requests(struct canned_server *s)
{
	size_t n;

	pthread_mutex_lock(&s->lock);
	n = s->n_requests;
	pthread_mutex_unlock(&s->lock);
	return n;
}

const char *canned_request(struct canned_server *s, size_t i)
{
	const char *text;

	pthread_mutex_lock(&s->lock);
	text = i < s->n_requests ? s->requests[i] : "";
	pthread_mutex_unlock(&s->lock);
	return text;
}

size_t canned_connections(struct canned_server *s)
{
	size_t n;

	pthread_mutex_lock(&s->lock);
	n = s->n_connections;
	pthread_mutex_unlock(&s->lock);
	return n;
}
