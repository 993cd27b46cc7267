/* SPDX-License-Identifier: Apache-2.0 */
/* The HTTP front, as the role `rest` (proc/front.c) drives it: regions and snapshots go in, answers come out.
 * All functions below are for one thread (the role's); request threads are the front's own. */
#ifndef REST_REST_H
#define REST_REST_H

#include "model/view.h"

struct rest;

struct rest_settings {
	int64_t threads; /* > 0 */
	int64_t max_connections, max_connections_per_address, requests_per_s_per_address;
	int64_t idle_timeout_s;
	int64_t cold_wait_ms;
	const char *const *trusted_proxies;
	size_t n_trusted_proxies;
	bool show_host_names; /* to everybody; false: labels */
	bool access_log; /* one line a request on stdout */
	const char *version;
	/* Replaceable for tests. NULL: the real ones. */
	int64_t (*mono_ms)(void);
	int64_t (*wall_ms)(void);
};

/* fds: listening sockets (TCP and unix), non-blocking; they stay the caller's, and go on listening after
 * rest_free(). Until rest_set_regions() and rest_publish(), all but /livez waits (25 s, then 503), so that a
 * restarted front does not say that there is nothing. */
int rest_new(struct rest **ret, const struct rest_settings *, const int fds[], size_t n_fds,
	struct gpubroker_error *reterr);

/* The table of regions, in configuration order; snapshots of regions that stay are kept. */
int rest_set_regions(struct rest *, const struct region_status[], size_t n, const char *default_region);
int rest_set_region(struct rest *, const struct region_status *); /* one of them has changed */
/* Takes the reference. Ignored where the region is unknown or an newer snapshot is there. */
int rest_set_snapshot(struct rest *, struct snapshot *);

/* Counters from the rest of the daemon for /metrics: MSG_METRICS, keys in rest/metrics.h, copied. */
int rest_set_metrics(struct rest *, const struct value *);
void rest_set_alive(struct rest *, int64_t parent_answered_mono_ms); /* for /livez */

/* Publishes what was set, at most 10 times a second; best called when no message is left to be read.
 * Returns the milliseconds after which it wants to be called again (coalescing, a region going stale by the
 * clock, cold waiters); -1: never. */
int64_t rest_publish(struct rest *);

/* Stops accepting, finishes requests in flight (at most timeout_ms) and frees. */
void rest_free(struct rest *, int64_t timeout_ms);

#endif
