/* SPDX-License-Identifier: Apache-2.0 */
/* plugins/openstack/placement.c: when it is given up, what is asked for hosts that it did not show, and which
 * inventories are read again. */
#include "canned_http.h"
#include "kit/cleanup.h"
#include "openstack/nova_reading.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define NOW    1000000
#define MINUTE 60000

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
	n_logged++;
}

static struct reading *begin(void)
{
	static const struct http_settings settings = {0};
	static struct reading g;

	core = canned_core();
	core.mono_ms = now_ms;
	core.log = count_log;
	n_logged = 0;
	policy = (struct join_policy){0};
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
	region = (struct nova_region){.placement = calloc(1, sizeof(*region.placement))};
	g = (struct reading){.nova = &nova, .found.region = &region, .use_placement = true};
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
	nova_region_finish(&region);
	nova_finish(&nova);
	keystone_logout(&keystone);
	http_free(keystone.http);
}

/* ---- an error ---- */

static void test_when_it_is_given_up(void **state)
{
	enum { U = GPUBROKER_E_UNAVAILABLE, D = GPUBROKER_E_DENIED, C = GPUBROKER_E_CONFIG };
	static const struct {
		const char *capacity;
		bool answered, works; /* ever; to this login */
		int status, r;
		bool fails, refused;
	} rows[] = {
		{NULL,        false, false, 503, U,                     false, false}, /* asked again at the next reading */
		{"auto",      false, false, 0,   GPUBROKER_E_NETWORK,   false, false},
		{"auto",      false, false, 401, GPUBROKER_E_AUTH,      false,
                 true							       }, /* after the next login */
		{"auto",      false, false, 403, D,                     false, true },
		{"auto",      false, false, 404, GPUBROKER_E_BAD_REPLY, false, true },
		{"auto",      false, false, 406, GPUBROKER_E_BAD_REPLY, false, true },
		{"auto",      false, false, 400, GPUBROKER_E_BAD_REPLY, false, false},
		{"auto",      false, false, 0,   C,                     false, true },
		{"auto",      true,  true,  503, U,                     true,  false}, /* never silently once it has answered */
		{"auto",      true,  false, 503, U,                     true,  false},
		{"auto",      true,  true,  403, D,                     true,
                 true							       }, /* taken away: the next reading believes it */
		{"auto",      true,  false, 403, D,                     false,
                 true							       }, /* to this login it has always said no */
		{"placement", false, false, 403, D,                     true,  false},
		{"placement", true,  true,  503, U,                     true,  false},
	};

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct reading *g = begin();
		struct gpubroker_error error = {0};
		int r;

		policy.capacity = (char *)(uintptr_t)rows[i].capacity;
		nova.placement = (struct placement_memory){
			.answered = rows[i].answered, .works = rows[i].works};
		snprintf(error.text, sizeof(error.text), "row %zu", i);
		r = placement_failed(g, rows[i].status, rows[i].r, &error);
		if (r != (rows[i].fails ? rows[i].r : 0) ||
			nova.placement.refused != rows[i].refused ||
			g->use_placement != rows[i].fails || !region.placement == rows[i].fails) {
			fail_msg("row %zu: %d, refused %d, used %d", i, r, nova.placement.refused,
				g->use_placement);
		}
		assert_int_equal(n_logged, rows[i].fails ? 0 : 1);
		end(g);
	}
}

static void test_what_was_refused_is_asked_after_the_next_login(void **state)
{
	struct reading *g = begin();

	placement_region_free(TAKE_PTR(region.placement));
	g->use_placement = false;
	nova.placement = (struct placement_memory){.login = 1, .refused = true};
	assert_int_equal(placement_choose(g, NULL), 0);
	assert_false(g->use_placement);
	assert_int_equal(n_logged, 1);
	assert_int_equal(placement_choose(g, NULL), 0);
	assert_int_equal(n_logged, 1); /* why is said once */
	policy.capacity = (char[]){"nova"};
	keystone.logins = 2;
	assert_int_equal(placement_choose(g, NULL), 0);
	assert_false(g->use_placement);
	assert_true(nova.placement.refused); /* nobody has asked */
	end(g);
}

/* From then on it is never left out silently; and if it is refused some day, why is said again. */
static void test_it_has_answered(void **state)
{
	const struct listing l = {.id = CALL_CANDIDATES_VCPU, .x.status = 200};
	struct reading *g = begin();

	nova.placement = (struct placement_memory){.said = true};
	placement_answered(g, &l);
	assert_true(nova.placement.answered && nova.placement.works);
	assert_false(nova.placement.said);
	nova.placement = (struct placement_memory){.answered = true, .said = true};
	placement_answered(g, &l);
	assert_true(nova.placement.works);
	assert_false(nova.placement.said);
	end(g);
}

