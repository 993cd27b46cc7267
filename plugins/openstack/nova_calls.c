/* SPDX-License-Identifier: Apache-2.0 */
/* What becomes of Nova's answers: see calls.h. */
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

int take_services(struct found *f, struct page *p, struct gpubroker_error *reterr)
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

int take_aggregates(struct found *f, struct page *p, struct gpubroker_error *reterr)
{
	return nova_parse_aggregates(
		&f->region->aggregates, p->body, p->n, "os-aggregates", &p->n_items, reterr);
}

int take_hypervisors(struct found *f, struct page *p, struct gpubroker_error *reterr)
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

int take_flavors(struct found *f, struct page *p, struct gpubroker_error *reterr)
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

int take_extra_specs(struct found *f, struct page *p, struct gpubroker_error *reterr)
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

static int fail_hidden_host(const struct nova_server *s, struct gpubroker_error *reterr)
{
	return gpubroker_fail(reterr, GPUBROKER_E_DENIED,
		"nova: servers/detail hides the host of server %.64s; the role needs the policy os_compute_api:os-extended-server-attributes",
		s->id ? s->id : "?");
}

/* A role without the right to filter gets an unfiltered list, silently. */
static int check_host(const struct nova_server *s, const char *host, struct gpubroker_error *reterr)
{
	if (s->is_stub) {
		return gpubroker_fail(reterr, GPUBROKER_E_INCOMPLETE,
			"nova: the cell of server %.64s is down", s->id ? s->id : "?");
	}
	if (!s->has_host_key) {
		return fail_hidden_host(s, reterr);
	}
	/* A database that ignores case gives a host's namesake too; its server is kept with its own host. */
	if (!s->host || strcasecmp(s->host, host) != 0) {
		return gpubroker_fail(reterr, GPUBROKER_E_DENIED,
			"nova: servers/detail of host '%.100s' shows server %.64s of another host: the filter is ignored; the role needs the policy os_compute_api:servers:allow_all_filters",
			host, s->id ? s->id : "?");
	}
	return 0;
}

int take_servers(struct found *f, struct page *p, struct gpubroker_error *reterr)
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

/* Of a server that is in no host's list; its host is whatever it is. */
int take_server(struct found *f, struct page *p, struct gpubroker_error *reterr)
{
	struct nova_servers *list = &f->region->servers;
	const size_t before = list->n;
	int r = nova_parse_server(list, p->body, p->n, "server", reterr);

	if (r == 0 && list->n > before && !list->items[before].has_host_key) {
		return fail_hidden_host(&list->items[before], reterr);
	}
	return r;
}

static const char *find_migration(const struct nova_migrations *list, const char *uuid)
{
	for (size_t i = list->n; i > 0; i--) {
		if (!strcmp(list->items[i - 1].uuid, uuid)) {
			return list->items[i - 1].uuid;
		}
	}
	return NULL;
}

/* Two listings fill one list: a page of which everything is there already may still have another behind it. */
int take_migrations(struct found *f, struct page *p, struct gpubroker_error *reterr)
{
	_cleanup_(nova_migrations_finish) struct nova_migrations page = {0};
	struct nova_migrations *list = &f->region->migrations;
	int r = nova_parse_migrations(&page, p->body, p->n, "os-migrations", &p->n_items, reterr);

	r = r < 0 ? r : nova_parse_migrations(list, p->body, p->n, "os-migrations", NULL, reterr);
	if (r < 0) {
		return r;
	}
	if (page.n > 0) {
		p->last = find_migration(list, page.items[page.n - 1].uuid);
		p->n_new = p->last && p->marker && !strcmp(p->last, p->marker) ? 0 : page.n;
	}
	return check_room(list->n, "os-migrations", reterr);
}

/* Who asks for private flavors and is shown a public one was not listened to: Nova hears this argument only from
 * whom its policy context_is_admin names, and shows others what they may use, without a word. */
int take_private_flavors(struct found *f, struct page *p, struct gpubroker_error *reterr)
{
	struct nova_flavors *list = &f->private_flavors;
	const size_t before = list->n;
	int r = nova_parse_flavors(list, p->body, p->n, "flavors", &p->n_items, reterr);

	for (size_t i = before; r == 0 && i < list->n; i++) {
		if (list->items[i].is_public) {
			return gpubroker_fail(reterr, GPUBROKER_E_DENIED,
				"nova: flavors/detail?is_public=false shows flavor '%.100s', which is public: the argument is ignored, so private flavors may be missing; the token lacks the role admin (or set visible_flavors_only = true)",
				list->items[i].name ? list->items[i].name : "?");
		}
	}
	if (r < 0) {
		return r;
	}
	p->n_new = list->n - before;
	p->last = p->n_new ? list->items[list->n - 1].id : NULL;
	return check_room(list->n, "flavors", reterr);
}
