/* SPDX-License-Identifier: Apache-2.0 */
/* A line of the access log: see access_log.h. The query is left out: it is nobody's business. */
#include "rest/http/access_log.h"

#include "base/mem.h"
#include "base/mono.h"

#include <stdio.h>
#include <unistd.h>

void access_write(const struct access *access)
{
	char line[ACCESS_LINE_SIZE];
	size_t n = access_line(line, access);

	if (write(STDOUT_FILENO, line, n) < 0) {
		return; /* nobody reads it: no reason not to answer */
	}
}

size_t access_line(char ret[ACCESS_LINE_SIZE], const struct access *access)
{
	char client[ADDRESS_TEXT_SIZE] = "unix", at[TIME_TEXT_SIZE];
	int n;

	if (access->client) {
		address_write(client, access->client);
	}
	time_rfc3339(at, access->at_wall_ms);
	n = snprintf(ret, ACCESS_LINE_SIZE,
		"%s request address=%s method=%.16s status=%u path=%.*s", at, client,
		access->method, access->status, (int)MIN(access->path_length, (size_t)2048),
		access->path);
	n = MIN(MAX(n, 0), ACCESS_LINE_SIZE - 2);
	for (int i = 0; i < n; i++) {
		ret[i] = (ret[i] >= ' ' && ret[i] <= '~') ? ret[i] : '?';
	}
	ret[n] = '\n';
	return (size_t)n + 1;
}