/* ---- hosts that it did not show ---- */

#define AGGREGATES                                                                                 \
	"{\"aggregates\":[{\"id\":1,\"uuid\":\"agg\",\"name\":\"a\",\"hosts\":[\"h1\",\"h2\"],"    \
	"\"metadata\":{\"gpu\":\"true\",\"gpu_count\":\"2\",\"gpu_type\":\"T\"}},"                 \
	"{\"id\":2,\"uuid\":\"empty\",\"name\":\"e\",\"hosts\":[],"                                \
	"\"metadata\":{\"gpu\":\"true\",\"gpu_count\":\"2\",\"gpu_type\":\"T\"}},"                 \
	"{\"id\":3,\"uuid\":\"other\",\"name\":\"o\",\"hosts\":[\"h3\"],\"metadata\":{}}]}"
#define HYPERVISOR(n)                                                                              \
	"{\"id\":\"u" n "\",\"hypervisor_hostname\":\"n" n "\",\"service\":{\"host\":\"h" n "\"}}"
#define HYPERVISORS                                                                                \
	"{\"hypervisors\":[" HYPERVISOR("1") "," HYPERVISOR("2") "," HYPERVISOR("3") "]}"

static void read_hosts(struct reading *g)
{
	static char h1[] = "h1", h2[] = "h2";
	static char *const names[] = {h1, h2};

	assert_int_equal(nova_parse_aggregates(&region.aggregates, AGGREGATES, strlen(AGGREGATES),
				 "a", NULL, NULL),
		0);
	assert_int_equal(nova_parse_hypervisors(&region.hypervisors, HYPERVISORS,
				 strlen(HYPERVISORS), "h", NULL, NULL),
		0);
	g->gpu_hosts = (char **)(uintptr_t)names;
	g->n_gpu_hosts = 2;
	g->gpu_hosts_known = g->flavors_known = true;
}

/* The last listing as "CALL subject", and how many there are. */
static void check_asked(const struct reading *g, size_t n, enum call_id id, const char *subject)
{
	const struct listing *l = g->listings.first, *last = NULL;
	size_t found = 0;

	for (; l; l = l->next) {
		last = l;
		found++;
	}
	assert_int_equal(found, n);
	assert_int_equal(last->id, id);
	assert_string_equal(last->subject, subject);
}

static void show(struct reading *g, const char *uuid)
{
	char body[256];

	snprintf(body, sizeof(body),
		"{\"allocation_requests\":[],\"provider_summaries\":{\"%s\":{\"resources\":{},\"traits\":[],"
		"\"root_provider_uuid\":\"%s\",\"parent_provider_uuid\":null}}}",
		uuid, uuid);
	assert_int_equal(
		placement_parse_candidates(region.placement, body, strlen(body), "p", NULL), 0);
}

/* By memory, by disk, then tree by tree, then provider by provider; nothing where all are there. */
static void test_order_of_the_missing(void **state)
{
	struct reading *g = begin();

	read_hosts(g);
	assert_int_equal(placement_go_on(g, NULL), 0); /* nothing has been asked for yet */
	assert_int_equal(g->placement_step, 0);
	assert_int_equal(placement_begin(g, NULL), 0);
	check_asked(g, 1, CALL_CANDIDATES_VCPU, "in:agg"); /* not those without GPUs or hosts */
	assert_int_equal(placement_begin(g, NULL), 0);
	check_asked(g, 1, CALL_CANDIDATES_VCPU, "in:agg"); /* once */
	show(g, "u1");
	assert_int_equal(placement_go_on(g, NULL), 0);
	check_asked(g, 2, CALL_CANDIDATES_RAM, "in:agg");
	assert_int_equal(placement_go_on(g, NULL), 0);
	check_asked(g, 3, CALL_CANDIDATES_DISK, "in:agg");
	assert_int_equal(placement_go_on(g, NULL), 0);
	check_asked(g, 4, CALL_CANDIDATES_TREE, "u2"); /* u3 has no GPUs */
	assert_int_equal(placement_go_on(g, NULL), 0);
	check_asked(g, 5, CALL_TREE, "u2");
	end(g);
}

