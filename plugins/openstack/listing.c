/* SPDX-License-Identifier: Apache-2.0 */
/* Listings: see listing.h. */
#include "openstack/listing.h"

#include "kit/cleanup.h"

#include <stddef.h>
#include <stdio.h>
#include <string.h>

/* A version document is made from memory; whoever takes longer is not there. */
enum { VERSIONS_MS = 30 * 1000 };

static void listing_free(struct listing *l)
{
	free(l->subject);
	free(l->marker);
	text_finish(&l->url);
	http_exchange_finish(&l->x);
	free(l);
}

void listings_finish(struct listings *list)
{
	struct listing *next;

	http_cancel(list->http);
	for (; list->first; list->first = next) {
		next = list->first->next;
		listing_free(list->first);
	}
	list->end = &list->first;
}

const struct call *call_of(const struct listing *l)
{
	return &calls[l->id];
}

static int fail_memory(struct gpubroker_error *reterr)
{
	return gpubroker_fail(reterr, GPUBROKER_E_INTERNAL, "no memory for a listing");
}

/* Asks for the page of the listing's marker. */
static int listing_ask(struct listings *list, struct listing *l, struct gpubroker_error *reterr)
{
	const struct call *call = call_of(l);
	const struct service *service = &services[call->service];
	const char *base = list->keystone->endpoints[call->service].base;

	if (!base) {
		return gpubroker_fail(reterr, GPUBROKER_E_CONFIG, "%s: it has no address any more",
			service->word);
	}
	text_finish(&l->url);
	call_url(&l->url, call, base, l->subject, l->marker);
	if (l->url.failed) {
		return fail_memory(reterr);
	}
	snprintf(l->api_version, sizeof(l->api_version), "%s %d.%d", service->type, service->major,
		l->version);
	l->x.service = service->word;
	l->x.url = l->url.data;
	l->x.token = list->keystone->token;
	l->x.api_version = l->api_version;
	http_start(list->http, &l->x);
	return 0;
}

int listing_begin(
	struct listings *list, enum call_id id, const char *subject, struct gpubroker_error *reterr)
{
	const struct call *call = &calls[id];
	struct listing *l = calloc(1, sizeof(*l));
	int r = 0;

	if (!l) {
		return fail_memory(reterr);
	}
	l->id = id;
	if (subject) {
		l->subject = strdup(subject);
		r = l->subject ? 0 : fail_memory(reterr);
	}
	if (r == 0) {
		r = microversion_choose(&list->versions[call->service], call->service, call->name,
			call->floor, call->wanted, &l->version, reterr);
	}
	r = r < 0 ? r : listing_ask(list, l, reterr);
	if (r < 0) {
		listing_free(l);
		return r;
	}
	*list->end = l;
	list->end = &l->next;
	list->begun[id]++;
	return 0;
}

struct listing *listing_next(struct listings *list)
{
	struct http_exchange *x = http_next(list->http);

	return x ? (struct listing *)(void *)((char *)x - offsetof(struct listing, x)) : NULL;
}

static bool has_next_page(const struct call *call, const struct page *page)
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

static int listing_go_on(struct listings *list, struct listing *l, const struct page *page,
	struct gpubroker_error *reterr)
{
	if (page->n_new == 0 || !page->last) {
		return gpubroker_fail(reterr, GPUBROKER_E_BAD_REPLY,
			"%s: %s shows the same page again after marker '%.64s'",
			services[call_of(l)->service].word, call_of(l)->name,
			l->marker ? l->marker : "");
	}
	free(l->marker);
	l->marker = strdup(page->last);
	return l->marker ? listing_ask(list, l, reterr) : fail_memory(reterr);
}

static int check_version(const struct listing *l, struct gpubroker_error *reterr)
{
	const struct service *service = &services[call_of(l)->service];

	if (!strcmp(l->x.answered_version, l->api_version)) {
		return 0;
	}
	return gpubroker_fail(reterr, GPUBROKER_E_BAD_REPLY,
		"%s: %.200s answered in version '%s' where '%s' was asked for (does a proxy drop headers%s?)",
		service->word, l->x.url, l->x.answered_version, l->api_version,
		call_of(l)->service == SERVICE_NOVA ? ", or is it not /v2.1" : "");
}

static int listing_take(struct listings *list, struct listing *l, struct gpubroker_error *reterr)
{
	const struct call *call = call_of(l);
	struct page page = {.body = l->x.reply ? l->x.reply : "",
		.n = l->x.reply_n,
		.subject = l->subject,
		.marker = l->marker};
	int r = check_version(l, reterr);

	if (r == 0) {
		r = call->take(list->found, &page, reterr);
	}
	if (r < 0) {
		return r;
	}
	if (has_next_page(call, &page)) {
		return listing_go_on(list, l, &page, reterr);
	}
	l->done = true;
	return 0;
}

/* The marker's object is gone since the page before: from the beginning, once. What is in a list already and
 * cannot have changed its meaning since stays: it is read again and dropped. */
