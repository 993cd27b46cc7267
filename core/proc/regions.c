/* SPDX-License-Identifier: Apache-2.0 */
/* One region in the parent: its worker, its polls, its newest snapshot. */
#include "base/log.h"
#include "base/mono.h"
#include "model/snapshot.h"
#include "plugin/plugload.h"
#include "proc/backoff.h"
#include "proc/parent.h"

#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <unistd.h>

enum {
	FUTURE_MS = 60 * 1000,
	LONGEST_RESTART_MS = 10 * 1000,
	DEATHS_OF_A_CRASH =
		3, /* so many in a row before HELLO are the plugin's fault, not somebody's kill */
};

static uint32_t random_number(void)
{
	uint32_t number = 0;

	if (getrandom(&number, sizeof(number), GRND_NONBLOCK) < 0) {
		number = (uint32_t)mono_ms();
	}
	return number;
}

struct region *find_region(struct parent *p, const char *name)
{
	for (size_t i = 0; i < p->n_regions; i++) {
		if (str_equal(p->regions[i]->status.name, name)) {
			return p->regions[i];
		}
	}
	return NULL;
}

static void plan_poll(struct region *r, int64_t in_ms)
{
	loop_arm(r->parent->loop, &r->poll_timer, mono_ms() + in_ms);
	r->status.next_refresh_ms = wall_ms() + in_ms;
}

static void set_error_text(struct region *r, const char *text)
{
	free(r->status.error_text);
	r->status.error_text = text ? strdup(text) : NULL;
}

/* A poll is over without a snapshot. */
static void poll_failed(struct region *r, enum gpubroker_code code, const char *text)
{
	int64_t wait_ms;

	loop_disarm(r->parent->loop, &r->deadline_timer);
	r->polling = false;
	r->failures++;
	wait_ms = backoff_poll_ms(
		r->conf->poll.interval_s * 1000, r->failures, code, random_number());
	plan_poll(r, wait_ms);
	r->status.code = code;
	r->status.attempted = true;
	if (r->status.failed_since_ms == 0) {
		r->status.failed_since_ms = wall_ms();
	}
	set_error_text(r, text);
	feed_count_failure(r, code);
	sinks_mark_status(r);
	log_warn("region failed region=%s code=%s failures=%u next_poll_s=%lld error=\"%s\"",
		r->status.name, gpubroker_code_word(code), r->failures, (long long)(wait_ms / 1000),
		text);
}

static void poll_succeeded(struct region *r)
{
	int64_t duration_ms = mono_ms() - r->poll_began_ms;

	loop_disarm(r->parent->loop, &r->deadline_timer);
	if (r->failures > 0) {
		log_info("region is back region=%s after_failures=%u", r->status.name, r->failures);
	}
	r->polling = false;
	r->failures = r->deaths = 0;
	r->status.code = GPUBROKER_OK;
	r->status.attempted = true;
	r->status.failed_since_ms = 0;
	set_error_text(r, NULL);
	r->counters.last_success_ms = wall_ms();
	feed_count_duration(r->parent, duration_ms);
	plan_poll(r,
		backoff_poll_ms(r->conf->poll.interval_s * 1000, 0, GPUBROKER_OK, random_number()));
	sinks_mark_status(r);
	log_debug("region read region=%s duration_ms=%lld bytes=%zu", r->status.name,
		(long long)duration_ms, r->json_n);
}

/* 1: an older one than what is there. A reading of our own is never older: were it so, the clock was put back. */
static int take_snapshot(struct region *r, const struct snapshot *snapshot, bool own,
	const char *json, size_t n, struct gpubroker_error *reterr)
{
	char *copy;

	if (snapshot->observed_at_ms > wall_ms() + FUTURE_MS) {
		return gpubroker_fail(reterr, GPUBROKER_E_BAD_REPLY, "a snapshot from the future");
	}
	if (!own && r->json && snapshot->observed_at_ms < r->observed_at_ms) {
		return 1;
	}
	copy = malloc(n);
	if (!copy) {
		return gpubroker_fail(reterr, GPUBROKER_E_INTERNAL, "no memory");
	}
	memcpy(copy, json, n);
	free(r->json);
	r->json = copy;
	r->json_n = n;
	r->observed_at_ms = snapshot->observed_at_ms;
	sinks_mark_snapshot(r);
	return 0;
}

