/* SPDX-License-Identifier: Apache-2.0 */
/* Placement's replies to counts: what a real lab showed, and edits of it. tests/data/placement/cases.json has a line a
 * case; what a case is expected to give was worked out by hand. */
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

static char found_text[4096];

static size_t add_flavors(const struct gpubroker_inventory *inv, size_t n)
{
	for (size_t i = 0; i < inv->n_flavors; i++) {
		struct flavor_count count =
			flavor_count(&inv->flavors[i], inv->hosts, inv->n_hosts);

		n += (size_t)snprintf(found_text + n, sizeof(found_text) - n, "%s%s %lld/%lld",
			i ? "; " : "", inv->flavors[i].id, (long long)count.available,
			(long long)count.total);
	}
	return n;
}

/* "; gi-mix-01 V100 1/2 A100 1/3": used of total; "[3]" where devices are told one by one */
static void add_hosts(const struct gpubroker_inventory *inv, size_t n)
{
	for (size_t i = 0; i < inv->n_hosts; i++) {
		const struct gpubroker_host *h = &inv->hosts[i];

		n += (size_t)snprintf(found_text + n, sizeof(found_text) - n, "; %s", h->name);
		for (size_t k = 0; k < h->n_gpus; k++) {
			n += (size_t)snprintf(found_text + n, sizeof(found_text) - n,
				" %s %lld/%lld", h->gpus[k].type, (long long)h->gpus[k].used,
				(long long)h->gpus[k].total);
			if (h->gpus[k].n_devices > 0) {
				n += (size_t)snprintf(found_text + n, sizeof(found_text) - n,
					"[%zu]", h->gpus[k].n_devices);
			}
		}
	}
}

static struct alias_rule rules[8];

static struct join_policy policy_of(const json_t *the_case)
{
	static char *excluded[] = {(char *)(uintptr_t) "DEPRECATED"};
	const json_t *map = json_object_get(the_case, "alias_map");
	struct join_policy policy = {
		.flavor_exclude = {.n = 1, .items = excluded}
        };

	policy.cpu_allocation_ratio =
		json_number_value(json_object_get(the_case, "cpu_allocation_ratio"));
	policy.include_cpu_flavors = json_is_true(json_object_get(the_case, "include_cpu_flavors"));
	policy.alias_map = (struct gpubroker_groups){json_array_size(map), rules};
	for (size_t i = 0; i < json_array_size(map); i++) {
		const json_t *rule = json_array_get(map, i);

		rules[i].alias = (char *)(uintptr_t)json_string_value(json_array_get(rule, 0));
		rules[i].gpu_type = (char *)(uintptr_t)json_string_value(json_array_get(rule, 1));
	}
	return policy;
}

static const char *judge(const json_t *the_case, int r, const struct gpubroker_error *error)
{
	const char *expected_error = json_string_value(json_object_get(the_case, "error"));
	const char *log = json_string_value(json_object_get(the_case, "log"));
	const char *finding = json_string_value(json_object_get(the_case, "finding"));

	if (expected_error) {
		return r < 0 && strcmp(gpubroker_code_word(error->code), expected_error) == 0
			       ? NULL
			       : "not the error expected";
	}
	if (r < 0) {
		return error->text;
	}
	if (strcmp(found_text, json_string_value(json_object_get(the_case, "expect"))) != 0) {
		return "not the counts expected";
	}
	if (log ? !strstr(fake_core_log(), log) : fake_core_log()[0] != '\0') {
		return "not the log expected";
	}
	return finding && !strstr(fake_core_findings(), finding) ? "not the finding expected"
								 : NULL;
}

static bool run_case(const json_t *the_case)
{
	struct gpubroker_inventory inv = {0};
	struct gpubroker_error error = {0};
	struct nova_region region = {0};
	struct notes notes = {0};
	struct join_policy policy = policy_of(the_case);
	json_t *docs = docs_load_file(json_string_value(json_object_get(the_case, "base")));
	json_t *edited = docs_edited(docs, the_case);
	const char *wrong;
	int r = docs_to_region(edited, &region, &error);

	fake_core_clear_log();
	r = r < 0 ? r : join_region(&fake_core, &region, &policy, &notes, &inv, &error);
	found_text[0] = '\0';
	add_hosts(&inv, add_flavors(&inv, 0));
	wrong = judge(the_case, r, &error);
	if (wrong) {
		print_error("%s: %s:\n%s\nlog: %sfindings: %s\n",
			json_string_value(json_object_get(the_case, "case")), wrong, found_text,
			fake_core_log(), fake_core_findings());
	}
	notes_finish(&notes);
	nova_region_finish(&region);
	inventory_finish(&inv);
	json_decref(edited);
	json_decref(docs);
	return !wrong;
}

