/* SPDX-License-Identifier: Apache-2.0 */
/* Regions, snapshots and views made up for tests of the front, and a small blocking HTTP client. */
#ifndef REST_FIXTURE_H
#define REST_FIXTURE_H

#include "base/mem.h"
#include "base/str.h"
#include "rest/rest.h"
#include "rest/request.h"

/* 2026-11-22 14:04:05 UTC */
#define FIXTURE_NOW_MS INT64_C(1795356245000)

/* A region's status: enabled, read at FIXTURE_NOW_MS, next refresh 30 s later. Names are copied. */
struct region_status fixture_status(const char *name);
struct region_status fixture_pending(const char *name); /* never read */
struct region_status fixture_failed(const char *name);  /* failed once, at FIXTURE_NOW_MS - 60 s */

/* Two hosts of 2 × V100, one of them half used, and three flavors: "<name>-medium" (1 × V100, total 4,
 * available 3), "<name>-large" (2 × V100, total 2, available 1), "<name>-cpu" (none). free: GPUs that are still
 * free on the second host, 0 to 2. */
struct snapshot *fixture_snapshot(const char *region, int64_t observed_at_ms, int64_t free_gpus);
/* n_flavors of 1 × V100 instead, named "flavor-%04zu". */
struct snapshot *fixture_large_snapshot(const char *region, int64_t observed_at_ms, size_t n_flavors);

/* A view at FIXTURE_NOW_MS. statuses and snapshots (which may be NULL) are consumed. */
struct view *fixture_view(struct region_status statuses[], struct snapshot *snapshots[], size_t n);
/* Regions alpha (fine), beta (stale with data), gamma (pending). */
struct view *fixture_three_regions(void);

/* A parsed GET of the target, without headers. It lives until the next call. */
struct request *fixture_request(const char *target);

/* A handler's answer, body terminated; draft_finish() after use. */
struct draft;
struct draft fixture_render(const struct view *, const char *target);
struct draft fixture_render_for(const struct view *, const char *target, bool show_host_names);

/* Listens on a free loopback port. */
int fixture_listen(int *ret_port);

struct front { /* the front on a loopback port, with clocks that tests move */
	struct rest *rest;
	int fd, port;
};
/* Fake clocks; both start at FIXTURE_NOW_MS. */
void fixture_advance_ms(int64_t ms);
int64_t fixture_mono_ms(void);
int64_t fixture_wall_ms(void);
struct rest_settings fixture_settings(void);
struct front fixture_front(const struct rest_settings *); /* no regions yet */
/* Sets regions with these statuses, which are consumed; snapshots too, where not NULL. Publishes. */
void fixture_set_regions(
	struct front *, struct region_status statuses[], struct snapshot *snapshots[], size_t n);
void fixture_publish(struct front *); /* after the clock was moved far enough */
void fixture_end(struct front *);

struct reply {
	int status;      /* 0: the connection ended without an answer */
	char *head;      /* status line and headers */
	char *body;
	size_t body_length;
	bool keeps_alive; /* not said that the connection ends */
};
void reply_finish(struct reply *);
/* The header's value, or NULL. It lives until the next call. */
const char *reply_header(const struct reply *, const char *name);

int client_connect(int port);
void client_send(int fd, const char *text);
struct reply client_read(int fd, bool is_head); /* one answer */
/* headers: "Name: value\r\n…" or "". One request on a connection of its own. */
struct reply client_get(int port, const char *method, const char *target, const char *headers);

#endif
