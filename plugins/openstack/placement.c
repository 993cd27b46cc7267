/* SPDX-License-Identifier: Apache-2.0 */
/* Placement beside Nova: see nova_reading.h.
 *
 * One query for candidates of a single class names every tree that has a CPU left, with all its providers, what is
 * used and what there is. Hosts that it does not show are asked for by memory, then by disk, then one by one. Only
 * inventories tell the largest and smallest unit; they hardly change, so they are kept until what the query says
 * there is differs from what they give, at most ten minutes. */
#include "kit/cleanup.h"
#include "openstack/nova_reading.h"

#include <string.h>

enum { KEEP_MS = 10 * 60 * 1000, AGGREGATES_A_QUERY = 40, MOST_ROUNDS = 4 };

/* ---- whether it is used ---- */

static bool is_wanted(const struct nova *n, const char *word)
{
	return !strcmp(n->policy->capacity ? n->policy->capacity : "auto", word);
}

/* An answer that says no, and would say no again to this token. */
static bool is_refusal(int status, int r)
{
	return status == 401 || status == 403 || status == 404 || status == 406 ||
	       r == GPUBROKER_E_CONFIG;
}

static void say_why(struct nova *n, enum gpubroker_level level, const struct gpubroker_error *why)
{
	struct placement_memory *m = &n->placement;

	if (!m->said || strcmp(m->why.text, why->text) != 0) {
		n->core->log(level, "capacity model=nova reason=\"%s\"", why->text);
	}
	m->said = true;
	m->why = *why;
}

int placement_failed(struct reading *g, int status, int r, struct gpubroker_error *reterr)
{
	struct placement_memory *m = &g->nova->placement;
	const bool refused = is_refusal(status, r);

	if (is_wanted(g->nova, "placement")) {
		return r;
	}
	if (m->answered && (!refused || m->works)) {
		/* Numbers do not change their meaning because of a bad minute. Who took the right away is
		 * believed from the next reading on. */
		if (refused) {
			m->refused = true;
			m->said = false;
			m->why = *reterr;
		}
		return r;
	}
	m->refused = refused;
	say_why(g->nova, refused ? GPUBROKER_INFO : GPUBROKER_WARN, reterr);
	g->use_placement = false;
	placement_region_free(TAKE_PTR(g->found.region->placement));
	return 0;
}

static int find_versions(struct reading *g, int *ret_status, struct gpubroker_error *reterr)
{
	struct microversions *v = &g->nova->versions[SERVICE_PLACEMENT];
	const struct call *call = &calls[CALL_CANDIDATES_VCPU];
	int r = 0, version;

	if (!g->nova->keystone->endpoints[SERVICE_PLACEMENT].base) {
		*reterr = g->nova->keystone->no_placement;
		return (int)reterr->code;
	}
	if (v->max == 0) {
		r = ask_versions(&g->listings, SERVICE_PLACEMENT, v, ret_status, reterr);
	}
	if (r == 0 && microversion_choose(v, SERVICE_PLACEMENT, call->name, call->floor,
			      call->wanted, &version, reterr) < 0) {
		return (int)GPUBROKER_E_CONFIG; /* asking again would not help */
	}
	return r;
}

int placement_choose(struct reading *g, struct gpubroker_error *reterr)
{
	struct nova *n = g->nova;
	struct placement_memory *m = &n->placement;
	int r, status = 0;

	if (is_wanted(n, "nova")) {
		return 0;
	}
	if (m->login != n->keystone->logins) {
		m->login = n->keystone->logins;
		m->refused = m->works = false;
		n->versions[SERVICE_PLACEMENT] = (struct microversions){0};
	}
	if (m->refused) {
		const struct gpubroker_error why = m->why;

		say_why(n, GPUBROKER_INFO, &why);
		return 0;
	}
	g->use_placement = true;
	r = find_versions(g, &status, reterr);
	if (r < 0) {
		if (n->on_error && n->keystone->endpoints[SERVICE_PLACEMENT].base) {
			n->on_error(n->user, SERVICE_PLACEMENT, "", "", reterr);
		}
		return placement_failed(g, status, r, reterr);
	}
	g->found.region->placement = calloc(1, sizeof(*g->found.region->placement));
	return g->found.region->placement
		       ? 0
		       : gpubroker_fail(reterr, GPUBROKER_E_INTERNAL, "no memory for providers");
}

/* ---- candidates ---- */

static bool is_gpu_aggregate(const struct nova_aggregate *a)
{
	const char *type, *why;
	int64_t count;

	return a->uuid && aggregate_gpus(a, &type, &count, &why) == GPUS_YES;
}

static int ask_some(struct reading *g, enum call_id id, struct text *members, size_t *n,
	struct gpubroker_error *reterr)
{
	int r;

	if (*n == 0) {
		return 0;
	}
	if (members->failed) {
		return gpubroker_fail(reterr, GPUBROKER_E_INTERNAL, "no memory for a query");
	}
	r = listing_begin(&g->listings, id, members->data, reterr);
	text_finish(members);
	*n = 0;
	return r;
}

