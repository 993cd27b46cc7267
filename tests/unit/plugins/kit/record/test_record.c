/* SPDX-License-Identifier: Apache-2.0 */
/* A recording replays to the same counts, and does not tell whose cloud it is: over every case of tests/data. */
#include "kit/record/record.h"

#include "data_file.h"
#include "edited_docs.h"
#include "failing_alloc.h"
#include "fake_core.h"
#include "model/capacity.h"
#include "model/inventory.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static char *exclude[] = {(char *)(uintptr_t) "DEPRECATED"};
static const struct join_policy policy = {
	.flavor_exclude = {.n = 1, .items = exclude},
	.include_cpu_flavors = true,
};

static int join(const struct nova_region *region, struct gpubroker_inventory *out)
{
	struct gpubroker_error error = {0};
	struct notes notes = {0};
	int r;

	fake_core_clear_log();
	fake_core_clear_records();
	r = join_region(&fake_core, region, &policy, &notes, out, &error);
	notes_finish(&notes);
	return r;
}

/* Counts of the flavors, then of each host in all: names are others after a recording, their order may be. */
static void describe(const struct gpubroker_inventory *inv, char *out, size_t room)
{
	long long sums[8] = {0};
	size_t n = 0;

	for (size_t i = 0; i < inv->n_flavors; i++) {
		struct flavor_count count =
			flavor_count(&inv->flavors[i], inv->hosts, inv->n_hosts);

		n += (size_t)snprintf(out + n, room - n, "%s %lld/%lld %d; ", inv->flavors[i].id,
			(long long)count.available, (long long)count.total, (int)count.limited_by);
	}
	for (size_t i = 0; i < inv->n_hosts; i++) {
		const struct gpubroker_host *h = &inv->hosts[i];

		sums[0] += h->vcpus.total + h->vcpus.max_unit;
		sums[1] += h->vcpus.used + h->pcpus.total;
		sums[2] += h->ram_mib.total + h->ram_mib.reserved;
		sums[3] += h->ram_mib.used;
		sums[4] += h->disk_gib.total + h->disk_gib.ratio_micro;
		sums[5] += h->disk_gib.used;
		sums[6] += (long long)h->words.n + (long long)h->state * 100;
		for (size_t k = 0; k < h->n_gpus; k++) {
			sums[7] += h->gpus[k].total * 1000 + h->gpus[k].used +
				   (long long)h->gpus[k].n_devices * 1000000;
		}
	}
	for (size_t i = 0; i < 8; i++) {
		n += (size_t)snprintf(out + n, room - n, " %lld", sums[i]);
	}
	snprintf(out + n, room - n, " of %zu hosts, model %d", inv->n_hosts,
		(int)inv->capacity_model);
}

/* ---- a region from what was recorded, as `replay` reads it ---- */

typedef int provider_fn(struct placement_provider *, const char *body, size_t n, const char *what,
	struct gpubroker_error *);

static void read_part(struct placement_provider *p, const char *part, provider_fn *parse)
{
	char name[128];
	const char *body;

	snprintf(name, sizeof(name), "%s-%s.json", part, p->uuid);
	body = fake_core_recorded(name);
	if (body) {
		assert_int_equal(parse(p, body, strlen(body), name, NULL), 0);
	}
}

static void read_placement(struct nova_region *region)
{
	const char *body = fake_core_recorded("resource_providers.json");
	struct placement_region *placement;

	if (!body) {
		return;
	}
	region->placement = placement = calloc(1, sizeof(*placement));
	assert_int_equal(placement_parse_providers(placement, body, strlen(body), "p", NULL), 0);
	body = fake_core_recorded("allocation_candidates.json");
	assert_int_equal(placement_parse_candidates(placement, body, strlen(body), "c", NULL), 0);
	for (size_t i = 0; i < placement->providers.n; i++) {
		read_part(
			&placement->providers.items[i], "inventories", placement_parse_inventories);
		read_part(&placement->providers.items[i], "traits", placement_parse_traits);
	}
	for (size_t i = 0; i < region->migrations.n; i++) {
		const char *consumer =
			join_wants_allocation(region, NULL, &region->migrations.items[i]);
		char name[128];

		snprintf(name, sizeof(name), "allocations-%s.json", consumer ? consumer : "");
		body = fake_core_recorded(name);
		if (body) {
			assert_int_equal(placement_parse_allocations(placement, consumer, body,
						 strlen(body), name, NULL),
				0);
		}
	}
}

