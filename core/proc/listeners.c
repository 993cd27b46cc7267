/* SPDX-License-Identifier: Apache-2.0 */
/* The parent's listening sockets, as rest.listen names them: opened at the start, kept over a reload where their
 * address stays. */
#include "base/log.h"
#include "proc/listen.h"
#include "proc/parent.h"

#include <string.h>
#include <unistd.h>

static void close_listener(struct listener *l)
{
	for (size_t i = 0; i < l->n_fds; i++) {
		close(l->fds[i]);
	}
	if (l->address && strncmp(l->address, "unix:", 5) == 0) {
		unlink(l->address + 5);
	}
	free(l->address);
}

static void log_listener(const struct listener *l)
{
	char text[160];

	for (size_t i = 0; i < l->n_fds; i++) {
		listen_describe(l->fds[i], text, sizeof(text));
		log_info("listening address=%s", text);
	}
}

static bool open_listener(struct listener *ret, const char *address)
{
	struct gpubroker_error error = {0};

	ret->address = strdup(address);
	if (!ret->address ||
		listen_open(address, ret->fds, MOST_LISTEN_FDS, &ret->n_fds, &error) < 0) {
		log_error("%s", error.text);
		free(ret->address);
		return false;
	}
	log_listener(ret);
	return true;
}

static struct listener *take_listener(struct parent *p, const char *address)
{
	for (size_t i = 0; i < p->n_listeners; i++) {
		if (str_equal(p->listeners[i].address, address)) {
			return &p->listeners[i];
		}
	}
	return NULL;
}

void listeners_close(struct parent *p)
{
	for (size_t i = 0; i < p->n_listeners; i++) {
		close_listener(&p->listeners[i]);
	}
	free(p->listeners);
	p->listeners = NULL;
	p->n_listeners = 0;
}

bool listeners_open(struct parent *p, const struct gpubroker_strings *addresses)
{
	struct listener *fresh = calloc(addresses->n + 1, sizeof(*fresh));
	size_t n = 0;

	for (; fresh && n < addresses->n; n++) {
		struct listener *old = take_listener(p, addresses->items[n]);

		if (old) {
			fresh[n] = *old;
		} else if (!open_listener(&fresh[n], addresses->items[n])) {
			break;
		}
	}
	if (!fresh || n < addresses->n) {
		for (size_t i = 0; i < n; i++) {
			if (!take_listener(p, fresh[i].address)) {
				close_listener(&fresh[i]);
			}
		}
		free(fresh);
		return false;
	}
	for (size_t i = 0; i < n; i++) {
		struct listener *old = take_listener(p, fresh[i].address);

		if (old) {
			*old = (struct listener){0}; /* moved */
		}
	}
	listeners_close(p);
	p->listeners = fresh;
	p->n_listeners = n;
	return true;
}
