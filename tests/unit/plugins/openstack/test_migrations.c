/* SPDX-License-Identifier: Apache-2.0 */
/* plugins/openstack/migrations.c: how far back is looked, what is asked next, and what a refusal means. */
#include "canned_http.h"
#include "kit/cleanup.h"
#include "openstack/nova_reading.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define MINUTE INT64_C(60000)
#define HOUR   (60 * MINUTE)
#define NOW    INT64_C(1795359600000) /* 2026-11-22T15:00:00Z */

static struct gpubroker_core core;
static struct keystone keystone;
static struct join_policy policy;
static struct nova nova;
static struct nova_region region;
static size_t n_logged;

static int64_t now_ms(void)
{
	return NOW;
}

__attribute__((format(printf, 2, 3))) static void count_log(
	enum gpubroker_level level, const char *format, ...)
{
	n_logged += level == GPUBROKER_WARN;
}

static struct reading *begin(void)
{
	static const struct http_settings settings = {0};
	static struct reading g;

	core = canned_core();
	core.wall_ms = now_ms;
	core.log = count_log;
	n_logged = 0;
	keystone = (struct keystone){.core = &core, .token = strdup("t0ken"), .logins = 1};
	assert_int_equal(http_new(&settings, &core, &keystone.http, NULL), 0);
	for (int i = 0; i < N_SERVICES; i++) { /* nothing is sent before somebody waits for it */
		assert_int_equal(endpoint_from_url(&keystone.endpoints[i], (enum service_id)i,
					 "http://127.0.0.1:9", NULL, NULL),
			0);
	}
	nova = (struct nova){
		.keystone = &keystone,
		.http = keystone.http,
		.core = &core,
		.policy = &policy,
		.versions = {{1, 96}, {0, 39}}
        };
	region = (struct nova_region){0};
	g = (struct reading){.nova = &nova, .found.region = &region};
	g.listings = (struct listings){.keystone = &keystone,
		.http = keystone.http,
		.versions = nova.versions,
		.found = &g.found,
		.end = &g.listings.first};
	return &g;
}

static void end(struct reading *g)
{
	listings_finish(&g->listings);
	word_set_finish(&g->server_hosts);
	nova_region_finish(&region);
	keystone_logout(&keystone);
	http_free(keystone.http);
}

static void test_how_far_back(void **state)
{
	static const struct {
		int64_t moving_since_ms, ahead_ms;
		const char *since;
	} rows[] = {
		{0,                 0,        "2026-11-20T15:00:00Z"}, /* at first two days */
		{0,                 -HOUR,    "2026-11-20T14:00:00Z"}, /* of the cloud's clock */
		{NOW,               0,        "2026-11-22T14:00:00Z"}, /* an hour */
		{NOW - 30 * MINUTE, 0,        "2026-11-22T14:00:00Z"},
		{NOW - 60 * MINUTE, 0,
                 "2026-11-22T13:59:00Z"                             }, /* what is under way, and a minute */
		{NOW - 100 * HOUR,  0,        "2026-11-18T10:59:00Z"},
		{NOW - 1000 * HOUR, 0,        "2026-11-08T15:00:00Z"}, /* two weeks are the most */
		{NOW + 5 * HOUR,    5 * HOUR, "2026-11-22T19:00:00Z"},
	};

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct reading *g = begin();

		nova.moving_since_ms = rows[i].moving_since_ms;
		keystone.ahead_ms = rows[i].ahead_ms;
		assert_int_equal(migrations_begin(g, NULL), 0);
		assert_int_equal(g->listings.first->id, CALL_FINISHED_MIGRATIONS);
		assert_null(g->listings.first->subject);
		assert_int_equal(g->listings.first->next->id, CALL_RECENT_MIGRATIONS);
		assert_string_equal(g->listings.first->next->subject, rows[i].since);
		end(g);
	}
}

static void test_clouds_that_are_too_old(void **state)
{
	struct reading *g = begin();

	nova.versions[SERVICE_NOVA].max = 58;
	assert_int_equal(migrations_begin(g, NULL), 0);
	assert_null(g->listings.first);
	assert_int_equal(migrations_go_on(g, NULL), 0);
	assert_int_equal(g->migrations_step, 0);
	assert_int_equal(nova.moving_since_ms, 0);
	end(g);
}

#define MIGRATION(server, status, changed)                                                         \
	"{\"uuid\":\"m" server "\",\"instance_uuid\":\"" server "\",\"source_compute\":\"h0\","    \
	"\"dest_compute\":\"h1\",\"status\":\"" status "\",\"updated_at\":" changed "}"
#define AT(time) "\"2026-11-22T" time ".000000\""

static void read_migrations(const char *list)
{
	static const char gpu_hosts[] =
		"{\"aggregates\":[{\"id\":1,\"name\":\"a\",\"hosts\":[\"h0\"],\"metadata\":"
		"{\"gpu\":\"true\",\"gpu_count\":\"2\",\"gpu_type\":\"T\"}}]}";
	char body[2048];

	snprintf(body, sizeof(body), "{\"migrations\":[%s]}", list);
	assert_int_equal(
		nova_parse_migrations(&region.migrations, body, strlen(body), "m", NULL, NULL), 0);
	assert_int_equal(nova_parse_aggregates(
				 &region.aggregates, gpu_hosts, strlen(gpu_hosts), "a", NULL, NULL),
		0);
}

