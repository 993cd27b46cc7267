/* SPDX-License-Identifier: Apache-2.0 */
/* A region from a folder: pages, what is missing or torn, and failing on purpose. */
#include <gpubroker/plugin.h>

#include "data_file.h"
#include "fake_core.h"
#include "kit/join.h"
#include "model/capacity.h"
#include "model/inventory.h"

#include <fcntl.h>
#include <ftw.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

extern const struct gpubroker_plugin gpubroker_plugin;

/* What the core would do with the option table, for the options that the tests set. */
struct instance {
	void *self;
	char folder[64];
};

static void *member(struct instance *in, const char *key)
{
	for (const struct gpubroker_option *row = gpubroker_plugin.options; row->key; row++) {
		if (strcmp(row->key, key) == 0) {
			return (char *)in->self + row->offset;
		}
	}
	fail_msg("no option '%s'", key);
	return NULL;
}

static void copy_page(const struct instance *in, const char *from, const char *to)
{
	char path[512], *body;
	size_t n;
	FILE *f;

	body = data_file(from, &n);
	snprintf(path, sizeof(path), "%s/%s", in->folder, to);
	f = fopen(path, "wb");
	assert_non_null(f);
	assert_int_equal(fwrite(body, 1, n, f), n);
	fclose(f);
	free(body);
}

static void drop_page(const struct instance *in, const char *name)
{
	char path[512];

	snprintf(path, sizeof(path), "%s/%s", in->folder, name);
	assert_int_equal(unlink(path), 0);
}

static int setup(void **state)
{
	struct instance *in = calloc(1, sizeof(*in));
	struct gpubroker_error error = {0};

	snprintf(in->folder, sizeof(in->folder), "/tmp/test_replay.XXXXXX");
	assert_non_null(mkdtemp(in->folder));
	in->self = calloc(1, gpubroker_plugin.self_size);
	*(char **)member(in, "path") = in->folder;
	*(double *)member(in, "cpu_allocation_ratio") = 4.0;
	*(double *)member(in, "ram_allocation_ratio") = 1.0;
	*(double *)member(in, "disk_allocation_ratio") = 1.0;
	copy_page(in, "predecessor/aggregates.json", "aggregates.json");
	copy_page(in, "predecessor/hypervisors.json", "hypervisors.json");
	copy_page(in, "predecessor/flavors.json", "flavors.json");
	copy_page(in, "predecessor/servers.json", "servers.json");
	assert_int_equal(gpubroker_plugin.open(in->self, &fake_core, &error), 0);
	*state = in;
	return 0;
}

static int unlink_one(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
	return remove(path);
}

static int teardown(void **state)
{
	struct instance *in = *state;

	gpubroker_plugin.close(in->self);
	nftw(in->folder, unlink_one, 8, FTW_DEPTH | FTW_PHYS);
	free(in->self);
	free(in);
	return 0;
}

/* available/total of "medium", or the error. */
static void expect(struct instance *in, int64_t available, int64_t total)
{
	struct gpubroker_inventory inv = {0};
	struct gpubroker_error error = {0};
	struct flavor_count count = {0};

	if (gpubroker_plugin.collect(in->self, &inv, &error) != 0) {
		fail_msg("%s", error.text);
	}
	for (size_t i = 0; i < inv.n_flavors; i++) {
		if (strcmp(inv.flavors[i].name, "de.NBI GPU V100 medium") == 0) {
			count = flavor_count(&inv.flavors[i], inv.hosts, inv.n_hosts);
		}
	}
	assert_int_equal(count.available, available);
	assert_int_equal(count.total, total);
	inventory_finish(&inv);
}

static void expect_error(struct instance *in, int code, const char *names)
{
	struct gpubroker_inventory inv = {0};
	struct gpubroker_error error = {0};

	assert_int_equal(gpubroker_plugin.collect(in->self, &inv, &error), code);
	if (!strstr(error.text, names)) {
		fail_msg("'%s' does not name %s", error.text, names);
	}
	inventory_finish(&inv);
}

static void test_the_reference(void **state)
{
	expect(*state, 3, 4);
}

static void test_files_are_read_anew(void **state)
{
	struct instance *in = *state;

	expect(in, 3, 4);
	copy_page(in, "kit/downcell-servers-detail-2.68.json", "servers.json"); /* an empty list */
	expect(in, 4, 4);
	drop_page(in, "servers.json");
	expect_error(in, GPUBROKER_E_UNAVAILABLE, "/servers.json: there is no such file");
	copy_page(in, "predecessor/servers.json", "servers.json");
	expect(in, 3, 4);
}

