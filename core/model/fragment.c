/* SPDX-License-Identifier: Apache-2.0 */
/* The JSON of a ROW, a REGION and the predecessor's flavor: see fragment.h. */
#include "model/fragment.h"

#include "base/mono.h"

#include <string.h>

/* An object that is being written. */
struct object {
	struct strbuf *out;
	field_filter_fn *filter; /* NULL: all fields */
	void *context;
	bool begun;
};

static void open_object(
	struct object *o, struct strbuf *out, field_filter_fn *filter, void *context)
{
	*o = (struct object){out, filter, context, false};
	strbuf_addc(out, '{');
}

static void close_object(struct object *o)
{
	strbuf_addc(o->out, '}');
}

/* false: the field is not wanted. */
static bool add_key(struct object *o, const char *key)
{
	if (o->filter && !o->filter(o->context, key)) {
		return false;
	}
	strbuf_adds(o->out, o->begun ? ",\"" : "\"");
	strbuf_adds(o->out, key);
	strbuf_adds(o->out, "\":");
	o->begun = true;
	return true;
}

static void add_string(struct object *o, const char *key, const char *text)
{
	if (add_key(o, key)) {
		strbuf_add_json(o->out, text, JSON_UTF8);
	}
}

static void add_int(struct object *o, const char *key, int64_t number)
{
	if (add_key(o, key)) {
		strbuf_add_int(o->out, number);
	}
}

static void add_known(struct object *o, const char *key, int64_t number)
{
	if (number != COUNT_UNKNOWN) {
		add_int(o, key, number);
	}
}

static void add_bool(struct object *o, const char *key, bool value)
{
	if (add_key(o, key)) {
		strbuf_adds(o->out, value ? "true" : "false");
	}
}

static void add_time(struct object *o, const char *key, int64_t at_ms)
{
	char text[TIME_TEXT_SIZE];

	if (at_ms > 0) {
		time_rfc3339(text, at_ms);
		add_string(o, key, text);
	}
}

/* ---- ROW ---- */

/* What the flavor asks of the i-th need's type in all, or -1 where an earlier need has said so. */
static int64_t count_of_type(const struct gpubroker_flavor *f, size_t i)
{
	int64_t count = 0;

	for (size_t j = 0; j < f->n_gpus; j++) {
		if (strcmp(f->gpus[j].type, f->gpus[i].type) == 0) {
			if (j < i) {
				return -1;
			}
			count += f->gpus[j].count;
		}
	}
	return count;
}

void fragment_add_types(struct strbuf *out, const struct gpubroker_flavor *f)
{
	bool begun = false;

	for (size_t i = 0; i < f->n_gpus; i++) {
		if (count_of_type(f, i) >= 0) {
			strbuf_adds(out, begun ? "+" : "");
			strbuf_adds(out, f->gpus[i].type);
			begun = true;
		}
	}
}

static void add_needs(struct object *row, const struct gpubroker_flavor *f)
{
	bool begun = false;

	if (!add_key(row, "gpus")) {
		return;
	}
	strbuf_addc(row->out, '[');
	for (size_t i = 0; i < f->n_gpus; i++) {
		const int64_t count = count_of_type(f, i);
		struct object need;

		if (count < 0) {
			continue;
		}
		strbuf_adds(row->out, begun ? "," : "");
		open_object(&need, row->out, NULL, NULL);
		add_string(&need, "type", f->gpus[i].type);
		add_int(&need, "count", count);
		close_object(&need);
		begun = true;
	}
	strbuf_addc(row->out, ']');
}

void fragment_add_row(
	struct strbuf *out, const struct view_row *row, field_filter_fn *filter, void *context)
{
	const struct region_status *region = &row->region->status;
	const struct gpubroker_flavor *f = &row->flavor->flavor;
	const struct flavor_count *count = &row->flavor->count;
	struct object o;

	open_object(&o, out, filter, context);
	add_string(&o, "region", region->name);
	add_string(&o, "site", region->site);
	add_string(&o, "id", f->id);
	add_string(&o, "name", f->name);
	add_known(&o, "vcpus", f->vcpus);
	add_known(&o, "ram_mib", f->ram_mib);
	add_known(&o, "disk_gib", f->disk_gib);
	add_known(&o, "ephemeral_gib", f->ephemeral_gib);
	add_known(&o, "swap_mib", f->swap_mib);
	add_bool(&o, "is_public", f->is_public);
	add_needs(&o, f);
	add_known(&o, "total", count->total);
	add_known(&o, "available", count->available);
	add_known(&o, "available_exclusive", row->flavor->available_exclusive);
	if (limit_word(count->limited_by)) {
		add_string(&o, "limited_by", limit_word(count->limited_by));
	}
	add_string(&o, "state", region_state_word(row->region->state));
	close_object(&o);
}

/* ---- REGION ---- */

