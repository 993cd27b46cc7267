/* SPDX-License-Identifier: Apache-2.0 */
/* THE table of routes: see route.h. An endpoint is a row here and a handler in get_*.c. */
#include "rest/route.h"

#include "base/mem.h"
#include "rest/filter.h"

#include <string.h>

static const char *const region_only[] = {"region", NULL};

#define LEGACY      (ROUTE_COLD | ROUTE_STATUS)
#define STRICT_POST (ROUTE_STRICT | ROUTE_POST)

/* clang-format off */
const struct route routes[] = {
	/* pattern                             flags         parameters         render               live */
	{"/",                                  0,            NULL,              get_index,           NULL},
	{"/gpus/flavors",                      LEGACY,       region_only,       get_legacy_flavors,  NULL},
	{"/gpus/flavors/{id}",                 LEGACY,       region_only,       get_legacy_flavor,   NULL},
	{"/v2/flavors",                        LEGACY,       region_only,       get_v2_flavors,      NULL},
	{"/v2/flavors/",                       LEGACY,       region_only,       get_v2_flavors,      NULL},
	{"/v1",                                ROUTE_STRICT, NULL,              get_index,           NULL},
	{"/v1/regions",                        ROUTE_STRICT, NULL,              get_regions,         NULL},
	{"/v1/regions/{region}",               ROUTE_STRICT, NULL,              get_region,          NULL},
	{"/v1/flavors",                        ROUTE_STRICT, filter_parameters, get_flavors,         NULL},
	{"/v1/regions/{region}/flavors",       ROUTE_STRICT, filter_parameters, get_region_flavors,  NULL},
	{"/v1/regions/{region}/flavors/{id}",  ROUTE_STRICT, NULL,              get_region_flavor,   NULL},
	{"/v1/regions/{region}/flavors/{id}/explain",
	                                       ROUTE_STRICT, NULL,              get_explain,         NULL},
	{"/v1/gpus",                           ROUTE_STRICT, NULL,              get_gpus,            NULL},
	{"/v1/fit",                            STRICT_POST,  NULL,              NULL,                get_fit},
	{"/openapi.json",                      ROUTE_ALWAYS, NULL,              get_openapi,         NULL},
	{"/ui",                                ROUTE_ALWAYS, NULL,              get_ui,              NULL},
	{"/ui/",                               ROUTE_ALWAYS, NULL,              get_ui,              NULL},
	{"/ui/ui.js",                          ROUTE_ALWAYS, NULL,              get_ui_script,       NULL},
	{"/ui/ui.css",                         ROUTE_ALWAYS, NULL,              get_ui_style,        NULL},
	{"/metrics",                           0,            NULL,              NULL,                get_metrics},
	{"/livez",                             ROUTE_ALWAYS, NULL,              NULL,                get_livez},
	{"/readyz",                            0,            NULL,              NULL,                get_readyz},
};
/* clang-format on */
const size_t n_routes = ARRAY_SIZE(routes);

size_t route_index(const struct route *route)
{
	return route ? (size_t)(route - routes) : n_routes;
}

/* pattern: behind its first slash. */
static bool matches(
	const char *pattern, const struct segments *segments, const char *ret_variables[2])
{
	size_t n_variables = 0;

	for (size_t i = 0; i < segments->n; i++) {
		const char *segment = segments->items[i];
		size_t n = strcspn(pattern, "/");

		if (*pattern == '{') {
			if (!*segment) {
				return false;
			}
			ret_variables[n_variables++] = segment;
		} else if (strncmp(pattern, segment, n) != 0 || segment[n]) {
			return false;
		}
		pattern += n;
		if (!*pattern) {
			return i + 1 == segments->n;
		}
		pattern++;
	}
	return false;
}

const struct route *route_match(const struct segments *segments, const char *ret_variables[2])
{
	for (size_t i = 0; i < n_routes; i++) {
		ret_variables[0] = ret_variables[1] = NULL;
		if (matches(routes[i].pattern + 1, segments, ret_variables)) {
			return &routes[i];
		}
	}
	return NULL;
}
