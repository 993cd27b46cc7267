/* SPDX-License-Identifier: Apache-2.0 */
/* POST /v1/fit: whether servers of several flavors fit together, region by region, contract §3.3. Made per request:
 * questions differ, and each is answered from one view. */
#include "model/labels.h"
#include "rest/fit_body.h"
#include "rest/front.h"

#include <string.h>

enum { REQUEST_STEPS = 2 * FIT_STEPS }; /* of all regions together */

/* What is asked, in the flavors of one region. */
struct wished {
	const struct view_region *region;
	struct fit_ask asks[FIT_MAX_ASKS];
	const char *missing;   /* the first flavor that the region does not have */
	const char *ambiguous; /* the first name that several of its flavors have */
};

/* ---- which flavors ---- */

static const struct gpubroker_flavor *by_name(
	const struct snapshot *s, const char *name, size_t *ret_n)
{
	const struct gpubroker_flavor *found = NULL;

	*ret_n = 0;
	for (size_t i = 0; i < s->n_flavors; i++) {
		if (strcmp(s->flavors[i].flavor.name, name) == 0) {
			found = &s->flavors[i].flavor;
			(*ret_n)++;
		}
	}
	return found;
}

static const struct gpubroker_flavor *find_flavor(const struct view *view,
	const struct view_region *region, const char *flavor, size_t *ret_n)
{
	const struct view_row *row = view_find_row(view, region->status.name, flavor);

	*ret_n = row != NULL;
	return row ? &row->flavor->flavor : by_name(region->snapshot, flavor, ret_n);
}

static void find_flavors(const struct view *view, const struct view_region *region,
	const struct fit_body *body, struct wished *ret)
{
	ret->region = region;
	ret->missing = ret->ambiguous = NULL;
	for (size_t i = 0; region->snapshot && i < body->n_wishes; i++) {
		const struct fit_wish *wish = &body->wishes[i];
		size_t n;

		ret->asks[i] = (struct fit_ask){
			.flavor = find_flavor(view, region, wish->flavor, &n),
			.name = wish->flavor,
			.count = wish->count,
		};
		if (n == 0 && !ret->missing) {
			ret->missing = wish->flavor;
		} else if (n > 1 && !ret->ambiguous) {
			ret->ambiguous = wish->flavor;
		}
	}
}

static bool is_meant(const struct fit_body *body, const struct view_region *region)
{
	return !body->region || str_equal(body->region, region->status.name);
}

static bool is_known(const struct view *view, const char *flavor)
{
	for (size_t i = 0; i < view->n_regions; i++) {
		size_t n = 0;

		if (view->regions[i].snapshot) {
			find_flavor(view, &view->regions[i], flavor, &n);
		}
		if (n > 0) {
			return true;
		}
	}
	return false;
}

/* The first flavor that nobody has. NULL: there is none, or nothing is known of what is asked for. */
static const char *unknown_flavor(const struct view *view, const struct fit_body *body)
{
	bool has_data = false;

	for (size_t i = 0; i < view->n_regions; i++) {
		has_data = has_data ||
			   (is_meant(body, &view->regions[i]) && view->regions[i].snapshot);
	}
	for (size_t i = 0; has_data && i < body->n_wishes; i++) {
		if (!is_known(view, body->wishes[i].flavor)) {
			return body->wishes[i].flavor;
		}
	}
	return NULL;
}

/* ---- answers ---- */

static void begin_region(struct strbuf *out, const struct view_region *region, const char *fits)
{
	strbuf_adds(out, "{\"name\":");
	strbuf_add_json(out, region->status.name, JSON_UTF8);
	strbuf_addf(out, ",\"fits\":%s,\"placements\":[", fits);
}

static void end_region(struct strbuf *out, const struct view_region *region, const char *reason)
{
	_cleanup_(strbuf_finish) struct strbuf text = {0};

	strbuf_adds(&text, reason);
	if (region->snapshot && region->state == REGION_STALE) {
		strbuf_adds(&text, *reason ? "; its numbers are stale" : "its numbers are stale");
	}
	strbuf_addc(out, ']');
	if (text.len > 0) {
		strbuf_adds(out, ",\"reason\":");
		strbuf_add_json(out, text.data, JSON_UTF8);
	}
	strbuf_addc(out, '}');
	out->failed = out->failed || text.failed;
}

static void answer_in_words(
	struct strbuf *out, const struct view_region *region, const char *fits, const char *reason)
{
	begin_region(out, region, fits);
	end_region(out, region, reason);
}

/* Why nothing is known of the region; NULL: it is. */
static const char *why_unknown(const struct view_region *region)
{
	if (region->snapshot) {
		return region->snapshot->model == MODEL_COUNTED
			       ? "it is counted by another service, which does not tell its hosts"
			       : NULL;
	}
	switch (region->state) {
	case REGION_DISABLED:
		return "it is disabled";
	case REGION_ERROR:
		return gpubroker_code_detail(region->status.code);
	default:
		return "it has not been read yet";
	}
}