static void test_what_is_remembered(void **state)
{
	static const struct {
		const char *list;
		int64_t since_ms;
	} rows[] = {
		{"",			   NOW        },
		{                MIGRATION("1", "migrating",          AT("12:00:00")), NOW - 3 * HOUR},
		{                MIGRATION("1", "migrating",  AT("12:00:00")) "," MIGRATION(
			 "2", "finished", AT("11:00:00")),
                 NOW - 4 * HOUR},
		{  MIGRATION("1",							    "confirmed", AT("12:00:00")), NOW}, /* it is over */
		{MIGRATION("1","migrating", "null"), NOW},
		{          MIGRATION("1",								       "migrating", "\"yesterday\""), NOW},
	};

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct reading *g = begin();

		read_migrations(rows[i].list);
		g->listings.begun[CALL_RECENT_MIGRATIONS] = 1;
		assert_int_equal(migrations_go_on(g, NULL), 0);
		if (nova.moving_since_ms != rows[i].since_ms) {
			fail_msg("%s: %lld", rows[i].list, (long long)nova.moving_since_ms);
		}
		end(g);
	}
}

static const char resized[] =
	"{\"server\":{\"id\":\"1\",\"OS-EXT-SRV-ATTR:host\":\"h1\",\"status\":\"VERIFY_RESIZE\","
	"\"OS-EXT-STS:vm_state\":\"resized\",\"flavor\":{\"extra_specs\":{}}}}";

static void read_resize(void)
{
	read_migrations(
		"{\"uuid\":\"m1\",\"instance_uuid\":\"1\",\"source_compute\":\"h0\","
		"\"dest_compute\":\"h1\",\"status\":\"finished\",\"old_instance_type_id\":3,"
		"\"new_instance_type_id\":4}");
}

/* The servers that no list shows, and when they are there what their other ends hold. */
static void test_step_by_step(void **state)
{
	struct reading *g = begin();

	region.placement = calloc(1, sizeof(*region.placement));
	read_resize();
	assert_int_equal(migrations_go_on(g, NULL), 0);
	assert_int_equal(g->migrations_step, 0); /* they have not been asked for */
	g->listings.begun[CALL_RECENT_MIGRATIONS] = 1;
	assert_int_equal(migrations_go_on(g, NULL), 0);
	assert_int_equal(g->listings.begun[CALL_SERVER], 1);
	assert_string_equal(g->listings.first->subject, "1");
	assert_int_equal(g->listings.begun[CALL_ALLOCATIONS], 0);
	assert_int_equal(
		nova_parse_server(&region.servers, resized, strlen(resized), "s", NULL), 0);
	assert_int_equal(migrations_go_on(g, NULL), 0);
	assert_int_equal(g->listings.begun[CALL_ALLOCATIONS], 1);
	assert_string_equal(g->listings.first->next->subject, "m1");
	assert_int_equal(migrations_go_on(g, NULL), 0);
	assert_null(g->listings.first->next->next);
	end(g);
}

/* Without Placement what the other end holds stays a guess. */
static void test_nobody_to_ask_for_allocations(void **state)
{
	struct reading *g = begin();

	endpoint_finish(&keystone.endpoints[SERVICE_PLACEMENT]);
	read_resize();
	assert_int_equal(
		nova_parse_server(&region.servers, resized, strlen(resized), "s", NULL), 0);
	g->listings.begun[CALL_RECENT_MIGRATIONS] = 1;
	assert_int_equal(migrations_go_on(g, NULL), 0);
	assert_int_equal(migrations_go_on(g, NULL), 0);
	assert_null(g->listings.first);
	end(g);
}

/* With servers_wait only hosts that are counted by servers matter. */
static void test_hosts_that_do_not_matter(void **state)
{
	for (int matters = 0; matters < 2; matters++) {
		struct reading *g = begin();

		read_migrations(MIGRATION("1", "finished", "null"));
		g->servers_wait = true;
		word_set_add(&g->server_hosts, matters ? "h1" : "h2");
		g->listings.begun[CALL_RECENT_MIGRATIONS] = 1;
		assert_int_equal(migrations_go_on(g, NULL), 0);
		assert_int_equal(g->listings.begun[CALL_SERVER], matters);
		end(g);
	}
}

static void test_refusals(void **state)
{
	static const struct {
		enum call_id id;
		int r, status;
		bool denied;
	} rows[] = {
		{CALL_FINISHED_MIGRATIONS, 0,                   403, true },
		{CALL_RECENT_MIGRATIONS,   0,                   404, true },
		{CALL_RECENT_MIGRATIONS,   0,                   500, false},
		{CALL_RECENT_MIGRATIONS,   GPUBROKER_E_NETWORK, 403, false},
		{CALL_SERVERS,             0,                   403, false},
	};

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct reading *g = begin();
		struct listing l = {
			.id = rows[i].id, .x = {.r = rows[i].r, .status = rows[i].status}
                };

		for (int times = 0; times < 2; times++) { /* one line in the log a login */
			assert_int_equal(migrations_denied(g, &l), rows[i].denied);
			assert_int_equal(l.done, rows[i].denied);
			assert_int_equal(n_logged, rows[i].denied);
		}
		keystone.logins++;
		migrations_denied(g, &l);
		assert_int_equal(n_logged, rows[i].denied ? 2 : 0);
		end(g);
	}
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_how_far_back),
		cmocka_unit_test(test_clouds_that_are_too_old),
		cmocka_unit_test(test_what_is_remembered),
		cmocka_unit_test(test_step_by_step),
		cmocka_unit_test(test_nobody_to_ask_for_allocations),
		cmocka_unit_test(test_hosts_that_do_not_matter),
		cmocka_unit_test(test_refusals),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
