/* SPDX-License-Identifier: Apache-2.0 */
/* `collect`: one reading straight from a cloud, shown as `flavor list` shows a broker's. */
#include "base/mono.h"
#include "cli/flavors.h"
#include "cli/reading.h"
#include "cli/recording.h"
#include "model/fragment.h"
#include "store/store.h"

#include <string.h>

enum { DEFAULT_EXPIRE_S = 300 };

/* The view that a daemon with this one region would have. */
static int view_of(const struct source *s, struct snapshot *snapshot, struct view **ret,
	struct gpubroker_error *reterr)
{
	const struct conf_region *region = s->region;
	const struct region_status status = {.name = region->name,
		.title = region->title,
		.site = region->site,
		.plugin = region->plugin,
		.enabled = true,
		.interval_ms = region->poll.interval_s * 1000,
		.stale_after_ms = region->poll.stale_after_s * 1000,
		.attempted = true};
	const struct view_input input = {.status = &status, .snapshot = snapshot};

	return view_merge(ret, &input, 1, NULL, snapshot->observed_at_ms, reterr);
}

static int write_table(struct cli_program *p, const struct cli_args *args, const struct view *view)
{
	_cleanup_(value_freep) struct value *tree = NULL;
	_cleanup_(strbuf_finish) struct strbuf json = {0};
	struct gpubroker_error error = {0};
	struct cli_args all = *args;
	struct table t = {0};
	int r;

	all.regions = (struct cli_words){0}; /* --region has chosen the region already */
	fragment_add_view(&json, view);
	if (json.failed || json_tree_read(json.data, json.len, &tree, &error) < 0) {
		return api_complain(&p->ui, CLI_FAILED, &error);
	}
	r = flavors_table(&all, value_get(tree, "flavors"), &t);
	t.if_empty = "The region has no flavors that ask for GPUs.";
	r = r == CLI_FINE ? table_write(&p->ui, &all, &t) : r;
	free(t.rows);
	return r;
}

static void store_freep(struct store **store)
{
	if (*store) {
		store_free(*store);
	}
}

static int write_store(const struct source *s, const struct cli_args *args,
	const struct snapshot *snapshot, const struct view *view, struct gpubroker_error *reterr)
{
	const char *const servers[] = {args->store};
	const struct memcached_settings settings = {.servers = servers,
		.n_servers = 1,
		.prefix = s->conf->cache.prefix,
		.expire_s = args->expire_s >= 0 ? args->expire_s
			    : s->conf->file     ? s->conf->cache.expire_s
						: DEFAULT_EXPIRE_S,
		.legacy_keys = s->conf->cache.legacy_keys};
	_cleanup_(store_freep) struct store *store = NULL;
	_cleanup_(strbuf_finish) struct strbuf json = {0};
	int r = store_memcached_new(&store, &settings, reterr);

	if (r < 0) {
		return r;
	}
	snapshot_write_json(snapshot, &json);
	if (json.failed) {
		return gpubroker_fail(reterr, GPUBROKER_E_INTERNAL, "no memory for the snapshot");
	}
	r = store->vtable->write_region(store, s->region->name, json.data, json.len, reterr);
	return r < 0 ? r : store->vtable->write_view(store, view, reterr);
}

static void say_summary(const struct ui *ui, const struct source *s, const struct reading_result *r)
{
	char requests[80] = "";

	if (r->requests > 0) {
		snprintf(requests, sizeof(requests), ", %jd requests, %jd KiB",
			(intmax_t)r->requests, (intmax_t)(r->bytes / 1024));
	}
	ui_note(ui, STYLE_FAINT,
		"%s read in %jd.%jd s: %zu flavors, %zu hosts%s; capacity model %s",
		s->region->name, (intmax_t)(r->duration_ms / 1000),
		(intmax_t)(r->duration_ms % 1000 / 100), r->snapshot->n_flavors,
		r->snapshot->n_hosts, requests, capacity_model_word(r->snapshot->model));
}

static int after_reading(struct cli_program *p, const struct cli_args *args, const struct source *s,
	const struct reading_result *result, struct recording *recording)
{
	_cleanup_(view_unrefp) struct view *view = NULL;
	struct gpubroker_error error = {0};
	int r;

	if (view_of(s, result->snapshot, &view, &error) < 0) {
		return api_complain(&p->ui, CLI_FAILED, &error);
	}
	r = write_table(p, args, view);
	fflush(p->ui.out);
	if (r == CLI_FINE && args->format == FORMAT_TABLE) {
		say_summary(&p->ui, s, result);
	}
	if (args->record) {
		if (recording_end(recording, s, capacity_model_word(result->snapshot->model),
			    &error) < 0) {
			return api_complain(&p->ui, CLI_FAILED, &error);
		}
		ui_note(&p->ui, STYLE_PLAIN,
			"recorded in %s: %zu documents (%jd KiB), region.conf and README",
			args->record, recording->n_files, (intmax_t)(recording->bytes / 1024));
	}
	if (args->store) {
		if (write_store(s, args, result->snapshot, view, &error) < 0) {
			return api_complain(&p->ui, CLI_FAILED, &error);
		}
		ui_note(&p->ui, STYLE_PLAIN, "stored in memcached at %s", args->store);
	}
	return r;
}

int run_collect(struct cli_program *p, const struct cli_args *args)
{
	_cleanup_(reading_result_finish) struct reading_result result = {0};
	_cleanup_(recording_finish) struct recording recording = {.folder = -1};
	_cleanup_(source_finish) struct source source = {0};
	struct reading_settings settings = {.ui = &p->ui, .verbose = args->verbose};
	struct gpubroker_error error = {0};
	int r = source_open(&source, p, args);

	if (r != CLI_FINE) {
		return r;
	}
	if (args->record) {
		settings.record = recording_add;
		settings.context = &recording;
		if (recording_begin(&recording, args->record, &error) < 0) {
			return api_complain(&p->ui, CLI_FAILED, &error);
		}
	}
	if (reading_make(&source, &settings, &result, &error) < 0) {
		ui_complain(&p->ui, "%s: %s (%s)", source.region->name, error.text,
			gpubroker_code_word(error.code));
		return CLI_FAILED;
	}
	return after_reading(p, args, &source, &result, &recording);
}
