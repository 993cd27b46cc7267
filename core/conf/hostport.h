/* SPDX-License-Identifier: Apache-2.0 */
/* How the configuration writes places to listen or connect: HOST:PORT, [v6]:PORT, unix:/path. */
#ifndef CONF_HOSTPORT_H
#define CONF_HOSTPORT_H

#include <gpubroker/error.h>

#include <stdbool.h>
#include <stdint.h>

struct hostport {
	bool is_unix;
	char host[256]; /* a name or an address without brackets; empty for a unix socket */
	uint16_t port;  /* 0: the kernel chooses one, for tests */
	char path[108]; /* of a unix socket */
};

/* No name is resolved. < 0: CONFIG, with a sentence that quotes the text. */
int hostport_parse(const char *text, struct hostport *ret, struct gpubroker_error *reterr);

/* An address or a network in CIDR notation: 10.0.0.1, 10.0.0.0/8, fd00::/8. */
bool network_is_valid(const char *text);

#endif
