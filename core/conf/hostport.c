/* SPDX-License-Identifier: Apache-2.0 */
/* Places to listen or connect: see hostport.h. */
#include "conf/hostport.h"

#include "base/str.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <string.h>

static bool is_address(int family, const char *host)
{
	unsigned char bytes[sizeof(struct in6_addr)];

	return inet_pton(family, host, bytes) == 1;
}

/* What consists of digits and points only can be nothing but an IPv4 address. */
static bool host_is_valid(const char *host)
{
	size_t n = strlen(host);

	if (n == 0 || host[0] == '.' || host[0] == '-') {
		return false;
	}
	if (strspn(host, "0123456789.") == n) {
		return is_address(AF_INET, host);
	}
	return strspn(host, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.-_") ==
	       n;
}

static bool parse_port(const char *text, uint16_t *ret)
{
	int64_t port;

	if (strspn(text, "0123456789") != strlen(text) || !str_to_int64(text, &port) ||
		port > 65535) {
		return false;
	}
	*ret = (uint16_t)port;
	return true;
}

static int parse_unix(const char *text, struct hostport *ret, struct gpubroker_error *reterr)
{
	const char *path = text + strlen("unix:");

	if (path[0] != '/') {
		return gpubroker_fail(reterr, GPUBROKER_E_CONFIG,
			"\"%.200s\" needs an absolute path, as in \"unix:/run/gpubroker/http.sock\"",
			text);
	}
	if (strlen(path) >= sizeof(ret->path)) {
		return gpubroker_fail(reterr, GPUBROKER_E_CONFIG,
			"the path in \"%.200s\" is longer than the %zu bytes that a socket may have",
			text, sizeof(ret->path) - 1);
	}
	ret->is_unix = true;
	snprintf(ret->path, sizeof(ret->path), "%s", path);
	return 0;
}

int hostport_parse(const char *text, struct hostport *ret, struct gpubroker_error *reterr)
{
	bool bracket = text[0] == '[';
	const char *host = bracket ? text + 1 : text;
	const char *end = bracket ? strchr(text, ']') : strrchr(text, ':');
	const char *port = end ? end + (bracket ? 2 : 1) : NULL;

	*ret = (struct hostport){0};
	if (strncmp(text, "unix:", strlen("unix:")) == 0) {
		return parse_unix(text, ret, reterr);
	}
	if (!end || (bracket && end[1] != ':')) {
		return gpubroker_fail(reterr, GPUBROKER_E_CONFIG,
			"\"%.200s\" has no port; an address is written HOST:PORT, [v6]:PORT or unix:/path",
			text);
	}
	if (end == host) {
		return gpubroker_fail(reterr, GPUBROKER_E_CONFIG,
			"\"%.200s\" names no host; 0.0.0.0 or [::] stand for every address", text);
	}
	if (!parse_port(port, &ret->port)) {
		return gpubroker_fail(reterr, GPUBROKER_E_CONFIG,
			"the port in \"%.200s\" is not a number up to 65535", text);
	}
	if ((size_t)(end - host) < sizeof(ret->host)) {
		memcpy(ret->host, host, (size_t)(end - host));
	}
	if (!bracket && is_address(AF_INET6, ret->host)) {
		return gpubroker_fail(reterr, GPUBROKER_E_CONFIG,
			"the IPv6 address in \"%.200s\" needs brackets: [v6]:PORT", text);
	}
	if (bracket ? !is_address(AF_INET6, ret->host) : !host_is_valid(ret->host)) {
		return gpubroker_fail(reterr, GPUBROKER_E_CONFIG,
			"the host in \"%.200s\" is neither a name nor an address", text);
	}
	return 0;
}

bool network_is_valid(const char *text)
{
	char address[INET6_ADDRSTRLEN];
	size_t n = strcspn(text, "/");
	int64_t bits = 0;
	bool v6;

	if (n >= sizeof(address)) {
		return false;
	}
	memcpy(address, text, n);
	address[n] = '\0';
	v6 = is_address(AF_INET6, address);
	if (!v6 && !is_address(AF_INET, address)) {
		return false;
	}
	return text[n] == '\0' ||
	       (strspn(text + n + 1, "0123456789") == strlen(text + n + 1) &&
		       str_to_int64(text + n + 1, &bits) && bits <= (v6 ? 128 : 32));
}
