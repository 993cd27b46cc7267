/* SPDX-License-Identifier: Apache-2.0 */
/* From a request to its answer: see answer.h. */
#include "rest/answer.h"

#include "base/mem.h"
#include "rest/front.h"
#include "rest/http/negotiate.h"
#include "rest/http/problem.h"
#include "rest/route.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

enum {
	RETRY_AFTER_S = 5,
	PROBLEM_DETAIL_MAX = 512,
	UNTOLD_MS = 25000, /* for being told of the regions, which takes milliseconds */
};

static void write_problem(struct draft *d, const struct request *r, unsigned status,
	const char *kind, const char *detail)
{
	char path[URL_MAX_BYTES + 1];

	snprintf(path, sizeof(path), "%.*s", (int)MIN(r->path_length, (size_t)URL_MAX_BYTES),
		r->target);
	d->status = status;
	d->content_type = PROBLEM_CONTENT_TYPE;
	strbuf_clear(&d->body);
	problem_write(&d->body, status, kind, detail, path);
}

void draft_problem(
	struct draft *d, const struct request *r, unsigned status, const char *format, ...)
{
	char detail[PROBLEM_DETAIL_MAX];
	va_list ap;

	if (format) {
		va_start(ap, format);
		vsnprintf(detail, sizeof(detail), format, ap);
		va_end(ap);
	}
	write_problem(d, r, status, NULL, format ? detail : NULL);
}

void draft_typed_problem(struct draft *d, const struct request *r, unsigned status,
	const char *kind, const char *format, ...)
{
	char detail[PROBLEM_DETAIL_MAX];
	va_list ap;

	va_start(ap, format);
	vsnprintf(detail, sizeof(detail), format, ap);
	va_end(ap);
	write_problem(d, r, status, kind, detail);
}

void answer_refuse(struct answer *ret, const struct request *r, unsigned status)
{
	*ret = (struct answer){.status = status};
	draft_problem(&ret->draft, r, status, NULL);
	if (status == 429 || status == 503) {
		ret->draft.retry_after_s = 1;
	}
}

static bool is_allowed(const struct request *r)
{
	return r->route->flags & ROUTE_POST ? r->method == METHOD_POST
					    : r->method == METHOD_GET || r->method == METHOD_HEAD;
}

/* Refusals that need no view. */
static bool refuse_path(struct answer *a, const struct request *r)
{
	if (r->below_v1 && !r->path_fine) {
		draft_problem(&a->draft, r, 400, "The path is not encoded correctly.");
	} else if (!r->route) {
		draft_problem(&a->draft, r, 404, NULL);
	} else if (r->method == METHOD_OPTIONS) {
		a->draft.status = 200;
		a->draft.allow = request_allow(r);
	} else if (!is_allowed(r)) {
		draft_problem(&a->draft, r, 405, NULL);
		a->draft.allow = request_allow(r);
	} else if ((r->route->flags & ROUTE_POST) && r->body_too_long) {
		draft_problem(&a->draft, r, 413, NULL);
		a->draft.close = true;
	}
	return a->draft.status != 0;
}

static bool refuse_parameters(struct answer *a, const struct request *r)
{
	if (!(r->route->flags & ROUTE_STRICT)) {
		return false;
	}
	for (size_t i = 0; i < r->n_parameters; i++) {
		const struct parameter *p = &r->parameters[i];

		if (!p->fine) {
			draft_problem(&a->draft, r, 400,
				"The parameter '%s' is not encoded correctly.", p->key);
			return true;
		}
		if (!request_knows(r, p->key)) {
			draft_problem(
				&a->draft, r, 400, "There is no parameter '%s' here.", p->key);
			return true;
		}
	}
	if (r->too_many_parameters) {
		draft_problem(
			&a->draft, r, 400, "There are more than %d parameters.", MAX_PARAMETERS);
	}
	return r->too_many_parameters;
}

struct readiness {
	size_t n_known, n_pending;
};

static struct readiness count_regions(const struct view *view, const struct view_region *only)
{
	struct readiness ready = {0};

