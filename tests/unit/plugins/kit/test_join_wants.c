/* SPDX-License-Identifier: Apache-2.0 */
/* What a reading still has to ask for: edits of the lab's documents, and what is wanted then. */
#include "kit/join.h"

#include "edited_docs.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static void region_with(const char *edits, struct nova_region *ret)
{
	json_t *docs = docs_load_file("placement/giessen-resize.json");
	json_t *the_case = json_loads(edits, 0, NULL);
	json_t *edited;

	assert_non_null(the_case);
	edited = docs_edited(docs, the_case);
	assert_int_equal(docs_to_region(edited, ret, NULL), 0);
	json_decref(edited);
	json_decref(the_case);
	json_decref(docs);
}

static void test_servers_of_migrations(void **state)
{
	static const struct {
		const char *edits;
		bool wanted, wanted_for_mixed; /* of all GPU hosts, of gi-mix-01 alone */
	} rows[] = {
		{"{}",									       false, false}, /* it is in the list */
		{"{\"remove\": [\"servers/0\"]}",						    true,  true },
		{"{\"remove\": [\"servers/0\"], \"set\": {\"migrations/0/status\": \"confirmed\"}}",
                 false,										     false},
		{"{\"remove\": [\"servers/0\"], \"set\": {\"migrations/0/source_compute\": \"x\"}}",
                 true,										      false},
		{"{\"remove\": [\"servers/0\"], \"set\": {\"migrations/0/source_compute\": \"x\","
		 " \"migrations/0/dest_compute\": \"gi-cpu-01\"}}",                 false, false},
	};
	struct word_set mixed = {0};

	word_set_add(&mixed, "gi-mix-01");
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct nova_region region = {0};
		const struct nova_migration *m;

		region_with(rows[i].edits, &region);
		m = &region.migrations.items[0];
		if (join_wants_server(&region, NULL, m) != rows[i].wanted ||
			join_wants_server(&region, &mixed, m) != rows[i].wanted_for_mixed) {
			fail_msg("%s", rows[i].edits);
		}
		nova_region_finish(&region);
	}
	word_set_finish(&mixed);
}

/* Whose servers a reading asks for. */
static void test_hosts_counted_by_servers(void **state)
{
	static const struct {
		const char *edits, *hosts;
	} rows[] = {
		{"{}",									      ""           }, /* devices tell all of both */
		{"{\"remove\": [\"inventories/gi-mix-01_0000:3B:00.0\"]}",                          "gi-mix-01 " },
		{"{\"remove\": [\"usages/gi-mix-01_0000:3B:00.0\"]}",                               "gi-mix-01 " },
		{"{\"remove\": [\"inventories/gi-v100-01\"]}",                                      "gi-v100-01 "},
 /* not reported, but for another host */
		{"{\"set\": {\"aggregates/0/hosts\": [\"gi-v100-01\", \"gi-cpu-01\", \"gone\"]}}",
                 "gi-cpu-01 "										    },
 /* of two types devices tell one */
		{"{\"set\": {\"aggregates/2/metadata/gpu_type\": \"H100\"}, \"replace\": "
		 "{\"CUSTOM_PCI_10DE_20F1\": \"CUSTOM_PCI_10DE_1DB6\"}}",          "gi-mix-01 " },
 /* of which class its type is nothing tells */
		{"{\"set\": {\"aggregates/2/metadata/gpu_count\": \"2\"}}",                         "gi-mix-01 " },
		{"{\"remove\": [\"resource_providers\", \"inventories\", \"usages\", \"traits\"]}",
                 "gi-mix-01 gi-v100-01 "									 },
	};
	const struct join_policy policy = {0};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct nova_region region = {0};
		struct word_set hosts = {0};
		char text[256] = "";

		region_with(rows[i].edits, &region);
		assert_int_equal(join_server_hosts(&region, &policy, &hosts, NULL), 0);
		for (size_t k = 0; k < hosts.n; k++) {
			snprintf(text + strlen(text), sizeof(text) - strlen(text), "%s ",
				hosts.items[k]);
		}
		if (strcmp(text, rows[i].hosts) != 0) {
			fail_msg("%s: %s", rows[i].edits, text);
		}
		word_set_finish(&hosts);
		nova_region_finish(&region);
	}
}

