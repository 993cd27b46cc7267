/* SPDX-License-Identifier: Apache-2.0 */
/* Where a cache server listens, as the configuration writes it. */
#ifndef STORE_SERVER_ADDRESS_H
#define STORE_SERVER_ADDRESS_H

#include <gpubroker/error.h>

#include <stdint.h>

struct server_address {
	char *host;    /* name or address, IPv6 without brackets; or the socket's path */
	uint16_t port; /* 0: host is a path */
};

/* "HOST:PORT", "HOST" (port 11211), "[v6]:PORT", "[v6]" or "unix:/path". < 0: CONFIG, INTERNAL (no memory). */
int server_address_parse(
	struct server_address *ret, const char *text, struct gpubroker_error *reterr);
void server_address_finish(struct server_address *);

#endif