static void test_nothing_is_missing(void **state)
{
	struct reading *g = begin();
	int rounds = 0;

	read_hosts(g);
	assert_int_equal(placement_begin(g, NULL), 0);
	show(g, "u1");
	show(g, "u2");
	for (; rounds < 4; rounds++) {
		assert_false(placement_is_done(g));
		assert_int_equal(placement_go_on(g, NULL), 0);
	}
	check_asked(g, 1, CALL_CANDIDATES_VCPU, "in:agg");
	for (; rounds < 20 && !placement_is_done(g); rounds++) {
		assert_int_equal(placement_go_on(g, NULL), 0);
	}
	assert_true(placement_is_done(g)); /* it ends, whatever inventories say */
	end(g);
}

static void test_older_ones_cannot_ask_for_a_tree(void **state)
{
	struct reading *g = begin();

	nova.versions[SERVICE_PLACEMENT].max = 30;
	read_hosts(g);
	assert_int_equal(placement_begin(g, NULL), 0);
	show(g, "u1");
	for (int i = 0; i < 4; i++) {
		assert_int_equal(placement_go_on(g, NULL), 0);
	}
	check_asked(g, 4, CALL_TREE, "u2");
	assert_int_equal(g->listings.begun[CALL_CANDIDATES_TREE], 0);
	end(g);
}

/* Hosts of no GPU aggregate count too: no filter, and u3 is missed. */
static void test_every_host(void **state)
{
	struct reading *g = begin();

	policy.include_cpu_flavors = true;
	read_hosts(g);
	assert_int_equal(placement_begin(g, NULL), 0);
	assert_null(g->listings.first->subject);
	show(g, "u1");
	show(g, "u2");
	g->placement_step = 3;
	assert_int_equal(placement_go_on(g, NULL), 0);
	check_asked(g, 2, CALL_TREE, "u3");
	end(g);
}

/* ---- inventories that are kept ---- */

static const char kept[] =
	"{\"inventories\":{\"VCPU\":{\"total\":28,\"reserved\":2,\"min_unit\":1,\"max_unit\":28,\"step_size\":1,"
	"\"allocation_ratio\":1.5},\"MEMORY_MB\":{\"total\":1000,\"reserved\":0,\"min_unit\":1,\"max_unit\":1000,"
	"\"step_size\":1,\"allocation_ratio\":1.0}}}";

static void remember(int64_t age_ms, int64_t generation, bool has_inventories)
{
	static const char shown[] =
		"{\"allocation_requests\":[],\"provider_summaries\":{\"u1\":{\"resources\":{},\"traits\":[],"
		"\"root_provider_uuid\":\"u1\",\"parent_provider_uuid\":null}}}";
	struct placement_provider *p;

	nova.placement.before = calloc(1, sizeof(*nova.placement.before));
	assert_int_equal(
		placement_parse_candidates(nova.placement.before, shown, strlen(shown), "p", NULL),
		0);
	p = &nova.placement.before->providers.items[0];
	if (has_inventories) {
		assert_int_equal(placement_parse_inventories(p, kept, strlen(kept), "i", NULL), 0);
	}
	p->generation = generation;
	p->read_ms = NOW - age_ms;
}

#define VCPU(n)   "\"VCPU\":{\"capacity\":" #n ",\"used\":7}"
#define MEMORY(n) "\"MEMORY_MB\":{\"capacity\":" #n ",\"used\":7}"

static void test_inventories_that_are_read_again(void **state)
{
	static const struct {
		const char *name, *resources;
		int64_t age_ms, generation, generation_kept;
		bool forgotten, again;
	} rows[] = {
		{"as it was",                        VCPU(39) "," MEMORY(1000),                              9 * MINUTE,  -1, -1, false, false},
		{"ten minutes old",                  VCPU(39) "," MEMORY(1000),                              10 * MINUTE, -1, -1, false, true },
		{"other ratio or reserve",           VCPU(42) "," MEMORY(1000),                              0,           -1, -1, false, true },
		{"a class more",
                 VCPU(39) "," MEMORY(1000) ",\"DISK_GB\":{\"capacity\":1,\"used\":0}",                       0,           -1,
                 -1,													      false, true },
		{"a class less",                     VCPU(39),					       0,           -1, -1, false, true },
		{"another class",                    VCPU(39) ",\"DISK_GB\":{\"capacity\":1000,\"used\":0}", 0,           -1, -1,
                 false,														  true },
		{"the same generation",              VCPU(1),                                                0,           5,  5,  false, false},
		{"another generation",               VCPU(39) "," MEMORY(1000),                              0,           6,  5,  false, true },
		{"a generation where none was said", VCPU(39) "," MEMORY(1000),                              0,           5,  -1, false,
                 true															 },
		{"never read",                       VCPU(39) "," MEMORY(1000),                              0,           -1, -1, true,  true },
	};

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct reading *g = begin();
		char body[512];

		read_hosts(g);
		remember(rows[i].age_ms, rows[i].generation_kept, !rows[i].forgotten);
		snprintf(body, sizeof(body),
			"{\"allocation_requests\":[],\"provider_summaries\":{\"u1\":{\"resources\":{%s},\"traits\":[],"
			"\"root_provider_uuid\":\"u1\",\"parent_provider_uuid\":null}}}",
			rows[i].resources);
		assert_int_equal(
			placement_parse_candidates(region.placement, body, strlen(body), "p", NULL),
			0);
		region.placement->providers.items[0].generation = rows[i].generation;
		g->candidates_asked = true;
		g->placement_step = 4;
		assert_int_equal(placement_go_on(g, NULL), 0);
		if (g->listings.begun[CALL_INVENTORIES] != rows[i].again ||
			region.placement->providers.items[0].has_inventories == rows[i].again) {
			fail_msg("%s", rows[i].name);
		}
		end(g);
	}
}