static void add_placements(
	struct strbuf *out, const struct wished *w, const struct fit_result *r, bool show_names)
{
	const struct snapshot *s = w->region->snapshot;
	struct labels labels;

	if (!labels_init(&labels, s->hosts, s->n_hosts, show_names)) {
		out->failed = true;
		return;
	}
	for (size_t i = 0; i < r->n_placements; i++) {
		strbuf_adds(out, i == 0 ? "{\"host\":" : ",{\"host\":");
		strbuf_add_json(out, labels.texts[r->placements[i].host], JSON_UTF8);
		strbuf_adds(out, ",\"flavor\":");
		strbuf_add_json(out, w->asks[r->placements[i].ask].name, JSON_UTF8);
		strbuf_adds(out, ",\"count\":");
		strbuf_add_int(out, r->placements[i].count);
		strbuf_addc(out, '}');
	}
	labels_finish(&labels);
}

static void answer_counted(
	struct strbuf *out, const struct wished *w, size_t n_asks, int64_t *steps, bool show_names)
{
	static const char *const words[] = {
		[FIT_NO] = "false", [FIT_YES] = "true", [FIT_UNKNOWN] = "null"};
	const struct snapshot *s = w->region->snapshot;
	_cleanup_(fit_result_finish) struct fit_result r = {0};

	if (fit_solve(&r, s->hosts, s->n_hosts, w->asks, n_asks, steps) < 0 || r.reason.failed) {
		out->failed = true;
		return;
	}
	begin_region(out, w->region, words[r.fits]);
	if (r.fits == FIT_YES) {
		add_placements(out, w, &r, show_names);
	}
	end_region(out, w->region, r.reason.data ? r.reason.data : "");
}

static void answer_region(struct strbuf *out, const struct wished *w, const struct fit_body *body,
	int64_t *steps, bool show_names)
{
	const char *unknown = why_unknown(w->region);

	if (w->missing) {
		_cleanup_(strbuf_finish) struct strbuf reason = {0};

		strbuf_addf(&reason, "it has no flavor %s", w->missing);
		out->failed = out->failed || reason.failed;
		answer_in_words(out, w->region, "false", reason.failed ? "" : reason.data);
	} else if (unknown) {
		answer_in_words(out, w->region, "null", unknown);
	} else {
		answer_counted(out, w, body->n_wishes, steps, show_names);
	}
}

/* Each region may use its share of what the regions before it have left. */
static void answer_all(struct draft *d, const struct request *r, const struct view *view,
	const struct fit_body *body, bool show_names)
{
	int64_t left = REQUEST_STEPS;
	size_t n = 0;

	strbuf_adds(&d->body, "{\"regions\":[");
	for (size_t i = 0; i < view->n_regions; i++) {
		const int64_t share = left / (int64_t)(view->n_regions - i);
		int64_t steps = MIN(body->region ? left : share, (int64_t)FIT_STEPS);
		const int64_t given = steps;
		struct wished w;

		if (!is_meant(body, &view->regions[i])) {
			continue;
		}
		find_flavors(view, &view->regions[i], body, &w);
		if (w.ambiguous) {
			draft_typed_problem(d, r, 409, "ambiguous-flavor",
				"Region '%s' has several flavors with the name '%s'; ask by id.",
				w.region->status.name, w.ambiguous);
			return;
		}
		strbuf_adds(&d->body, n++ == 0 ? "" : ",");
		answer_region(&d->body, &w, body, &steps, show_names);
		left -= given - steps;
	}
	strbuf_adds(&d->body, "]}\n");
}

void get_fit(struct rest *rest, const struct request *r, struct draft *d)
{
	_cleanup_(generation_unrefp) struct generation *g = rest_generation(rest);
	const struct view *view = generation_view(g);
	_cleanup_(fit_body_finish) struct fit_body body = {0};
	struct gpubroker_error error;
	const char *unknown;

	if (fit_body_parse(&body, r->body, r->body_length, &error) < 0) {
		if (error.code == GPUBROKER_E_BAD_REPLY) {
			draft_problem(d, r, 400, "%s", error.text);
		} else {
			draft_problem(d, r, 500, NULL);
		}
		return;
	}
	if (body.region && !view_find_region(view, body.region)) {
		draft_problem(d, r, 404, "There is no region '%s'.", body.region);
		return;
	}
	unknown = unknown_flavor(view, &body);
	if (unknown) {
		draft_problem(d, r, 404, "There is no flavor with the id or name '%s'.", unknown);
		return;
	}
	answer_all(d, r, view, &body, rest->show_host_names);
}
