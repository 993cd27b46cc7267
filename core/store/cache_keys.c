/* SPDX-License-Identifier: Apache-2.0 */
/* Which keys the broker keeps in memcached, and with which flags: snapshots, the merged view, the
 * predecessor's two. */
#include "store/store.h"

#include "base/mem.h"
#include "base/mono.h"
#include "model/fragment.h"
#include "store/cache_pool.h"
#include "store/compress.h"

#include <string.h>

enum { FLAG_TEXT = 1, FLAG_JSON = 2, FLAG_ZLIB = 8 };
enum {
	PREFIX_MAX_BYTES = 100,
	KEY_SIZE = PREFIX_MAX_BYTES + 100, /* memcached's own limit is 250 */
};

struct memcached_store {
	struct store store;
	struct cache_pool *pool;
	char *prefix;
	bool legacy_keys;
};

static int request(struct memcached_store *m, size_t server, struct cache_request *r,
	struct gpubroker_error *reterr)
{
	int result = cache_pool_request(m->pool, server, r, reterr);

	m->store.stats.count[r->op][r->result]++;
	return result;
}

static int delete_key(
	struct memcached_store *m, size_t server, const char *key, struct gpubroker_error *reterr)
{
	struct cache_request r = {.op = STORE_DELETE, .key = key};

	return request(m, server, &r, reterr);
}

/* What the server does not accept must not leave an older value behind. */
static int set_key(struct memcached_store *m, size_t server, struct cache_request *r,
	struct gpubroker_error *reterr)
{
	int result = request(m, server, r, reterr);

	if (result == GPUBROKER_E_LIMIT) {
		delete_key(m, server, r->key, NULL);
	}
	return result;
}

/* A document, compressed where it is large. */
static int set_document(struct memcached_store *m, const char *key, const char *json, size_t n,
	struct gpubroker_error *reterr)
{
	struct cache_request r = {
		.op = STORE_SET, .key = key, .data = json, .n = n, .flags = FLAG_JSON};
	_cleanup_(freep) char *packed = NULL;

	if (n > MEMCACHED_COMPRESS_ABOVE_BYTES && compress_is_built()) {
		int result = compress_pack(&packed, &r.n, json, n, reterr);

		if (result < 0) {
			m->store.stats.count[STORE_SET][STORE_ERROR]++;
			return result;
		}
		r.data = packed;
		r.flags = FLAG_JSON | FLAG_ZLIB;
	}
	return set_key(m, cache_pool_server_of(m->pool, key), &r, reterr);
}

static int region_key(char ret[static KEY_SIZE], const struct memcached_store *m,
	const char *region, struct gpubroker_error *reterr)
{
	if (!store_region_name_is_safe(region)) {
		return gpubroker_fail(
			reterr, GPUBROKER_E_INTERNAL, "'%s' is not a region's name", region);
	}
	snprintf(ret, KEY_SIZE, "%s:v1:region:%s", m->prefix, region);
	return 0;
}

/* false: the value is not of a kind that we write. */
static bool give_document(
	const struct cache_request *r, const char *region, store_found_fn *found, void *context)
{
	_cleanup_(freep) char *plain = NULL;
	size_t plain_n;

	if (r->flags == FLAG_JSON) {
		found(context, region, r->got, r->got_n);
		return true;
	}
	if (r->flags != (FLAG_JSON | FLAG_ZLIB) ||
		compress_unpack(&plain, &plain_n, r->got, r->got_n, SNAPSHOT_MAX_BYTES, NULL) < 0) {
		return false;
	}
	found(context, region, plain, plain_n);
	return true;
}

static int read_region(struct memcached_store *m, const char *region, store_found_fn *found,
	void *context, struct gpubroker_error *reterr)
{
	char key[KEY_SIZE];
	struct cache_request r = {.op = STORE_GET, .key = key};
	int result = region_key(key, m, region, reterr);

	if (result < 0) {
		return result;
	}
	result = cache_pool_request(m->pool, cache_pool_server_of(m->pool, key), &r, reterr);
	if (r.result == STORE_OK && !give_document(&r, region, found, context)) {
		r.result = STORE_BAD_VALUE;
	}
	m->store.stats.count[STORE_GET][r.result]++;
	free(r.got);
	return result;
}

