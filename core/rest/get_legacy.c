/* SPDX-License-Identifier: Apache-2.0 */
/* The predecessor's endpoints and the flavor exporter's, whose clients must not notice a change: contract
 * §3.1 and §3.2. */
#include "base/mem.h"
#include "base/mono.h"
#include "model/fragment.h"
#include "rest/handlers.h"

#define LEGACY_CONTENT_TYPE "application/json"

bool legacy_region(const struct view *view, const struct request *r, const struct view_region **ret)
{
	const struct parameter *p = request_parameter(r, "region");

	*ret = p && p->fine ? view_find_region(view, p->value) : NULL;
	return !p || *ret;
}

void draft_message(struct draft *d, unsigned status, const char *message)
{
	d->status = status;
	d->content_type = LEGACY_CONTENT_TYPE;
	strbuf_clear(&d->body);
	strbuf_adds(&d->body, "{\n  \"message\": ");
	strbuf_add_json(&d->body, message, JSON_ASCII);
	strbuf_adds(&d->body, "\n}\n");
}

static bool choose_region(const struct page_source *s, struct draft *d)
{
	if (legacy_region(s->view, s->request, &d->only)) {
		return true;
	}
	draft_message(d, 404, "Unknown region!");
	return false;
}

/* The predecessor lists flavors with GPUs only. */
static bool is_legacy(const struct view_row *row)
{
	return view_row_is_gpu(row) && view_row_has_counts(row);
}

static void add_timestamp(struct draft *d, int64_t observed_ms)
{
	char text[TIME_TEXT_SIZE];

	time_legacy(text, observed_ms);
	strbuf_adds(&d->body, "  \"timestamp\": ");
	strbuf_add_json(&d->body, text, JSON_ASCII);
	strbuf_adds(&d->body, "\n}\n");
}

static int64_t oldest_observed(const struct view *view, const struct view_region *only)
{
	int64_t oldest =
		only && only->snapshot ? only->snapshot->observed_at_ms : view->oldest_observed_ms;

	return oldest > 0 ? oldest : view->made_at_ms;
}

void get_legacy_flavors(const struct page_source *s, struct draft *d)
{
	size_t n = 0;

	if (!choose_region(s, d)) {
		return;
	}
	d->content_type = LEGACY_CONTENT_TYPE;
	strbuf_adds(&d->body, "{\n  \"flavors\": [");
	for (size_t i = 0; i < s->view->n_rows; i++) {
		const struct view_row *row = &s->view->rows[i];

		if ((!d->only || row->region == d->only) && is_legacy(row)) {
			strbuf_adds(&d->body, n++ == 0 ? "\n    " : ",\n    ");
			fragment_add_legacy_flavor(&d->body, row, 6);
		}
	}
	strbuf_adds(&d->body, n == 0 ? "],\n" : "\n  ],\n");
	add_timestamp(d, oldest_observed(s->view, d->only));
}

void get_legacy_flavor(const struct page_source *s, struct draft *d)
{
	const struct view_row *row;

	if (!choose_region(s, d)) {
		return;
	}
	row = view_find_row(s->view, d->only ? d->only->status.name : NULL, s->request->flavor_id);
	if (!row || !is_legacy(row)) {
		draft_message(d, 404, "Unkown flavor id!");
		return;
	}
	d->content_type = LEGACY_CONTENT_TYPE;
	strbuf_adds(&d->body, "{\n  \"flavor\": ");
	fragment_add_legacy_flavor(&d->body, row, 4);
	strbuf_adds(&d->body, ",\n");
	add_timestamp(d, row->region->snapshot->observed_at_ms);
}

/* Within 32 bits; what is not known is left out. */
static void add_number(struct strbuf *b, const char *key, int64_t number)
{
	if (number != COUNT_UNKNOWN) {
		strbuf_addf(b, ",\"%s\":", key);
		strbuf_add_int(b, MAX(MIN(number, (int64_t)INT32_MAX), (int64_t)0));
	}
}

static void add_text(struct strbuf *b, const char *key, const char *text)
{
	strbuf_addf(b, ",\"%s\":", key);
	strbuf_add_json(b, text, JSON_UTF8);
}

static void add_gpus(struct strbuf *b, const struct view_row *row)
{
	const struct gpubroker_flavor *flavor = &row->flavor->flavor;
	_cleanup_(strbuf_finish) struct strbuf types = {0};
	int64_t count = 0;

	fragment_add_types(&types, flavor);
	for (size_t i = 0; i < flavor->n_gpus; i++) {
		count += MIN(flavor->gpus[i].count, (int64_t)INT32_MAX);
	}
	b->failed = b->failed || types.failed;
	add_text(b, "type", view_row_is_gpu(row) ? "gpu" : "cpu");
	add_text(b, "gpu_type", types.data && !types.failed ? types.data : "");
	add_number(b, "gpu_count", count);
}

static void add_exporter_row(struct strbuf *b, const struct view_row *row)
{
	const struct gpubroker_flavor *flavor = &row->flavor->flavor;

	strbuf_adds(b, "{\"id\":");
	strbuf_add_json(b, flavor->id, JSON_UTF8);
	add_text(b, "name", flavor->name);
	add_number(b, "available", row->flavor->count.available);
	add_number(b, "total", row->flavor->count.total);
	add_number(b, "cores", flavor->vcpus);
	add_number(b, "mem", flavor->ram_mib);
	add_gpus(b, row);
	add_number(b, "root_disk", flavor->disk_gib);
	add_number(b, "ephemeral_disk", flavor->ephemeral_gib);
	add_text(b, "region", row->region->status.name);
	strbuf_addc(b, '}');
}

void get_v2_flavors(const struct page_source *s, struct draft *d)
{
	size_t n = 0;

	if (!choose_region(s, d)) {
		return;
	}
	strbuf_addc(&d->body, '[');
	for (size_t i = 0; i < s->view->n_rows; i++) {
		const struct view_row *row = &s->view->rows[i];

		if ((!d->only || row->region == d->only) && view_row_has_counts(row)) {
			strbuf_adds(&d->body, n++ == 0 ? "" : ",");
			add_exporter_row(&d->body, row);
		}
	}
	strbuf_adds(&d->body, "]\n");
}