	for (size_t i = 0; i < view->n_regions; i++) {
		const struct view_region *region = &view->regions[i];

		if (only && only != region) {
			continue;
		}
		ready.n_known += region->snapshot && region->state != REGION_DISABLED;
		ready.n_pending += view_region_is_awaited(region);
	}
	return ready;
}

static void refuse_unknown(struct answer *a, const struct request *r)
{
	draft_problem(&a->draft, r, 503, NULL);
	a->draft.retry_after_s = RETRY_AFTER_S;
}

/* Before the regions have been named, nothing is true: a page would say that there are none. */
static bool refuse_unconfigured(struct answer *a, const struct request *r, bool may_wait)
{
	if (generation_configured(a->generation) || (r->route->flags & ROUTE_ALWAYS)) {
		return false;
	}
	a->wait = may_wait;
	if (!may_wait) {
		refuse_unknown(a, r);
	}
	return true;
}

/* Whether the regions that the request is about are not known well enough. */
static bool refuse_cold(struct answer *a, const struct request *r, bool may_wait)
{
	const struct view *view = generation_view(a->generation);
	const struct view_region *only = NULL;
	struct readiness ready;

	if (!(r->route->flags & ROUTE_COLD) || generation_complete(a->generation)) {
		return false;
	}
	if (view->n_regions > 0 && !legacy_region(view, r, &only)) {
		return false; /* the page says that there is no such region */
	}
	ready = count_regions(view, only);
	if (ready.n_pending > 0 && may_wait) {
		a->wait = true;
	} else if (ready.n_known == 0) {
		refuse_unknown(a, r);
	}
	return a->wait || a->draft.status != 0;
}

static bool unchanged(const struct request *r, const struct page_use *use)
{
	const char *if_none_match = r->header(r, "If-None-Match");

	if (if_none_match) {
		return etag_matches(if_none_match, use->variant->etag);
	}
	return not_modified_since(r->header(r, "If-Modified-Since"), use->page->head.modified_ms);
}

/* What a page says in its header, where there is none. */
static void name_regions(struct answer *a, const struct request *r)
{
	const struct view_region *only = a->draft.only;

	if (a->draft.status < 400 || !(r->route->flags & ROUTE_STATUS) ||
		!generation_configured(a->generation)) {
		return;
	}
	if (only || legacy_region(generation_view(a->generation), r, &only)) {
		region_status_header(&a->draft.region_status, generation_view(a->generation), only);
	}
}

static void make(struct answer *a, struct rest *rest, const struct request *r, bool may_wait)
{
	if (refuse_path(a, r) || refuse_parameters(a, r)) {
		return;
	}
	a->generation = rest_generation(rest);
	if (refuse_unconfigured(a, r, may_wait)) {
		return;
	}
	if (r->route->live) {
		a->draft.status = 200;
		a->draft.content_type = JSON_CONTENT_TYPE;
		r->route->live(rest, r, &a->draft);
		return;
	}
	if (refuse_cold(a, r, may_wait)) {
		name_regions(a, r);
		return;
	}
	if (generation_page(a->generation, r, accepts_gzip(r->header(r, "Accept-Encoding")),
		    &a->use, &a->draft)) {
		a->status = unchanged(r, &a->use) ? 304 : 200;
	} else {
		name_regions(a, r);
	}
}

void answer_make(struct answer *ret, struct rest *rest, const struct request *r, bool may_wait)
{
	*ret = (struct answer){0};
	make(ret, rest, r, may_wait);
	if (ret->draft.body.failed) {
		strbuf_finish(&ret->draft.body);
		ret->draft.status = 500;
	}
	if (!ret->use.variant && !ret->wait) {
		ret->status = ret->draft.status;
	}
}

int64_t answer_patience_ms(const struct answer *a, const struct rest *rest)
{
	return generation_configured(a->generation) ? rest->cold_wait_ms
						    : MAX(rest->cold_wait_ms, (int64_t)UNTOLD_MS);
}

void answer_finish(struct answer *a)
{
	page_free(a->use.owned);
	generation_unref(a->generation);
	draft_finish(&a->draft);
}