static void region_of_records(struct nova_region *ret)
{
	const char *aggregates = fake_core_recorded("aggregates.json");
	const char *hypervisors = fake_core_recorded("hypervisors.json");
	const char *flavors = fake_core_recorded("flavors.json");
	const char *servers = fake_core_recorded("servers.json");
	const char *migrations = fake_core_recorded("migrations.json");

	assert_int_equal(nova_parse_aggregates(
				 &ret->aggregates, aggregates, strlen(aggregates), "a", NULL, NULL),
		0);
	assert_int_equal(nova_parse_hypervisors(&ret->hypervisors, hypervisors, strlen(hypervisors),
				 "h", NULL, NULL),
		0);
	assert_int_equal(
		nova_parse_flavors(&ret->flavors, flavors, strlen(flavors), "f", NULL, NULL), 0);
	assert_int_equal(
		nova_parse_servers(&ret->servers, servers, strlen(servers), "s", NULL, NULL), 0);
	if (migrations) {
		assert_int_equal(nova_parse_migrations(&ret->migrations, migrations,
					 strlen(migrations), "m", NULL, NULL),
			0);
	}
	read_placement(ret);
}

/* ---- anonymous ---- */

static const char *const documents[] = {"aggregates.json", "hypervisors.json", "servers.json",
	"migrations.json", "resource_providers.json", "allocation_candidates.json"};

static void must_not_stand(const char *name, const char *key)
{
	for (size_t i = 0; name && *name && i < 6; i++) {
		const char *body = fake_core_recorded(documents[i]);
		char quoted[300];

		snprintf(quoted, sizeof(quoted), "\"%s\"", name);
		if (body && strstr(body, quoted)) {
			fail_msg("%s %s stands in %s", key, quoted, documents[i]);
		}
	}
}

static void check_anonymous(const struct nova_region *region)
{
	for (size_t i = 0; i < region->hypervisors.n; i++) {
		/* the data has hosts that are called as we call them */
		if (region->hypervisors.items[i].host &&
			strncmp(region->hypervisors.items[i].host, "host", 4) != 0) {
			must_not_stand(region->hypervisors.items[i].host, "host");
		}
		must_not_stand(region->hypervisors.items[i].disabled_reason, "reason");
	}
	for (size_t i = 0; i < region->servers.n; i++) {
		must_not_stand(region->servers.items[i].id, "server");
		must_not_stand(region->servers.items[i].project_id, "project");
		must_not_stand(region->servers.items[i].host_id, "hostId");
	}
	for (size_t i = 0; i < region->migrations.n; i++) {
		must_not_stand(region->migrations.items[i].uuid, "migration");
	}
	for (size_t i = 0; i < region->aggregates.n; i++) {
		char name[256];

		snprintf(name, sizeof(name), "name\": \"%s", region->aggregates.items[i].name);
		must_not_stand(name, "aggregate");
	}
}

/* ---- the cases ---- */

static bool check_docs(const json_t *docs, const char *name)
{
	static char before[32768], after[32768];
	struct nova_region region = {0}, again = {0};
	struct gpubroker_inventory inv = {0}, inv_again = {0};
	int r = docs_to_region(docs, &region, NULL);

	r = r < 0 ? r : join(&region, &inv);
	if (r == 0) {
		check_anonymous(&region);
		region_of_records(&again);
		describe(&inv, before, sizeof(before));
		assert_int_equal(join(&again, &inv_again), 0);
		describe(&inv_again, after, sizeof(after));
		if (strcmp(before, after) != 0) {
			fail_msg("%s:\n%s\n%s", name, before, after);
		}
	}
	inventory_finish(&inv);
	inventory_finish(&inv_again);
	nova_region_finish(&region);
	nova_region_finish(&again);
	return r == 0;
}

static size_t check_cases(const char *file, const json_t *docs)
{
	char *text = data_file(file, NULL);
	json_t *cases = json_loads(text, 0, NULL), *the_case;
	size_t i, checked = 0;

	json_array_foreach(cases, i, the_case)
	{
		const char *base = json_string_value(json_object_get(the_case, "base"));
		json_t *own = base ? docs_load_file(base) : NULL;
		json_t *edited = docs_edited(own ? own : docs, the_case);

		checked += check_docs(edited, json_string_value(json_object_get(the_case, "case")));
		json_decref(edited);
		json_decref(own);
	}
	json_decref(cases);
	free(text);
	return checked;
}