static void add_error(struct object *region, enum gpubroker_code code)
{
	struct object o;

	if (code == GPUBROKER_OK || !add_key(region, "error")) {
		return;
	}
	open_object(&o, region->out, NULL, NULL);
	add_string(&o, "code", gpubroker_code_word(code));
	add_string(&o, "detail", gpubroker_code_detail(code));
	close_object(&o);
}

/* No snapshot, or one of flavors alone: nobody knows of any GPU, which is not the same as none. */
static bool knows_gpus(const struct snapshot *s)
{
	return s && (s->model != MODEL_COUNTED || s->n_pools > 0);
}

static void add_sums(struct object *region, const struct view_region *from)
{
	const struct gpu_sums *gpus = &from->gpus;
	struct object o;

	if (!add_key(region, "gpus")) {
		return;
	}
	open_object(&o, region->out, NULL, NULL);
	if (knows_gpus(from->snapshot)) {
		add_int(&o, "total", gpus->total);
		add_int(&o, "used", gpus->used);
		add_int(&o, "free", gpus->free);
		add_int(&o, "stranded", gpus->stranded);
		add_int(&o, "disabled", gpus->disabled);
	}
	close_object(&o);
}

void fragment_add_region(struct strbuf *out, const struct view_region *region)
{
	const struct region_status *s = &region->status;
	const struct snapshot *snapshot = region->snapshot;
	struct object o;

	open_object(&o, out, NULL, NULL);
	add_string(&o, "name", s->name);
	add_string(&o, "title", s->title);
	add_string(&o, "site", s->site);
	add_string(&o, "plugin", s->plugin);
	add_string(&o, "state", region_state_word(region->state));
	add_time(&o, "observed_at", snapshot ? snapshot->observed_at_ms : 0);
	add_time(&o, "next_refresh_at", s->next_refresh_ms);
	if (snapshot && snapshot->model != MODEL_COUNTED) {
		add_string(&o, "capacity_model", capacity_model_word(snapshot->model));
	}
	add_error(&o, s->code);
	if (s->maintenance && *s->maintenance) {
		add_string(&o, "maintenance", s->maintenance);
	}
	if (snapshot) {
		add_int(&o, "flavors", (int64_t)snapshot->n_flavors);
	}
	add_sums(&o, region);
	close_object(&o);
}

void fragment_add_view(struct strbuf *out, const struct view *view)
{
	strbuf_adds(out, "{\"flavors\":[");
	for (size_t i = 0; i < view->n_rows; i++) {
		strbuf_adds(out, i > 0 ? "," : "");
		fragment_add_row(out, &view->rows[i], NULL, NULL);
	}
	strbuf_adds(out, "],\"regions\":[");
	for (size_t i = 0; i < view->n_regions; i++) {
		strbuf_adds(out, i > 0 ? "," : "");
		fragment_add_region(out, &view->regions[i]);
	}
	strbuf_adds(out, "]}");
}

/* ---- the predecessor's ---- */

static void add_line_start(struct strbuf *out, unsigned indent)
{
	strbuf_addf(out, "\n%*s", (int)indent, "");
}

void fragment_add_legacy_flavor(struct strbuf *out, const struct view_row *row, unsigned indent)
{
	const struct snapshot_flavor *f = row->flavor;

	strbuf_addc(out, '{');
	add_line_start(out, indent);
	strbuf_adds(out, "\"available\": ");
	strbuf_add_int(out, f->count.available);
	strbuf_addc(out, ',');
	add_line_start(out, indent);
	strbuf_adds(out, "\"flavor_name\": ");
	strbuf_add_json(out, f->flavor.name, JSON_ASCII);
	strbuf_addc(out, ',');
	add_line_start(out, indent);
	strbuf_adds(out, "\"flavor_openstack_id\": ");
	strbuf_add_json(out, f->flavor.id, JSON_ASCII);
	strbuf_addc(out, ',');
	add_line_start(out, indent);
	strbuf_adds(out, "\"total\": ");
	strbuf_add_int(out, f->count.total);
	add_line_start(out, indent - 2);
	strbuf_addc(out, '}');
}

void fragment_add_legacy_cache_list(struct strbuf *out, const struct view *view)
{
	bool begun = false;

	strbuf_addc(out, '[');
	for (size_t i = 0; i < view->n_rows; i++) {
		const struct view_row *row = &view->rows[i];

		if (!view_row_is_gpu(row) || !view_row_has_counts(row)) {
			continue;
		}
		strbuf_adds(
			out, begun ? ", {\"flavor_openstack_id\": " : "{\"flavor_openstack_id\": ");
		strbuf_add_json(out, row->flavor->flavor.id, JSON_ASCII);
		strbuf_adds(out, ", \"flavor_name\": ");
		strbuf_add_json(out, row->flavor->flavor.name, JSON_ASCII);
		strbuf_adds(out, ", \"available\": ");
		strbuf_add_int(out, row->flavor->count.available);
		strbuf_adds(out, ", \"total\": ");
		strbuf_add_int(out, row->flavor->count.total);
		strbuf_addc(out, '}');
		begun = true;
	}
	strbuf_addc(out, ']');
}
