/* SPDX-License-Identifier: Apache-2.0 */
/* Who is asking: see address.h. */
#include "rest/http/address.h"

#include "base/mem.h"
#include "base/str.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>

static const uint8_t v4_prefix[12] = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};

static bool is_v4(const struct address *a)
{
	return memcmp(a->bytes, v4_prefix, sizeof(v4_prefix)) == 0;
}

static void set_v4(struct address *ret, const void *four_bytes)
{
	memcpy(ret->bytes, v4_prefix, sizeof(v4_prefix));
	memcpy(ret->bytes + sizeof(v4_prefix), four_bytes, 4);
}

bool address_from_socket(const struct sockaddr *socket_address, struct address *ret)
{
	struct sockaddr_in v4;
	struct sockaddr_in6 v6;

	if (socket_address && socket_address->sa_family == AF_INET) {
		memcpy(&v4, socket_address, sizeof(v4));
		set_v4(ret, &v4.sin_addr);
		return true;
	}
	if (socket_address && socket_address->sa_family == AF_INET6) {
		memcpy(&v6, socket_address, sizeof(v6));
		memcpy(ret->bytes, &v6.sin6_addr, sizeof(ret->bytes));
		return true;
	}
	return false;
}

static bool parse_bare(const char *text, struct address *ret)
{
	struct in_addr v4;

	if (inet_pton(AF_INET, text, &v4) == 1) {
		set_v4(ret, &v4);
		return true;
	}
	return inet_pton(AF_INET6, text, ret->bytes) == 1;
}

bool address_parse(const char *text, size_t n, struct address *ret)
{
	char copy[ADDRESS_TEXT_SIZE + 16];
	char *end;

	if (n == 0 || n >= sizeof(copy)) {
		return false;
	}
	memcpy(copy, text, n);
	copy[n] = '\0';
	if (copy[0] == '[') {
		end = strchr(copy, ']');
		if (!end || (end[1] && end[1] != ':')) {
			return false;
		}
		*end = '\0';
		return parse_bare(copy + 1, ret);
	}
	end = strchr(copy, ':');
	if (end && !strchr(end + 1, ':')) { /* one colon: IPv4 and a port */
		*end = '\0';
	}
	return parse_bare(copy, ret);
}

void address_write(char ret[ADDRESS_TEXT_SIZE], const struct address *a)
{
	bool v4 = is_v4(a);

	if (!inet_ntop(v4 ? AF_INET : AF_INET6, a->bytes + (v4 ? sizeof(v4_prefix) : 0), ret,
		    ADDRESS_TEXT_SIZE)) {
		snprintf(ret, ADDRESS_TEXT_SIZE, "?");
	}
}

struct address address_of_client(const struct address *a)
{
	struct address client = *a;

	if (!is_v4(a)) {
		memset(client.bytes + 8, 0, 8);
	}
	return client;
}

static bool parse_network(const char *text, struct network *ret)
{
	const char *slash = strchr(text, '/');
	int64_t bits = 0;
	bool v4;

	if (!address_parse(text, slash ? (size_t)(slash - text) : strlen(text), &ret->address)) {
		return false;
	}
	v4 = is_v4(&ret->address);
	if (slash && (!str_to_int64(slash + 1, &bits) || bits < 0 || bits > (v4 ? 32 : 128))) {
		return false;
	}
	ret->bits = slash ? (unsigned)bits + (v4 ? 96 : 0) : 128;
	return true;
}

int networks_parse(
	struct networks *ret, const char *const texts[], size_t n, struct gpubroker_error *reterr)
{
	*ret = (struct networks){.items = calloc(n + 1, sizeof(*ret->items))};
	if (!ret->items) {
		return gpubroker_fail(reterr, GPUBROKER_E_INTERNAL, "no memory");
	}
	for (; ret->n < n; ret->n++) {
		if (!parse_network(texts[ret->n], &ret->items[ret->n])) {
			gpubroker_fail(reterr, GPUBROKER_E_CONFIG,
				"rest.trusted_proxies: '%s' is neither an address nor a network",
				texts[ret->n]);
			networks_finish(ret);
			return GPUBROKER_E_CONFIG;
		}
	}
	return 0;
}

void networks_finish(struct networks *networks)
{
	free(networks->items);
	*networks = (struct networks){0};
}

static bool network_contains(const struct network *network, const struct address *a)
{
	unsigned whole = network->bits / 8, rest = network->bits % 8;
	uint8_t mask = (uint8_t)(0xff00u >> rest);

	return memcmp(network->address.bytes, a->bytes, whole) == 0 &&
	       (rest == 0 || ((network->address.bytes[whole] ^ a->bytes[whole]) & mask) == 0);
}

bool networks_contain(const struct networks *networks, const struct address *a)
{
	for (size_t i = 0; i < networks->n; i++) {
		if (network_contains(&networks->items[i], a)) {
			return true;
		}
	}
	return false;
}

void forwarded_init(struct forwarded *f)
{
	f->n = 0;
	f->text[0] = '\0';
}

/* Where there is no room, nothing can be believed: an entry that is no address ends the search. */
void forwarded_add(struct forwarded *f, const char *line)
{
	size_t n = strlen(line);

	if (n + 1 >= sizeof(f->text) - f->n) {
		f->n = 0;
		line = "?";
		n = 1;
	}
	if (f->n > 0) {
		f->text[f->n++] = ',';
	}
	memcpy(f->text + f->n, line, n + 1);
	f->n += n;
}

struct address address_forwarded(
	const struct networks *trusted, const struct address *peer, const char *forwarded_for)
{
	struct address client = *peer, entry;
	size_t end = forwarded_for ? strlen(forwarded_for) : 0;

	while (end > 0 && networks_contain(trusted, &client)) {
		size_t start = end, stop = end;

		while (start > 0 && forwarded_for[start - 1] != ',') {
			start--;
		}
		end = start > 0 ? start - 1 : 0;
		start += strspn(forwarded_for + start, " \t");
		while (stop > start &&
			(forwarded_for[stop - 1] == ' ' || forwarded_for[stop - 1] == '\t')) {
			stop--;
		}
		if (start > stop || !address_parse(forwarded_for + start, stop - start, &entry)) {
			break;
		}
		client = entry;
	}
	return client;
}
