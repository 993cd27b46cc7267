/* SPDX-License-Identifier: Apache-2.0 */
/* The role `storer`: keeps the regions' snapshots in memcached and in state_dir, and finds them there at the start.
 * Every call to a store may block up to the store's time-outs; only this process waits.
 *
 * MSG_CONFIG: {log_level, state_dir ("": none), backend, servers (list), prefix, expire_s, legacy_keys,
 *              probe: keep memcached only if it answers now} */
#include "base/log.h"
#include "base/loop.h"
#include "base/mono.h"
#include "model/region.h"
#include "proc/chan.h"
#include "proc/role.h"
#include "store/store.h"

#include <string.h>
#include <unistd.h>

enum { CONNECT_TIMEOUT_MS = 500, OPERATION_TIMEOUT_MS = 1000, RETRY_MS = 1000 };

enum { IN_CACHE = 0, ON_DISK, N_STORES };

struct kept_region {
	struct region_status status;
	struct snapshot *snapshot;
	bool dirty[N_STORES];
	bool looked_for;
};

struct kept_store {
	struct store *store;         /* NULL: not configured */
	bool failing;                /* it has been said */
	bool failed_now, worked_now; /* in the round that is under way */
	bool too_large;              /* it has been said that a value does not fit */
};

struct storer {
	struct loop *loop;
	struct chan *chan;
	struct kept_store stores[N_STORES];
	struct kept_region *regions;
	size_t n_regions;
	char *default_region;
	int64_t expire_ms;
	bool view_dirty;
	struct loop_timer work, renew;
	struct strbuf scratch;
};

static struct kept_region *find_region(struct storer *s, const char *name)
{
	for (size_t i = 0; i < s->n_regions; i++) {
		if (str_equal(s->regions[i].status.name, name)) {
			return &s->regions[i];
		}
	}
	return NULL;
}

/* Says once that a store fails. A value that is too large for it is no failure. */
static void note_result(struct storer *s, size_t which, int r, const struct gpubroker_error *error)
{
	struct kept_store *k = &s->stores[which];

	if (r == GPUBROKER_E_LIMIT) {
		if (!k->too_large) {
			log_warn("not kept store=%s error=\"%s\"", k->store->vtable->name,
				error->text);
		}
		k->too_large = true;
		r = 0;
	}

	if (r < 0 && !k->failing) {
		log_warn("store fails, going on from memory store=%s error=\"%s\"",
			k->store->vtable->name, error->text);
	}
	k->failing = k->failing || r < 0;
	k->failed_now = k->failed_now || r < 0;
	k->worked_now = k->worked_now || r >= 0;
}

/* Says once that it works again: after a round of writing in which nothing failed, for one of several servers may be
 * gone and the others well. */
static void note_round(struct storer *s, size_t which, bool all_written)
{
	struct kept_store *k = &s->stores[which];

	if (k->failing && k->worked_now && !k->failed_now && all_written) {
		log_info("store works again store=%s", k->store->vtable->name);
		k->failing = false;
	}
}

/* true: it is written, or there is nothing to be done about it. */
static bool write_region(struct storer *s, size_t which, struct kept_region *region)
{
	struct store *store = s->stores[which].store;
	struct gpubroker_error error = {0};
	int r;

	strbuf_clear(&s->scratch);
	snapshot_write_json(region->snapshot, &s->scratch);
	if (s->scratch.failed) {
		return false;
	}
	r = store->vtable->write_region(
		store, region->status.name, s->scratch.data, s->scratch.len, &error);
	note_result(s, which, r, &error);
	return r >= 0 || r == GPUBROKER_E_LIMIT;
}

