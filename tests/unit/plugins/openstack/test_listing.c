/* SPDX-License-Identifier: Apache-2.0 */
/* plugins/openstack/listing.c: what an answer means for the listing it belongs to, a row a conversation. */
#include "openstack/listing.h"

#include "canned_http.h"
#include "kit/cleanup.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define V79 "OpenStack-API-Version: compute 2.79\r\n"
#define V72 "OpenStack-API-Version: compute 2.72\r\n"
#define HOST(id)                                                                                   \
	"{\"id\":\"" id "\",\"hypervisor_hostname\":\"n\",\"service\":{\"host\":\"h" id "\"}}"
#define HOSTS(...)           "{\"hypervisors\":[" __VA_ARGS__ "]}"
#define SERVER(id)           "{\"id\":\"" id "\",\"OS-EXT-SRV-ATTR:host\":\"h\"}"
#define SERVERS(list, links) "{\"servers\":[" list "]" links "}"
#define MORE                 ",\"servers_links\":[{\"rel\":\"next\",\"href\":\"http://elsewhere/\"}]"

enum { ANSWERS_MAX = 6 };

static struct gpubroker_core core;
static struct canned_server *server;
static struct keystone keystone;
static const struct microversions versions[N_SERVICES] = {
	{1, 96},
        {0, 39}
};

struct conversation {
	const char *name;
	enum call_id id;
	const char *subject;
	struct canned answers[ANSWERS_MAX];
	int r;
	const char *words;   /* of the error */
	size_t requests, n;  /* n: hypervisors or servers in the end */
	const char *request; /* a part of the last one */
};

/* clang-format off */
static const struct conversation conversations[] = {
	{"until an empty page, whatever links say", CALL_HYPERVISORS, NULL,
		{{"detail ", 200, V79, HOSTS(HOST("1") "," HOST("2"))}, {"marker=2 ", 200, V79, HOSTS(HOST("3"))},
			{"marker=3 ", 200, V79, HOSTS()}}, 0, NULL, 3, 3, "marker=3"},
	{"while there is a link, which is not followed", CALL_SERVERS, "h",
		{{"host=h ", 200, V72, SERVERS(SERVER("1"), MORE)}, {"marker=1 ", 200, V72, SERVERS(SERVER("2"), )}},
		0, NULL, 2, 2, "/servers/detail?all_tenants=1&soft_deleted=true&host=h&marker=1 "},
	{"a link on an empty page leads nowhere", CALL_SERVERS, "h",
		{{"host=h ", 200, V72, SERVERS(, MORE)}}, 0, NULL, 1, 0, "host=h "},
	{"the same page again", CALL_HYPERVISORS, NULL,
		{{"detail ", 200, V79, HOSTS(HOST("1"))}, {"marker=1 ", 200, V79, HOSTS(HOST("1"))}},
		GPUBROKER_E_BAD_REPLY, "the same page again after marker '1'", 2, 1, NULL},
	{"a marker that is gone: from the beginning", CALL_HYPERVISORS, NULL,
		{{"detail ", 200, V79, HOSTS(HOST("1"))}, {"marker=1 ", 400, V79, NULL},
			{"detail ", 200, V79, HOSTS(HOST("2"))}, {"marker=2 ", 200, V79, HOSTS()}}, 0, NULL, 4, 1, "marker=2"},
	{"of servers only those of the host are read again", CALL_SERVERS, "h",
		{{"host=h ", 200, V72, SERVERS(SERVER("1"), MORE)}, {"marker=1 ", 400, V72, NULL},
			{"host=h ", 200, V72, SERVERS(SERVER("1") "," SERVER("2"), )}}, 0, NULL, 3, 2, "host=h "},
	{"once", CALL_HYPERVISORS, NULL,
		{{"detail ", 200, V79, HOSTS(HOST("1"))}, {"marker=1 ", 400, V79, NULL},
			{"detail ", 200, V79, HOSTS(HOST("2"))}, {"marker=2 ", 400, V79, NULL}},
		GPUBROKER_E_BAD_REPLY, "400", 4, 1, NULL},
	{"without a marker 400 is an error", CALL_HYPERVISORS, NULL,
		{{"detail ", 400, V79, NULL}}, GPUBROKER_E_BAD_REPLY, "400", 1, 0, NULL},
	{"another version", CALL_HYPERVISORS, NULL,
		{{"detail ", 200, V72, HOSTS()}}, GPUBROKER_E_BAD_REPLY, "'compute 2.72' where 'compute 2.79'", 1, 0, NULL},
	{"no version", CALL_HYPERVISORS, NULL,
		{{"detail ", 200, NULL, HOSTS()}}, GPUBROKER_E_BAD_REPLY, "version ''", 1, 0, NULL},
	{"what may be gone is", CALL_SERVER, "1",
		{{"servers/1 ", 404, V72, "{}"}}, 0, NULL, 1, 0, "servers/1"},
	{"what may not is an error", CALL_HYPERVISORS, NULL,
		{{"detail ", 404, V79, "{}"}}, GPUBROKER_E_BAD_REPLY, "404", 1, 0, NULL},
	{"a policy is named", CALL_HYPERVISORS, NULL,
		{{"detail ", 403, V79, "{\"forbidden\":{\"message\":\"… os_compute_api:os-hypervisors:list-detail to be …\"}}"}},
		GPUBROKER_E_DENIED, "needs the policy os_compute_api:os-hypervisors:list-detail; the token lacks the role admin",
		1, 0, NULL},
	{"nothing to read", CALL_HYPERVISORS, NULL,
		{{"detail ", 204, V79, NULL}}, GPUBROKER_E_BAD_REPLY, "204 without a document", 1, 0, NULL},
	{"Nova is broken", CALL_HYPERVISORS, NULL,
		{{"detail ", 500, V79, NULL}}, GPUBROKER_E_UNAVAILABLE, "500", 1, 0, NULL},
};
/* clang-format on */

