/* SPDX-License-Identifier: Apache-2.0 */
/* The two children that get everything: rest and storer. What has to be said is marked, and sent as fast as the
 * child reads; marks that pile up meanwhile for one region become one frame. */
#include "base/log.h"
#include "base/mono.h"
#include "proc/backoff.h"
#include "proc/parent.h"

#include <string.h>

enum {
	LONGEST_RESTART_MS = 1000,
	LONG_ENOUGH_MS = 1000,
	WATCH_MS = 2000,
	/* Looks, not a time: after a pause of the whole machine nobody is to blame. */
	MOST_SILENT = 10,
};

static const char *const role_words[N_SINKS] = {[SINK_REST] = "rest", [SINK_STORER] = "storer"};

static struct value *regions_message(const struct parent *p)
{
	_cleanup_(value_freep) struct value *message = value_new(VALUE_GROUP, NULL);
	struct value *list = message ? value_add_list(message, "regions") : NULL;

	if (!list) {
		return NULL;
	}
	for (size_t i = 0; i < p->n_regions; i++) {
		if (!value_append(list, region_status_to_value(&p->regions[i]->status))) {
			return NULL;
		}
	}
	if (*p->conf->rest.default_region &&
		!value_add_string(message, "default_region", p->conf->rest.default_region)) {
		return NULL;
	}
	return TAKE_PTR(message);
}

static void send_value(struct sink *s, enum message_type type, struct value *taken)
{
	_cleanup_(value_freep) struct value *message = taken;

	if (message) {
		chan_send_value(child_chan(s->child), type, message);
	}
}

static bool can_send(const struct sink *s)
{
	return s->child && chan_is_drained(child_chan(s->child));
}

static void send_region(struct sink *s, struct region *r)
{
	if (r->snapshot_dirty[s->kind] && r->json) {
		chan_send(child_chan(s->child), MSG_SNAPSHOT, r->json, r->json_n);
	}
	if (r->status_dirty[s->kind]) {
		send_value(s, MSG_REGION, region_status_to_value(&r->status));
	}
	r->snapshot_dirty[s->kind] = r->status_dirty[s->kind] = false;
}

static void send_pong(struct sink *s)
{
	if (can_send(s) && s->ping_dirty) {
		s->ping_dirty = false;
		chan_send(child_chan(s->child), MSG_PONG, s->ping, sizeof(s->ping));
	}
}

static void pump(struct sink *s)
{
	struct parent *p = s->parent;

	send_pong(s);
	if (can_send(s) && s->regions_dirty) {
		s->regions_dirty = false;
		send_value(s, MSG_REGIONS, regions_message(p));
	}
	for (size_t i = 0; i < p->n_regions && can_send(s); i++) {
		send_region(s, p->regions[i]);
	}
	if (can_send(s) && !s->complete) {
		s->complete = true;
		chan_send(child_chan(s->child), MSG_COMPLETE, NULL, 0);
	}
}

static void pump_all(struct parent *p)
{
	for (size_t i = 0; i < N_SINKS; i++) {
		pump(&p->sinks[i]);
	}
}

void sinks_mark_snapshot(struct region *r)
{
	for (size_t i = 0; i < N_SINKS; i++) {
		r->snapshot_dirty[i] = true;
	}
	pump_all(r->parent);
}

void sinks_mark_status(struct region *r)
{
	for (size_t i = 0; i < N_SINKS; i++) {
		r->status_dirty[i] = true;
	}
	pump_all(r->parent);
	sinks_mark_metrics(r->parent);
}

void sinks_mark_regions(struct parent *p)
{
	for (size_t i = 0; i < N_SINKS; i++) {
		p->sinks[i].regions_dirty = true;
	}
	pump_all(p);
}

/* Metrics go out together a little later, however much happens meanwhile. */
void sinks_mark_metrics(struct parent *p)
{
	p->sinks[SINK_REST].metrics_dirty = true;
	if (!p->metrics_timer.armed) {
		loop_arm(p->loop, &p->metrics_timer, mono_ms() + 200);
	}
}

void sinks_send_metrics(struct parent *p)
{
	struct sink *s = &p->sinks[SINK_REST];

	if (can_send(s) && s->metrics_dirty) {
		s->metrics_dirty = false;
		send_value(s, MSG_METRICS, feed_metrics(p));
	}
}

