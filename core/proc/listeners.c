/* SPDX-License-Identifier: Apache-2.0 */
/* The parent's listening sockets, as rest.listen names them: opened at the start, kept over a reload where their
 * address stays. Or those that a service manager has passed, which stay for good. */
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

/* Stands for the sockets that were passed; no address of a configuration looks like it. */
static char passed_word[] = "passed";

static void take_passed(const struct parent *p, struct listener *ret)
{
	memcpy(ret->fds, p->passed_fds, sizeof(ret->fds));
	ret->n_fds = p->n_passed_fds;
}

static bool open_listener(const struct parent *p, struct listener *ret, const char *address)
{
	struct gpubroker_error error = {0};
	int r = -1;

	ret->address = strdup(address);
	if (ret->address && p->n_passed_fds > 0) {
		take_passed(p, ret);
		r = 0;
	} else if (ret->address) {
		r = listen_open(address, ret->fds, MOST_LISTEN_FDS, &ret->n_fds, &error);
	}
	if (r < 0) {
		log_error("%s", error.text);
		free(ret->address);
		return false;
	}
	if (r > 0) {
		log_warn("%s", error.text);
	}
	log_listener(ret);
	return true;
}

static struct listener *find_listener(struct parent *p, const char *address)
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

/* Where the machine lacks IPv6, an IPv6 address is missing; at least one address has to be there. */
static bool any_is_open(const struct listener *listeners, size_t n)
{
	size_t open = 0;

	for (size_t i = 0; i < n; i++) {
		open += listeners[i].n_fds;
	}
	if (n > 0 && open == 0) {
		log_error("none of the addresses is one of this machine");
	}
	return n == 0 || open > 0;
}

/* Takes what is open already, opens the rest. *ret_n: how many are filled. */
static bool fill_listeners(struct parent *p, const struct gpubroker_strings *addresses,
	struct listener fresh[], size_t *ret_n)
{
	for (*ret_n = 0; *ret_n < addresses->n; (*ret_n)++) {
		struct listener *old = find_listener(p, addresses->items[*ret_n]);

		if (old) {
			fresh[*ret_n] = *old;
		} else if (!open_listener(p, &fresh[*ret_n], addresses->items[*ret_n])) {
			return false;
		}
	}
	return any_is_open(fresh, *ret_n);
}

static void close_new(struct parent *p, struct listener fresh[], size_t n)
{
	for (size_t i = 0; i < n; i++) {
		if (!find_listener(p, fresh[i].address)) {
			close_listener(&fresh[i]);
		}
	}
}

bool listeners_take_passed(struct parent *p)
{
	struct gpubroker_error error = {0};
	int r = listen_passed(p->passed_fds, MOST_LISTEN_FDS, &p->n_passed_fds, &error);

	if (r < 0) {
		log_error("%s", error.text);
	}
	if (p->n_passed_fds > 0) {
		log_info("sockets were passed, rest.listen is not used sockets=%zu",
			p->n_passed_fds);
	}
	return r == 0;
}

bool listeners_open(struct parent *p, const struct gpubroker_strings *configured)
{
	char *const passed[] = {passed_word};
	const struct gpubroker_strings instead = {.items = (char **)passed, .n = 1};
	const struct gpubroker_strings *addresses = p->n_passed_fds > 0 ? &instead : configured;
	struct listener *fresh = calloc(addresses->n + 1, sizeof(*fresh));
	size_t n = 0;

	if (!fresh || !fill_listeners(p, addresses, fresh, &n)) {
		close_new(p, fresh, n);
		free(fresh);
		return false;
	}
	for (size_t i = 0; i < n; i++) {
		struct listener *old = find_listener(p, fresh[i].address);

		if (old) {
			*old = (struct listener){0}; /* moved */
		}
	}
	listeners_close(p);
	p->listeners = fresh;
	p->n_listeners = n;
	return true;
}
