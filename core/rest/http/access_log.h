/* SPDX-License-Identifier: Apache-2.0 */
/* A line of the access log. */
#ifndef REST_ACCESS_LOG_H
#define REST_ACCESS_LOG_H

#include "rest/http/address.h"

enum { ACCESS_LINE_SIZE = 2048 + 256 };

struct access {
	int64_t at_wall_ms;
	const struct address *client; /* NULL: a unix socket */
	const char *method, *path;
	size_t path_length;
	unsigned status;
};

/* With its line end; how many bytes. What strangers sent is printable ASCII or a question mark. */
size_t access_line(char ret[ACCESS_LINE_SIZE], const struct access *);

void access_write(const struct access *); /* to stdout */

#endif
