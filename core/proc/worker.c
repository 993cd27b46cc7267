/* SPDX-License-Identifier: Apache-2.0 */
/* The role `worker`: one region, one plugin, one thread. Blocks as long as the cloud likes; the parent has the
 * watch. Descriptors: 3 the channel, 4 the plugin's file, 5 (optional) the OS_* variables.
 *
 * MSG_CONFIG: {region, plugin, broker, version, log_level, deadline_ms, has_environment, options (group)} */
#include "base/log.h"
#include "base/mono.h"
#include "base/option.h"
#include "model/inventory.h"
#include "model/region.h"
#include "model/snapshot.h"
#include "plugin/plugload.h"
#include "proc/chan.h"
#include "proc/osenv.h"
#include "proc/role.h"

#include <stdio.h>
#include <string.h>

enum { PLUGIN_FD = CHILD_CHANNEL_FD + 1, ENVIRONMENT_FD, MOST_REQUEST_KINDS = 64 };

struct request_count {
	char service[32];
	int http_status;
	int64_t count, bytes;
};

/* A plugin's callbacks carry no context of ours: there is one region in this process. */
static struct {
	struct osenv environment;
	struct request_count requests[MOST_REQUEST_KINDS];
	size_t n_requests;
} self;

__attribute__((format(printf, 2, 3))) static void plugin_log(
	enum gpubroker_level level, const char *format, ...)
{
	char text[1024];
	va_list ap;

	va_start(ap, format);
	vsnprintf(text, sizeof(text), format, ap);
	va_end(ap);
	log_at((enum log_level)level, "%s", text);
}

static const char *plugin_environment(const char *name)
{
	return osenv_get(&self.environment, name);
}

static void plugin_count_request(const char *service, int http_status, uint64_t received_bytes)
{
	struct request_count *r = self.requests;
	size_t i = 0;

	while (i < self.n_requests &&
		(r[i].http_status != http_status || strcmp(r[i].service, service) != 0)) {
		i++;
	}
	if (i == MOST_REQUEST_KINDS) {
		return;
	}
	if (i == self.n_requests) {
		r[i] = (struct request_count){.http_status = http_status};
		snprintf(r[i].service, sizeof(r[i].service), "%s", service);
		self.n_requests++;
	}
	r[i].count++;
	r[i].bytes += (int64_t)received_bytes;
}

static void send_requests(void)
{
	_cleanup_(value_freep) struct value *message = value_new(VALUE_GROUP, NULL);
	struct value *list = message ? value_add_list(message, "requests") : NULL;

	for (size_t i = 0; list && i < self.n_requests; i++) {
		struct value *item = value_add_group(list, NULL);

		if (item) {
			value_add_string(item, "service", self.requests[i].service);
			value_add_integer(item, "code", self.requests[i].http_status);
			value_add_integer(item, "count", self.requests[i].count);
			value_add_integer(item, "bytes", self.requests[i].bytes);
		}
	}
	if (list && self.n_requests > 0) {
		peer_send_value(CHILD_CHANNEL_FD, MSG_REQUESTS, message);
	}
	self.n_requests = 0;
}

static int send_failure(int64_t number, const struct gpubroker_error *error)
{
	_cleanup_(value_freep) struct value *message = value_new(VALUE_GROUP, NULL);

	if (!message || !value_add_integer(message, "number", number) ||
		!value_add_string(message, "code", gpubroker_code_word(error->code)) ||
		!value_add_string(message, "text", error->text)) {
		return -1;
	}
	return peer_send_value(CHILD_CHANNEL_FD, MSG_FAILED, message);
}

/* One reading: collected, counted, written, sent. */
static int read_region(const struct gpubroker_plugin *plugin, void *plugin_self,
	const struct value *config, struct gpubroker_error *reterr)
{
	_cleanup_(inventory_finish) struct gpubroker_inventory inventory = {0};
	_cleanup_(snapshot_unrefp) struct snapshot *snapshot = NULL;
	_cleanup_(strbuf_finish) struct strbuf json = {0};
	int64_t began = mono_ms();
	struct snapshot_origin origin = {.region = value_string(config, "region"),
		.broker = value_string(config, "broker"),
		.observed_at_ms = wall_ms()};
	int r = plugin->collect(plugin_self, &inventory, reterr);

	if (r < 0) {
		return r;
	}
	origin.duration_ms = mono_ms() - began;
	origin.model = snapshot_model_of(&inventory);
	r = snapshot_count(&snapshot, &inventory, &origin, reterr);
	if (r < 0) {
		return r;
	}
	snapshot_write_json(snapshot, &json);
	if (json.failed) {
		return gpubroker_fail(reterr, GPUBROKER_E_INTERNAL, "no memory for the snapshot");
	}
	if (json.len > FRAME_MAX_BYTES) {
		return gpubroker_fail(reterr, GPUBROKER_E_LIMIT,
			"the snapshot of %zu bytes is over the cap of %d", json.len,
			(int)FRAME_MAX_BYTES);
	}
	send_requests();
	return peer_send(CHILD_CHANNEL_FD, MSG_SNAPSHOT, json.data, json.len) < 0 ? 1 : 0;
}