static int memcached_store_read(struct store *store, const char *const regions[], size_t n,
	store_found_fn *found, void *context, struct gpubroker_error *reterr)
{
	struct memcached_store *m = (struct memcached_store *)store;
	int result = 0;

	for (size_t i = 0; i < n; i++) {
		int r = read_region(m, regions[i], found, context, result < 0 ? NULL : reterr);

		result = result < 0 ? result : r;
	}
	return result;
}

static int memcached_store_write_region(struct store *store, const char *region, const char *json,
	size_t n, struct gpubroker_error *reterr)
{
	struct memcached_store *m = (struct memcached_store *)store;
	char key[KEY_SIZE];
	int r = region_key(key, m, region, reterr);

	return r < 0 ? r : set_document(m, key, json, n, reterr);
}

static int memcached_store_delete_region(
	struct store *store, const char *region, struct gpubroker_error *reterr)
{
	struct memcached_store *m = (struct memcached_store *)store;
	char key[KEY_SIZE];
	int r = region_key(key, m, region, reterr);

	return r < 0 ? r : delete_key(m, cache_pool_server_of(m->pool, key), key, reterr);
}

/* The predecessor's client reads FlavorGPU with the flags of its serialiser and cannot decompress. A
 * timestamp without a list would be a lie, so it goes where the list goes. */
static int set_legacy_keys(struct memcached_store *m, size_t server, const char *list, size_t n,
	const char *timestamp, struct gpubroker_error *reterr)
{
	struct cache_request r = {
		.op = STORE_SET, .key = "FlavorGPU", .data = list, .n = n, .flags = FLAG_JSON};
	struct cache_request t = {.op = STORE_SET,
		.key = "FlavorGPU.timestamp",
		.data = timestamp,
		.n = strlen(timestamp),
		.flags = FLAG_TEXT};
	int result = set_key(m, server, &r, reterr);

	if (result == GPUBROKER_E_LIMIT) {
		delete_key(m, server, t.key, NULL);
	}
	return result < 0 ? result : set_key(m, server, &t, reterr);
}

static int write_legacy(
	struct memcached_store *m, const struct view *view, struct gpubroker_error *reterr)
{
	_cleanup_(strbuf_finish) struct strbuf list = {0};
	char timestamp[TIME_TEXT_SIZE];
	int result = 0;

	fragment_add_legacy_cache_list(&list, view);
	time_legacy(timestamp, view->oldest_observed_ms);
	if (list.failed) {
		return gpubroker_fail(reterr, GPUBROKER_E_INTERNAL, "no memory for FlavorGPU");
	}
	for (size_t i = 0; i < cache_pool_servers(m->pool); i++) {
		int r = set_legacy_keys(
			m, i, list.data, list.len, timestamp, result < 0 ? NULL : reterr);

		result = result < 0 ? result : r;
	}
	return result;
}

/* As long as nothing is known, nothing is said: what an earlier run wrote is better. */
static int memcached_store_write_view(
	struct store *store, const struct view *view, struct gpubroker_error *reterr)
{
	struct memcached_store *m = (struct memcached_store *)store;
	_cleanup_(strbuf_finish) struct strbuf json = {0};
	char key[KEY_SIZE];
	int result, legacy;

	if (view->oldest_observed_ms == 0) {
		return 0;
	}
	fragment_add_view(&json, view);
	if (json.failed) {
		return gpubroker_fail(reterr, GPUBROKER_E_INTERNAL, "no memory for the view");
	}
	snprintf(key, sizeof(key), "%s:v1:view", m->prefix);
	result = set_document(m, key, json.data, json.len, reterr);
	legacy = m->legacy_keys ? write_legacy(m, view, result < 0 ? NULL : reterr) : 0;
	return result < 0 ? result : legacy;
}

