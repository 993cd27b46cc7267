/* SPDX-License-Identifier: Apache-2.0 */
/* THE table of routes. A row is all that the rest of the daemon knows of an endpoint. */
#ifndef REST_ROUTE_H
#define REST_ROUTE_H

#include "rest/handlers.h"

enum route_flags {
	ROUTE_STRICT = 1, /* parameters that it does not know are refused */
	ROUTE_COLD = 2,   /* waits for regions that were never read; 503 if none is known */
	ROUTE_ALWAYS = 8, /* answers even before the front knows of any region */
	ROUTE_POST = 16,  /* POST with a body, in place of GET and HEAD */
	ROUTE_STATUS = 4, /* names regions that are not ok in X-Region-Status */
};

struct route {
	const char *pattern;           /* "/v1/regions/{region}"; also the label in /metrics */
	unsigned flags;                /* enum route_flags */
	const char *const *parameters; /* that it knows, NULL-terminated; NULL: none */
	render_fn *render;             /* a page, kept with its view */
	live_fn *live;                 /* or an answer of the moment */
};

extern const struct route routes[];
extern const size_t n_routes;

size_t route_index(const struct route *); /* n_routes for NULL */

enum { MAX_SEGMENTS = 8 };
struct segments { /* decoded */
	const char *items[MAX_SEGMENTS];
	size_t n;
};
/* Which route that is, or NULL. variables: what stands at {region} and {id}, in that order. */
const struct route *route_match(const struct segments *, const char *ret_variables[2]);

#endif
