/* SPDX-License-Identifier: Apache-2.0 */
/* What a broker, or its predecessor, keeps in memcached, as the answer of /v1/flavors would be. */
#ifndef CLI_KEPT_LIST_H
#define CLI_KEPT_LIST_H

#include "cli/api.h"

enum { KEPT_SOURCE_SIZE = 200 };

/* {flavors, regions} of gpubroker:v1:view; else the legacy list FlavorGPU, as rows with the four fields that it has.
 * ret_source: a sentence on what was read. CLI_NOT_FOUND: neither is there. */
int kept_list_read(const char *server, struct value **ret, char ret_source[static KEPT_SOURCE_SIZE],
	struct gpubroker_error *reterr);

/* The legacy list as {flavors}, for the test. NULL: it is none, or no memory. */
struct value *kept_list_from_legacy(const char *json, size_t n);

#endif