static bool write_view(struct storer *s)
{
	_cleanup_(freep) struct view_input *inputs = calloc(s->n_regions + 1, sizeof(*inputs));
	_cleanup_(view_unrefp) struct view *view = NULL;
	struct store *store = s->stores[IN_CACHE].store;
	struct gpubroker_error error = {0};
	int r;

	if (!inputs) {
		return false;
	}
	for (size_t i = 0; i < s->n_regions; i++) {
		inputs[i] = (struct view_input){
			.status = &s->regions[i].status, .snapshot = s->regions[i].snapshot};
	}
	r = view_merge(&view, inputs, s->n_regions, s->default_region, wall_ms(), &error);
	if (r == 0 && view->oldest_observed_ms == 0) {
		return true; /* as long as nothing is known, nothing is said */
	}
	if (r == 0) {
		r = store->vtable->write_view(store, view, &error);
	}
	note_result(s, IN_CACHE, r, &error);
	return r >= 0 || r == GPUBROKER_E_LIMIT;
}

/* Goes on after a failure: a server that does not answer is left alone for a while, so that its keys cost no further
 * time-outs, and another server's keys are written. */
static bool write_dirty_regions(struct storer *s, size_t which)
{
	bool done = true;

	for (size_t i = 0; i < s->n_regions; i++) {
		struct kept_region *region = &s->regions[i];

		if (region->dirty[which] && region->snapshot) {
			region->dirty[which] = !write_region(s, which, region);
			done = done && !region->dirty[which];
		}
	}
	return done;
}

static void send_stats(struct storer *s)
{
	_cleanup_(value_freep) struct value *message = value_new(VALUE_GROUP, NULL);
	struct value *list = message ? value_add_list(message, "operations") : NULL;

	for (int op = 0; list && op < N_STORE_OPS; op++) {
		for (int result = 0; result < N_STORE_RESULTS; result++) {
			struct value *item;
			uint64_t count = 0;

			for (size_t which = 0; which < N_STORES; which++) {
				const struct store *store = s->stores[which].store;

				count += store ? store->stats.count[op][result] : 0;
			}
			item = count > 0 ? value_add_group(list, NULL) : NULL;
			if (item) {
				value_add_string(item, "op", store_op_word((enum store_op)op));
				value_add_string(item, "result",
					store_result_word((enum store_result)result));
				value_add_integer(item, "count", (int64_t)count);
			}
		}
	}
	if (list) {
		chan_send_value(s->chan, MSG_CACHE_STATS, message);
	}
}

/* false: something is left to be written. */
static bool write_store(struct storer *s, size_t which)
{
	struct kept_store *k = &s->stores[which];
	bool done;

	if (!k->store) {
		return true;
	}
	k->failed_now = k->worked_now = false;
	done = write_dirty_regions(s, which);
	if (k->store->vtable->write_view && s->view_dirty) {
		s->view_dirty = !write_view(s);
		done = done && !s->view_dirty;
	}
	note_round(s, which, done);
	return done;
}

static void write_everything_dirty(struct storer *s)
{
	bool on_disk = write_store(s, ON_DISK), in_cache = write_store(s, IN_CACHE);

	send_stats(s);
	if (!on_disk || !in_cache) {
		loop_arm(s->loop, &s->work, mono_ms() + RETRY_MS);
	}
}

static void soon(struct storer *s)
{
	bool waits_for_retry =
		s->work.armed && (s->stores[IN_CACHE].failing || s->stores[ON_DISK].failing);

	if (!waits_for_retry) {
		loop_arm(s->loop, &s->work, mono_ms());
	}
}

static void on_work(void *context)
{
	write_everything_dirty(context);
}

/* What memcached holds expires; what has not been read again is written again in time. */
static void on_renew(void *context)
{
	struct storer *s = context;

	for (size_t i = 0; i < s->n_regions; i++) {
		s->regions[i].dirty[IN_CACHE] = true;
	}
	s->view_dirty = true;
	soon(s);
	loop_arm(s->loop, &s->renew, mono_ms() + s->expire_ms / 2);
}

static void on_found(void *context, const char *region, const char *data, size_t n)
{
	struct storer *s = context;

	if (n <= FRAME_MAX_BYTES) {
		chan_send(s->chan, MSG_SNAPSHOT, data, n); /* the parent judges it */
	}
}