static void begin(const struct canned *answers)
{
	static const struct http_settings settings = {0};
	size_t n = 0;

	while (n < ANSWERS_MAX && answers[n].match) {
		n++;
	}
	server = canned_start(answers, n);
	core = canned_core();
	keystone = (struct keystone){.core = &core, .token = strdup("t0ken")};
	assert_int_equal(http_new(&settings, &core, &keystone.http, NULL), 0);
	assert_int_equal(endpoint_from_url(&keystone.endpoints[SERVICE_NOVA], SERVICE_NOVA,
				 canned_url(server), NULL, NULL),
		0);
}

static void end(void)
{
	keystone_logout(&keystone);
	http_free(keystone.http);
	canned_stop(server);
}

static int run(struct listings *list, const struct conversation *c, struct gpubroker_error *reterr)
{
	struct listing *l;
	int r = listing_begin(list, c->id, c->subject, reterr);

	while (r == 0 && (l = listing_next(list))) {
		r = listing_answered(list, l, reterr);
	}
	if (r == 0) {
		assert_true(list->first->done);
	}
	return r;
}

static void check(const struct conversation *c)
{
	struct gpubroker_error error = {0};
	struct nova_region region = {0};
	struct found found = {.region = &region};
	struct listings list = {.found = &found, .versions = versions};
	size_t requests;
	int r;

	begin(c->answers);
	list.keystone = &keystone;
	list.http = keystone.http;
	list.end = &list.first;
	r = run(&list, c, &error);
	requests = canned_requests(server);
	if (r != c->r || (r < 0 && !strstr(error.text, c->words))) {
		fail_msg("%s: %d %s", c->name, r, error.text);
	}
	if (requests != c->requests || region.hypervisors.n + region.servers.n != c->n ||
		(c->request && !strstr(canned_request(server, requests - 1), c->request))) {
		fail_msg("%s: %zu requests, %zu items, %s", c->name, requests,
			region.hypervisors.n + region.servers.n,
			canned_request(server, requests - 1));
	}
	listings_finish(&list);
	nova_region_finish(&region);
	end();
}

static void test_conversations(void **state)
{
	for (size_t i = 0; i < ARRAY_SIZE(conversations); i++) {
		check(&conversations[i]);
	}
}

static void test_policies(void **state)
{
	static const struct {
		enum service_id service;
		const char *body, *policy;
	} rows[] = {
		{SERVICE_NOVA,      NULL,						     ""                               },
		{SERVICE_NOVA,      "{}",						     ""                               },
		{SERVICE_NOVA,
                 "Policy doesn't allow os_compute_api:os-services:list to be performed.",     "os_compute_api:os-services:list"},
		{SERVICE_NOVA,      "os_compute_api:a\"; reboot",                             "os_compute_api:a"               },
		{SERVICE_NOVA,      "placement:usages",                                       ""                               },
		{SERVICE_PLACEMENT, "Policy does not allow placement:allocations:list to be",
                 "placement:allocations:list"										  },
	};

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct http_exchange x = {.reply = (char *)(uintptr_t)rows[i].body};
		char out[160];

		listing_policy(rows[i].service, &x, out, sizeof(out));
		assert_string_equal(out, rows[i].policy);
	}
}

/* What is wrong before anything is sent leaves nothing behind. */
static void test_what_cannot_begin(void **state)
{
	static const struct canned none[ANSWERS_MAX];
	static const struct microversions old[N_SERVICES] = {
		{1, 52},
                {0, 39}
        };
	struct gpubroker_error error = {0};
	struct nova_region region = {0};
	struct found found = {.region = &region};
	struct listings list = {.found = &found, .versions = old};

	begin(none);
	list.keystone = &keystone;
	list.http = keystone.http;
	list.end = &list.first;
	assert_int_equal(
		listing_begin(&list, CALL_HYPERVISORS, NULL, &error), GPUBROKER_E_BAD_REPLY);
	assert_non_null(strstr(error.text, "2.53"));
	assert_int_equal(
		listing_begin(&list, CALL_CANDIDATES_VCPU, NULL, &error), GPUBROKER_E_CONFIG);
	assert_non_null(strstr(error.text, "placement: it has no address"));
	assert_null(list.first);
	assert_int_equal(list.begun[CALL_HYPERVISORS] + list.begun[CALL_CANDIDATES_VCPU], 0);
	assert_null(listing_next(&list));
	end();
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_conversations),
		cmocka_unit_test(test_policies),
		cmocka_unit_test(test_what_cannot_begin),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
