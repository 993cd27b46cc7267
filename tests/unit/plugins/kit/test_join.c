/* SPDX-License-Identifier: Apache-2.0 */
/* From replies to counts: the reference set-up with every edge case of the predecessor, and what a real lab
 * showed. tests/data/predecessor/cases.json has a line a case. */
#include "kit/join.h"

#include "data_file.h"
#include "edited_docs.h"
#include "failing_alloc.h"
#include "fake_core.h"
#include "model/capacity.h"
#include "model/inventory.h"
#include "model/region.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static char *exclude[] = {(char *)(uintptr_t) "DEPRECATED"};
static const struct join_policy policy = {
	.cpu_allocation_ratio = 4.0,
	.ram_allocation_ratio = 1.0,
	.disk_allocation_ratio = 1.0,
	.flavor_exclude = {.n = 1, .items = exclude},
};

static int join(const struct nova_region *region, struct gpubroker_inventory *out,
	struct gpubroker_error *reterr)
{
	struct notes notes = {0};
	int r;

	fake_core_clear_log();
	r = join_region(&fake_core, region, &policy, &notes, out, reterr);
	notes_finish(&notes);
	return r;
}

static const char *label(const char *id)
{
	static const char *const labels[][2] = {
		{"4e6428f5-a0ec-4450-8f38-112236f056da", "large"  },
		{"9a8a5bfc-001e-469b-a787-ddbbc2ea8483", "2xlarge"},
		{"a54ed137-04fe-463f-a2b0-666079d1b2ba", "medium" },
	};

	for (size_t i = 0; i < 3; i++) {
		if (strcmp(labels[i][0], id) == 0) {
			return labels[i][1];
		}
	}
	return id;
}

/* "large 3/4; 2xlarge 1/2; medium 3/4" */
static void describe(const struct gpubroker_inventory *inv, char ret[static 1024])
{
	size_t n = 0;

	ret[0] = '\0';
	for (size_t i = 0; i < inv->n_flavors; i++) {
		struct flavor_count count =
			flavor_count(&inv->flavors[i], inv->hosts, inv->n_hosts);

		n += (size_t)snprintf(ret + n, 1024 - n, "%s%s %lld/%lld", i ? "; " : "",
			label(inv->flavors[i].id), (long long)count.available,
			(long long)count.total);
	}
}

static const char *text_of(const json_t *the_case, const char *key)
{
	return json_string_value(json_object_get(the_case, key));
}

/* What is wrong with the outcome, or NULL. */
static const char *judge(const json_t *the_case, int r, const struct gpubroker_inventory *inv,
	const struct gpubroker_error *error, char found[static 1024])
{
	const char *expected_error = text_of(the_case, "error"), *log = text_of(the_case, "log");

	describe(inv, found);
	if (expected_error) {
		if (r >= 0 || strcmp(gpubroker_code_word(error->code), expected_error) != 0) {
			return "not the error expected";
		}
		return strstr(error->text, text_of(the_case, "names")) ? NULL : error->text;
	}
	if (r < 0) {
		return error->text;
	}
	if (strcmp(found, text_of(the_case, "expect")) != 0) {
		return "not the counts expected";
	}
	return log && !strstr(fake_core_log(), log) ? "not in the log" : NULL;
}

static bool run_case(const json_t *docs, const json_t *the_case)
{
	struct gpubroker_inventory inv = {0};
	struct gpubroker_error error = {0};
	struct nova_region region = {0};
	json_t *edited = docs_edited(docs, the_case);
	char found[1024];
	const char *wrong;
	int r = docs_to_region(edited, &region, &error);

	fake_core_clear_log();
	r = r < 0 ? r : join(&region, &inv, &error);
	wrong = judge(the_case, r, &inv, &error, found);
	if (wrong) {
		print_error("%s: %s: %s; log: %s\n", text_of(the_case, "case"), wrong, found,
			fake_core_log());
	}
	nova_region_finish(&region);
	inventory_finish(&inv);
	json_decref(edited);
	return !wrong;
}

