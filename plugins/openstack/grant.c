/* SPDX-License-Identifier: Apache-2.0 */
/* Reading Keystone's answer to a login: see grant.h. */
#include "openstack/grant.h"

#include "kit/cleanup.h"
#include "kit/reply.h"
#include "kit/text.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

enum { MOST_ENDPOINTS = 10000, RENEW_AHEAD_MS = 120 * 1000 };

static void endpoint_finish(struct grant_endpoint *e)
{
	free(e->service);
	free(e->interface);
	free(e->region);
	free(e->url);
}

void grant_finish(struct grant *g)
{
	size_t i;

	for (i = 0; i < g->n_endpoints; i++) {
		endpoint_finish(&g->endpoints[i]);
	}
	free(g->endpoints);
	free(g->project_id);
	free(g->project_name);
	free(g->user_name);
	*g = (struct grant){0};
}

int64_t grant_margin_ms(int64_t lifetime_ms)
{
	return MIN((int64_t)RENEW_AHEAD_MS, lifetime_ms / 4);
}

/* 2026-11-22T16:39:13.000000Z */
static bool parse_time(const char *text, int64_t *ret_ms)
{
	struct tm tm = {0};
	const char *end = strptime(text, "%Y-%m-%dT%H:%M:%S", &tm);

	if (!end || (*end && *end != '.' && *end != 'Z')) {
		return false;
	}
	*ret_ms = (int64_t)timegm(&tm) * 1000;
	return true;
}

static int read_times(struct grant *g, const struct reply_at *token, struct gpubroker_error *reterr)
{
	const char *expires, *issued = NULL;
	int r = reply_need_string(token, "expires_at", &expires, reterr);

	if (r < 0) {
		return r;
	}
	r = reply_find_string(token, "issued_at", &issued, reterr);
	if (r < 0) {
		return r;
	}
	if (!parse_time(expires, &g->expires_ms)) {
		return reply_fail(reterr, token, "expires_at", "is not a time");
	}
	if (issued && !parse_time(issued, &g->issued_ms)) {
		return reply_fail(reterr, token, "issued_at", "is not a time");
	}
	return 0;
}

static int copy(char **to, const char *value, struct gpubroker_error *reterr)
{
	if (!value) {
		return 0;
	}
	*to = strdup(value);
	return *to ? 0
		   : gpubroker_fail(
			     reterr, GPUBROKER_E_INTERNAL, "keystone: no memory for a token");
}

/* The name of who or what logged in, where it is said. */
static int read_name(
	const struct reply_at *token, const char *key, char **ret, struct gpubroker_error *reterr)
{
	struct reply_at at;
	const char *name = NULL;

	if (reply_find_object(token, key, &at, NULL) == 0) {
		reply_find_string(&at, "name", &name, NULL);
	}
	return copy(ret, name, reterr);
}

static int read_scope(struct grant *g, const struct reply_at *token, struct gpubroker_error *reterr)
{
	struct reply_at project, system, roles, role;
	const char *name;
	size_t i;
	int r;

	r = reply_find_object(token, "project", &project, reterr);
	if (r == 0) {
		r = reply_need_string(&project, "id", &name, reterr);
		if (r == 0) {
			r = copy(&g->project_id, name, reterr);
		}
	}
	if (r < 0) {
		return r;
	}
	r = read_name(token, "project", &g->project_name, reterr);
	r = r < 0 ? r : read_name(token, "user", &g->user_name, reterr);
	if (r < 0) {
		return r;
	}
	g->is_system = reply_find_object(token, "system", &system, NULL) == 0;
	r = reply_find_array(token, "roles", &roles, reterr);
	for (i = 0; r == 0 && i < reply_count(&roles); i++) {
		r = reply_item_object(&roles, i, &role, reterr);
		if (r == 0) {
			r = reply_need_string(&role, "name", &name, reterr);
		}
		g->is_admin |= r == 0 && !strcmp(name, "admin");
	}
	return MIN(r, 0);
}

/* Endpoints whose interface, region or URL is missing can never be chosen: they are passed over. */
static int read_endpoint(struct grant *g, const char *service, const struct reply_at *at,
	struct gpubroker_error *reterr)
{
	const char *interface = NULL, *region = NULL, *url = NULL;
	struct grant_endpoint *e;
	int r;

	if (reply_find_string(at, "url", &url, NULL) != 0 || !url[0] ||
		reply_find_string(at, "interface", &interface, NULL) != 0) {
		return 0;
	}
	if (reply_find_string(at, "region_id", &region, NULL) != 0) {
		reply_find_string(at, "region", &region, NULL);
	}
	if (g->n_endpoints >= MOST_ENDPOINTS) {
		return gpubroker_fail(reterr, GPUBROKER_E_LIMIT,
			"keystone: the catalog has more than %d endpoints", MOST_ENDPOINTS);
	}
	if (!GROW(g->endpoints, g->n_endpoints, g->room)) {
		return gpubroker_fail(
			reterr, GPUBROKER_E_INTERNAL, "keystone: no memory for a catalog");
	}
	e = &g->endpoints[g->n_endpoints++];
	*e = (struct grant_endpoint){0};
	r = copy(&e->service, service, reterr);
	r = r < 0 ? r : copy(&e->interface, interface, reterr);
	r = r < 0 ? r : copy(&e->region, region, reterr);
	return r < 0 ? r : copy(&e->url, url, reterr);
}

static int read_service(
	struct grant *g, const struct reply_at *service, struct gpubroker_error *reterr)
{
	struct reply_at endpoints, endpoint;
	const char *type;
	size_t i;
	int r;

