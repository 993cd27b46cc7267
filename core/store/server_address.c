/* SPDX-License-Identifier: Apache-2.0 */
/* "HOST:PORT" and its relatives: see server_address.h. */
#include "store/server_address.h"

#include "base/mem.h"
#include "base/str.h"

#include <string.h>
#include <sys/un.h>

enum { DEFAULT_PORT = 11211, HOST_MAX_LENGTH = 253 };

static int parse_path(struct server_address *ret, const char *path, struct gpubroker_error *reterr)
{
	struct sockaddr_un address;

	if (path[0] != '/' || strlen(path) >= sizeof(address.sun_path)) {
		return gpubroker_fail(reterr, GPUBROKER_E_CONFIG,
			"'unix:%s' is not an absolute path of at most %zu bytes", path,
			sizeof(address.sun_path) - 1);
	}
	ret->host = strdup(path);
	return ret->host ? 0 : gpubroker_fail(reterr, GPUBROKER_E_INTERNAL, "no memory");
}

/* rest: what follows the host, "" or ":PORT". */
static bool parse_port(uint16_t *ret, const char *rest)
{
	int64_t port = DEFAULT_PORT;

	if (rest[0] != '\0' && (rest[0] != ':' || !str_to_int64(rest + 1, &port))) {
		return false;
	}
	*ret = (uint16_t)port;
	return port >= 1 && port <= UINT16_MAX;
}

int server_address_parse(
	struct server_address *ret, const char *text, struct gpubroker_error *reterr)
{
	bool bracketed = text[0] == '[';
	const char *host = text + bracketed, *end, *rest;

	*ret = (struct server_address){0};
	if (strncmp(text, "unix:", 5) == 0) {
		return parse_path(ret, text + 5, reterr);
	}
	end = host + strcspn(host, bracketed ? "]" : ":");
	rest = end + (bracketed && *end == ']');
	if (end == host || end - host > HOST_MAX_LENGTH || (bracketed && *end != ']') ||
		strcspn(text, " \t\r\n/@") != strlen(text) || !parse_port(&ret->port, rest)) {
		return gpubroker_fail(reterr, GPUBROKER_E_CONFIG,
			"'%s' is not HOST:PORT, [v6]:PORT or unix:/path", text);
	}
	ret->host = strndup(host, (size_t)(end - host));
	return ret->host ? 0 : gpubroker_fail(reterr, GPUBROKER_E_INTERNAL, "no memory");
}

void server_address_finish(struct server_address *address)
{
	free(address->host);
	*address = (struct server_address){0};
}