static json_t *load_cases(void)
{
	char *text = data_file("predecessor/cases.json", NULL);
	json_t *cases = json_loads(text, 0, NULL);

	free(text);
	assert_true(json_array_size(cases) > 130);
	return cases;
}

static void test_every_case_of_the_predecessor(void **state)
{
	json_t *docs = docs_load("predecessor"), *cases = load_cases(), *the_case;
	unsigned failed = 0;
	size_t i;

	json_array_foreach(cases, i, the_case)
	{
		failed += !run_case(docs, the_case);
	}
	json_decref(docs);
	json_decref(cases);
	assert_int_equal(failed, 0);
}

static void test_the_readme_lists_each_difference(void **state)
{
	char *readme = data_file("../../plugins/kit/README.md", NULL), row[256];
	json_t *cases = load_cases(), *the_case;
	size_t i, n_rows = 0, n_listed = 0;

	json_array_foreach(cases, i, the_case)
	{
		const char *was = text_of(the_case, "predecessor"),
			   *name = text_of(the_case, "case");

		snprintf(row, sizeof(row), "\n| %s |", name);
		if (!was != !strstr(readme, row)) {
			fail_msg("%s: %s", name, was ? "not in the README" : "in the README");
		}
		n_rows += was != NULL;
	}
	for (const char *s = strstr(readme, "## Where"); (s = strstr(s, "\n| ")); s++) {
		n_listed++;
	}
	assert_int_equal(n_listed, n_rows + 1); /* the heading */
	json_decref(cases);
	free(readme);
}

/* ---- the lab ---- */

static void add_capture(struct nova_region *region, const char *aggregates, const char *hypervisors,
	const char *servers)
{
	struct gpubroker_error error = {0};
	size_t n;
	char *body = data_file(aggregates, &n);

	assert_int_equal(nova_parse_aggregates(&region->aggregates, body, n, "a", NULL, &error), 0);
	free(body);
	body = data_file(hypervisors, &n);
	assert_int_equal(
		nova_parse_hypervisors(&region->hypervisors, body, n, "h", NULL, &error), 0);
	free(body);
	body = data_file("kit/flavors-detail-2.79.json", &n);
	assert_int_equal(nova_parse_flavors(&region->flavors, body, n, "f", NULL, &error), 0);
	free(body);
	body = data_file(servers, &n);
	assert_int_equal(nova_parse_servers(&region->servers, body, n, "s", NULL, &error), 0);
	free(body);
}

static const struct gpubroker_host *host_named(
	const struct gpubroker_inventory *inv, const char *name)
{
	for (size_t i = 0; i < inv->n_hosts; i++) {
		if (strcmp(inv->hosts[i].name, name) == 0) {
			return &inv->hosts[i];
		}
	}
	fail_msg("no host '%s'", name);
	return NULL;
}

static void test_servers_in_each_state(void **state)
{
	struct gpubroker_inventory inv = {0};
	struct gpubroker_error error = {0};
	struct nova_region region = {0};
	size_t holding = 0;

	add_capture(&region, "kit/aggregates-2.79.json", "kit/states-hypervisors-detail-2.79.json",
		"kit/states-servers-detail-2.79.json");
	for (size_t i = 0; i < region.servers.n; i++) {
		const struct nova_server *s = &region.servers.items[i];

		holding += server_holds(s);
		if (server_holds(s) == (s->host == NULL)) {
			fail_msg("server %s is %s", s->id, s->status);
		}
	}
	assert_true(holding > 5 && holding < region.servers.n);
	assert_int_equal(join(&region, &inv, &error), 0);
	assert_int_equal(inv.n_hosts, 3); /* the one without GPUs is not there */
	assert_int_equal(host_named(&inv, "bi-v100-01")->gpus[0].total, 2);
	assert_int_equal(host_named(&inv, "bi-a100-01")->gpus[0].total, 4);
	inventory_finish(&inv);
	nova_region_finish(&region);
}

