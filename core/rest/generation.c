/* SPDX-License-Identifier: Apache-2.0 */
/* A view and the pages made of it: see generation.h. */
#include "rest/generation.h"

#include "base/mem.h"
#include "base/mono.h"
#include "rest/route.h"

#include <pthread.h>
#include <string.h>

enum {
	N_CHAINS = 1024,
	MAX_KEPT_PAGES = 4096,
	MAX_KEPT_BYTES = 16 * 1024 * 1024, /* of pages with a key: anybody can make up filters */
	MAX_AHEAD_BYTES =
		8 * 1024 * 1024, /* rendered while publishing: the rest is made when asked for */
	N_RENDER_LOCKS = 16,
};

struct generation {
	atomic_uint references;
	struct view *view;
	const char *version;
	bool configured, complete, show_host_names;
	struct page *_Atomic *fixed; /* one a route: pages without key */
	pthread_mutex_t lock;        /* of chains and sums */
	struct page *chains[N_CHAINS];
	size_t n_kept, bytes_kept;
	pthread_mutex_t
		rendering[N_RENDER_LOCKS]; /* so that a page is made once, not by every thread */
};

static bool is_complete(const struct view *view)
{
	for (size_t i = 0; i < view->n_regions; i++) {
		if (!view->regions[i].snapshot || view->regions[i].state == REGION_DISABLED) {
			return false;
		}
	}
	return view->n_regions > 0;
}

int generation_new(struct generation **ret, struct view *view, bool configured, const char *version,
	bool show_host_names, struct gpubroker_error *reterr)
{
	struct generation *g = calloc(1, sizeof(*g));
	struct page *_Atomic *fixed = calloc(n_routes, sizeof(*fixed));

	if (!g || !fixed) {
		free(g);
		free(fixed);
		view_unref(view);
		return gpubroker_fail(reterr, GPUBROKER_E_INTERNAL, "no memory");
	}
	atomic_init(&g->references, 1);
	g->view = view;
	g->version = version;
	g->show_host_names = show_host_names;
	g->configured = configured;
	g->complete = is_complete(view);
	g->fixed = fixed;
	pthread_mutex_init(&g->lock, NULL);
	for (size_t i = 0; i < N_RENDER_LOCKS; i++) {
		pthread_mutex_init(&g->rendering[i], NULL);
	}
	*ret = g;
	return 0;
}

struct generation *generation_ref(struct generation *g)
{
	atomic_fetch_add_explicit(&g->references, 1, memory_order_relaxed);
	return g;
}

static void free_chain(struct page *page)
{
	struct page *next;

	for (; page; page = next) {
		next = page->next;
		page_free(page);
	}
}

void generation_unref(struct generation *g)
{
	if (!g || atomic_fetch_sub_explicit(&g->references, 1, memory_order_acq_rel) != 1) {
		return;
	}
	for (size_t i = 0; i < n_routes; i++) {
		page_free(g->fixed[i]);
	}
	for (size_t i = 0; i < N_CHAINS; i++) {
		free_chain(g->chains[i]);
	}
	for (size_t i = 0; i < N_RENDER_LOCKS; i++) {
		pthread_mutex_destroy(&g->rendering[i]);
	}
	pthread_mutex_destroy(&g->lock);
	view_unref(g->view);
	free(g->fixed);
	free(g);
}

const struct view *generation_view(const struct generation *g)
{
	return g->view;
}

bool generation_configured(const struct generation *g)
{
	return g->configured;
}

bool generation_complete(const struct generation *g)
{
	return g->complete;
}

static int64_t not_ok_since(const struct view_region *region)
{
	if (region->status.failed_since_ms > 0) {
		return region->status.failed_since_ms;
	}
	return region->state == REGION_STALE && region->snapshot
		       ? region->snapshot->observed_at_ms + region->status.stale_after_ms
		       : 0;
}