int regions_offer_snapshot(struct parent *p, const struct region *expected, const char *json,
	size_t n, struct gpubroker_error *reterr)
{
	_cleanup_(snapshot_unrefp) struct snapshot *snapshot = NULL;
	struct region *r;
	int e = snapshot_read_json(&snapshot, json, n, reterr);

	if (e < 0) {
		return e;
	}
	r = find_region(p, snapshot->region);
	if (!r || (expected && r != expected)) {
		return gpubroker_fail(reterr, GPUBROKER_E_BAD_REPLY,
			"a snapshot of another region: %s", snapshot->region);
	}
	return take_snapshot(r, snapshot, expected != NULL, json, n, reterr);
}

static void send_poll(struct region *r)
{
	_cleanup_(value_freep) struct value *message = value_new(VALUE_GROUP, NULL);

	if (!message || !value_add_integer(message, "number", ++r->poll_number)) {
		plan_poll(r, r->conf->poll.interval_s * 1000);
		return;
	}
	r->polling = true;
	r->poll_began_ms = mono_ms();
	loop_arm(r->parent->loop, &r->deadline_timer,
		r->poll_began_ms + r->conf->poll.deadline_s * 1000);
	chan_send_value(child_chan(r->worker), MSG_POLL, message);
}

static void on_poll_time(void *context)
{
	struct region *r = context;

	if (r->ready && !r->polling && !r->parent->ending) {
		send_poll(r);
	}
}

static void on_deadline(void *context)
{
	struct region *r = context;
	char text[120];

	snprintf(text, sizeof(text), "%s within the deadline of %lld s",
		r->polling ? "no answer" : "the plugin has not opened the region",
		(long long)r->conf->poll.deadline_s);
	r->startup_failed = !r->ready;
	poll_failed(r, GPUBROKER_E_TIMEOUT, text);
	if (r->worker) {
		child_kill(r->worker);
	}
}

static void on_failed(struct region *r, const struct frame *frame)
{
	_cleanup_(value_freep) struct value *message = value_decode(frame->data, frame->n);
	const char *text = value_string(message, "text");
	enum gpubroker_code code = GPUBROKER_E_INTERNAL;

	if (!message || !text || !gpubroker_code_parse(value_string(message, "code"), &code)) {
		child_kill(r->worker);
		return;
	}
	r->startup_failed = value_integer(message, "number", 0) == 0;
	if (r->polling || r->startup_failed) {
		poll_failed(r, code, text);
	}
	if (code == GPUBROKER_E_AUTH && !r->startup_failed) {
		r->startup_failed =
			true; /* the next worker reads the files with the password again */
		child_kill(r->worker);
	}
}

static void on_snapshot(struct region *r, const struct frame *frame)
{
	struct gpubroker_error error = {0};
	int e = regions_offer_snapshot(r->parent, r, frame->data, frame->n, &error);

	if (!r->polling) {
		return;
	}
	if (e < 0) {
		poll_failed(r, GPUBROKER_E_INTERNAL, error.text);
	} else {
		poll_succeeded(r);
	}
}

static void on_requests(struct region *r, const struct frame *frame)
{
	_cleanup_(value_freep) struct value *message = value_decode(frame->data, frame->n);

	if (message) {
		feed_count_requests(r, message);
	}
}

static void on_hello(struct region *r, struct child *child)
{
	if (r->ready) {
		child_kill(child); /* once is enough */
		return;
	}
	r->ready = true;
	loop_disarm(r->parent->loop, &r->deadline_timer);
	if (!r->poll_timer.armed) {
		send_poll(r);
	}
}

static void on_frame(void *context, struct child *child, const struct frame *frame)
{
	struct region *r = context;

	switch (frame->type) {
	case MSG_HELLO:
		on_hello(r, child);
		break;
	case MSG_SNAPSHOT:
		on_snapshot(r, frame);
		break;
	case MSG_FAILED:
		on_failed(r, frame);
		break;
	case MSG_REQUESTS:
		on_requests(r, frame);
		break;
	default:
		log_warn("worker sent what it must not region=%s type=%d", r->status.name,
			(int)frame->type);
		child_kill(child);
		break;
	}
}