static void test_disabled_and_dead_hosts(void **state)
{
	struct gpubroker_inventory inv = {0};
	struct gpubroker_error error = {0};
	struct nova_region region = {0};

	add_capture(&region, "kit/aggregates-2.79.json", "kit/broken-hypervisors-detail-2.79.json",
		"kit/broken-servers-detail-2.79.json");
	assert_int_equal(join(&region, &inv, &error), 0);
	assert_int_equal(host_named(&inv, "bi-v100-01")->state, GPUBROKER_HOST_UP);
	assert_int_equal(host_named(&inv, "bi-v100-02")->state, GPUBROKER_HOST_DOWN);
	assert_int_equal(host_named(&inv, "bi-a100-01")->state, GPUBROKER_HOST_DISABLED);
	assert_non_null(host_named(&inv, "bi-a100-01")->reason);
	inventory_finish(&inv);
	nova_region_finish(&region);
}

static void test_a_dead_host_keeps_the_numbers_that_it_says(void **state)
{
	static const struct nova_hypervisor hypervisor = {.id = (char *)(uintptr_t) "h",
		.hostname = (char *)(uintptr_t) "h",
		.host = (char *)(uintptr_t) "h",
		.state = (char *)(uintptr_t) "down",
		.vcpus = 28,
		.memory_mb = 1000,
		.no_free_ram = true,
		.local_gb = 10,
		.no_disk_available_least = true,
		.free_disk_gb = 4};
	struct join_policy all = policy;
	struct gpubroker_inventory inv = {0};
	struct gpubroker_error error = {0};
	struct nova_region region = {0};
	struct notes notes = {0};

	all.include_cpu_flavors = true;
	region.hypervisors.items = (struct nova_hypervisor *)(uintptr_t)&hypervisor;
	region.hypervisors.n = 1;
	assert_int_equal(join_region(&fake_core, &region, &all, &notes, &inv, &error), 0);
	assert_int_equal(inv.hosts[0].vcpus.total, 28);
	assert_int_equal(inv.hosts[0].ram_mib.total, 0);
	assert_int_equal(inv.hosts[0].disk_gib.total, 10);
	assert_int_equal(inv.hosts[0].disk_gib.used, 6);
	notes_finish(&notes);
	inventory_finish(&inv);
}

static void test_refused(const char *hypervisors, const char *servers, int code, const char *names)
{
	struct gpubroker_inventory inv = {0};
	struct gpubroker_error error = {0};
	struct nova_region region = {0};

	add_capture(&region, "kit/aggregates-2.79.json", hypervisors, servers);
	assert_int_equal(join(&region, &inv, &error), code);
	if (!strstr(error.text, names)) {
		fail_msg("'%s' does not name %s", error.text, names);
	}
	inventory_finish(&inv);
	nova_region_finish(&region);
}

static void test_readings_that_are_not_complete(void **state)
{
	const char *good = "kit/hypervisors-detail-2.79.json";

	test_refused(good, "kit/downcell-servers-detail-2.79.json", GPUBROKER_E_INCOMPLETE,
		"cell that is down");
	test_refused("kit/hypervisors-detail-2.88.json", "kit/servers-detail-2.79.json",
		GPUBROKER_E_INCOMPLETE, "vcpus");
	test_refused(
		good, "kit/servers-detail-reader.json", GPUBROKER_E_DENIED, "OS-EXT-SRV-ATTR:host");
	test_refused(good, "kit/servers-detail-2.1.json", GPUBROKER_E_DENIED, "extra_specs");
}

/* ---- rules of their own ---- */

static void run_json(const char *the_case_text)
{
	json_t *docs = docs_load("predecessor"), *the_case = json_loads(the_case_text, 0, NULL);

	assert_non_null(the_case);
	assert_true(run_case(docs, the_case));
	json_decref(the_case);
	json_decref(docs);
}

static void test_a_lost_flavor_matters_on_a_gpu_host_only(void **state)
{
	run_json("{\"case\":\"lost\",\"set\":{\"servers/0/flavor\":{}},"
		 "\"expect\":\"large 3/4; 2xlarge 1/2; medium 3/4\"}");
	run_json(
		"{\"case\":\"lost-gpu\",\"set\":{\"servers/1/flavor\":{}},\"error\":\"incomplete\","
		"\"names\":\"1a9296b4\"}");
}