static void on_found(struct parent *p, const struct frame *frame)
{
	struct gpubroker_error error = {0};

	int r = regions_offer_snapshot(p, NULL, frame->data, frame->n, &error);

	if (r < 0) {
		log_warn("snapshot in a store ignored error=\"%s\"", error.text);
	}
	if (r != 0) {
		p->ignored_snapshots++;
		sinks_mark_metrics(p);
	}
}

static void on_cache_stats(struct parent *p, const struct frame *frame)
{
	struct value *message = value_decode(frame->data, frame->n);

	if (message) {
		value_free(p->cache_operations);
		p->cache_operations = message;
		sinks_mark_metrics(p);
	}
}

static void on_ping(struct sink *s, struct child *child, const struct frame *frame)
{
	if (child != s->child) {
		return; /* one that is about to end */
	}
	s->silent = 0;
	if (frame->n == sizeof(s->ping)) {
		memcpy(s->ping, frame->data, frame->n);
		s->ping_dirty = true;
		send_pong(s);
	}
	service_alive(s->parent);
}

static void on_hello(struct sink *s, const struct child *child)
{
	log_debug("%s ready pid=%d", role_words[s->kind], (int)child_pid(child));
	if (child == s->child) {
		s->ready = true;
		service_settle(s->parent);
	}
}

/* Each child may say what is its to say: rest speaks to strangers and is not believed a snapshot. */
static void on_frame(void *context, struct child *child, const struct frame *frame)
{
	struct sink *s = context;

	if (frame->type == MSG_HELLO) {
		on_hello(s, child);
	} else if (frame->type == MSG_PING && s->kind == SINK_REST) {
		on_ping(s, child, frame);
	} else if (frame->type == MSG_SNAPSHOT && s->kind == SINK_STORER) {
		on_found(s->parent, frame);
	} else if (frame->type == MSG_CACHE_STATS && s->kind == SINK_STORER) {
		on_cache_stats(s->parent, frame);
	} else if (frame->type != MSG_FOUND_ALL || s->kind != SINK_STORER) {
		log_warn("%s sent what it must not type=%d", role_words[s->kind], (int)frame->type);
		child_kill(child);
	}
}

/* rest pings every second as long as its loop turns. One that has stopped turning is worth as much as a dead one. */
static void on_watch_time(void *context)
{
	struct sink *s = context;

	loop_arm(s->parent->loop, &s->watch_timer, mono_ms() + WATCH_MS);
	if (!s->child || s->parent->ending || ++s->silent < MOST_SILENT) {
		return;
	}
	log_error(
		"%s has been silent for %d s", role_words[s->kind], MOST_SILENT * WATCH_MS / 1000);
	child_kill(s->child);
}

static void on_drained(void *context, struct child *child)
{
	struct sink *s = context;

	pump(s);
	if (s->metrics_dirty && !s->parent->metrics_timer.armed) {
		sinks_mark_metrics(s->parent);
	}
}

static bool was_retired(struct parent *p, const struct child *child)
{
	for (size_t i = 0; i < MOST_RETIRED; i++) {
		if (p->retired[i] == child) {
			p->retired[i] = NULL;
			return true;
		}
	}
	return false;
}

static void on_ended(void *context, struct child *child, const char *how)
{
	struct sink *s = context;
	int64_t wait_ms, age_ms = child_age_ms(child);
	bool retired = was_retired(s->parent, child);

	child_free(child);
	if (!retired) {
		s->child = NULL;
		s->ready = false;
	}
	if (s->parent->ending) {
		parent_child_gone(s->parent);
	}
	if (retired || s->parent->ending) {
		return;
	}
	s->deaths = age_ms >= LONG_ENOUGH_MS ? 1 : s->deaths + 1;
	wait_ms = backoff_restart_ms(s->deaths, LONGEST_RESTART_MS);
	log_warn("%s ended how=\"%s\" restart_ms=%lld", role_words[s->kind], how,
		(long long)wait_ms);
	if (wait_ms == 0) {
		sink_start(s);
	} else {
		loop_arm(s->parent->loop, &s->restart_timer, mono_ms() + wait_ms);
	}
}

static const struct child_calls sink_calls = {
	.frame = on_frame, .drained = on_drained, .ended = on_ended};

static void on_restart_time(void *context)
{
	struct sink *s = context;

	if (!s->child && !s->parent->ending) {
		sink_start(s);
	}
}

void sink_init(struct parent *p, enum sink_kind kind)
{
	p->sinks[kind] = (struct sink){
		.parent = p,
		.kind = kind,
		.restart_timer = {.call = on_restart_time, .context = &p->sinks[kind]},
		.watch_timer = {.call = on_watch_time,   .context = &p->sinks[kind]}
        };
}