static void look_for_regions(struct storer *s)
{
	_cleanup_(freep) const char **names = calloc(s->n_regions + 1, sizeof(*names));
	size_t n = 0;

	for (size_t i = 0; names && i < s->n_regions; i++) {
		if (!s->regions[i].looked_for) {
			s->regions[i].looked_for = true;
			names[n++] = s->regions[i].status.name;
		}
	}
	for (size_t which = 0; n > 0 && which < N_STORES; which++) {
		struct store *store = s->stores[which].store;
		struct gpubroker_error error = {0};

		if (store) {
			note_result(s, which,
				store->vtable->read(store, names, n, on_found, s, &error), &error);
		}
	}
	send_stats(s);
	chan_send(s->chan, MSG_FOUND_ALL, NULL, 0);
}

static void finish_region(struct kept_region *region)
{
	region_status_finish(&region->status);
	snapshot_unref(region->snapshot);
}

static void delete_region(struct storer *s, const char *name)
{
	struct gpubroker_error error = {0};

	for (size_t which = 0; which < N_STORES; which++) {
		struct store *store = s->stores[which].store;

		if (store && !s->stores[which].failing) {
			note_result(s, which, store->vtable->delete_region(store, name, &error),
				&error);
		}
	}
}

/* The new table takes over what the old one knew. */
static void take_regions(struct storer *s, struct kept_region *fresh, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		struct kept_region *old = find_region(s, fresh[i].status.name);

		if (old) {
			fresh[i].snapshot = TAKE_PTR(old->snapshot);
			memcpy(fresh[i].dirty, old->dirty, sizeof(old->dirty));
			fresh[i].looked_for = old->looked_for;
			old->looked_for = false; /* taken over */
		}
	}
	for (size_t i = 0; i < s->n_regions; i++) {
		if (s->regions[i].looked_for) {
			delete_region(s, s->regions[i].status.name);
		}
		finish_region(&s->regions[i]);
	}
	free(s->regions);
	s->regions = fresh;
	s->n_regions = n;
	s->view_dirty = true;
	look_for_regions(s);
}

static void on_regions(struct storer *s, const struct value *message)
{
	const struct value *list = value_get(message, "regions");
	size_t n = list ? list->n_items : 0, filled = 0;
	struct kept_region *fresh = calloc(n + 1, sizeof(*fresh));
	const char *default_region = value_string(message, "default_region");

	while (fresh && filled < n &&
		region_status_from_value(list->items[filled], &fresh[filled].status)) {
		filled++;
	}
	if (!fresh || filled < n) {
		log_error("malformed message of regions");
		for (size_t i = 0; fresh && i < filled; i++) {
			finish_region(&fresh[i]);
		}
		free(fresh);
		return;
	}
	free(s->default_region);
	s->default_region = default_region ? strdup(default_region) : NULL;
	take_regions(s, fresh, n);
}

static void on_region(struct storer *s, const struct value *message)
{
	struct region_status status = {0};
	struct kept_region *region;

	if (!region_status_from_value(message, &status)) {
		return;
	}
	region = find_region(s, status.name);
	if (!region) {
		region_status_finish(&status);
		return;
	}
	region_status_finish(&region->status);
	region->status = status;
	s->view_dirty = true;
	soon(s);
}

static void on_snapshot(struct storer *s, const struct frame *frame)
{
	_cleanup_(snapshot_unrefp) struct snapshot *snapshot = NULL;
	struct kept_region *region;

	if (snapshot_read_json(&snapshot, frame->data, frame->n, NULL) < 0) {
		return;
	}
	region = find_region(s, snapshot->region);
	if (!region) {
		return;
	}
	snapshot_unref(region->snapshot);
	region->snapshot = TAKE_PTR(snapshot);
	region->dirty[IN_CACHE] = region->dirty[ON_DISK] = true;
	s->view_dirty = true;
	soon(s);
}

