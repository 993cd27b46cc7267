/* SPDX-License-Identifier: Apache-2.0 */
/* Counts many regions: the plugin replay and the core's counting in one process, a region a line.
 *
 *	count_regions [KEY=VALUE]…
 *
 * The options are those of replay, without path; a line on stdin is a folder. For each one line of JSON: the region's
 * snapshot, or {"error": CODE, "text": …}. tests/property compares them with a count of its own. */
#include "base/mono.h"
#include "base/option.h"
#include "base/str.h"
#include "model/inventory.h"
#include "model/region.h"
#include "model/snapshot.h"

#include <gpubroker/plugin.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

extern const struct gpubroker_plugin gpubroker_plugin;

__attribute__((format(printf, 2, 3))) static void drop_log(
	enum gpubroker_level level, const char *format, ...)
{
}

static const char *no_environment(const char *name)
{
	return NULL;
}

static const struct gpubroker_core core = {
	.abi = GPUBROKER_PLUGIN_ABI,
	.size = sizeof(core),
	.region = "test",
	.broker_version = GPUBROKER_VERSION,
	.log = drop_log,
	.mono_ms = mono_ms,
	.wall_ms = wall_ms,
	.environment = no_environment,
	.add_host = inventory_add_host,
	.add_flavor = inventory_add_flavor,
	.add_counted_flavor = inventory_add_counted_flavor,
	.set_capacity_model = inventory_set_capacity_model,
};

static bool add_option(struct value *group, const char *argument)
{
	const char *value = strchr(argument, '=');
	char key[64], *end;
	double number;

	if (!value || (size_t)(value - argument) >= sizeof(key)) {
		return false;
	}
	memcpy(key, argument, (size_t)(value - argument));
	key[value - argument] = '\0';
	value++;
	if (strcmp(value, "true") == 0 || strcmp(value, "false") == 0) {
		return value_add_boolean(group, key, value[0] == 't');
	}
	number = strtod(value, &end);
	if (end != value && !*end) {
		return value_add_real(group, key, number);
	}
	return value_add_string(group, key, value);
}

/* One reading of an opened plugin, counted and written. */
static int count(void *self, struct strbuf *out, struct gpubroker_error *error)
{
	_cleanup_(inventory_finish) struct gpubroker_inventory inventory = {0};
	_cleanup_(snapshot_unrefp) struct snapshot *snapshot = NULL;
	struct snapshot_origin origin = {.region = "test", .broker = "test", .observed_at_ms = 1};
	int r = gpubroker_plugin.collect(self, &inventory, error);

	if (r == 0) {
		origin.model = snapshot_model_of(&inventory);
		r = snapshot_count(&snapshot, &inventory, &origin, error);
	}
	if (r == 0) {
		snapshot_write_json(snapshot, out);
	}
	return r;
}

static int count_region(const struct value *options, const char *path, struct strbuf *out,
	struct gpubroker_error *error)
{
	_cleanup_(value_freep) struct value *group = value_copy(options);
	_cleanup_(freep) void *self = calloc(1, gpubroker_plugin.self_size);
	int r;

	if (!self || !group || !value_add_string(group, "path", path)) {
		return gpubroker_fail(error, GPUBROKER_E_INTERNAL, "no memory");
	}
	r = option_fill(gpubroker_plugin.options, group, self, option_read_secret, error);
	if (r == 0) {
		r = gpubroker_plugin.open(self, &core, error);
		r = r < 0 ? r : count(self, out, error);
		gpubroker_plugin.close(self);
	}
	option_free(gpubroker_plugin.options, self);
	return r;
}

int main(int argc, char **argv)
{
	_cleanup_(value_freep) struct value *options = value_new(VALUE_GROUP, NULL);
	char line[4096];

	for (int i = 1; i < argc; i++) {
		if (!options || !add_option(options, argv[i])) {
			fprintf(stderr, "usage: count_regions [KEY=VALUE]...\n");
			return 2;
		}
	}
	while (fgets(line, sizeof(line), stdin)) {
		_cleanup_(strbuf_finish) struct strbuf out = {0};
		struct gpubroker_error error = {0};

		line[strcspn(line, "\n")] = '\0';
		if (count_region(options, line, &out, &error) < 0) {
			strbuf_clear(&out);
			strbuf_addf(&out,
				"{\"error\":\"%s\",\"text\":", gpubroker_code_word(error.code));
			strbuf_add_json(&out, error.text, JSON_UTF8);
			strbuf_addc(&out, '}');
		}
		printf("%s\n", out.failed ? "{\"error\":\"no memory\"}" : out.data);
		fflush(stdout);
	}
	return 0;
}
