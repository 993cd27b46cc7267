/* SPDX-License-Identifier: Apache-2.0 */
/* The pages below /v1: contract §3.3. */
#include "base/mem.h"
#include "base/mono.h"
#include "model/fragment.h"
#include "rest/filter.h"

#include <string.h>

void get_index(const struct page_source *s, struct draft *d)
{
	strbuf_adds(&d->body, "{\"version\":");
	strbuf_add_json(&d->body, s->version, JSON_UTF8);
	strbuf_adds(&d->body,
		",\"regions\":\"/v1/regions\",\"flavors\":\"/v1/flavors\",\"gpus\":\"/v1/gpus\""
		",\"explain\":\"/v1/regions/{region}/flavors/{id}/explain\",\"fit\":\"/v1/fit\""
		",\"metrics\":\"/metrics\",\"livez\":\"/livez\",\"readyz\":\"/readyz\""
		",\"openapi\":\"/openapi.json\",\"ui\":\"/ui/\"}\n");
}

void get_regions(const struct page_source *s, struct draft *d)
{
	strbuf_adds(&d->body, "{\"regions\":[");
	for (size_t i = 0; i < s->view->n_regions; i++) {
		strbuf_adds(&d->body, i == 0 ? "" : ",");
		fragment_add_region(&d->body, &s->view->regions[i]);
	}
	strbuf_adds(&d->body, "]}\n");
}

/* The region in the path. */
static bool choose_region(const struct page_source *s, struct draft *d)
{
	d->only = view_find_region(s->view, s->request->region);
	if (!d->only) {
		draft_problem(d, s->request, 404, "There is no region '%s'.", s->request->region);
	}
	return d->only;
}

void get_region(const struct page_source *s, struct draft *d)
{
	if (choose_region(s, d)) {
		fragment_add_region(&d->body, d->only);
		strbuf_addc(&d->body, '\n');
	}
}

static void add_observed_at(struct strbuf *b, const struct view_region *region)
{
	char text[TIME_TEXT_SIZE];

	if (region->snapshot) {
		time_rfc3339(text, region->snapshot->observed_at_ms);
		strbuf_addf(b, ",\"observed_at\":\"%s\"", text);
	}
}

static void add_region_line(struct strbuf *b, const struct view_region *region)
{
	strbuf_adds(b, "{\"name\":");
	strbuf_add_json(b, region->status.name, JSON_UTF8);
	strbuf_addf(b, ",\"state\":\"%s\"", region_state_word(region->state));
	add_observed_at(b, region);
	strbuf_addc(b, '}');
}

static void add_flavor_list(const struct page_source *s, struct draft *d)
{
	_cleanup_(freep) const struct view_row **rows = NULL;
	struct filter filter;
	size_t n = 0;

	if (!filter_parse(&filter, s, d)) {
		return;
	}
	rows = filter_rows(&filter, s->view, d->only, &n);
	d->body.failed = d->body.failed || !rows;
	strbuf_adds(&d->body, "{\"flavors\":[");
	for (size_t i = 0; i < n; i++) {
		strbuf_adds(&d->body, i == 0 ? "" : ",");
		fragment_add_row(&d->body, rows[i], filter_wants_field, &filter);
	}
	strbuf_adds(&d->body, "],\"regions\":[");
	n = 0;
	for (size_t i = 0; i < s->view->n_regions; i++) {
		const struct view_region *region = &s->view->regions[i];

		if ((!d->only || region == d->only) && filter_wants_region(&filter, region)) {
			strbuf_adds(&d->body, n++ == 0 ? "" : ",");
			add_region_line(&d->body, region);
		}
	}
	strbuf_adds(&d->body, "]}\n");
}

void get_flavors(const struct page_source *s, struct draft *d)
{
	add_flavor_list(s, d);
}

void get_region_flavors(const struct page_source *s, struct draft *d)
{
	if (choose_region(s, d)) {
		add_flavor_list(s, d);
	}
}

const struct view_row *region_flavor(const struct page_source *s, struct draft *d)
{
	const struct view_row *row = NULL;

	if (!choose_region(s, d)) {
		return NULL;
	}
	row = view_find_row(s->view, s->request->region, s->request->flavor_id);
	if (!row) {
		draft_problem(d, s->request, 404, "Region '%s' has no flavor with the id '%s'.",
			s->request->region, s->request->flavor_id);
	}
	return row;
}

void get_region_flavor(const struct page_source *s, struct draft *d)
{
	const struct view_row *row = region_flavor(s, d);

	if (!row) {
		return;
	}
	fragment_add_row(&d->body, row, NULL, NULL);
	if (d->body.len > 0) { /* observed_at goes before the closing brace */
		d->body.len--;
	}
	add_observed_at(&d->body, row->region);
	strbuf_adds(&d->body, "}\n");
}

static void add_pool(
	struct strbuf *b, const struct view_region *region, const struct gpu_pool *pool)
{
	static const char *const sizes[] = {"1", "2", "4", "8"};
	const struct {
		const char *key;
		int64_t value;
	} numbers[] = {
		{"total",    pool->total   },
		{"used",     pool->used    },
		{"free",     pool->free    },
		{"stranded", pool->stranded},
		{"disabled", pool->disabled},
		{"hosts",    pool->hosts   },
	};

	strbuf_adds(b, "{\"region\":");
	strbuf_add_json(b, region->status.name, JSON_UTF8);
	strbuf_adds(b, ",\"type\":");
	strbuf_add_json(b, pool->type, JSON_UTF8);
	for (size_t i = 0; i < ARRAY_SIZE(numbers); i++) {
		strbuf_addf(b, ",\"%s\":", numbers[i].key);
		strbuf_add_int(b, numbers[i].value);
	}
	strbuf_adds(b, ",\"configurations\":{");
	for (size_t i = 0; i < ARRAY_SIZE(sizes); i++) {
		strbuf_addf(b, "%s\"%s\":", i == 0 ? "" : ",", sizes[i]);
		strbuf_add_int(b, pool->configurations[i]);
	}
	strbuf_adds(b, "}}");
}

void get_gpus(const struct page_source *s, struct draft *d)
{
	size_t n = 0;

	strbuf_adds(&d->body, "{\"gpus\":[");
	for (size_t i = 0; i < s->view->n_regions; i++) {
		const struct view_region *region = &s->view->regions[i];
		bool shown = region->snapshot && region->state != REGION_DISABLED;

		for (size_t j = 0; shown && j < region->snapshot->n_pools; j++) {
			strbuf_adds(&d->body, n++ == 0 ? "" : ",");
			add_pool(&d->body, region, &region->snapshot->pools[j]);
		}
	}
	strbuf_adds(&d->body, "]}\n");
}
