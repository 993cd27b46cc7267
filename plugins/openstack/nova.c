/* SPDX-License-Identifier: Apache-2.0 */
/* A reading of a region: see nova.h.
 *
 * Services, aggregates, hypervisors and flavors begin together; an answer may begin more listings (Placement's
 * candidates). What depends on several of them begins when nothing is under way. Servers and migrations are asked
 * for at once by Nova's numbers alone; else after Placement, and only for hosts whose GPUs its devices do not tell.
 * The first error ends the reading, but not before os-services has had its say: where a cell is down Nova
 * fails in many ways, and only os-services says why. */
#include "openstack/nova.h"

#include "kit/cleanup.h"
#include "openstack/nova_reading.h"

#include <stdio.h>
#include <string.h>

static void reading_finish(struct reading *g)
{
	listings_finish(&g->listings);
	nova_services_finish(&g->found.services);
	nova_flavors_finish(&g->found.private_flavors);
	free(g->gpu_hosts);
	word_set_finish(&g->server_hosts);
}

static int compare_names(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

static size_t count_gpu_hosts(const struct nova_aggregates *list)
{
	const char *type, *why;
	int64_t count;
	size_t i, n = 0;

	for (i = 0; i < list->n; i++) {
		if (aggregate_gpus(&list->items[i], &type, &count, &why) == GPUS_YES) {
			n += list->items[i].n_hosts;
		}
	}
	return n;
}

/* The hosts of all GPU aggregates, each once. *ret is an array of borrowed names. */
static int gpu_hosts(const struct nova_aggregates *list, char ***ret, size_t *ret_n,
	struct gpubroker_error *reterr)
{
	size_t i, n = 0, room = count_gpu_hosts(list);
	char **hosts = calloc(room + 1, sizeof(*hosts));
	const char *type, *why;
	int64_t count;

	if (!hosts) {
		return gpubroker_fail(reterr, GPUBROKER_E_INTERNAL, "nova: no memory for hosts");
	}
	for (i = 0; i < list->n; i++) {
		if (aggregate_gpus(&list->items[i], &type, &count, &why) == GPUS_YES &&
			list->items[i].n_hosts > 0) {
			memcpy(hosts + n, list->items[i].hosts,
				list->items[i].n_hosts * sizeof(*hosts));
			n += list->items[i].n_hosts;
		}
	}
	qsort(hosts, n, sizeof(*hosts), compare_names);
	for (i = 0, room = n, n = 0; i < room; i++) {
		if (n == 0 || strcmp(hosts[n - 1], hosts[i]) != 0) {
			hosts[n++] = hosts[i];
		}
	}
	*ret = hosts;
	*ret_n = n;
	return 0;
}

static int begin_servers(
	struct reading *g, char *const *hosts, size_t n, struct gpubroker_error *reterr)
{
	int r = 0;

	g->servers_begun = true;
	for (size_t i = 0; r == 0 && i < n; i++) {
		r = listing_begin(&g->listings, CALL_SERVERS, hosts[i], reterr);
	}
	return r;
}

static int aggregates_end(struct reading *g, struct gpubroker_error *reterr)
{
	int r = gpu_hosts(&g->found.region->aggregates, &g->gpu_hosts, &g->n_gpu_hosts, reterr);

	g->gpu_hosts_known = true;
	if (r == 0 && !g->servers_wait) {
		r = begin_servers(g, g->gpu_hosts, g->n_gpu_hosts, reterr);
	}
	return r < 0 ? r : placement_begin(g, reterr);
}

/* Once Placement has said what it knows, or was given up. */
static int servers_go_on(struct reading *g, struct gpubroker_error *reterr)
{
	int r;

	if (!g->servers_wait || g->servers_begun || !placement_is_done(g)) {
		return 0;
	}
	r = join_server_hosts(g->found.region, g->nova->policy, &g->server_hosts, reterr);
	r = r < 0 ? r : begin_servers(g, g->server_hosts.items, g->server_hosts.n, reterr);
	return r < 0 || g->server_hosts.n == 0 ? r : migrations_begin(g, reterr);
}

static int begin_extra_specs(struct reading *g, struct gpubroker_error *reterr)
{
	const struct nova_flavors *list = &g->found.region->flavors;
	size_t i;
	int r = 0;

	for (i = 0; r == 0 && i < list->n; i++) {
		if (list->items[i].id && !list->items[i].has_extra_specs) {
			r = listing_begin(
				&g->listings, CALL_EXTRA_SPECS, list->items[i].id, reterr);
		}
	}
	return r;
}

static int flavors_end(struct reading *g, const struct listing *l, struct gpubroker_error *reterr)
{
	if (l->version < EXTRA_SPECS_INLINE) {
		return begin_extra_specs(
			g, reterr); /* placement_begin() follows when they are there */
	}
	g->flavors_known = true;
	return placement_begin(g, reterr);
}

/* What a complete listing makes possible. */
static int listing_end(struct reading *g, const struct listing *l, struct gpubroker_error *reterr)
{
	switch (l->id) {
	case CALL_SERVICES:
		g->services_done = true;
		return 0;
	case CALL_AGGREGATES:
		return aggregates_end(g, reterr);
	case CALL_FLAVORS:
		return flavors_end(g, l, reterr);
	case CALL_PRIVATE_FLAVORS:
		g->nova->visible_login = g->nova->keystone->logins;
		return 0;
	default:
		if (call_of(l)->service == SERVICE_PLACEMENT) {
			placement_answered(g, l);
		}
		return 0;
	}
}

/* Doctor, where aggregates could not be read: whether servers could. */
static int try_servers(struct reading *g, struct gpubroker_error *reterr)
{
	const struct nova_hypervisors *list = &g->found.region->hypervisors;

	if (!g->nova->on_error || g->gpu_hosts_known || list->n == 0 || !list->items[0].host) {
		return 0;
	}
	g->gpu_hosts_known = true;
	return listing_begin(&g->listings, CALL_SERVERS, list->items[0].host, reterr);
}

/* When nothing is under way: 1: more is now. */
static int go_on(struct reading *g, struct gpubroker_error *reterr)
{
	struct listing **end = g->listings.end;
	int r, placement_step, migrations_step;

	do {
		placement_step = g->placement_step;
		migrations_step = g->migrations_step;
		g->flavors_known = true;
		r = try_servers(g, reterr);
		r = r < 0 ? r : placement_begin(g, reterr);
		r = r < 0 ? r : placement_go_on(g, reterr);
		r = r < 0 ? r : migrations_go_on(g, reterr);
		r = r < 0 ? r : servers_go_on(g, reterr);
	} while (r == 0 && g->listings.end == end &&
		 (g->placement_step != placement_step || g->migrations_step != migrations_step));
	return r < 0 ? r : g->listings.end != end;
}

/* Whether an error may be one of the many that a down cell shows as. */
static bool may_be_cell(int r)
{
	return r == GPUBROKER_E_UNAVAILABLE || r == GPUBROKER_E_TIMEOUT;
}

/* What an error means for the reading. id: of the listing; N_CALLS: of none. */
static int judge(struct reading *g, enum call_id id, int r, struct gpubroker_error *reterr)
{
	if (r == GPUBROKER_E_INCOMPLETE || id == CALL_SERVICES) {
		if (g->failed < 0 && r != GPUBROKER_E_INCOMPLETE) {
			*reterr = g->error;
			return g->failed;
		}
		return r;
	}
	if (g->services_done || !may_be_cell(r)) {
		return r;
	}
	if (g->failed == 0) {
		g->failed = r;
		g->error = *reterr;
	}
	return 0;
}

/* Doctor: the error is told, and the reading goes on without this listing. */
static void tell(struct reading *g, struct listing *l, int r, const struct gpubroker_error *error)
{
	char policy[160];

	l->done = true;
	listing_policy(call_of(l)->service, &l->x, policy, sizeof(policy));
	/* as in judge(): a cell that is down explains the other errors */
	if (r == GPUBROKER_E_INCOMPLETE || (g->failed == 0 && r < 0)) {
		g->failed = r;
		g->error = *error;
	}
	g->nova->on_error(g->nova->user, call_of(l)->service, call_of(l)->name, policy, error);
}

static int listing_failed(
	struct reading *g, struct listing *l, int r, struct gpubroker_error *reterr)
{
	struct gpubroker_error error = *reterr;
	const bool is_placement = call_of(l)->service == SERVICE_PLACEMENT;

	if (migrations_denied(g, l)) {
		if (g->nova->on_error) {
			tell(g, l, 0, &error);
		}
		return 0;
	}
	if (is_placement) {
		r = placement_failed(g, l->x.r == 0 ? l->x.status : 0, r, reterr);
	}
	if (g->nova->on_error) {
		tell(g, l, r, &error);
		if (is_placement && r < 0) {
			g->use_placement = false;
		}
		return 0;
	}
	return r < 0 ? judge(g, l->id, r, reterr) : 0;
}

static int take_answer(struct reading *g, struct listing *l, struct gpubroker_error *reterr)
{
	int r;

	if (call_of(l)->service == SERVICE_PLACEMENT && !g->use_placement) {
		l->done = true; /* it was given up meanwhile */
		return 0;
	}
	r = listing_answered(&g->listings, l, reterr);
	if (r == 0 && l->done) {
		r = listing_end(g, l, reterr);
	}
	return r < 0 ? listing_failed(g, l, r, reterr) : 0;
}

static int run(struct reading *g, struct gpubroker_error *reterr)
{
	const bool patient = g->nova->on_error != NULL;
	struct listing *l;
	int r = 0;

	while (r == 0 && (patient || g->failed == 0 || !g->services_done)) {
		l = listing_next(&g->listings);
		if (l) {
			r = take_answer(g, l, reterr);
			continue;
		}
		r = g->failed < 0 && !patient ? 0 : go_on(g, reterr);
		if (r <= 0) {
			break;
		}
		r = 0;
	}
	if (r == 0 && g->failed < 0) {
		*reterr = g->error;
		return g->failed;
	}
	return r;
}

static bool has_to_check_flavors(struct nova *n)
{
	if (n->keystone->is_admin || n->visible_login == n->keystone->logins) {
		return false;
	}
	if (!n->visible_flavors_only) {
		return true;
	}
	if (n->visible_login == 0) {
		n->core->log(GPUBROKER_INFO,
			"flavors incomplete reason=\"the token lacks the role admin, and visible_flavors_only is set: private flavors of others are left out\"");
	}
	n->visible_login = n->keystone->logins;
	return false;
}

static int begin(struct reading *g, enum call_id id, struct gpubroker_error *reterr)
{
	int r = listing_begin(&g->listings, id, NULL, reterr);

	if (r < 0 && g->nova->on_error) {
		g->failed = r;
		g->error = *reterr;
		g->nova->on_error(g->nova->user, calls[id].service, calls[id].name, "", reterr);
		return 0;
	}
	return r;
}

static int choose_placement(struct reading *g, struct gpubroker_error *reterr)
{
	int r = placement_choose(g, reterr);

	if (r < 0 && g->nova->on_error) {
		g->use_placement = false;
		g->failed = r;
		g->error = *reterr;
		return 0;
	}
	return r;
}

/* Doctor compares servers with devices; who replays a recording may count by either. */
static bool wants_all(const struct nova *n)
{
	return n->on_error || n->core->finding || n->core->record;
}

static int read_all(struct reading *g, struct gpubroker_error *reterr)
{
	static const enum call_id first[] = {
		CALL_SERVICES, CALL_AGGREGATES, CALL_HYPERVISORS, CALL_FLAVORS};
	struct microversions *v = &g->nova->versions[SERVICE_NOVA];
	int r = 0, status;

	if (v->max == 0) {
		r = ask_versions(&g->listings, SERVICE_NOVA, v, &status, reterr);
	}
	r = r < 0 ? r : choose_placement(g, reterr);
	g->servers_wait = g->use_placement && !wants_all(g->nova);
	for (size_t i = 0; r == 0 && i < ARRAY_SIZE(first); i++) {
		r = begin(g, first[i], reterr);
	}
	if (r == 0 && has_to_check_flavors(g->nova)) {
		r = begin(g, CALL_PRIVATE_FLAVORS, reterr);
	}
	if (r == 0 && !g->servers_wait) {
		r = migrations_begin(g, reterr);
	}
	return r < 0 ? r : run(g, reterr);
}

int nova_read(struct nova *n, struct nova_region *ret, struct gpubroker_error *reterr)
{
	_cleanup_(reading_finish) struct reading g = {.nova = n, .found.region = ret};
	struct gpubroker_error ignored;
	int r;

	g.listings = (struct listings){.keystone = n->keystone,
		.http = n->http,
		.versions = n->versions,
		.found = &g.found,
		.end = &g.listings.first};
	r = read_all(&g, reterr ? reterr : &ignored);
	if (g.listings.logged_in_again) { /* what was found out holds for the new token too */
		n->placement.login = n->keystone->logins;
	}
	if (r < 0 && !n->on_error) {
		memset(n->versions, 0, sizeof(n->versions));
	}
	if (r == GPUBROKER_E_DENIED && !n->keystone->is_admin) {
		keystone_logout(
			n->keystone); /* a role that is given meanwhile is in a new token only */
	}
	return r;
}