static void test_pages(void **state)
{
	struct instance *in = *state;

	copy_page(in, "kit/downcell-servers-detail-2.68.json", "servers.json");
	copy_page(in, "kit/downcell-servers-detail-2.68.json", "servers-2.json");
	copy_page(in, "predecessor/servers.json", "servers-3.json");
	expect(in, 3, 4);
	copy_page(in, "predecessor/servers.json",
		"servers-2.json"); /* the same ids: still one server */
	expect(in, 3, 4);
	drop_page(in, "servers-2.json"); /* the third is beyond the end now */
	expect(in, 4, 4);
}

static void test_what_is_wrong_is_named(void **state)
{
	struct instance *in = *state;
	char path[512];

	copy_page(in, "predecessor/cases.json", "flavors.json");
	expect_error(in, GPUBROKER_E_BAD_REPLY, "/flavors.json: ");
	copy_page(in, "predecessor/flavors.json", "flavors.json");
	snprintf(path, sizeof(path), "%s/servers-2.json", in->folder);
	assert_int_equal(mkfifo(path, 0600), 0); /* would block whoever opens it to read */
	expect_error(in, GPUBROKER_E_UNAVAILABLE, "/servers-2.json: not a regular file");
	drop_page(in, "servers-2.json");
	assert_int_equal(mkdir(path, 0700), 0);
	expect_error(in, GPUBROKER_E_UNAVAILABLE, "/servers-2.json: not a regular file");
	assert_int_equal(rmdir(path), 0);
	copy_page(in, "predecessor/servers.json", "servers-2.json");
	assert_int_equal(truncate(path, 64 * 1024 * 1024 + 1), 0);
	expect_error(in, GPUBROKER_E_LIMIT, "/servers-2.json: more than 64 MiB");
}

static void test_fail_every(void **state)
{
	struct instance *in = *state;

	*(int64_t *)member(in, "fail_every") = 3;
	expect(in, 3, 4);
	expect(in, 3, 4);
	expect_error(in, GPUBROKER_E_UNAVAILABLE, "fail_every");
	expect(in, 3, 4);
	expect(in, 3, 4);
	expect_error(in, GPUBROKER_E_UNAVAILABLE, "fail_every");
}

static void test_fail_every_spares_the_first(void **state)
{
	struct instance *in = *state;

	*(int64_t *)member(in, "fail_every") = 1;
	expect(in, 3, 4);
	expect_error(in, GPUBROKER_E_UNAVAILABLE, "fail_every");
	expect_error(in, GPUBROKER_E_UNAVAILABLE, "fail_every");
}

static void test_the_counting_options_count(void **state)
{
	struct instance *in = *state;
	struct alias_rule rule = {(char *)(uintptr_t) "V100", (char *)(uintptr_t) "elsewhere"};
	char *excluded = (char *)(uintptr_t) "medium";
	struct gpubroker_groups *map = member(in, "alias_map");
	struct gpubroker_strings *exclude = member(in, "flavor_exclude");

	*(double *)member(in, "cpu_allocation_ratio") =
		0.5; /* 14 vCPUs a host: one each, 28 are used */
	expect(in, 0, 2);
	*(double *)member(in, "cpu_allocation_ratio") = 4.0;
	*map = (struct gpubroker_groups){.n = 1, .items = &rule};
	expect(in, 0, 0);
	*map = (struct gpubroker_groups){0};
	*exclude = (struct gpubroker_strings){.n = 1, .items = &excluded};
	expect(in, 0, 0);
	*exclude = (struct gpubroker_strings){0};
}

static void write_page(const struct instance *in, const char *name, const char *body)
{
	char path[512];
	FILE *f;

	snprintf(path, sizeof(path), "%s/%s", in->folder, name);
	f = fopen(path, "wb");
	assert_non_null(f);
	assert_true(fputs(body, f) >= 0);
	fclose(f);
}

#define HOST4 "b279da78-a0c1-40b6-96d7-b3caa1051c2f"

/* host4 has vCPUs for two mediums, one of them is used; Nova knows the rest. */
static void write_placement(const struct instance *in)
{
	write_page(in, "resource_providers.json",
		"{\"resource_providers\": [{\"uuid\": \"" HOST4
		"\", \"name\": \"host4\", \"generation\": 1}, "
		"{\"uuid\": \"../servers\", \"name\": \"x\", \"generation\": 1}]}");
	write_page(in, "inventories-" HOST4 ".json",
		"{\"inventories\": {\"VCPU\": {\"total\": 28, \"reserved\": 0, \"min_unit\": 1, \"max_unit\": 28,"
		" \"step_size\": 1, \"allocation_ratio\": 1.0}}}");
	write_page(in, "usages-" HOST4 ".json", "{\"usages\": {\"VCPU\": 14}}");
}

