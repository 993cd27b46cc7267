/* SPDX-License-Identifier: Apache-2.0 */
/* What is asked of Nova: see nova_calls.h. */
#include "openstack/nova_calls.h"

#include "kit/cleanup.h"
#include "kit/reply.h"

#include <string.h>
#include <strings.h>

/* Above it a region is refused, before an endless listing fills the memory. */
enum { MOST_ITEMS = 200000 };

static int check_room(size_t n, const char *what, struct gpubroker_error *reterr)
{
	if (n <= MOST_ITEMS) {
		return 0;
	}
	return gpubroker_fail(
		reterr, GPUBROKER_E_LIMIT, "nova: %s goes on after %d items", what, MOST_ITEMS);
}

static int take_services(struct nova_found *f, struct nova_page *p, struct gpubroker_error *reterr)
{
	size_t i;
	int r = nova_parse_services(
		&f->services, p->body, p->n, "os-services", &p->n_items, reterr);

	if (r < 0) {
		return r;
	}
	for (i = 0; i < f->services.n; i++) {
		if (f->services.items[i].is_stub) {
			return gpubroker_fail(reterr, GPUBROKER_E_INCOMPLETE,
				"nova: the cell of compute service '%.200s' is down",
				f->services.items[i].host ? f->services.items[i].host : "?");
		}
	}
	return 0;
}

static int take_aggregates(
	struct nova_found *f, struct nova_page *p, struct gpubroker_error *reterr)
{
	return nova_parse_aggregates(
		&f->region->aggregates, p->body, p->n, "os-aggregates", &p->n_items, reterr);
}

static int take_hypervisors(
	struct nova_found *f, struct nova_page *p, struct gpubroker_error *reterr)
{
	struct nova_hypervisors *list = &f->region->hypervisors;
	size_t before = list->n;
	int r = nova_parse_hypervisors(list, p->body, p->n, "os-hypervisors", &p->n_items, reterr);

	if (r < 0) {
		return r;
	}
	p->n_new = list->n - before;
	p->last = p->n_new ? list->items[list->n - 1].id : NULL;
	return check_room(list->n, "os-hypervisors", reterr);
}

static int take_flavors(struct nova_found *f, struct nova_page *p, struct gpubroker_error *reterr)
{
	struct nova_flavors *list = &f->region->flavors;
	size_t before = list->n;
	int r = nova_parse_flavors(list, p->body, p->n, "flavors", &p->n_items, reterr);

	if (r < 0) {
		return r;
	}
	p->n_new = list->n - before;
	p->last = p->n_new ? list->items[list->n - 1].id : NULL;
	return check_room(list->n, "flavors", reterr);
}

static int add_pair(struct nova_flavor *flavor, const struct reply_at *specs, const char *key,
	struct gpubroker_error *reterr)
{
	struct nova_pair *pair = &flavor->extra_specs[flavor->n_extra_specs];
	const char *value = NULL;
	int r = reply_find_string(specs, key, &value, reterr);

	if (r < 0) {
		return r;
	}
	pair->key = strdup(key);
	pair->value = value ? strdup(value) : NULL;
	if (!pair->key || (value && !pair->value)) {
		free(pair->key);
		free(pair->value);
		return gpubroker_fail(
			reterr, GPUBROKER_E_INTERNAL, "nova: no memory for extra specs");
	}
	flavor->n_extra_specs++;
	return 0;
}

static int add_pairs(
	struct nova_flavor *flavor, const struct reply_at *specs, struct gpubroker_error *reterr)
{
	const char *key = NULL;
	int r = 0;

	flavor->extra_specs = calloc(reply_count(specs) + 1, sizeof(*flavor->extra_specs));
	if (!flavor->extra_specs) {
		return gpubroker_fail(
			reterr, GPUBROKER_E_INTERNAL, "nova: no memory for extra specs");
	}
	while (r == 0 && (key = reply_next_key(specs, key))) {
		r = add_pair(flavor, specs, key, reterr);
	}
	flavor->has_extra_specs = r == 0;
	return r;
}

static int take_extra_specs(
	struct nova_found *f, struct nova_page *p, struct gpubroker_error *reterr)
{
	_cleanup_(reply_freep) struct reply *reply = NULL;
	struct reply_at root, specs;
	struct nova_flavor *flavor;
	size_t i;
	int r;

	r = reply_parse(&reply, p->body, p->n, "os-extra_specs", reterr);
	if (r < 0) {
		return r;
	}
	root = reply_root(reply);
	r = reply_need_object(&root, "extra_specs", &specs, reterr);
	if (r < 0) {
		return r;
	}
	for (i = 0; i < f->region->flavors.n; i++) {
		flavor = &f->region->flavors.items[i];
		if (flavor->id && !strcmp(flavor->id, p->subject) && !flavor->extra_specs) {
			return add_pairs(flavor, &specs, reterr);
		}
	}
	return 0;
}

