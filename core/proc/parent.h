/* SPDX-License-Identifier: Apache-2.0 */
/* The parent: supervisor and switchboard. One thread, one loop; it starts and watches the children, plans polls,
 * keeps each region's newest snapshot and passes it on. It speaks to no cloud, no store and no client.
 *
 *   parent.c    start, configuration, signals, end
 *   reload.c    a new configuration while it runs
 *   listeners.c the listening sockets
 *   regions.c   one region: its worker, its polls, its newest snapshot
 *   sinks.c     the two children that get everything: rest and storer
 *   service.c   what systemd is told
 *   feed.c      what /metrics shows of all this */
#ifndef PROC_PARENT_H
#define PROC_PARENT_H

#include "conf/conf.h"
#include "model/region.h"
#include "proc/child.h"
#include "proc/service.h"

enum { MOST_LISTEN_FDS = 64, MOST_RETIRED = 8, N_CODES = 12 };

enum sink_kind { SINK_REST = 0, SINK_STORER, N_SINKS };

struct parent;

struct request_total { /* requests to a cloud, by service and HTTP status */
	char service[32];
	int http_status;
	int64_t count;
};

enum { MOST_REQUEST_TOTALS = 64, N_DURATION_BUCKETS = 10 };

struct duration_counters { /* of successful readings, all regions together */
	int64_t buckets
		[N_DURATION_BUCKETS]; /* cumulative: those at most duration_buckets_ms[i] long */
	int64_t sum_ms, count;
};
extern const int64_t duration_buckets_ms[N_DURATION_BUCKETS];

struct region_counters {
	int64_t restarts;
	int64_t failures[N_CODES]; /* by -code */
	struct request_total requests[MOST_REQUEST_TOTALS];
	size_t n_requests;
	int64_t received_bytes;
	int64_t last_success_ms; /* wall clock; 0: never */
};

struct region {
	struct parent *parent;
	const struct conf_region *conf;
	struct region_status status;
	int plugin_fd;
	struct child *worker;
	bool ready;   /* it has said HELLO */
	bool polling; /* asked, not answered yet */
	bool startup_failed;
	int64_t poll_number, poll_began_ms;
	unsigned failures, deaths; /* in a row */
	struct loop_timer poll_timer, deadline_timer, restart_timer;
	char *json; /* newest snapshot */
	size_t json_n;
	int64_t observed_at_ms;
	bool snapshot_dirty[N_SINKS], status_dirty[N_SINKS];
	struct region_counters counters;
};

struct sink {
	struct parent *parent;
	enum sink_kind kind;
	struct child *child;
	unsigned deaths;
	bool ready; /* it has said HELLO */
	struct loop_timer restart_timer, watch_timer;
	unsigned silent; /* looks at rest in a row without a ping from it */
	bool regions_dirty, metrics_dirty;
	char ping[8]; /* to be returned once the channel is drained */
	bool ping_dirty;
	bool complete; /* since its start it has been told everything once */
};

struct listener {
	char *address; /* as configured */
	int fds[MOST_LISTEN_FDS];
	size_t n_fds;
};

struct parent_settings {
	const char *config_file;        /* NULL: from_environment */
	struct value *environment_tree; /* taken; NULL: a file */
	bool probe_memcached;
	const char *bind, *memcached, *workers, *timeout; /* overrides, NULL: not given */
	const char *plugin_dir;                           /* of a build tree; NULL: none */
	const char *self_path;                            /* NULL: /proc/self/exe */
	bool check, verbose;                              /* --check, -v */
};

struct parent {
	const struct parent_settings *settings;
	struct loop *loop;
	struct child_host host;
	int environment_fd; /* the OS_* variables; -1: none */
	char broker[96];
	struct value *tree; /* the effective configuration */
	struct conf *conf;
	struct region **regions; /* configuration order */
	size_t n_regions;
	struct sink sinks[N_SINKS];
	struct listener *listeners;
	size_t n_listeners;
	struct child *retired[MOST_RETIRED]; /* former rests that finish their requests */
	struct child *loader;
	bool loader_answered, load_again; /* again: a reload was asked for meanwhile */
	struct loop_timer loader_timer, end_timer, metrics_timer;
	struct loop_fd signals;
	struct service service;
	int passed_fds[MOST_LISTEN_FDS]; /* listening sockets that came with the process, instead of rest.listen */
	size_t n_passed_fds;
	bool started, ending;
	int exit_status;
	int64_t ignored_snapshots; /* malformed, foreign, from the future or too old, found in a store */
	struct duration_counters durations;
	struct value *cache_operations; /* MSG_CACHE_STATS's list */
};

/* The exit status. */
int parent_main(const struct parent_settings *);
void parent_child_gone(struct parent *); /* while ending: a sink has ended */

/* reload.c. Takes tree and conf. false: refused, the old configuration stays in force. */
bool parent_reload(struct parent *, struct value *tree, struct conf *);

/* listeners.c: opens what is new, keeps what stays, closes the rest. false: what is new cannot be opened; nothing has
 * changed. */
bool listeners_open(struct parent *, const struct gpubroker_strings *addresses);
/* Sockets that a service manager has opened and passed on; from then on they are what is listened on, whatever
 * addresses are asked for. false: logged. */
bool listeners_take_passed(struct parent *);
void listeners_close(struct parent *);

/* regions.c */
struct region *region_new(struct parent *, const struct conf_region *); /* NULL: logged */
void region_free(struct region *);
void region_start(struct region *);   /* worker and first poll, if it is enabled */
void region_restart(struct region *); /* its plugin or options have changed */
/* New settings of the same region (interval, title, enabled …). */
void region_reconfigure(struct region *, const struct conf_region *);
void region_poll_now(struct region *); /* not sooner after the last poll than min_interval */
/* A snapshot from wherever (expected: it must be of this region; NULL: of any): taken if it is valid and not older
 * than what is there. 1: it is older. */
int regions_offer_snapshot(struct parent *, const struct region *expected, const char *json,
	size_t n, struct gpubroker_error *reterr);
struct region *find_region(struct parent *, const char *name);

/* sinks.c */
void sink_init(struct parent *, enum sink_kind);
void sink_start(struct sink *);
void sink_replace(struct sink *); /* a new one is started; the old one is told to end */
void sinks_mark_snapshot(struct region *);
void sinks_mark_status(struct region *);
void sinks_mark_regions(struct parent *);
void sinks_mark_metrics(struct parent *);
void sinks_send_metrics(struct parent *); /* what was marked, now */
void sink_ask_to_end(struct sink *);

/* feed.c */
void feed_count_failure(struct region *, enum gpubroker_code);
void feed_count_duration(struct parent *, int64_t duration_ms);
void feed_count_requests(struct region *, const struct value *message);
struct value *feed_metrics(const struct parent *); /* NULL: no memory */

#endif