static void test_placement_is_read_where_it_is_there(void **state)
{
	struct instance *in = *state;
	char nova[] = "nova", placement[] = "placement";
	char **capacity = member(in, "capacity");

	*(double *)member(in, "cpu_allocation_ratio") = 0;
	expect(in, 3, 4);
	*capacity = placement;
	expect_error(
		in, GPUBROKER_E_UNAVAILABLE, "/resource_providers.json: there is no such file");
	write_placement(in);
	expect(in, 2, 4);
	*capacity = NULL; /* auto */
	expect(in, 2, 4);
	*capacity = nova;
	expect(in, 3, 4);
	*capacity = placement;
	write_page(in, "usages-" HOST4 ".json", "{\"usages\": {\"VCPU\": \"some\"}}");
	expect_error(in, GPUBROKER_E_BAD_REPLY, "usages.VCPU");
	drop_page(in, "usages-" HOST4 ".json");
	expect(in, 3, 4); /* not all of host4 is known */
}

static void test_migrations_are_read(void **state)
{
	struct instance *in = *state;

	write_page(in, "migrations.json", "{\"migrations\": [{}]}");
	expect_error(in, GPUBROKER_E_BAD_REPLY, "migrations[0].uuid");
	write_page(in, "migrations.json", "{\"migrations\": []}");
	expect(in, 3, 4);
}

static void test_relative_paths_are_refused(void **state)
{
	struct instance *in = *state;
	struct gpubroker_error error = {0};
	char relative[] = "demo";

	*(char **)member(in, "path") = relative;
	assert_int_equal(gpubroker_plugin.open(in->self, &fake_core, &error), GPUBROKER_E_CONFIG);
	assert_non_null(strstr(error.text, "'demo'"));
}

static void test_the_readme_lists_the_options(void **state)
{
	char *readme = data_file("../../plugins/replay/README.md", NULL), row[128];

	for (const struct gpubroker_option *o = gpubroker_plugin.options; o->key; o++) {
		snprintf(row, sizeof(row), "\n| `%s` | %s%s%s |", o->key,
			o->type == GPUBROKER_STRING_LIST ? "`" : "",
			o->required ? "required"
			: o->def    ? o->def
				    : "empty",
			o->type == GPUBROKER_STRING_LIST ? "`" : "");
		if (!strstr(readme, row)) {
			fail_msg("not in the README: %s", row);
		}
	}
	free(readme);
}

static void test_the_demonstration(void **state)
{
	static const char *const regions[] = {"auenbrueck", "lindenfurt", "moorhaven"};
	struct instance *in = *state;
	struct alias_rule rule = {
		(char *)(uintptr_t) "a100-pcie-80", (char *)(uintptr_t) "A100-80GB"};
	struct gpubroker_groups *map = member(in, "alias_map");
	size_t hosts = 0;

	*map = (struct gpubroker_groups){.n = 1, .items = &rule};
	for (size_t i = 0; i < 3; i++) {
		struct gpubroker_inventory inv = {0};
		struct gpubroker_error error = {0};
		char path[512];
		int64_t available = 0;

		snprintf(path, sizeof(path), "%s/../../contrib/demo/%s", DATA_DIR, regions[i]);
		*(char **)member(in, "path") = path;
		fake_core_clear_log();
		assert_int_equal(gpubroker_plugin.collect(in->self, &inv, &error), 0);
		assert_string_equal(fake_core_log(), ""); /* nothing is odd there */
		for (size_t k = 0; k < inv.n_flavors; k++) {
			available +=
				flavor_count(&inv.flavors[k], inv.hosts, inv.n_hosts).available;
		}
		assert_true(available > 0);
		hosts += inv.n_hosts;
		inventory_finish(&inv);
	}
	assert_true(hosts >= 30);
	*map = (struct gpubroker_groups){0};
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_the_reference),
		TEST(test_files_are_read_anew),
		TEST(test_pages),
		TEST(test_what_is_wrong_is_named),
		TEST(test_fail_every),
		TEST(test_fail_every_spares_the_first),
		TEST(test_the_counting_options_count),
		TEST(test_placement_is_read_where_it_is_there),
		TEST(test_migrations_are_read),
		TEST(test_relative_paths_are_refused),
		TEST(test_the_readme_lists_the_options),
		TEST(test_the_demonstration),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