static void on_ended(void *context, struct child *child, const char *how)
{
	struct region *r = context;
	bool opened = r->ready;
	int64_t wait_ms;
	char text[240];

	r->deaths = r->polling || !opened || child_age_ms(child) < 1000 ? r->deaths + 1 : 1;
	child_free(child);
	loop_disarm(r->parent->loop, &r->deadline_timer);
	r->worker = NULL;
	r->ready = false;
	if (r->parent->ending) {
		return;
	}
	if (r->startup_failed) {
		/* It has told why; it will be tried again at the time of the next poll. */
		loop_arm(r->parent->loop, &r->restart_timer, MAX(r->poll_timer.at_ms, mono_ms()));
		loop_disarm(r->parent->loop, &r->poll_timer);
		return;
	}
	r->counters.restarts++;
	wait_ms = backoff_restart_ms(r->deaths, LONGEST_RESTART_MS);
	log_warn("worker ended region=%s how=\"%s\" restart_ms=%lld", r->status.name, how,
		(long long)wait_ms);
	if (r->polling || (!opened && r->deaths >= DEATHS_OF_A_CRASH)) {
		snprintf(text, sizeof(text), "the worker ended %s: %s",
			r->polling ? "in the middle of a reading"
				   : "before it had opened the region",
			how);
		poll_failed(r, GPUBROKER_E_CRASHED, text);
	}
	loop_arm(r->parent->loop, &r->restart_timer, mono_ms() + wait_ms);
}

static const struct child_calls worker_calls = {.frame = on_frame, .ended = on_ended};

static struct value *worker_config(const struct region *r)
{
	_cleanup_(value_freep) struct value *config = value_new(VALUE_GROUP, NULL);
	struct value *options = value_copy(r->conf->options);

	if (!config || !options) {
		value_free(options);
		return NULL;
	}
	free(options->key);
	options->key = strdup("options");
	if (!value_append(config, options) || !options->key ||
		!value_add_string(config, "region", r->conf->name) ||
		!value_add_string(config, "plugin", r->conf->plugin) ||
		!value_add_string(config, "broker", r->parent->broker) ||
		!value_add_string(config, "version", GPUBROKER_VERSION) ||
		!value_add_integer(config, "log_level", log_level_now()) ||
		!value_add_integer(config, "deadline_ms", r->conf->poll.deadline_s * 1000) ||
		!value_add_boolean(config, "has_environment", r->conf->from_environment)) {
		return NULL;
	}
	return TAKE_PTR(config);
}

static void start_worker(struct region *r)
{
	_cleanup_(value_freep) struct value *config = worker_config(r);
	const int fds[] = {r->plugin_fd, r->parent->environment_fd};
	const struct child_spec spec = {.role = "worker",
		.name = r->conf->name,
		.fds = fds,
		.n_fds = r->conf->from_environment ? 2 : 1,
		.network = true};
	int e = config ? child_start(&r->worker, &r->parent->host, &spec, &worker_calls, r) : -1;

	r->startup_failed = false;
	if (e < 0) {
		log_error("cannot start a worker region=%s error=\"%s\"", r->status.name,
			strerror(-e));
		loop_arm(r->parent->loop, &r->restart_timer, mono_ms() + 1000);
		return;
	}
	chan_send_value(child_chan(r->worker), MSG_CONFIG, config);
	loop_arm(r->parent->loop, &r->deadline_timer, mono_ms() + r->conf->poll.deadline_s * 1000);
	log_debug("worker started region=%s pid=%d", r->status.name, (int)child_pid(r->worker));
}

static void on_restart_time(void *context)
{
	struct region *r = context;

	if (!r->worker && r->status.enabled && !r->parent->ending) {
		start_worker(r);
	}
}

static char *copy_or_null(const char *s)
{
	return s && *s ? strdup(s) : NULL;
}