static void test_extra_specs_hidden_from_all_flavors(void **state)
{
	run_json(
		"{\"case\":\"hidden\",\"remove\":[\"flavors/0/extra_specs\",\"flavors/1/extra_specs\","
		"\"flavors/2/extra_specs\",\"flavors/3/extra_specs\",\"flavors/4/extra_specs\","
		"\"flavors/5/extra_specs\"],\"error\":\"denied\",\"names\":\"extra_specs\"}");
}

static void test_hosts_that_differ_in_case_are_two(void **state)
{
	run_json(
		"{\"case\":\"case\",\"set\":{\"hypervisors/0/service/host\":\"a\",\"hypervisors/1/service/host\":\"hosT4\","
		"\"hypervisors/2/service/host\":\"host4\",\"aggregates/1/hosts\":[\"hosT4\"],"
		"\"servers/1/OS-EXT-SRV-ATTR:host\":\"host4\"},"
		"\"expect\":\"large 2/2; 2xlarge 1/1; medium 2/2\"}");
}

static void test_a_region_without_gpu_aggregates_is_told(void **state)
{
	run_json("{\"case\":\"none\",\"set\":{\"aggregates/1/metadata\":{}},"
		 "\"expect\":\"large 0/0; 2xlarge 0/0; medium 0/0\","
		 "\"log\":\"no aggregate has gpu=true\"}");
}

static void test_names_that_the_core_would_refuse(void **state)
{
	run_json(
		"{\"case\":\"type\",\"set\":{\"aggregates/1/metadata/gpu_type\":\"V\\n100\"},"
		"\"expect\":\"large 0/0; 2xlarge 0/0; medium 0/0\",\"log\":\"control character\"}");
	run_json("{\"case\":\"alias\",\"set\":{\"flavors/5/extra_specs/pci_passthrough:alias\":"
		 "\"V\\u0085:1\"},\"expect\":\"large 3/4; 2xlarge 1/2; medium 0/0\","
		 "\"log\":\"control character\"}");
	run_json("{\"case\":\"id\",\"set\":{\"flavors/5/id\":\"a\\tb\"},"
		 "\"expect\":\"large 3/4; 2xlarge 1/2\",\"log\":\"its id\"}");
}

static void test_extreme_numbers(void **state)
{
	run_json("{\"case\":\"extreme\",\"set\":{\"hypervisors/2/memory_mb\":9223372036854775807,"
		 "\"hypervisors/2/free_ram_mb\":-9223372036854775807,"
		 "\"hypervisors/2/local_gb\":-9223372036854775807,"
		 "\"hypervisors/2/vcpus_used\":9223372036854775807,"
		 "\"flavors/5/ram\":9223372036854775807,\"flavors/5/swap\":9223372036854775807},"
		 "\"expect\":\"large 1/2; 2xlarge 0/1; medium 0/0\"}");
}

static void test_servers_of_bare_metal_count_on_their_node(void **state)
{
	run_json("{\"case\":\"nodes\",\"set\":{\"hypervisors/1/service/host\":\"metal\","
		 "\"hypervisors/2/service/host\":\"metal\",\"aggregates/1/hosts\":[\"metal\"],"
		 "\"servers/1/OS-EXT-SRV-ATTR:host\":\"metal\","
		 "\"servers/1/OS-EXT-SRV-ATTR:hypervisor_hostname\":\"host4.denbi.de\","
		 "\"hypervisors/2/free_ram_mb\":0},"
		 "\"expect\":\"large 2/4; 2xlarge 1/2; medium 2/4\"}");
}

static void test_a_host_that_is_there_twice_counts_once(void **state)
{
	run_json(
		"{\"case\":\"twice\",\"set\":{\"hypervisors/1/service/host\":\"metal\","
		"\"hypervisors/2/service/host\":\"metal\",\"aggregates/1/hosts\":[\"metal\"],"
		"\"hypervisors/2/hypervisor_hostname\":\"host3.denbi.de\"},"
		"\"expect\":\"large 2/2; 2xlarge 1/1; medium 2/2\",\"log\":\"another one has this name\"}");
}