static void add_status(struct strbuf *b, const struct view_region *region)
{
	int64_t since_ms = not_ok_since(region);
	char since[TIME_TEXT_SIZE];

	strbuf_addf(b, "%s=%s", region->status.name, region_state_word(region->state));
	if (since_ms > 0) {
		time_rfc3339(since, since_ms);
		strbuf_addf(b, ";since=%s", since);
	}
}

void region_status_header(struct strbuf *b, const struct view *view, const struct view_region *only)
{
	const size_t room_for_more = strlen(", more=00000");
	size_t left_out = 0;

	for (size_t i = 0; i < view->n_regions; i++) {
		size_t before = b->len;

		if (view->regions[i].state == REGION_OK || (only && only != &view->regions[i])) {
			continue;
		}
		strbuf_adds(b, before > 0 ? ", " : "");
		add_status(b, &view->regions[i]);
		if (left_out > 0 || b->len > REGION_STATUS_MAX_BYTES - room_for_more) {
			left_out++;
			b->len = before;
			if (b->data) {
				b->data[before] = '\0';
			}
		}
	}
	if (left_out > 0) {
		strbuf_addf(b, "%smore=%zu", b->len > 0 ? ", " : "", left_out);
	}
}

void draft_finish(struct draft *d)
{
	strbuf_finish(&d->body);
	strbuf_finish(&d->region_status);
}

static int64_t expires(const struct view *view, const struct view_region *only)
{
	int64_t next_ms = only ? only->status.next_refresh_ms : view->next_refresh_ms;

	return next_ms > 0 ? next_ms : view->made_at_ms;
}

static struct page *make_page(const struct generation *g, const struct request *r, struct draft *d,
	const struct page *previous, const char *target)
{
	_cleanup_(strbuf_finish) struct strbuf status = {0};
	struct page_head head = {
		.content_type = d->content_type,
		.modified_ms = g->view->made_at_ms,
		.expires_ms = expires(g->view, d->only),
	};
	size_t n = 0;
	char *body;

	if (r->route->flags & ROUTE_STATUS) {
		region_status_header(&status, g->view, d->only);
		head.region_status = status.len > 0 && !status.failed ? status.data : NULL;
	}
	body = strbuf_take(&d->body, &n);
	return body ? page_new(body, n, &head, previous, target) : NULL;
}

static struct page *render(const struct generation *g, const struct request *r,
	const struct page *previous, const char *target, struct draft *ret_error)
{
	_cleanup_(draft_finish) struct draft d = {.status = 200, .content_type = JSON_CONTENT_TYPE};
	const struct page_source source = {
		.view = g->view,
		.request = r,
		.version = g->version,
		.show_host_names = g->show_host_names,
	};
	struct page *page = NULL;

	r->route->render(&source, &d);
	if (d.status == 200) {
		page = make_page(g, r, &d, previous, target);
	} else if (!d.body.failed) {
		*ret_error = d;
		d.body = (struct strbuf){0};
		return NULL;
	}
	if (!page) {
		draft_problem(ret_error, r, 500, NULL);
	}
	return page;
}

static size_t hash_target(const char *target)
{
	uint64_t h = UINT64_C(0xcbf29ce484222325);

	for (; *target; target++) {
		h = (h ^ (unsigned char)*target) * UINT64_C(0x100000001b3);
	}
	return (size_t)(h ^ h >> 32);
}

static struct page *find_kept(struct generation *g, const char *target)
{
	struct page *page;

	pthread_mutex_lock(&g->lock);
	page = g->chains[hash_target(target) % N_CHAINS];
	while (page && strcmp(page->target, target) != 0) {
		page = page->next;
	}
	pthread_mutex_unlock(&g->lock);
	return page;
}