static bool add_copy(struct value *to, const char *key, const struct value *group)
{
	struct value *copy = group ? value_copy(group) : value_new(VALUE_GROUP, NULL);

	if (!copy) {
		return false;
	}
	free(copy->key);
	copy->key = strdup(key);
	return value_append(to, copy) && copy->key;
}

static bool fill_rest_config(const struct parent *p, struct value *config, size_t n_listen)
{
	return value_add_integer(config, "n_listen", (int64_t)n_listen) &&
	       value_add_integer(config, "cold_wait_s", p->conf->poll.cold_wait_s) &&
	       add_copy(config, "rest", value_get(p->tree, "rest"));
}

static bool fill_storer_config(const struct parent *p, struct value *config)
{
	const struct conf_cache *cache = &p->conf->cache;
	struct value *servers = value_add_list(config, "servers");

	for (size_t i = 0; servers && i < cache->servers.n; i++) {
		value_add_string(servers, NULL, cache->servers.items[i]);
	}
	return servers && value_add_string(config, "state_dir", p->conf->state_dir) &&
	       value_add_string(config, "backend", cache->backend) &&
	       value_add_string(config, "prefix", cache->prefix) &&
	       value_add_integer(config, "expire_s", cache->expire_s) &&
	       value_add_boolean(config, "legacy_keys", cache->legacy_keys) &&
	       value_add_boolean(config, "probe", p->settings->probe_memcached);
}

static struct value *sink_config(const struct sink *s, size_t n_listen)
{
	_cleanup_(value_freep) struct value *config = value_new(VALUE_GROUP, NULL);

	if (!config || !value_add_integer(config, "log_level", log_level_now()) ||
		!value_add_string(config, "version", GPUBROKER_VERSION)) {
		return NULL;
	}
	return (s->kind == SINK_REST ? fill_rest_config(s->parent, config, n_listen)
				     : fill_storer_config(s->parent, config))
		       ? TAKE_PTR(config)
		       : NULL;
}

static size_t collect_listen_fds(const struct parent *p, int fds[])
{
	size_t n = 0;

	for (size_t i = 0; i < p->n_listeners; i++) {
		for (size_t j = 0; j < p->listeners[i].n_fds && n < MOST_LISTEN_FDS; j++) {
			fds[n++] = p->listeners[i].fds[j];
		}
	}
	return n;
}

void sink_start(struct sink *s)
{
	int fds[MOST_LISTEN_FDS];
	size_t n_fds = s->kind == SINK_REST ? collect_listen_fds(s->parent, fds) : 0;
	_cleanup_(value_freep) struct value *config = sink_config(s, n_fds);
	const struct child_spec spec = {.role = role_words[s->kind],
		.fds = fds,
		.n_fds = n_fds,
		.network = s->kind == SINK_STORER};
	int e = config ? child_start(&s->child, &s->parent->host, &spec, &sink_calls, s) : -1;

	if (e < 0) {
		log_error("cannot start %s error=\"%s\"", role_words[s->kind], strerror(-e));
		loop_arm(s->parent->loop, &s->restart_timer, mono_ms() + LONGEST_RESTART_MS);
		return;
	}
	s->complete = s->ping_dirty = s->ready = false;
	s->silent = 0;
	if (s->kind == SINK_REST) {
		loop_arm(s->parent->loop, &s->watch_timer, mono_ms() + WATCH_MS);
	}
	s->regions_dirty = s->metrics_dirty = true;
	for (size_t i = 0; i < s->parent->n_regions; i++) {
		s->parent->regions[i]->snapshot_dirty[s->kind] = true;
	}
	chan_send_value(child_chan(s->child), MSG_CONFIG, config);
	pump(s);
	sinks_mark_metrics(s->parent);
}

void sink_ask_to_end(struct sink *s)
{
	if (s->child) {
		chan_send(child_chan(s->child), MSG_SHUTDOWN, NULL, 0);
	}
}

void sink_replace(struct sink *s)
{
	struct child *old = s->child;
	size_t i = 0;

	sink_ask_to_end(s);
	while (old && i < MOST_RETIRED && s->parent->retired[i]) {
		i++;
	}
	if (old && i < MOST_RETIRED) {
		s->parent->retired[i] = old;
	} else {
		child_free(old);
	}
	s->child = NULL;
	sink_start(s);
}