static int serve(const struct gpubroker_plugin *plugin, void *plugin_self,
	const struct value *config, struct frame_reader *reader)
{
	struct gpubroker_error error;
	struct frame frame;

	while (peer_receive(CHILD_CHANNEL_FD, reader, &frame) == 0) {
		_cleanup_(value_freep) struct value *message = NULL;
		int r;

		if (frame.type == MSG_SHUTDOWN) {
			return 0;
		}
		if (frame.type != MSG_POLL) {
			continue;
		}
		message = value_decode(frame.data, frame.n);
		error = (struct gpubroker_error){0};
		r = read_region(plugin, plugin_self, config, &error);
		if (r < 0) {
			if (error.code == GPUBROKER_OK) {
				gpubroker_fail(&error, GPUBROKER_E_INTERNAL,
					"the plugin failed with %d and no reason", r);
			}
			send_requests();
			send_failure(value_integer(message, "number", 0), &error);
		}
	}
	return 0; /* the parent is gone */
}

static const struct gpubroker_option no_options[] = {{.key = NULL}};

/* Fills the plugin's struct, opens it, serves, closes. */
static int run_plugin(const struct gpubroker_plugin *plugin, const struct gpubroker_core *core,
	const struct value *config, struct frame_reader *reader, struct gpubroker_error *reterr)
{
	const struct gpubroker_option *options = plugin->options ? plugin->options : no_options;
	_cleanup_(freep) void *plugin_self = calloc(1, MAX(plugin->self_size, (size_t)1));
	int r;

	if (!plugin_self) {
		return gpubroker_fail(reterr, GPUBROKER_E_INTERNAL, "no memory");
	}
	r = option_fill(
		options, value_get(config, "options"), plugin_self, option_read_secret, reterr);
	if (r == 0) {
		r = plugin->open(plugin_self, core, reterr);
		if (r == 0) {
			peer_send(CHILD_CHANNEL_FD, MSG_HELLO, NULL, 0);
			serve(plugin, plugin_self, config, reader);
		}
		plugin->close(plugin_self);
	}
	option_free(options, plugin_self);
	return r;
}

static struct gpubroker_core core_for(const struct value *config)
{
	return (struct gpubroker_core){.abi = GPUBROKER_PLUGIN_ABI,
		.size = sizeof(struct gpubroker_core),
		.region = value_string(config, "region"),
		.broker_version = value_string(config, "version"),
		.deadline_ms = value_integer(config, "deadline_ms", 0),
		.log = plugin_log,
		.mono_ms = mono_ms,
		.wall_ms = wall_ms,
		.environment = plugin_environment,
		.add_host = inventory_add_host,
		.add_flavor = inventory_add_flavor,
		.add_counted_flavor = inventory_add_counted_flavor,
		.count_request = plugin_count_request,
		.set_capacity_model = inventory_set_capacity_model};
}

int worker_main(const char *name)
{
	_cleanup_(frame_reader_finish) struct frame_reader reader = {0};
	_cleanup_(value_freep) struct value *config = NULL;
	const struct gpubroker_plugin *plugin;
	struct gpubroker_error error = {0};
	struct gpubroker_core core;
	char who[96];
	int r;

	snprintf(who, sizeof(who), "worker %s", name ? name : "?");
	config = role_begin(who, CONFINE_WORKER, &reader);
	if (!config) {
		return 1;
	}
	if (value_boolean(config, "has_environment", false) &&
		osenv_read(&self.environment, ENVIRONMENT_FD) < 0) {
		return 1;
	}
	core = core_for(config);
	r = plugin_load_fd(PLUGIN_FD, value_string(config, "plugin"), &plugin, &error);
	if (r == 0) {
		r = run_plugin(plugin, &core, config, &reader, &error);
	}
	if (r < 0) {
		send_failure(0, &error);
	}
	osenv_finish(&self.environment);
	return r < 0 ? 1 : 0;
}
