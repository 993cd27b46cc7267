/* SPDX-License-Identifier: Apache-2.0 */
/* Where snapshots are kept beside the daemon's memory. A store may be slow, full, wrong or gone: it costs
 * freshness of its copy and nothing else. Only the role `storer` calls these; each may block up to its
 * own time-outs. */
#ifndef STORE_STORE_H
#define STORE_STORE_H

#include "model/snapshot.h"
#include "model/view.h"

struct store;

enum store_op { STORE_GET = 0, STORE_SET, STORE_DELETE, N_STORE_OPS };
enum store_result { STORE_OK = 0, STORE_MISS, STORE_ERROR, STORE_TIMEOUT, STORE_TOO_BIG, STORE_BAD_VALUE,
	N_STORE_RESULTS };
const char *store_op_word(enum store_op);         /* "get" … */
const char *store_result_word(enum store_result); /* "ok" "miss" "error" "timeout" "too-big" "bad-value" */

struct store_stats {
	uint64_t count[N_STORE_OPS][N_STORE_RESULTS];
};

/* found() gets each region's snapshot document as it was stored, unparsed. */
typedef void store_found_fn(void *context, const char *region, const char *data, size_t n);

/* What write_view() has written, as plain text. */
enum store_view_key { STORE_VIEW = 0, STORE_LEGACY, STORE_LEGACY_TIME };
typedef void store_found_view_fn(void *context, enum store_view_key, const char *data, size_t n);

/* Return values: 0 done; < 0 and *reterr names the key or the file. LIMIT: this one value is too large and
 * is not kept; anything else: the store, or one of its servers, does not work now. What can still be done
 * is done before an error is returned, so found() may have been called and other keys written. */
struct store_vtable {
	const char *name; /* "memcached", "state_dir" */
	/* Reads the named regions. A region that is not there is no error, nor is a value of a wrong kind. */
	int (*read)(struct store *, const char *const regions[], size_t n, store_found_fn *, void *context,
		struct gpubroker_error *reterr);
	/* json: the region's snapshot document. */
	int (*write_region)(struct store *, const char *region, const char *json, size_t n,
		struct gpubroker_error *reterr);
	int (*delete_region)(struct store *, const char *region, struct gpubroker_error *reterr);
	/* After regions were written: the merged view and the legacy keys. NULL: the store keeps none. */
	int (*write_view)(struct store *, const struct view *, struct gpubroker_error *reterr);
	/* Each that is there. NULL: the store keeps none. */
	int (*read_view)(struct store *, store_found_view_fn *, void *context, struct gpubroker_error *reterr);
	void (*free)(struct store *);
};

struct store {
	const struct store_vtable *vtable;
	struct store_stats stats;
};

bool store_region_name_is_safe(const char *region); /* [a-z0-9][a-z0-9-]{0,62} */

/* Several servers: a region's key lies on one of them, found by consistent hashing (ketama) and never
 * moved because a server is dead, so that all brokers of a pool agree where it is; the legacy keys are
 * written to each, because the predecessor's client knows only one. Nothing is connected before the
 * first call. A server that failed is left alone for a moment. */
enum {
	MEMCACHED_CONNECT_TIMEOUT_MS = 500,
	MEMCACHED_OPERATION_TIMEOUT_MS = 1000,
	MEMCACHED_LEFT_ALONE_MS = 2000,
	MEMCACHED_COMPRESS_ABOVE_BYTES = 512 * 1024,
};
struct memcached_settings {
	const char *const *servers; /* "HOST:PORT", "[v6]:PORT" or "unix:/path" */
	size_t n_servers;
	const char *prefix;
	int64_t expire_s;
	bool legacy_keys;
	int64_t connect_timeout_ms, operation_timeout_ms, left_alone_ms; /* 0: the values above */
};
int store_memcached_new(struct store **ret, const struct memcached_settings *, struct gpubroker_error *reterr);

/* One file a region, <region>.json. The folder is made at the first call that needs it. */
int store_state_dir_new(struct store **ret, const char *path, struct gpubroker_error *reterr);
void store_free(struct store *);

#endif