static bool take_settings(struct region *r, const struct conf_region *conf)
{
	struct region_status *s = &r->status;

	r->conf = conf;
	free(s->name);
	free(s->title);
	free(s->site);
	free(s->plugin);
	free(s->maintenance);
	s->name = strdup(conf->name);
	s->title = strdup(conf->title);
	s->site = strdup(conf->site);
	s->plugin = strdup(conf->plugin);
	s->maintenance = copy_or_null(conf->maintenance);
	s->enabled = conf->enabled;
	s->interval_ms = conf->poll.interval_s * 1000;
	s->stale_after_ms = conf->poll.stale_after_s * 1000;
	return s->name && s->title && s->site && s->plugin;
}

struct region *region_new(struct parent *p, const struct conf_region *conf)
{
	struct region *r = calloc(1, sizeof(*r));
	struct gpubroker_error error = {0};

	if (!r) {
		return NULL;
	}
	r->parent = p;
	r->plugin_fd = -1;
	r->poll_timer = (struct loop_timer){.call = on_poll_time, .context = r};
	r->deadline_timer = (struct loop_timer){.call = on_deadline, .context = r};
	r->restart_timer = (struct loop_timer){.call = on_restart_time, .context = r};
	if (!take_settings(r, conf) ||
		plugin_open_file(p->conf->plugin_dir, conf->plugin, &r->plugin_fd, &error) < 0) {
		log_error(
			"region cannot be started region=%s error=\"%s\"", conf->name, error.text);
		region_free(r);
		return NULL;
	}
	return r;
}

static void stop_worker(struct region *r)
{
	struct loop *l = r->parent->loop;

	loop_disarm(l, &r->poll_timer);
	loop_disarm(l, &r->deadline_timer);
	loop_disarm(l, &r->restart_timer);
	child_free(r->worker);
	r->worker = NULL;
	r->ready = r->polling = false;
	r->failures = r->deaths = 0;
	r->status.next_refresh_ms = 0;
}

void region_free(struct region *r)
{
	if (!r) {
		return;
	}
	stop_worker(r);
	if (r->plugin_fd >= 0) {
		close(r->plugin_fd);
	}
	region_status_finish(&r->status);
	free(r->json);
	free(r);
}

void region_start(struct region *r)
{
	if (r->status.enabled && r->status.next_refresh_ms == 0) {
		r->status.next_refresh_ms = wall_ms(); /* as soon as its worker is there */
	}
	if (r->status.enabled && !r->worker && !r->restart_timer.armed) {
		start_worker(r);
	}
}

void region_restart(struct region *r)
{
	struct gpubroker_error error = {0};
	int fd;

	stop_worker(r);
	if (plugin_open_file(r->parent->conf->plugin_dir, r->conf->plugin, &fd, &error) < 0) {
		log_error("the plugin as it was is used on region=%s error=\"%s\"", r->status.name,
			error.text);
	} else {
		close(r->plugin_fd);
		r->plugin_fd = fd;
	}
	region_start(r);
}

void region_reconfigure(struct region *r, const struct conf_region *conf)
{
	int64_t interval_ms = r->status.interval_ms;

	take_settings(r, conf);
	sinks_mark_status(r);
	if (!r->status.enabled) {
		stop_worker(r);
	} else if (!r->worker) {
		region_start(r);
	} else if (interval_ms != r->status.interval_ms && r->poll_timer.armed) {
		plan_poll(r, backoff_poll_ms(r->status.interval_ms, r->failures, r->status.code,
				     random_number()));
	}
}

void region_poll_now(struct region *r)
{
	int64_t since_last = mono_ms() - r->poll_began_ms;

	if (!r->worker && r->startup_failed && r->restart_timer.armed) {
		loop_arm(r->parent->loop, &r->restart_timer, mono_ms()); /* it may open now */
		return;
	}
	if (!r->ready || r->polling) {
		return;
	}
	if (r->poll_number > 0 && since_last < r->conf->poll.min_interval_s * 1000) {
		plan_poll(r, r->conf->poll.min_interval_s * 1000 - since_last);
		return;
	}
	loop_disarm(r->parent->loop, &r->poll_timer);
	send_poll(r);
}