	if (reply_find_string(service, "type", &type, NULL) != 0) {
		return 0; /* a service that does not say what it is */
	}
	r = reply_find_array(service, "endpoints", &endpoints, reterr);
	for (i = 0; r == 0 && i < reply_count(&endpoints); i++) {
		r = reply_item_object(&endpoints, i, &endpoint, reterr);
		if (r == 0) {
			r = read_endpoint(g, type, &endpoint, reterr);
		}
	}
	return MIN(r, 0);
}

static int read_catalog(
	struct grant *g, const struct reply_at *token, struct gpubroker_error *reterr)
{
	struct reply_at catalog, service;
	size_t i;
	int r;

	r = reply_find_array(token, "catalog", &catalog, reterr);
	for (i = 0; r == 0 && i < reply_count(&catalog); i++) {
		r = reply_item_object(&catalog, i, &service, reterr);
		if (r == 0) {
			r = read_service(g, &service, reterr);
		}
	}
	return MIN(r, 0);
}

int grant_parse(struct grant *ret, const char *body, size_t n, struct gpubroker_error *reterr)
{
	_cleanup_(reply_freep) struct reply *reply = NULL;
	struct reply_at root, token;
	int r;

	*ret = (struct grant){0};
	r = reply_parse(&reply, body ? body : "", n, "keystone", reterr);
	if (r < 0) {
		return r;
	}
	root = reply_root(reply);
	r = reply_need_object(&root, "token", &token, reterr);
	r = r < 0 ? r : read_times(ret, &token, reterr);
	r = r < 0 ? r : read_scope(ret, &token, reterr);
	r = r < 0 ? r : read_catalog(ret, &token, reterr);
	if (r < 0) {
		grant_finish(ret);
	}
	return r;
}

/* "publicURL" of old configurations is "public". */
static bool interface_equal(const char *asked, const char *has)
{
	size_t n = strlen(asked);

	if (n > 3 && !strcmp(asked + n - 3, "URL")) {
		n -= 3;
	}
	return strlen(has) == n && !memcmp(asked, has, n);
}

enum what { REGIONS, INTERFACES, SERVICES };

static const char *name_of(const struct grant_endpoint *e, enum what what)
{
	return what == SERVICES ? e->service : (what == REGIONS ? e->region : e->interface);
}

/* The different names among the endpoints of a service (NULL: of all), for a sentence. Returns how many. */
static size_t list_names(
	const struct grant *g, const char *service, enum what what, char *out, size_t room)
{
	size_t i, k, n = 0, used = 0;
	const char *name;

	out[0] = '\0';
	for (i = 0; i < g->n_endpoints; i++) {
		name = name_of(&g->endpoints[i], what);
		if (!name || (service && strcmp(g->endpoints[i].service, service) != 0)) {
			continue;
		}
		for (k = 0; k < i; k++) {
			if (name_of(&g->endpoints[k], what) &&
				(!service || !strcmp(g->endpoints[k].service, service)) &&
				!strcmp(name_of(&g->endpoints[k], what), name)) {
				break;
			}
		}
		if (k < i) {
			continue;
		}
		n++;
		if (used + strlen(name) + 3 < room) {
			used += (size_t)snprintf(
				out + used, room - used, "%s%s", used ? ", " : "", name);
		}
	}
	return n;
}

static int fail_service(const struct grant *g, const char *service, struct gpubroker_error *reterr)
{
	char names[200];

	if (!g->project_id) {
		return gpubroker_fail(reterr, GPUBROKER_E_CONFIG,
			"keystone: the token is scoped to %s, so the catalog has no '%s' service; a project is needed",
			g->is_system ? "the system" : "no project", service);
	}
	list_names(g, NULL, SERVICES, names, sizeof(names));
	return gpubroker_fail(reterr, GPUBROKER_E_CONFIG,
		"keystone: the catalog has no '%s' service, only: %s", service,
		names[0] ? names : "nothing");
}

static bool has_service(const struct grant *g, const char *service)
{
	size_t i;

	for (i = 0; i < g->n_endpoints && strcmp(g->endpoints[i].service, service) != 0; i++) {
	}
	return i < g->n_endpoints;
}

int grant_endpoint(const struct grant *g, const char *service, const char *interface,
	const char *region, const char **ret_url, struct gpubroker_error *reterr)
{
	const struct grant_endpoint *e;
	char names[200];
	bool in_region = false;
	size_t i, n;

	interface = interface ? interface : "public";
	n = list_names(g, service, REGIONS, names, sizeof(names));
	if (!region && n > 1) {
		return gpubroker_fail(reterr, GPUBROKER_E_CONFIG,
			"keystone: the catalog has several regions (%s): region_name must name one",
			names);
	}
	for (i = 0; i < g->n_endpoints; i++) {
		e = &g->endpoints[i];
		if (strcmp(e->service, service) != 0 ||
			(region && (!e->region || strcmp(e->region, region) != 0))) {
			continue;
		}
		in_region = true;
		if (interface_equal(interface, e->interface)) {
			*ret_url = e->url;
			return 0;
		}
	}
	if (in_region) {
		list_names(g, service, INTERFACES, names, sizeof(names));
		return gpubroker_fail(reterr, GPUBROKER_E_CONFIG,
			"keystone: '%s' has no %.40s endpoint, only: %s", service, interface,
			names);
	}
	if (region && has_service(g, service)) {
		return gpubroker_fail(reterr, GPUBROKER_E_CONFIG,
			"keystone: '%s' has no endpoint in region '%.80s', only in: %s", service,
			region, n > 0 ? names : "no region");
	}
	return fail_service(g, service, reterr);
}