/* A role without the right to filter gets an unfiltered list, silently. */
static int check_host(const struct nova_server *s, const char *host, struct gpubroker_error *reterr)
{
	if (s->is_stub) {
		return gpubroker_fail(reterr, GPUBROKER_E_INCOMPLETE,
			"nova: the cell of server %.64s is down", s->id ? s->id : "?");
	}
	if (!s->has_host_key) {
		return gpubroker_fail(reterr, GPUBROKER_E_DENIED,
			"nova: servers/detail hides the host of server %.64s; the role needs the policy os_compute_api:os-extended-server-attributes",
			s->id ? s->id : "?");
	}
	/* A database that ignores case gives a host's namesake too; its server is kept with its own host. */
	if (!s->host || strcasecmp(s->host, host) != 0) {
		return gpubroker_fail(reterr, GPUBROKER_E_DENIED,
			"nova: servers/detail of host '%.100s' shows server %.64s of another host: the filter is ignored; the role needs the policy os_compute_api:servers:allow_all_filters",
			host, s->id ? s->id : "?");
	}
	return 0;
}

static int take_servers(struct nova_found *f, struct nova_page *p, struct gpubroker_error *reterr)
{
	struct nova_servers *list = &f->region->servers;
	size_t i, before = list->n;
	int r = nova_parse_servers(list, p->body, p->n, "servers", &p->n_items, reterr);

	for (i = before; r == 0 && i < list->n; i++) {
		r = check_host(&list->items[i], p->subject, reterr);
	}
	if (r < 0) {
		return r;
	}
	p->n_new = list->n - before;
	p->last = p->n_new ? list->items[list->n - 1].id : NULL;
	return check_room(list->n, "servers", reterr);
}

/* Upper ends: 2.88 takes the capacity out of hypervisors, 2.102 takes a field out of flavors, 2.73 makes
 * listing servers dearer. Lower ends: service uuids (2.53), the embedded flavor (2.47). 2.69 shows a cell that
 * is down in os-services; an older cloud cannot, and its flavors may come without extra specs (2.61). */
/* clang-format off */
const struct nova_call nova_calls[N_CALLS] = {
	[CALL_SERVICES] = {.name = "os-services",
		.query = "binary=nova-compute",
		.floor = 53,
		.wanted = 79,
		.take = take_services},
	[CALL_AGGREGATES] = {.name = "os-aggregates", .floor = 41, .wanted = 79, .take = take_aggregates},
	[CALL_HYPERVISORS] = {.name = "os-hypervisors/detail",
		.floor = 53,
		.wanted = 79,
		.paging = PAGING_EMPTY,
		.take = take_hypervisors},
	[CALL_FLAVORS] = {.name = "flavors/detail",
		.query = "is_public=None",
		.floor = 53,
		.wanted = 79,
		.paging = PAGING_EMPTY,
		.take = take_flavors},
	[CALL_EXTRA_SPECS] = {.name = "flavors/%s/os-extra_specs",
		.floor = 53,
		.wanted = 79,
		.take = take_extra_specs},
	/* soft_deleted adds servers that wait for their end with their GPUs to those that are not deleted. */
	[CALL_SERVERS] = {.name = "servers/detail",
		.query = "all_tenants=1&soft_deleted=true",
		.subject_key = "host",
		.floor = 47,
		.wanted = 72,
		.paging = PAGING_LINK,
		.link = "\"servers_links\"",
		.take = take_servers},
};
/* clang-format on */

static void add_parameter(struct text *out, char *separator, const char *key, const char *value)
{
	if (!value) {
		return;
	}
	text_addf(out, "%c%s=", *separator, key);
	text_add_url(out, value);
	*separator = '&';
}

void nova_call_url(struct text *out, const struct nova_call *call, const char *base,
	const char *subject, const char *marker)
{
	const char *hole = strstr(call->name, "%s");
	char separator = '?';

	text_addf(out, "%s/", base);
	if (hole) {
		text_add_n(out, call->name, (size_t)(hole - call->name));
		text_add_url(out, subject);
		text_add(out, hole + 2);
	} else {
		text_add(out, call->name);
	}
	if (call->query) {
		text_addf(out, "?%s", call->query);
		separator = '&';
	}
	if (call->subject_key) {
		add_parameter(out, &separator, call->subject_key, subject);
	}
	add_parameter(out, &separator, "marker", marker);
}