/* false: there is no room for it. */
static bool keep(struct generation *g, struct page *page)
{
	struct page **chain = &g->chains[hash_target(page->target) % N_CHAINS];
	size_t bytes = page_bytes(page);
	bool fits;

	pthread_mutex_lock(&g->lock);
	fits = g->n_kept < MAX_KEPT_PAGES && bytes <= MAX_KEPT_BYTES - g->bytes_kept;
	if (fits) {
		page->next = *chain;
		*chain = page;
		g->n_kept++;
		g->bytes_kept += bytes;
	}
	pthread_mutex_unlock(&g->lock);
	return fits;
}

/* key NULL: the route's only page. */
static struct page *find_page(struct generation *g, const struct request *r, const char *key)
{
	return key ? find_kept(g, key)
		   : atomic_load_explicit(&g->fixed[route_index(r->route)], memory_order_acquire);
}

static struct page *find_or_render(struct generation *g, const struct request *r, const char *key,
	const struct page *previous, struct page **ret_owned, struct draft *ret_error)
{
	struct page *page = find_page(g, r, key);

	if (page) {
		return page;
	}
	page = render(g, r, previous, key, ret_error);
	if (page && !key) {
		atomic_store_explicit(&g->fixed[route_index(r->route)], page, memory_order_release);
	} else if (page && !keep(g, page)) {
		*ret_owned = page;
	}
	return page;
}

bool generation_page(struct generation *g, const struct request *r, bool gzip, struct page_use *ret,
	struct draft *ret_error)
{
	char key_room[URL_MAX_BYTES + 1];
	const char *key = request_key(r, key_room) > 0 ? key_room : NULL;
	struct page *page = find_page(g, r, key);
	size_t lock;

	*ret = (struct page_use){.page = page, .variant = page ? page_variant(page, gzip) : NULL};
	if (ret->variant) {
		return true;
	}
	lock = (key ? hash_target(key) : route_index(r->route)) % N_RENDER_LOCKS;
	pthread_mutex_lock(&g->rendering[lock]);
	page = find_or_render(g, r, key, NULL, &ret->owned, ret_error);
	if (page) {
		if (gzip) {
			page_make_gzip(page, NULL);
		}
		ret->page = page;
		ret->variant = page_variant(page, gzip);
	}
	pthread_mutex_unlock(&g->rendering[lock]);
	return page;
}

static size_t prepare_page(struct generation *g, const char *target, const struct page *old)
{
	bool asked_gzip = atomic_load(&old->asked_gzip);
	_cleanup_(draft_finish) struct draft error = {0};
	struct page *owned = NULL, *page;
	struct request r;
	size_t bytes;

	if (!asked_gzip && !atomic_load(&old->asked)) {
		return 0;
	}
	request_parse(&r, target);
	page = find_or_render(g, &r, old->target, old, &owned, &error);
	if (!page) {
		return 0;
	}
	if (asked_gzip && !owned) {
		page_make_gzip(page, old);
	}
	bytes = page_bytes(page);
	page_free(owned);
	return bytes;
}

/* The chains as they are now: they only grow at their heads. NULL: no memory. */
static struct page **copy_chains(struct generation *g)
{
	struct page **heads = malloc(sizeof(g->chains));

	if (heads) {
		pthread_mutex_lock(&g->lock);
		memcpy(heads, g->chains, sizeof(g->chains));
		pthread_mutex_unlock(&g->lock);
	}
	return heads;
}

/* Only before the new one is published: it is still one thread's. The old one is in use. */
void generation_prepare(struct generation *g, struct generation *old)
{
	_cleanup_(freep) struct page **heads = copy_chains(old);
	size_t bytes = 0;

	for (size_t i = 0; i < n_routes; i++) {
		const struct page *page = atomic_load(&old->fixed[i]);

		bytes += page ? prepare_page(g, routes[i].pattern, page) : 0;
	}
	for (size_t i = 0; heads && i < N_CHAINS; i++) {
		for (struct page *page = heads[i]; page && bytes < MAX_AHEAD_BYTES;
			page = page->next) {
			bytes += prepare_page(g, page->target, page);
		}
	}
}
