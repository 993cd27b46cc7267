/* SPDX-License-Identifier: Apache-2.0 */
/* A reading of Nova: see nova.h.
 *
 * A listing is one of the calls of nova_calls.h for one subject, with one request under way at a time: page
 * after page. Services, aggregates, hypervisors and flavors begin together; an answer may begin more listings
 * (the servers of each GPU host). The first error ends the reading, but not before os-services has had its
 * say: where a cell is down Nova fails in many ways, and only os-services says why. */
#include "openstack/nova.h"

#include "kit/cleanup.h"
#include "openstack/nova_calls.h"

#include <stdio.h>
#include <string.h>

struct listing {
	enum nova_call_id id;
	char *subject; /* NULL: none */
	char *marker;  /* NULL: the first page */
	int version;
	bool restarted, done;
	struct text url;
	char api_version[24];
	struct http_exchange x;
	struct listing *next;
};

struct reading {
	struct nova *nova;
	struct nova_found found;
	struct listing *listings;
	struct listing **end;
	bool logged_in_again;
	bool services_done;
	int failed; /* the first error, kept until services_done */
	struct gpubroker_error error;
};

static void listing_free(struct listing *l)
{
	free(l->subject);
	free(l->marker);
	text_finish(&l->url);
	http_exchange_finish(&l->x);
	free(l);
}

static void reading_finish(struct reading *g)
{
	struct listing *next;

	http_cancel(g->nova->http);
	for (; g->listings; g->listings = next) {
		next = g->listings->next;
		listing_free(g->listings);
	}
	nova_services_finish(&g->found.services);
}

static int fail_memory(struct gpubroker_error *reterr)
{
	return gpubroker_fail(reterr, GPUBROKER_E_INTERNAL, "nova: no memory for a listing");
}

/* Asks for the page of the listing's marker. */
static int listing_ask(struct reading *g, struct listing *l, struct gpubroker_error *reterr)
{
	const struct nova_call *call = &nova_calls[l->id];
	const struct keystone *k = g->nova->keystone;

	text_finish(&l->url);
	nova_call_url(&l->url, call, k->compute.base, l->subject, l->marker);
	if (l->url.failed) {
		return fail_memory(reterr);
	}
	snprintf(l->api_version, sizeof(l->api_version), "compute 2.%d", l->version);
	l->x.service = "nova";
	l->x.url = l->url.data;
	l->x.token = k->token;
	l->x.api_version = l->api_version;
	http_start(g->nova->http, &l->x);
	return 0;
}

static int listing_begin(struct reading *g, enum nova_call_id id, const char *subject,
	struct gpubroker_error *reterr)
{
	const struct nova_call *call = &nova_calls[id];
	struct listing *l = calloc(1, sizeof(*l));