static void test_allocations_of_migrations(void **state)
{
	static const struct {
		const char *edits, *consumer;
	} rows[] = {
		{"{}",													NULL				  }, /* it is known already */
		{"{\"remove\": [\"allocations\"]}",									   "ccc5ef8d-1d64-4b37-bc50-33fa611e6ad9"},
		{"{\"remove\": [\"allocations\"], \"set\": {\"migrations/0/old_instance_type_id\": 4}}",
                 NULL																	       },
		{"{\"remove\": [\"allocations\"], \"set\": {\"migrations/0/source_compute\": \"gi-cpu-01\"}}",
                 NULL																	       },
 /* before the server moves, its own allocation is that of the destination */
		{"{\"remove\": [\"allocations\"], \"set\": {\"servers/0/OS-EXT-SRV-ATTR:host\": \"gi-mix-01\","
		 " \"servers/0/OS-EXT-STS:vm_state\": \"active\", \"migrations/0/status\": \"migrating\"}}",
                 "fce57336-653c-4eb3-a78d-b3fc9b5221c4"													     },
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		const struct word_set none = {0};
		struct nova_region region = {0};
		const char *consumer;

		region_with(rows[i].edits, &region);
		consumer = join_wants_allocation(&region, NULL, &region.migrations.items[0]);
		if (join_wants_allocation(&region, &none, &region.migrations.items[0])) {
			fail_msg("%s: devices tell", rows[i].edits);
		}
		if (rows[i].consumer ? !consumer || strcmp(consumer, rows[i].consumer) != 0
				     : consumer != NULL) {
			fail_msg("%s: %s", rows[i].edits, consumer ? consumer : "NULL");
		}
		nova_region_finish(&region);
	}
}

#define CPU    "gi-cpu-01"
#define HOST   "gi-v100-01"
#define DEVICE "gi-v100-01_0000:3B:00.0"

static void test_parts_of_providers(void **state)
{
	static const char by_class[] = "\"flavors/0/extra_specs\": {\"resources:VGPU\": \"1\"}";
	static const struct {
		const char *provider, *remove, *set;
		bool cpu_flavors;
		unsigned wanted;
	} rows[] = {
		{HOST,   "",			    "",					   false, 0                    },
		{HOST,   "\"inventories\", \"traits\"", "",                                           false,
                 PLACEMENT_INVENTORIES | PLACEMENT_TRAITS									 },
		{HOST,   "\"usages\"",                  "",					   false, PLACEMENT_USAGES     },
		{DEVICE, "\"inventories\", \"usages\"", "",                                           false, PLACEMENT_USAGES     },
		{DEVICE, "\"inventories\"",             "",                                           false, PLACEMENT_INVENTORIES},
		{CPU,    "\"inventories\", \"usages\"", "",                                           false, 0                    },
		{CPU,    "\"inventories\", \"usages\"", "",                                           true,
                 PLACEMENT_INVENTORIES | PLACEMENT_USAGES									 },
		{CPU,    "\"inventories\", \"usages\"", by_class,                                     false, PLACEMENT_USAGES     },
		{CPU,    "\"inventories\"",             by_class,                                     false, 0                    },
		{CPU,    "\"inventories\"",
                 "\"usages/" CPU
			"\": {\"VGPU\": 1}, \"flavors/0/extra_specs\": {\"resources1:VGPU\": \"1\"}",
                 false,										      PLACEMENT_INVENTORIES},
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		const struct join_policy policy = {.include_cpu_flavors = rows[i].cpu_flavors};
		struct nova_region region = {0};
		char edits[512];
		unsigned wanted;

		snprintf(edits, sizeof(edits), "{\"remove\": [%s], \"set\": {%s}}", rows[i].remove,
			rows[i].set);
		region_with(edits, &region);
		wanted = join_wants_parts(
			&region, &policy, placement_find(region.placement, rows[i].provider));
		if (wanted != rows[i].wanted) {
			fail_msg("%s %s: %u", rows[i].provider, edits, wanted);
		}
		assert_int_equal(join_wants_every_host(&region, &policy),
			rows[i].cpu_flavors || rows[i].set[0]);
		nova_region_finish(&region);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_servers_of_migrations),
		cmocka_unit_test(test_hosts_counted_by_servers),
		cmocka_unit_test(test_allocations_of_migrations),
		cmocka_unit_test(test_parts_of_providers),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