static int listing_restart(struct listings *list, struct listing *l, struct gpubroker_error *reterr)
{
	struct nova_region *region = list->found->region;

	l->restarted = true;
	free(l->marker);
	l->marker = NULL;
	if (l->id == CALL_HYPERVISORS) {
		nova_hypervisors_finish(&region->hypervisors);
	} else if (l->id == CALL_FLAVORS) {
		nova_flavors_finish(&region->flavors);
	} else if (l->id == CALL_PRIVATE_FLAVORS) {
		nova_flavors_finish(&list->found->private_flavors);
	} else if (l->id == CALL_SERVERS) {
		nova_servers_drop(&region->servers, l->subject);
	}
	return listing_ask(list, l, reterr);
}

/* Logs in again, once a reading, and repeats what was under way with the new token. */
static int log_in_again(struct listings *list, struct gpubroker_error *reterr)
{
	struct listing *l;
	int r;

	list->logged_in_again = true;
	http_cancel(list->http);
	keystone_logout(list->keystone);
	r = keystone_login(list->keystone, reterr);
	for (l = list->first; r == 0 && l; l = l->next) {
		if (!l->done) {
			r = listing_ask(list, l, reterr);
		}
	}
	return r;
}

void listing_policy(enum service_id service, const struct http_exchange *x, char *out, size_t room)
{
	const char *at = x->reply ? strstr(x->reply, services[service].prefix) : NULL;
	size_t n;

	out[0] = '\0';
	if (at) {
		n = strspn(at, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_:-");
		snprintf(out, room, "%.*s", (int)MIN(n, (size_t)100), at);
	}
}

static int fail_denied(
	const struct listings *list, const struct listing *l, struct gpubroker_error *reterr)
{
	enum service_id service = call_of(l)->service;
	const char *word = services[service].word;
	char policy[160];

	listing_policy(service, &l->x, policy, sizeof(policy));
	return gpubroker_fail(reterr, GPUBROKER_E_DENIED, "%s: %.160s answered 403%s%s%s [%s]",
		word, l->x.url, policy[0] ? "; the role needs the policy " : "", policy,
		list->keystone->is_admin       ? ""
		: service == SERVICE_PLACEMENT ? "; the token lacks the roles admin and service"
					       : "; the token lacks the role admin",
		l->x.request_id);
}

static int fail_answer(
	const struct listings *list, const struct listing *l, struct gpubroker_error *reterr)
{
	const char *word = services[call_of(l)->service].word;
	int r = http_check(&l->x, reterr);

	if (r == 0) {
		return gpubroker_fail(reterr, GPUBROKER_E_BAD_REPLY,
			"%s: %.200s answered %d without a document", word, l->x.url, l->x.status);
	}
	if (l->x.r == 0 && l->x.status == 401) {
		return gpubroker_fail(reterr, GPUBROKER_E_AUTH,
			"%s: %.200s refuses a fresh token too (an access rule of the application credential, or another Keystone) [%s]",
			word, l->x.url, l->x.request_id);
	}
	return l->x.r == 0 && l->x.status == 403 ? fail_denied(list, l, reterr) : r;
}

int listing_answered(struct listings *list, struct listing *l, struct gpubroker_error *reterr)
{
	const bool answered = l->x.r == 0;

	if (answered && l->x.status == 200) {
		return listing_take(list, l, reterr);
	}
	if (answered && l->x.status == 404 && call_of(l)->may_be_gone) {
		l->done = true;
		return 0;
	}
	if (answered && l->x.status == 401 && !list->logged_in_again) {
		return log_in_again(list, reterr);
	}
	if (answered && l->x.status == 400 && l->marker && !l->restarted) {
		return listing_restart(list, l, reterr);
	}
	return fail_answer(list, l, reterr);
}

static int ask_document(struct listings *list, enum service_id service, struct microversions *ret,
	int *ret_status, struct gpubroker_error *reterr)
{
	_cleanup_(text_finish) struct text url = {0};
	_cleanup_(http_exchange_finish) struct http_exchange x = {0};
	int r;

	text_addf(&url, "%s/", list->keystone->endpoints[service].root);
	if (url.failed) {
		return fail_memory(reterr);
	}
	x.service = services[service].word;
	x.url = url.data;
	x.token = list->keystone->token;
	x.timeout_ms = VERSIONS_MS;
	http_start(list->http, &x);
	while (http_next(list->http) != &x) { /* nothing else is under way */
	}
	*ret_status = x.r == 0 ? x.status : 0;
	r = http_check(&x, reterr);
	if (*ret_status == 401) {
		return 1;
	}
	return r < 0 ? r : microversions_parse(ret, service, x.reply, x.reply_n, reterr);
}

/* The token may have been revoked since the reading before: one fresh one, as everywhere. */
int ask_versions(struct listings *list, enum service_id service, struct microversions *ret,
	int *ret_status, struct gpubroker_error *reterr)
{
	int r = ask_document(list, service, ret, ret_status, reterr);

	if (r == 1 && !list->logged_in_again) {
		r = log_in_again(list, reterr);
		r = r < 0 ? r : ask_document(list, service, ret, ret_status, reterr);
	}
	if (r == 1) {
		return gpubroker_fail(reterr, GPUBROKER_E_AUTH,
			"%s: %.200s/ refuses a fresh token too", services[service].word,
			list->keystone->endpoints[service].root);
	}
	return r;
}