/* The trees of all GPU hosts: so many aggregates a request as a web server's shortest line takes. */
static int ask_candidates(struct reading *g, enum call_id id, struct gpubroker_error *reterr)
{
	const struct nova_aggregates *list = &g->found.region->aggregates;
	_cleanup_(text_finish) struct text members = {0};
	size_t n = 0;
	int r = 0;

	if (g->every_host) {
		return listing_begin(&g->listings, id, NULL, reterr);
	}
	for (size_t i = 0; r == 0 && i < list->n; i++) {
		if (!is_gpu_aggregate(&list->items[i]) || list->items[i].n_hosts == 0) {
			continue;
		}
		text_addf(&members, "%s%s", n ? "," : "in:", list->items[i].uuid);
		if (++n == AGGREGATES_A_QUERY) {
			r = ask_some(g, id, &members, &n, reterr);
		}
	}
	return r < 0 ? r : ask_some(g, id, &members, &n, reterr);
}

int placement_begin(struct reading *g, struct gpubroker_error *reterr)
{
	if (!g->use_placement || g->candidates_asked || !g->gpu_hosts_known || !g->flavors_known) {
		return 0;
	}
	g->candidates_asked = true;
	g->every_host = join_wants_every_host(g->found.region, g->nova->policy);
	return ask_candidates(g, CALL_CANDIDATES_VCPU, reterr);
}

/* ---- hosts that the candidates leave out ---- */

