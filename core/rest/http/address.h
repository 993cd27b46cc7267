/* SPDX-License-Identifier: Apache-2.0 */
/* Who is asking: addresses, networks and what proxies say. */
#ifndef REST_ADDRESS_H
#define REST_ADDRESS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <gpubroker/error.h>

struct sockaddr;

struct address { /* IPv4 as ::ffff:a.b.c.d */
	uint8_t bytes[16];
};

enum { ADDRESS_TEXT_SIZE = 48 };

bool address_from_socket(const struct sockaddr *, struct address *ret); /* false: a unix socket */
/* "192.0.2.1", "192.0.2.1:80", "2001:db8::1", "[2001:db8::1]:80" */
bool address_parse(const char *text, size_t n, struct address *ret);
void address_write(char ret[ADDRESS_TEXT_SIZE], const struct address *);
/* What limits count as one client: an IPv4 address, or an IPv6 /64, which one machine owns as a whole. */
struct address address_of_client(const struct address *);

struct networks {
	struct network {
		struct address address;
		unsigned bits;
	} * items;
	size_t n;
};

/* Addresses and "address/bits". < 0: CONFIG naming the one that is neither, INTERNAL. */
int networks_parse(
	struct networks *ret, const char *const texts[], size_t n, struct gpubroker_error *reterr);
void networks_finish(struct networks *);
bool networks_contain(const struct networks *, const struct address *);

#define FORWARDED_HEADER "X-Forwarded-For"
enum { FORWARDED_SIZE = 8 * 1024 }; /* a request's headers are smaller together */
struct forwarded {                  /* the lines of that header, in their order, as one list */
	size_t n;
	char text[FORWARDED_SIZE];
};
void forwarded_init(struct forwarded *);
void forwarded_add(struct forwarded *, const char *line);

/* The client behind a trusted peer: the last entry of X-Forwarded-For that is not itself a trusted proxy.
 * An entry that is no address ends the search: what stands before it cannot be believed. */
struct address address_forwarded(
	const struct networks *trusted, const struct address *peer, const char *forwarded_for);

#endif