	if (!l) {
		return fail_memory(reterr);
	}
	*g->end = l;
	g->end = &l->next;
	l->id = id;
	if (subject) {
		l->subject = strdup(subject);
		if (!l->subject) {
			return fail_memory(reterr);
		}
	}
	if (microversion_choose(&g->nova->versions, call->name, call->floor, call->wanted,
		    &l->version, reterr) < 0) {
		return (int)GPUBROKER_E_BAD_REPLY;
	}
	return listing_ask(g, l, reterr);
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
		return fail_memory(reterr);
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

static int begin_servers(struct reading *g, struct gpubroker_error *reterr)
{
	_cleanup_(freep) char **hosts = NULL;
	size_t i, n = 0;
	int r = gpu_hosts(&g->found.region->aggregates, &hosts, &n, reterr);

	for (i = 0; r == 0 && i < n; i++) {
		r = listing_begin(g, CALL_SERVERS, hosts[i], reterr);
	}
	return r;
}

static int begin_extra_specs(struct reading *g, struct gpubroker_error *reterr)
{
	const struct nova_flavors *list = &g->found.region->flavors;
	size_t i;
	int r = 0;

	for (i = 0; r == 0 && i < list->n; i++) {
		if (list->items[i].id && !list->items[i].has_extra_specs) {
			r = listing_begin(g, CALL_EXTRA_SPECS, list->items[i].id, reterr);
		}
	}
	return r;
}

/* What a complete listing makes possible. */
static int listing_end(struct reading *g, struct listing *l, struct gpubroker_error *reterr)
{
	l->done = true;
	switch (l->id) {
	case CALL_SERVICES:
		g->services_done = true;
		return 0;
	case CALL_AGGREGATES:
		return begin_servers(g, reterr);
	case CALL_FLAVORS:
		return l->version < EXTRA_SPECS_INLINE ? begin_extra_specs(g, reterr) : 0;
	default:
		return 0;
	}
}

static bool has_next_page(const struct nova_call *call, const struct nova_page *page)
{
	switch (call->paging) {
	case PAGING_EMPTY:
		return page->n_items > 0;
	case PAGING_LINK:
		return page->n_items > 0 &&
		       memmem(page->body, page->n, call->link, strlen(call->link));
	default:
		return false;
	}
}

static int listing_go_on(struct reading *g, struct listing *l, const struct nova_page *page,
	struct gpubroker_error *reterr)
{
	if (page->n_new == 0 || !page->last) {
		return gpubroker_fail(reterr, GPUBROKER_E_BAD_REPLY,
			"nova: %s shows the same page again after marker '%.64s'",
			nova_calls[l->id].name, l->marker ? l->marker : "");
	}
	free(l->marker);
	l->marker = strdup(page->last);
	return l->marker ? listing_ask(g, l, reterr) : fail_memory(reterr);
}

static int check_version(const struct listing *l, struct gpubroker_error *reterr)
{
	if (!strcmp(l->x.answered_version, l->api_version)) {
		return 0;
	}
	return gpubroker_fail(reterr, GPUBROKER_E_BAD_REPLY,
		"nova: %.200s answered in version '%s' where '%s' was asked for (does a proxy drop headers, or is it not /v2.1?)",
		l->x.url, l->x.answered_version, l->api_version);
}

static int listing_take(struct reading *g, struct listing *l, struct gpubroker_error *reterr)
{
	const struct nova_call *call = &nova_calls[l->id];
	struct nova_page page = {
		.body = l->x.reply ? l->x.reply : "", .n = l->x.reply_n, .subject = l->subject};
	int r = check_version(l, reterr);

	if (r == 0) {
		r = call->take(&g->found, &page, reterr);
	}
	if (r < 0) {
		return r;
	}
	return has_next_page(call, &page) ? listing_go_on(g, l, &page, reterr)
					  : listing_end(g, l, reterr);
}

/* The marker's object is gone since the page before: from the beginning, once. */
static int listing_restart(struct reading *g, struct listing *l, struct gpubroker_error *reterr)
{
	l->restarted = true;
	free(l->marker);
	l->marker = NULL;
	if (l->id == CALL_HYPERVISORS) {
		nova_hypervisors_finish(&g->found.region->hypervisors);
	} else if (l->id == CALL_FLAVORS) {
		nova_flavors_finish(&g->found.region->flavors);
	} else if (l->id == CALL_SERVERS) {
		nova_servers_drop(&g->found.region->servers, l->subject);
	}
	return listing_ask(g, l, reterr);
}

/* Logs in again, once a reading, and repeats what was under way with the new token. */
static int log_in_again(struct reading *g, struct gpubroker_error *reterr)
{
	struct listing *l;
	int r;

	g->logged_in_again = true;
	http_cancel(g->nova->http);
	keystone_logout(g->nova->keystone);
	r = keystone_login(g->nova->keystone, reterr);
	for (l = g->listings; r == 0 && l; l = l->next) {
		if (!l->done) {
			r = listing_ask(g, l, reterr);
		}
	}
	return r;
}

/* "Policy doesn't allow os_compute_api:os-hypervisors:list-detail to be performed.": the policy's name, and
 * nothing else of a body. */
static void find_policy(const struct http_exchange *x, char *out, size_t room)
{
	static const char begin[] = "os_compute_api:";
	const char *at = x->reply ? strstr(x->reply, begin) : NULL;
	size_t n;

	out[0] = '\0';
	if (at) {
		n = strspn(at, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_:-");
		snprintf(out, room, "; the role needs the policy %.*s", (int)MIN(n, (size_t)100),
			at);
	}
}

static int fail_answer(
	const struct reading *g, const struct listing *l, struct gpubroker_error *reterr)
{
	char policy[160];
	int r = http_check(&l->x, reterr);

	if (r == 0) {
		return gpubroker_fail(reterr, GPUBROKER_E_BAD_REPLY,
			"nova: %.200s answered %d without a document", l->x.url, l->x.status);
	}
	if (l->x.r == 0 && l->x.status == 401) {
		return gpubroker_fail(reterr, GPUBROKER_E_AUTH,
			"nova: %.200s refuses a fresh token too (an access rule of the application credential, or another Keystone) [%s]",
			l->x.url, l->x.request_id);
	}
	if (l->x.r == 0 && l->x.status == 403) {
		find_policy(&l->x, policy, sizeof(policy));
		return gpubroker_fail(reterr, GPUBROKER_E_DENIED,
			"nova: %.160s answered 403%s%s [%s]", l->x.url, policy,
			g->nova->keystone->is_admin ? "" : "; the token lacks the role admin",
			l->x.request_id);
	}
	return r;
}

static int listing_answered(struct reading *g, struct listing *l, struct gpubroker_error *reterr)
{
	if (l->x.r == 0 && l->x.status == 200) {
		return listing_take(g, l, reterr);
	}
	if (l->x.r == 0 && l->x.status == 401 && !g->logged_in_again) {
		return log_in_again(g, reterr);
	}
	if (l->x.r == 0 && l->x.status == 400 && l->marker && !l->restarted) {
		return listing_restart(g, l, reterr);
	}
	return fail_answer(g, l, reterr);
}

static struct listing *listing_of(const struct reading *g, const struct http_exchange *x)
{
	struct listing *l = g->listings;

	while (&l->x != x) {
		l = l->next;
	}
	return l;
}

/* Whether an error may be one of the many that a down cell shows as. */
static bool may_be_cell(int r)
{
	return r == GPUBROKER_E_UNAVAILABLE || r == GPUBROKER_E_TIMEOUT;
}

/* What an error of a listing means for the reading. */
static int judge(struct reading *g, const struct listing *l, int r, struct gpubroker_error *reterr)
{
	if (r == GPUBROKER_E_INCOMPLETE || l->id == CALL_SERVICES) {
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

static int run(struct reading *g, struct gpubroker_error *reterr)
{
	struct http_exchange *x;
	struct listing *l;
	int r = 0;

	while (r == 0 && (g->failed == 0 || !g->services_done) && (x = http_next(g->nova->http))) {
		l = listing_of(g, x);
		r = listing_answered(g, l, reterr);
		if (r < 0) {
			r = judge(g, l, r, reterr);
		}
	}
	if (r == 0 && g->failed < 0) {
		*reterr = g->error;
		return g->failed;
	}
	return r;
}

static int ask_versions(struct nova *n, struct gpubroker_error *reterr)
{
	_cleanup_(text_finish) struct text url = {0};
	_cleanup_(http_exchange_finish) struct http_exchange x = {0};
	int r;

	text_addf(&url, "%s/", n->keystone->compute.root);
	if (url.failed) {
		return fail_memory(reterr);
	}
	x.service = "nova";
	x.url = url.data;
	x.token = n->keystone->token;
	http_start(n->http, &x);
	while (http_next(n->http) != &x) { /* nothing else is under way */
	}
	r = http_check(&x, reterr);
	if (x.r == 0 && x.status == 401) {
		return 1;
	}
	return r < 0 ? r : microversions_parse(&n->versions, x.reply, x.reply_n, reterr);
}

/* The token may have been revoked since the reading before: one fresh one, as everywhere. */
static int find_versions(struct reading *g, struct gpubroker_error *reterr)
{
	int r = ask_versions(g->nova, reterr);

	if (r == 1) {
		r = log_in_again(g, reterr);
		if (r == 0) {
			r = ask_versions(g->nova, reterr);
		}
	}
	if (r == 1) {
		return gpubroker_fail(reterr, GPUBROKER_E_AUTH,
			"nova: %.200s/ refuses a fresh token too", g->nova->keystone->compute.root);
	}
	return r;
}

static int read_all(struct reading *g, struct gpubroker_error *reterr)
{
	static const enum nova_call_id first[] = {
		CALL_SERVICES, CALL_AGGREGATES, CALL_HYPERVISORS, CALL_FLAVORS};
	size_t i;
	int r = 0;

	if (g->nova->versions.max == 0) {
		r = find_versions(g, reterr);
	}
	for (i = 0; r == 0 && i < ARRAY_SIZE(first); i++) {
		r = listing_begin(g, first[i], NULL, reterr);
	}
	return r < 0 ? r : run(g, reterr);
}

int nova_read(struct nova *n, struct nova_region *ret, struct gpubroker_error *reterr)
{
	_cleanup_(reading_finish) struct reading g = {.nova = n, .found.region = ret};
	struct gpubroker_error ignored;
	int r;

	g.end = &g.listings;
	r = read_all(&g, reterr ? reterr : &ignored);
	if (r < 0) {
		n->versions = (struct microversions){0};
	}
	return r;
}