static int compare_names(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

static bool is_gpu_host(const struct reading *g, const char *host)
{
	return g->n_gpu_hosts > 0 &&
	       bsearch(&host, g->gpu_hosts, g->n_gpu_hosts, sizeof(*g->gpu_hosts), compare_names);
}

/* The next hypervisor from *at on whose tree is wanted and not there; NULL: none. Its id is its provider's. */
static const char *next_missing(const struct reading *g, size_t *at)
{
	const struct nova_hypervisors *list = &g->found.region->hypervisors;

	while (*at < list->n) {
		const struct nova_hypervisor *h = &list->items[(*at)++];

		if (h->host && (g->every_host || is_gpu_host(g, h->host)) &&
			!placement_find(g->found.region->placement, h->id)) {
			return h->id;
		}
	}
	return NULL;
}

static int ask_each_missing(struct reading *g, enum call_id id, struct gpubroker_error *reterr)
{
	const char *uuid;
	size_t at = 0;
	int r = 0;

	while (r == 0 && (uuid = next_missing(g, &at))) {
		r = listing_begin(&g->listings, id, uuid, reterr);
	}
	return r;
}

/* Full hosts have no candidate for what they lack; a host whose aggregate is not mirrored in Placement has none at
 * all in a query by aggregate. */
static int ask_missing(struct reading *g, enum call_id id, struct gpubroker_error *reterr)
{
	size_t at = 0;

	if (!next_missing(g, &at)) {
		return 0;
	}
	if (id == CALL_CANDIDATES_RAM || id == CALL_CANDIDATES_DISK) {
		return ask_candidates(g, id, reterr);
	}
	if (id == CALL_CANDIDATES_TREE &&
		g->nova->versions[SERVICE_PLACEMENT].max < calls[id].floor) {
		return 0;
	}
	return ask_each_missing(g, id, reterr);
}

/* ---- inventories ---- */

/* As Placement computes it. */
static int64_t capacity_of(const struct placement_inventory *i)
{
	return (int64_t)((double)(i->total - i->reserved) *
			 ((double)i->ratio_micro / GPUBROKER_RATIO_ONE));
}

static bool gives(const struct placement_provider *kept, const struct placement_amount *shown)
{
	const struct placement_inventory *i = placement_inventory_of(kept, shown->class);

	return i && capacity_of(i) == shown->capacity;
}

static bool is_still_right(
	const struct placement_provider *kept, const struct placement_provider *now, int64_t now_ms)
{
	if (!kept->has_inventories || now_ms - kept->read_ms >= KEEP_MS) {
		return false;
	}
	if (now->generation >= 0) { /* from the list of providers: exact */
		return now->generation == kept->generation;
	}
	if (!now->has_usages || now->n_usages != kept->n_inventories) {
		return false;
	}
	for (size_t i = 0; i < now->n_usages; i++) {
		if (!gives(kept, &now->usages[i])) {
			return false;
		}
	}
	return true;
}

static void move_inventories(struct placement_provider *to, struct placement_provider *from)
{
	to->inventories = TAKE_PTR(from->inventories);
	to->n_inventories = from->n_inventories;
	to->read_ms = from->read_ms;
	to->has_inventories = true;
	from->n_inventories = 0;
	from->has_inventories = false;
}

/* A device of its own, whole: nova reports nothing else of it than that there is one. */
static bool is_single_device(const struct placement_provider *p)
{
	bool managed = placement_has_trait(p, "COMPUTE_MANAGED_PCI_DEVICE");

	for (size_t i = 0; i < p->n_usages; i++) {
		if (p->usages[i].capacity != 1 ||
			(!managed && strncmp(p->usages[i].class, "CUSTOM_PCI_", 11) != 0)) {
			return false;
		}
	}
	return p->parent && p->n_usages > 0;
}

static int give_device(struct placement_provider *p, struct gpubroker_error *reterr)
{
	p->inventories = calloc(p->n_usages, sizeof(*p->inventories));
	for (size_t i = 0; p->inventories && i < p->n_usages; i++) {
		p->inventories[i] =
			(struct placement_inventory){.class = strdup(p->usages[i].class),
				.total = 1,
				.min_unit = 1,
				.max_unit = 1,
				.step_size = 1,
				.ratio_micro = GPUBROKER_RATIO_ONE};
		if (!p->inventories[i].class) {
			break;
		}
		p->n_inventories++;
	}
	p->has_inventories = p->n_inventories == p->n_usages;
	return p->has_inventories
		       ? 0
		       : gpubroker_fail(reterr, GPUBROKER_E_INTERNAL, "no memory for an inventory");
}

static int use_what_is_known(struct reading *g, struct gpubroker_error *reterr)
{
	struct placement_providers *list = &g->found.region->placement->providers;
	struct placement_region *before = g->nova->placement.before;
	const int64_t now_ms = g->nova->core->mono_ms();
	int r = 0;

	for (size_t i = 0; r == 0 && i < list->n; i++) {
		struct placement_provider *p = &list->items[i];
		struct placement_provider *kept =
			before && !p->has_inventories ? placement_find(before, p->uuid) : NULL;

		if (kept && is_still_right(kept, p, now_ms)) {
			move_inventories(p, kept);
		}
		if (!p->has_inventories && is_single_device(p)) {
			r = give_device(p, reterr);
		}
	}
	return r;
}

static int ask_parts(struct reading *g, struct gpubroker_error *reterr)
{
	static const struct {
		unsigned part;
		enum call_id id;
	} rows[] = {
		{PLACEMENT_INVENTORIES, CALL_INVENTORIES},
		{PLACEMENT_USAGES,      CALL_USAGES     },
		{PLACEMENT_TRAITS,      CALL_TRAITS     },
	};
	const struct placement_providers *list = &g->found.region->placement->providers;
	int r = 0;

	for (size_t i = 0; r == 0 && i < list->n; i++) {
		unsigned parts =
			join_wants_parts(g->found.region, g->nova->policy, &list->items[i]);

		for (size_t k = 0; r == 0 && k < ARRAY_SIZE(rows); k++) {
			if (parts & rows[k].part) {
				r = listing_begin(
					&g->listings, rows[k].id, list->items[i].uuid, reterr);
			}
		}
	}
	return r;
}

/* ---- step by step ---- */

static const enum call_id fallbacks[] = {
	CALL_CANDIDATES_RAM, CALL_CANDIDATES_DISK, CALL_CANDIDATES_TREE, CALL_TREE};

bool placement_is_done(const struct reading *g)
{
	return !g->use_placement || g->placement_step >= (int)ARRAY_SIZE(fallbacks) + MOST_ROUNDS;
}

int placement_go_on(struct reading *g, struct gpubroker_error *reterr)
{
	int step, r;

	if (!g->candidates_asked || placement_is_done(g)) {
		return 0;
	}
	step = g->placement_step++;
	if (step < (int)ARRAY_SIZE(fallbacks)) {
		r = ask_missing(g, fallbacks[step], reterr);
	} else {
		r = use_what_is_known(g, reterr);
		r = r < 0 ? r : ask_parts(g, reterr);
	}
	return r;
}

/* A host of a GPU aggregate that only a query for its own tree found, with room all the same. */
static void tell_mirror(const struct reading *g, const struct listing *l)
{
	const struct gpubroker_core *core = g->nova->core;

	if (core->finding && placement_find(g->found.region->placement, l->subject)) {
		core->finding(&(struct gpubroker_finding){.severity = GPUBROKER_WARN,
			.check = "aggregate-mirror",
			.subject = l->subject,
			.text = "Placement does not show this host among those of its aggregates (or limits its answers): each reading asks for it apart, and the scheduler may pass it over",
			.command = "nova-manage placement sync_aggregates"});
	}
}

void placement_answered(struct reading *g, const struct listing *l)
{
	struct placement_memory *m = &g->nova->placement;
	struct placement_provider *p;

	if (!m->answered || !m->works) {
		m->answered = m->works = true;
		m->said = false;
	}
	if (l->id == CALL_CANDIDATES_TREE) {
		tell_mirror(g, l);
	}
	if (l->id == CALL_INVENTORIES && l->x.status == 200) {
		p = placement_find(g->found.region->placement, l->subject);
		if (p) {
			p->read_ms = g->nova->core->mono_ms();
		}
	}
}

void nova_keep(struct nova *n, struct nova_region *region)
{
	if (region->placement && region->placement->providers.n > 0) {
		placement_region_free(n->placement.before);
		n->placement.before = TAKE_PTR(region->placement);
	}
}

void nova_finish(struct nova *n)
{
	placement_region_free(TAKE_PTR(n->placement.before));
}