static void on_frame(void *context, const struct frame *frame)
{
	_cleanup_(value_freep) struct value *message = NULL;
	struct storer *s = context;

	switch (frame->type) {
	case MSG_SNAPSHOT:
		on_snapshot(s, frame);
		return;
	case MSG_REGIONS:
	case MSG_REGION:
		message = value_decode(frame->data, frame->n);
		if (message) {
			(frame->type == MSG_REGIONS ? on_regions : on_region)(s, message);
		}
		return;
	case MSG_SHUTDOWN:
		write_everything_dirty(s);
		loop_stop(s->loop);
		return;
	default:
		return;
	}
}

static void on_closed(void *context, const char *why)
{
	loop_stop(((struct storer *)context)->loop);
}

static const struct chan_calls chan_calls = {.frame = on_frame, .closed = on_closed};

static void open_memcached(struct storer *s, const struct value *config)
{
	const struct value *servers = value_get(config, "servers");
	_cleanup_(freep) const char **names =
		calloc((servers ? servers->n_items : 0) + 1, sizeof(*names));
	struct gpubroker_error error = {0};
	struct memcached_settings settings = {.servers = names,
		.prefix = value_string(config, "prefix"),
		.expire_s = value_integer(config, "expire_s", 300),
		.legacy_keys = value_boolean(config, "legacy_keys", true),
		.connect_timeout_ms = CONNECT_TIMEOUT_MS,
		.operation_timeout_ms = OPERATION_TIMEOUT_MS};
	struct kept_store *k = &s->stores[IN_CACHE];

	for (size_t i = 0; names && servers && i < servers->n_items; i++) {
		names[settings.n_servers++] = servers->items[i]->string;
	}
	if (store_memcached_new(&k->store, &settings, &error) < 0) {
		log_error("no memcached error=\"%s\"", error.text);
		return;
	}
	if (value_boolean(config, "probe", false) &&
		k->store->vtable->read(
			k->store, (const char *const[]){"probe"}, 1, on_found, s, &error) < 0) {
		log_info("memcached does not answer, the cache is embedded error=\"%s\"",
			error.text);
		store_free(TAKE_PTR(k->store));
	}
}

static void open_stores(struct storer *s, const struct value *config)
{
	const char *state_dir = value_string(config, "state_dir");
	struct gpubroker_error error = {0};

	s->expire_ms = value_integer(config, "expire_s", 300) * 1000;
	if (str_equal(value_string(config, "backend"), "memcached")) {
		open_memcached(s, config);
	}
	if (state_dir && *state_dir &&
		store_state_dir_new(&s->stores[ON_DISK].store, state_dir, &error) < 0) {
		log_error("nothing is kept on disk error=\"%s\"", error.text);
	}
}

static void finish(struct storer *s)
{
	for (size_t i = 0; i < s->n_regions; i++) {
		finish_region(&s->regions[i]);
	}
	free(s->regions);
	free(s->default_region);
	store_free(s->stores[IN_CACHE].store);
	store_free(s->stores[ON_DISK].store);
	strbuf_finish(&s->scratch);
	chan_free(s->chan);
	loop_free(s->loop);
}

int storer_main(const char *name)
{
	struct frame_reader reader = {0};
	_cleanup_(value_freep) struct value *config = role_begin("storer", CONFINE_STORER, &reader);
	struct storer s = {
		.work = {.call = on_work,  .context = &s},
		.renew = {.call = on_renew, .context = &s}
        };

	if (!config || loop_new(&s.loop) < 0 ||
		chan_new(&s.chan, s.loop, CHILD_CHANNEL_FD, &chan_calls, &s) < 0) {
		return 1;
	}
	open_stores(&s, config);
	chan_send(s.chan, MSG_HELLO, NULL, 0);
	if (s.stores[IN_CACHE].store) {
		loop_arm(s.loop, &s.renew, mono_ms() + s.expire_ms / 2);
	}
	chan_adopt(s.chan, &reader);
	loop_run(s.loop);
	finish(&s);
	return 0;
}