/* One key as plain text; one that is not there, or of a kind that we do not write, is not found. */
static int read_key(struct memcached_store *m, const char *key, uint32_t flags,
	enum store_view_key which, store_found_view_fn *found, void *context,
	struct gpubroker_error *reterr)
{
	struct cache_request r = {.op = STORE_GET, .key = key};
	_cleanup_(freep) char *plain = NULL;
	size_t plain_n;
	int result = request(m, cache_pool_server_of(m->pool, key), &r, reterr);

	if (r.result == STORE_OK && r.flags == flags) {
		found(context, which, r.got, r.got_n);
	} else if (r.result == STORE_OK && r.flags == (flags | FLAG_ZLIB) &&
		   compress_unpack(&plain, &plain_n, r.got, r.got_n, SNAPSHOT_MAX_BYTES, NULL) ==
			   0) {
		found(context, which, plain, plain_n);
	}
	free(r.got);
	return result;
}

static int memcached_store_read_view(struct store *store, store_found_view_fn *found, void *context,
	struct gpubroker_error *reterr)
{
	struct memcached_store *m = (struct memcached_store *)store;
	char key[KEY_SIZE];
	int result;

	snprintf(key, sizeof(key), "%s:v1:view", m->prefix);
	result = read_key(m, key, FLAG_JSON, STORE_VIEW, found, context, reterr);
	if (result == 0 && m->legacy_keys) {
		result = read_key(m, "FlavorGPU", FLAG_JSON, STORE_LEGACY, found, context, reterr);
	}
	if (result == 0 && m->legacy_keys) {
		result = read_key(m, "FlavorGPU.timestamp", FLAG_TEXT, STORE_LEGACY_TIME, found,
			context, reterr);
	}
	return result;
}

static void memcached_store_free(struct store *store)
{
	struct memcached_store *m = (struct memcached_store *)store;

	cache_pool_free(m->pool);
	free(m->prefix);
	free(m);
}

static void memcached_store_freep(struct memcached_store **m)
{
	if (*m) {
		memcached_store_free(&(*m)->store);
	}
}

static bool prefix_is_valid(const char *prefix)
{
	size_t n = strlen(prefix);

	for (size_t i = 0; i < n; i++) {
		if (prefix[i] <= ' ' || prefix[i] > '~') {
			return false;
		}
	}
	return n >= 1 && n <= PREFIX_MAX_BYTES;
}

int store_memcached_new(struct store **ret, const struct memcached_settings *settings,
	struct gpubroker_error *reterr)
{
	static const struct store_vtable vtable = {
		.name = "memcached",
		.read = memcached_store_read,
		.write_region = memcached_store_write_region,
		.delete_region = memcached_store_delete_region,
		.write_view = memcached_store_write_view,
		.read_view = memcached_store_read_view,
		.free = memcached_store_free,
	};
	_cleanup_(memcached_store_freep) struct memcached_store *m = NULL;
	int r;

	if (settings->n_servers == 0 || !prefix_is_valid(settings->prefix)) {
		return gpubroker_fail(reterr, GPUBROKER_E_CONFIG,
			"memcached needs a server and a prefix of 1 to %d printable characters without spaces",
			PREFIX_MAX_BYTES);
	}
	m = calloc(1, sizeof(*m));
	if (m) {
		m->prefix = strdup(settings->prefix);
	}
	if (!m || !m->prefix) {
		return gpubroker_fail(reterr, GPUBROKER_E_INTERNAL, "no memory for memcached");
	}
	m->store.vtable = &vtable;
	m->legacy_keys = settings->legacy_keys;
	r = cache_pool_new(&m->pool, settings, reterr);
	if (r < 0) {
		return r;
	}
	*ret = &TAKE_PTR(m)->store;
	return 0;
}