/* Leaves what a reading asks for: servers on the hosts that matter, and those that migrations want. */
static json_t *only_asked(json_t *docs, const struct join_policy *policy)
{
	json_t *all = json_object_get(docs, "servers"), *few = json_array(), *server;
	json_t *out = json_copy(docs);
	struct gpubroker_error error = {0};
	struct nova_region region = {0};
	struct word_set hosts = {0};
	size_t i;

	json_object_set(out, "servers", few);
	assert_int_equal(docs_to_region(out, &region, &error), 0);
	assert_int_equal(join_server_hosts(&region, policy, &hosts, &error), 0);
	json_array_foreach(all, i, server)
	{
		const char *id = json_string_value(json_object_get(server, "id"));
		const char *host =
			json_string_value(json_object_get(server, "OS-EXT-SRV-ATTR:host"));
		bool wanted = host && word_set_has(&hosts, host);

		for (size_t k = 0; k < region.migrations.n; k++) {
			const struct nova_migration *m = &region.migrations.items[k];

			wanted |=
				strcmp(m->server, id) == 0 && join_wants_server(&region, &hosts, m);
		}
		if (wanted) {
			json_array_append(few, server);
		}
	}
	json_decref(few);
	word_set_finish(&hosts);
	nova_region_finish(&region);
	return out;
}

/* What a case gives without the servers that a reading does not ask for, and how many are left. */
static bool run_asked(const json_t *the_case, size_t *ret_servers)
{
	const char *expected = json_string_value(json_object_get(the_case, "expect"));
	struct gpubroker_inventory inv = {0};
	struct gpubroker_error error = {0};
	struct nova_region region = {0};
	struct notes notes = {0};
	struct join_policy policy = policy_of(the_case);
	json_t *docs = docs_load_file(json_string_value(json_object_get(the_case, "base")));
	json_t *edited = docs_edited(docs, the_case), *asked = only_asked(edited, &policy);
	bool same;

	assert_int_equal(docs_to_region(asked, &region, &error), 0);
	assert_int_equal(join_region(&fake_core, &region, &policy, &notes, &inv, &error), 0);
	found_text[0] = '\0';
	add_hosts(&inv, add_flavors(&inv, 0));
	same = strcmp(found_text, expected) == 0;
	if (!same) {
		print_error("%s: %s\n", json_string_value(json_object_get(the_case, "case")),
			found_text);
	}
	*ret_servers = json_array_size(json_object_get(asked, "servers"));
	notes_finish(&notes);
	nova_region_finish(&region);
	inventory_finish(&inv);
	json_decref(asked);
	json_decref(edited);
	json_decref(docs);
	return same;
}

static void test_servers_that_are_not_asked_for_do_not_matter(void **state)
{
	char *text = data_file("placement/cases.json", NULL);
	json_t *cases = json_loads(text, 0, NULL), *the_case;
	size_t i, n, failed = 0, none = 0, some = 0;

	assert_non_null(cases);
	json_array_foreach(cases, i, the_case)
	{
		if (!json_object_get(the_case, "error")) {
			failed += !run_asked(the_case, &n);
			none += n == 0;
			some += n > 0;
		}
	}
	assert_int_equal(failed, 0);
	assert_true(none > 10 && some > 10);
	json_decref(cases);
	free(text);
}

static void test_every_case(void **state)
{
	char *text = data_file("placement/cases.json", NULL);
	json_t *cases = json_loads(text, 0, NULL), *the_case;
	size_t i, failed = 0;

	assert_non_null(cases);
	json_array_foreach(cases, i, the_case)
	{
		failed += !run_case(the_case);
	}
	assert_int_equal(failed, 0);
	json_decref(cases);
	free(text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_every_case),
		cmocka_unit_test(test_servers_that_are_not_asked_for_do_not_matter),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
