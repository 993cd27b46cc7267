/* SPDX-License-Identifier: Apache-2.0 */
/* For tests: a real memcached of one's own, a server that says what it is told, and a client that shows
 * what is really in the cache, flags included. */
#ifndef TESTS_MEMCACHED_SERVER_H
#define TESTS_MEMCACHED_SERVER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

struct memcached_server {
	pid_t pid;            /* 0: not running */
	int port;             /* 0: on a unix socket */
	char where[160];      /* as the configuration writes it */
	char listen[100];     /* address or path */
	const char *item_max; /* for -I; NULL: the server's default */
};

bool memcached_is_installed(void);

/* listen: "127.0.0.1" or "::1" (a free port is chosen) or a path. Returns when it accepts connections. */
void memcached_server_start(struct memcached_server *, const char *listen, const char *item_max);
void memcached_server_again(struct memcached_server *); /* where it was before */
void memcached_server_kill(struct memcached_server *);
void memcached_server_freeze(struct memcached_server *);
void memcached_server_thaw(struct memcached_server *);

/* Answers the first packet of a connection with the greeting and all others with the answer, on 127.0.0.1
 * and a free port. End it with memcached_server_kill(). */
void fake_server_start(struct memcached_server *, const char *greeting, const char *answer);

/* What lies under a key. false: nothing. The caller frees data. */
struct cache_item {
	unsigned flags;
	long expires_in_s; /* -1: never */
	char *data;
	size_t n;
};
bool cache_look(const struct memcached_server *, const char *key, struct cache_item *ret);
void cache_put(const struct memcached_server *, const char *key, unsigned flags, const char *data,
	size_t n);

int free_port(void);

#endif
