/* SPDX-License-Identifier: Apache-2.0 */
/* The role `rest`: feeds the HTTP front with what the parent sends and asks the parent whether it is alive.
 * Descriptors: 3 the channel, 4 … the listening sockets.
 *
 * MSG_CONFIG: {log_level, version, n_listen, cold_wait_s, rest (group of conf_rest_keys)} */
#include "base/log.h"
#include "base/loop.h"
#include "base/mono.h"
#include "conf/conf.h"
#include "proc/chan.h"
#include "proc/role.h"
#include "rest/rest.h"

#include <string.h>
#include <unistd.h>

enum {
	FIRST_LISTEN_FD = CHILD_CHANNEL_FD + 1,
	MOST_LISTENERS = 64,
	PING_MS = 1000,
	FINISH_MS = 10000
};

struct front {
	struct loop *loop;
	struct chan *chan;
	struct rest *rest;
	struct loop_timer publish, ping;
	bool complete; /* all that the parent knows has come: before, a region would seem to have no data */
	int64_t finish_ms; /* how long requests in flight may take at the end */
};

static void on_publish(void *context)
{
	struct front *f = context;
	int64_t wait_ms = rest_publish(f->rest);

	if (wait_ms >= 0) {
		loop_arm(f->loop, &f->publish, mono_ms() + wait_ms);
	}
}

static void on_ping(void *context)
{
	struct front *f = context;
	int64_t now = mono_ms();

	chan_send(f->chan, MSG_PING, &now, sizeof(now));
	loop_arm(f->loop, &f->ping, now + PING_MS);
}

static void on_pong(struct front *f, const struct frame *frame)
{
	int64_t asked_ms;

	if (frame->n == sizeof(asked_ms)) {
		memcpy(&asked_ms, frame->data, sizeof(asked_ms));
		rest_set_alive(f->rest, asked_ms);
	}
}

static int on_regions(struct front *f, const struct value *message)
{
	const struct value *list = value_get(message, "regions");
	size_t n = list ? list->n_items : 0, filled = 0;
	_cleanup_(freep) struct region_status *statuses = calloc(n + 1, sizeof(*statuses));
	int r = -1;

	while (statuses && filled < n &&
		region_status_from_value(list->items[filled], &statuses[filled])) {
		filled++;
	}
	if (statuses && filled == n) {
		r = rest_set_regions(f->rest, statuses, n, value_string(message, "default_region"));
	}
	for (size_t i = 0; i < filled; i++) {
		region_status_finish(&statuses[i]);
	}
	return r;
}

static int on_region(struct front *f, const struct value *message)
{
	struct region_status status = {0};
	int r;

	if (!region_status_from_value(message, &status)) {
		return -1;
	}
	r = rest_set_region(f->rest, &status);
	region_status_finish(&status);
	return r;
}

static int on_metrics(struct front *f, const struct value *message)
{
	return rest_set_metrics(f->rest, message);
}

static int on_snapshot(struct front *f, const struct frame *frame)
{
	struct snapshot *snapshot;
	struct gpubroker_error error = {0};
	int r = snapshot_read_json(&snapshot, frame->data, frame->n, &error);

	if (r < 0) {
		log_error("snapshot refused error=\"%s\"", error.text);
		return r;
	}
	return rest_set_snapshot(f->rest, snapshot);
}

static const struct {
	enum message_type type;
	int (*call)(struct front *, const struct value *);
} value_messages[] = {
	{MSG_REGIONS, on_regions},
	{MSG_REGION,  on_region },
	{MSG_METRICS, on_metrics},
};

static void on_value_message(struct front *f, const struct frame *frame)
{
	for (size_t i = 0; i < ARRAY_SIZE(value_messages); i++) {
		if (value_messages[i].type == frame->type) {
			_cleanup_(value_freep) struct value *message =
				value_decode(frame->data, frame->n);

			if (!message || value_messages[i].call(f, message) < 0) {
				log_error("message could not be taken type=%d", (int)frame->type);
			}
			return;
		}
	}
}

static void on_frame(void *context, const struct frame *frame)
{
	struct front *f = context;

	switch (frame->type) {
	case MSG_SHUTDOWN:
		f->finish_ms = FINISH_MS;
		loop_stop(f->loop);
		return;
	case MSG_PONG:
		on_pong(f, frame);
		return;
	case MSG_SNAPSHOT:
		on_snapshot(f, frame);
		break;
	case MSG_COMPLETE:
		f->complete = true;
		break;
	default:
		on_value_message(f, frame);
		break;
	}
	if (f->complete && frame->type != MSG_METRICS) {
		loop_arm(f->loop, &f->publish, mono_ms());
	}
}

static void on_closed(void *context, const char *why)
{
	loop_stop(((struct front *)context)->loop);
}

static const struct chan_calls chan_calls = {.frame = on_frame, .closed = on_closed};

static int start_rest(struct front *f, const struct value *config)
{
	int fds[MOST_LISTENERS];
	size_t n_fds = MIN((size_t)value_integer(config, "n_listen", 0), (size_t)MOST_LISTENERS);
	struct conf_rest rest = {0};
	struct gpubroker_error error = {0};
	struct rest_settings settings;
	int r = option_fill(
		conf_rest_keys, value_get(config, "rest"), &rest, option_read_secret, &error);

	for (size_t i = 0; i < n_fds; i++) {
		fds[i] = FIRST_LISTEN_FD + (int)i;
	}
	settings = (struct rest_settings){
		.threads = rest.threads > 0 ? rest.threads : MAX(sysconf(_SC_NPROCESSORS_ONLN), 1),
		.max_connections = rest.max_connections,
		.max_connections_per_address = rest.max_connections_per_address,
		.requests_per_s_per_address = rest.requests_per_s_per_address,
		.idle_timeout_s = rest.idle_timeout_s,
		.cold_wait_ms = value_integer(config, "cold_wait_s", 25) * 1000,
		.trusted_proxies = (const char *const *)rest.trusted_proxies.items,
		.n_trusted_proxies = rest.trusted_proxies.n,
		.show_host_names = rest.show_host_names,
		.access_log = rest.access_log,
		.version = value_string(config, "version")};
	if (r == 0) {
		r = rest_new(&f->rest, &settings, fds, n_fds, &error);
	}
	option_free(conf_rest_keys, &rest);
	if (r < 0) {
		log_error("cannot serve error=\"%s\"", error.text);
	}
	return r;
}

int front_main(const char *name)
{
	struct frame_reader reader = {0};
	_cleanup_(value_freep) struct value *config = role_begin("rest", CONFINE_REST, &reader);
	struct front f = {
		.publish = {.call = on_publish, .context = &f},
		.ping = {.call = on_ping,    .context = &f}
        };
	const char *missing;

	if (!config || loop_new(&f.loop) < 0 ||
		chan_new(&f.chan, f.loop, CHILD_CHANNEL_FD, &chan_calls, &f) < 0 ||
		start_rest(&f, config) < 0) {
		return 1;
	}
	confine_sealed(&missing);
	if (missing) {
		log_debug("not fully sealed missing=%s", missing);
	}
	chan_send(f.chan, MSG_HELLO, NULL, 0);
	rest_set_alive(f.rest, mono_ms());
	on_ping(&f);
	chan_adopt(f.chan, &reader);
	loop_run(f.loop);
	rest_free(f.rest, f.finish_ms);
	chan_free(f.chan);
	loop_free(f.loop);
	return 0;
}
