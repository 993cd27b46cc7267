/* SPDX-License-Identifier: Apache-2.0 */
/* One reading of a region in this process: see reading.h. */
#include "cli/reading.h"

#include "base/mono.h"
#include "model/inventory.h"

#include <stdarg.h>
#include <string.h>

enum { PROGRESS_EVERY_MS = 100 };

/* A plugin's callbacks carry no context of ours: one reading at a time. */
static struct {
	const struct source *source;
	const struct reading_settings *settings;
	int64_t requests, bytes, shown_ms;
} self;

/* Warnings are said; findings say the same better, so that a doctor does without. */
__attribute__((format(printf, 2, 3))) static void plugin_log(
	enum gpubroker_level level, const char *format, ...)
{
	static const char *const words[] = {[GPUBROKER_ERROR] = "error: ",
		[GPUBROKER_WARN] = "warning: ",
		[GPUBROKER_INFO] = "",
		[GPUBROKER_DEBUG] = ""};
	const struct reading_settings *s = self.settings;
	char text[1024];
	va_list ap;

	if (!s->verbose && (s->finding || level > GPUBROKER_WARN)) {
		return;
	}
	va_start(ap, format);
	vsnprintf(text, sizeof(text), format, ap);
	va_end(ap);
	ui_note(s->ui, level <= GPUBROKER_WARN ? STYLE_DOUBT : STYLE_FAINT, "%s%s",
		level <= GPUBROKER_DEBUG && words[level] ? words[level] : "", text);
}

static const char *plugin_environment(const char *name)
{
	return self.source->region->from_environment ? source_variable(self.source, name) : NULL;
}

static void show_progress(bool now)
{
	char text[160];

	if (!now && mono_ms() - self.shown_ms < PROGRESS_EVERY_MS) {
		return;
	}
	self.shown_ms = mono_ms();
	snprintf(text, sizeof(text), "reading %.64s: %jd request%s, %jd KiB",
		self.source->region->name, (intmax_t)self.requests, self.requests == 1 ? "" : "s",
		(intmax_t)(self.bytes / 1024));
	ui_progress(self.settings->ui, text);
}

static void plugin_count_request(const char *service, int http_status, uint64_t received_bytes)
{
	self.requests++;
	self.bytes += (int64_t)received_bytes;
	if (self.settings->verbose) {
		ui_note(self.settings->ui, STYLE_FAINT,
			"request %jd service=%s status=%d bytes=%ju", (intmax_t)self.requests,
			service, http_status, (uintmax_t)received_bytes);
	}
	show_progress(false);
}

static void plugin_finding(const struct gpubroker_finding *f)
{
	self.settings->finding(self.settings->context, f);
}

static void plugin_record(const char *name, const char *body, size_t n)
{
	self.settings->record(self.settings->context, name, body, n);
}

static struct gpubroker_core core_for(const struct source *source, const struct reading_settings *s)
{
	return (struct gpubroker_core){.abi = GPUBROKER_PLUGIN_ABI,
		.size = sizeof(struct gpubroker_core),
		.region = source->region->name,
		.broker_version = GPUBROKER_VERSION,
		.deadline_ms = source->region->poll.deadline_s * 1000,
		.log = plugin_log,
		.mono_ms = mono_ms,
		.wall_ms = wall_ms,
		.environment = plugin_environment,
		.add_host = inventory_add_host,
		.add_flavor = inventory_add_flavor,
		.add_counted_flavor = inventory_add_counted_flavor,
		.count_request = plugin_count_request,
		.set_capacity_model = inventory_set_capacity_model,
		.finding = s->finding ? plugin_finding : NULL,
		.record = s->record ? plugin_record : NULL};
}

static int collect(const struct source *source, const struct reading_settings *s, void *plugin_self,
	struct reading_result *ret, struct gpubroker_error *reterr)
{
	_cleanup_(inventory_finish) struct gpubroker_inventory inventory = {0};
	struct snapshot_origin origin = {.region = source->region->name,
		.broker = "gpubroker-collect",
		.observed_at_ms = wall_ms()};
	const struct gpubroker_plugin *plugin = source->plugin;
	int64_t began = mono_ms();
	int r;

	show_progress(true);
	ret->examined = s->examine && plugin->examine;
	r = ret->examined ? plugin->examine(plugin_self, &inventory, reterr)
			  : plugin->collect(plugin_self, &inventory, reterr);
	ret->duration_ms = origin.duration_ms = mono_ms() - began;
	if (r < 0) {
		return r;
	}
	origin.model = snapshot_model_of(&inventory);
	return snapshot_count(&ret->snapshot, &inventory, &origin, reterr);
}

static const struct gpubroker_option no_options[] = {{.key = NULL}};

static int run_plugin(const struct source *source, const struct reading_settings *s,
	struct reading_result *ret, struct gpubroker_error *reterr)
{
	const struct gpubroker_plugin *plugin = source->plugin;
	const struct gpubroker_option *options = plugin->options ? plugin->options : no_options;
	_cleanup_(freep) void *plugin_self = calloc(1, MAX(plugin->self_size, (size_t)1));
	struct gpubroker_core core = core_for(source, s);
	int r;

	if (!plugin_self) {
		return gpubroker_fail(reterr, GPUBROKER_E_INTERNAL, "no memory");
	}
	r = option_fill(options, source->region->options, plugin_self, option_read_secret, reterr);
	if (r == 0) {
		r = plugin->open(plugin_self, &core, reterr);
		r = r < 0 ? r : collect(source, s, plugin_self, ret, reterr);
		plugin->close(plugin_self);
	}
	option_free(options, plugin_self);
	return r;
}

int reading_make(struct source *source, const struct reading_settings *s,
	struct reading_result *ret, struct gpubroker_error *reterr)
{
	int r;

	*ret = (struct reading_result){0};
	self.source = source;
	self.settings = s;
	self.requests = self.bytes = self.shown_ms = 0;
	r = run_plugin(source, s, ret, reterr);
	ret->requests = self.requests;
	ret->bytes = self.bytes;
	ui_progress(s->ui, NULL);
	if (r < 0 && reterr->text[0] == '\0') {
		gpubroker_fail(
			reterr, GPUBROKER_E_INTERNAL, "the plugin failed with %d and no reason", r);
	}
	return r;
}

void reading_result_finish(struct reading_result *r)
{
	snapshot_unref(r->snapshot);
	*r = (struct reading_result){0};
}