static void test_every_case_replays_to_the_same(void **state)
{
	json_t *docs = docs_load("predecessor");

	assert_true(check_cases("predecessor/cases.json", docs) > 50);
	assert_true(check_cases("placement/cases.json", NULL) > 40);
	json_decref(docs);
	fake_core_clear_records();
}

static void test_metadata_that_does_not_count_is_left_out(void **state)
{
	json_t *docs = docs_load_file("placement/giessen.json");
	json_t *metadata =
		json_object_get(json_array_get(json_object_get(docs, "aggregates"), 0), "metadata");
	const char *body;

	json_object_set_new(metadata, "owner", json_string("somebody"));
	json_object_set_new(metadata, "gpu_contact", json_string("somebody"));
	json_object_set_new(metadata, "trait:CUSTOM_SOMEBODY", json_string("required"));
	json_object_set_new(metadata, "trait:HW_CPU_X86_AVX2", json_string("required"));
	assert_true(check_docs(docs, "metadata"));
	body = fake_core_recorded("aggregates.json");
	assert_null(strcasestr(body, "somebody"));
	assert_non_null(strstr(body, "trait:HW_CPU_X86_AVX2"));
	json_decref(docs);
	fake_core_clear_records();
}

static void give_class(json_t *docs, const char *class)
{
	json_t *inventories = json_object_get(json_object_get(docs, "inventories"), "gi-mix-01");
	json_t *usages = json_object_get(json_object_get(docs, "usages"), "gi-mix-01");

	assert_int_equal(json_object_set_new(inventories, class,
				 json_pack("{s:i, s:i, s:i, s:i, s:i, s:f}", "total", 1, "reserved",
					 0, "min_unit", 1, "max_unit", 1, "step_size", 1,
					 "allocation_ratio", 1.0)),
		0);
	assert_int_equal(json_object_set_new(usages, class, json_integer(0)), 0);
}

static void test_classes_that_nobody_asks_for_lose_their_names(void **state)
{
	static const char *const names[] = {"inventories-00000001-0000-4000-8000-000000000001.json",
		"inventories-00000002-0000-4000-8000-000000000002.json",
		"inventories-00000003-0000-4000-8000-000000000003.json",
		"allocation_candidates.json"};
	json_t *docs = docs_load_file("placement/giessen.json");
	json_t *specs =
		json_object_get(json_array_get(json_object_get(docs, "flavors"), 0), "extra_specs");
	size_t n_asked = 0, n_made = 0;

	give_class(docs, "CUSTOM_SOMEBODY");
	give_class(docs, "CUSTOM_ASKED");
	json_object_set_new(specs, "resources:CUSTOM_ASKED", json_string("1"));
	assert_true(check_docs(docs, "classes"));
	for (size_t i = 0; i < 4; i++) {
		const char *body = fake_core_recorded(names[i]);

		assert_non_null(body);
		assert_null(strstr(body, "CUSTOM_SOMEBODY"));
		n_asked += strstr(body, "CUSTOM_ASKED") != NULL;
		n_made += strstr(body, "CUSTOM_RECORDED_00001") != NULL;
	}
	assert_int_equal(n_asked, 2);
	assert_int_equal(n_made, 2);
	json_decref(docs);
	fake_core_clear_records();
}

static void test_nobody_records(void **state)
{
	struct gpubroker_core deaf = fake_core;
	struct nova_region region = {0};

	deaf.record = NULL;
	fake_core_clear_records();
	assert_int_equal(record_region(&deaf, &region, &policy.alias_map, NULL), 0);
	assert_null(fake_core_recorded("aggregates.json"));
}

static struct nova_region whole;

static bool record_it(void)
{
	bool fine;

	fake_core_clear_records();
	fine = record_region(&fake_core, &whole, &policy.alias_map, NULL) == 0;
	fake_core_clear_records();
	return fine;
}

static void test_no_memory(void **state)
{
	json_t *docs = docs_load_file("placement/giessen-resize.json");

	assert_int_equal(docs_to_region(docs, &whole, NULL), 0);
	failing_alloc_try_all(record_it);
	nova_region_finish(&whole);
	json_decref(docs);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_every_case_replays_to_the_same),
		cmocka_unit_test(test_metadata_that_does_not_count_is_left_out),
		cmocka_unit_test(test_classes_that_nobody_asks_for_lose_their_names),
		cmocka_unit_test(test_nobody_records),
		cmocka_unit_test(test_no_memory),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