/* A device that is one and whole says all of itself. */
static void test_devices_whose_inventory_is_known(void **state)
{
	static const struct {
		const char *resources, *traits, *parent;
		bool asked;
	} rows[] = {
		{"\"CUSTOM_PCI_1_2\":{\"capacity\":1,\"used\":1}", "",                               "\"u1\"", false},
		{"\"CUSTOM_T4\":{\"capacity\":1,\"used\":0}",      "\"COMPUTE_MANAGED_PCI_DEVICE\"",
                 "\"u1\"",										     false},
		{"\"CUSTOM_T4\":{\"capacity\":1,\"used\":0}",      "",                               "\"u1\"",
                 true											       }, /* whose it is nobody knows */
		{"\"CUSTOM_PCI_1_2\":{\"capacity\":0,\"used\":0}", "",                               "\"u1\"",
                 true											       }, /* out of use */
		{"\"CUSTOM_PCI_1_2\":{\"capacity\":4,\"used\":0}", "",                               "\"u1\"",
                 true											       }, /* virtual functions */
		{"\"VGPU\":{\"capacity\":1,\"used\":0}",           "",                               "\"u1\"", true },
	};

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct reading *g = begin();
		char body[512];

		read_hosts(g);
		show(g, "u1");
		snprintf(body, sizeof(body),
			"{\"allocation_requests\":[],\"provider_summaries\":{\"d\":{\"resources\":{%s},\"traits\":[%s],"
			"\"root_provider_uuid\":\"u1\",\"parent_provider_uuid\":%s}}}",
			rows[i].resources, rows[i].traits, rows[i].parent);
		assert_int_equal(
			placement_parse_candidates(region.placement, body, strlen(body), "p", NULL),
			0);
		g->candidates_asked = true;
		g->placement_step = 4;
		assert_int_equal(placement_go_on(g, NULL), 0);
		if (placement_find(region.placement, "d")->has_inventories == rows[i].asked ||
			g->listings.begun[CALL_INVENTORIES] != 1u + rows[i].asked) { /* and u1's */
			fail_msg("row %zu", i);
		}
		end(g);
	}
}

/* A root is more than its devices. */
static void test_a_root_is_no_device(void **state)
{
	static const char body[] =
		"{\"allocation_requests\":[],\"provider_summaries\":{\"u1\":{\"resources\":{\"CUSTOM_PCI_1_2\":"
		"{\"capacity\":1,\"used\":0}},\"traits\":[],\"root_provider_uuid\":\"u1\","
		"\"parent_provider_uuid\":null}}}";
	struct reading *g = begin();

	read_hosts(g);
	assert_int_equal(
		placement_parse_candidates(region.placement, body, strlen(body), "p", NULL), 0);
	g->candidates_asked = true;
	g->placement_step = 4;
	assert_int_equal(placement_go_on(g, NULL), 0);
	check_asked(g, 1, CALL_INVENTORIES, "u1");
	end(g);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_when_it_is_given_up),
		cmocka_unit_test(test_what_was_refused_is_asked_after_the_next_login),
		cmocka_unit_test(test_it_has_answered),
		cmocka_unit_test(test_order_of_the_missing),
		cmocka_unit_test(test_nothing_is_missing),
		cmocka_unit_test(test_older_ones_cannot_ask_for_a_tree),
		cmocka_unit_test(test_every_host),
		cmocka_unit_test(test_inventories_that_are_read_again),
		cmocka_unit_test(test_devices_whose_inventory_is_known),
		cmocka_unit_test(test_a_root_is_no_device),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
