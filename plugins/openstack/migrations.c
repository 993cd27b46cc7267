/* SPDX-License-Identifier: Apache-2.0 */
/* What else has to be read to know what servers on the move hold: see nova_reading.h.
 *
 * os-migrations keeps every migration for ever, and takes one status in a request. Two requests find all that are
 * under way: those that wait for a confirmation, and those that changed in the last hour, or since the oldest
 * change among those that were under way at the reading before. The first reading looks two days back. */
#include "kit/cleanup.h"
#include "kit/migration.h"
#include "openstack/nova_reading.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

enum { HOUR_MS = 60 * 60 * 1000, OVERLAP_MS = 60 * 1000 };
#define FIRST_MS (INT64_C(48) * HOUR_MS)
/* A record that a crash left open for so long is not waited for. */
#define FORGOTTEN_MS (INT64_C(14) * 24 * HOUR_MS)

static int64_t cloud_ms(const struct nova *n)
{
	return n->core->wall_ms() + n->keystone->ahead_ms;
}

static int64_t window_begin_ms(const struct nova *n)
{
	const int64_t now_ms = cloud_ms(n);

	if (n->moving_since_ms == 0) {
		return now_ms - FIRST_MS;
	}
	return MAX(MIN(n->moving_since_ms - OVERLAP_MS, now_ms - HOUR_MS), now_ms - FORGOTTEN_MS);
}

int migrations_begin(struct reading *g, struct gpubroker_error *reterr)
{
	const time_t begin_s = (time_t)(window_begin_ms(g->nova) / 1000);
	char since[32];
	struct tm tm;
	int r;

	gmtime_r(&begin_s, &tm);
	strftime(since, sizeof(since), "%Y-%m-%dT%H:%M:%SZ", &tm);
	if (g->nova->versions[SERVICE_NOVA].max < calls[CALL_RECENT_MIGRATIONS].floor) {
		g->nova->core->log(GPUBROKER_DEBUG, "migrations not read microversion=2.%d",
			g->nova->versions[SERVICE_NOVA].max);
		return 0;
	}
	r = listing_begin(&g->listings, CALL_FINISHED_MIGRATIONS, NULL, reterr);
	return r < 0 ? r : listing_begin(&g->listings, CALL_RECENT_MIGRATIONS, since, reterr);
}

/* 2026-11-22T15:40:52.000000, UTC */
static int64_t parse_ms(const char *text)
{
	struct tm tm = {0};

	return text && strptime(text, "%Y-%m-%dT%H:%M:%S", &tm) ? (int64_t)timegm(&tm) * 1000 : 0;
}

static void remember_window(struct reading *g)
{
	const struct nova_migrations *list = &g->found.region->migrations;
	int64_t oldest_ms = cloud_ms(g->nova), at_ms;

	for (size_t i = 0; i < list->n; i++) {
		at_ms = parse_ms(list->items[i].updated_at);
		if (migration_is_open(&list->items[i]) && at_ms > 0) {
			oldest_ms = MIN(oldest_ms, at_ms);
		}
	}
	g->nova->moving_since_ms = oldest_ms;
}

/* NULL: all that have GPUs. */
static const struct word_set *hosts_that_matter(const struct reading *g)
{
	return g->servers_wait ? &g->server_hosts : NULL;
}

static int begin_servers(struct reading *g, struct gpubroker_error *reterr)
{
	const struct nova_migrations *list = &g->found.region->migrations;
	int r = 0;

	for (size_t i = 0; r == 0 && i < list->n; i++) {
		if (join_wants_server(g->found.region, hosts_that_matter(g), &list->items[i])) {
			r = listing_begin(&g->listings, CALL_SERVER, list->items[i].server, reterr);
		}
	}
	return r;
}

static int begin_allocations(struct reading *g, struct gpubroker_error *reterr)
{
	const struct nova_migrations *list = &g->found.region->migrations;
	const char *consumer;
	int r = 0;

	for (size_t i = 0; r == 0 && g->found.region->placement && i < list->n; i++) {
		consumer = join_wants_allocation(
			g->found.region, hosts_that_matter(g), &list->items[i]);
		if (consumer) {
			r = listing_begin(&g->listings, CALL_ALLOCATIONS, consumer, reterr);
		}
	}
	return r;
}

/* First the servers that are in no list, then what is only known when they are there. */
int migrations_go_on(struct reading *g, struct gpubroker_error *reterr)
{
	int r = 0;

	if (g->listings.begun[CALL_RECENT_MIGRATIONS] == 0) {
		return 0;
	}
	if (g->migrations_step == 0) {
		g->migrations_step = 1;
		remember_window(g);
		r = begin_servers(g, reterr);
		if (r < 0 || g->listings.begun[CALL_SERVER] > 0) {
			return r;
		}
	}
	if (g->migrations_step == 1) {
		g->migrations_step = 2;
		r = begin_allocations(g, reterr);
	}
	return r;
}

bool migrations_denied(struct reading *g, struct listing *l)
{
	char policy[160];

	if ((l->id != CALL_FINISHED_MIGRATIONS && l->id != CALL_RECENT_MIGRATIONS) || l->x.r < 0 ||
		(l->x.status != 403 && l->x.status != 404)) {
		return false;
	}
	listing_policy(SERVICE_NOVA, &l->x, policy, sizeof(policy));
	if (g->nova->migrations_denied_login != g->nova->keystone->logins) {
		g->nova->migrations_denied_login = g->nova->keystone->logins;
		g->nova->core->log(GPUBROKER_WARN,
			"migrations cannot be read status=%d policy=%s effect=\"what a server that is being resized holds on the host it leaves is not counted\"",
			l->x.status, policy[0] ? policy : "os_compute_api:os-migrations:index");
	}
	l->done = true;
	return true;
}