static void test_what_is_skipped_is_said_once(void **state)
{
	json_t *docs = docs_load("predecessor"),
	       *add = json_pack("{s:{s:s}}", "add", "aggregates/1/hosts", "gone");
	json_t *edited = docs_edited(docs, add);
	struct gpubroker_error error = {0};
	struct nova_region region = {0};
	struct notes notes = {0};

	assert_int_equal(docs_to_region(edited, &region, &error), 0);
	for (int reading = 0; reading < 3; reading++) {
		struct gpubroker_inventory inv = {0};

		fake_core_clear_log();
		assert_int_equal(
			join_region(&fake_core, &region, &policy, &notes, &inv, &error), 0);
		assert_int_equal(strstr(fake_core_log(), "name=gone") != NULL, reading == 0);
		inventory_finish(&inv);
	}
	notes_finish(&notes);
	nova_region_finish(&region);
	json_decref(edited);
	json_decref(add);
	json_decref(docs);
}

/* ---- allocations that fail ---- */

static const char *const document_names[] = {"aggregates", "hypervisors", "flavors", "servers"};
static char *bodies[4];

static int parse_bodies(struct nova_region *region, struct gpubroker_error *error)
{
	int r = nova_parse_aggregates(
		&region->aggregates, bodies[0], strlen(bodies[0]), "a", NULL, error);

	r = r < 0 ? r
		  : nova_parse_hypervisors(
			    &region->hypervisors, bodies[1], strlen(bodies[1]), "h", NULL, error);
	r = r < 0 ? r
		  : nova_parse_flavors(
			    &region->flavors, bodies[2], strlen(bodies[2]), "f", NULL, error);
	return r < 0 ? r
		     : nova_parse_servers(
			       &region->servers, bodies[3], strlen(bodies[3]), "s", NULL, error);
}

static bool read_and_join(void)
{
	struct gpubroker_inventory inv = {0};
	struct gpubroker_error error = {0};
	struct nova_region region = {0};
	int r = parse_bodies(&region, &error);

	r = r < 0 ? r : join(&region, &inv, &error);
	/* jansson cannot always tell no memory from no JSON */
	assert_true(r == 0 || r == GPUBROKER_E_INTERNAL || strstr(error.text, "not JSON"));
	assert_int_equal(error.code, r);
	inventory_finish(&inv);
	nova_region_finish(&region);
	return r == 0;
}

static void test_no_memory_is_an_error(void **state)
{
	for (size_t i = 0; i < 4; i++) {
		char name[64];

		snprintf(name, sizeof(name), "predecessor/%s.json", document_names[i]);
		bodies[i] = data_file(name, NULL);
	}
	failing_alloc_try_all(read_and_join);
	for (size_t i = 0; i < 4; i++) {
		free(bodies[i]);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_every_case_of_the_predecessor),
		cmocka_unit_test(test_the_readme_lists_each_difference),
		cmocka_unit_test(test_servers_in_each_state),
		cmocka_unit_test(test_disabled_and_dead_hosts),
		cmocka_unit_test(test_a_dead_host_keeps_the_numbers_that_it_says),
		cmocka_unit_test(test_readings_that_are_not_complete),
		cmocka_unit_test(test_a_lost_flavor_matters_on_a_gpu_host_only),
		cmocka_unit_test(test_extra_specs_hidden_from_all_flavors),
		cmocka_unit_test(test_hosts_that_differ_in_case_are_two),
		cmocka_unit_test(test_a_region_without_gpu_aggregates_is_told),
		cmocka_unit_test(test_names_that_the_core_would_refuse),
		cmocka_unit_test(test_extreme_numbers),
		cmocka_unit_test(test_servers_of_bare_metal_count_on_their_node),
		cmocka_unit_test(test_a_host_that_is_there_twice_counts_once),
		cmocka_unit_test(test_what_is_skipped_is_said_once),
		cmocka_unit_test(test_no_memory_is_an_error),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
