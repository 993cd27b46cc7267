/* SPDX-License-Identifier: Apache-2.0 */
/* Which migrations hold on a second host, and what is held there. tests/data/placement/cases.json has them counted. */
#include "kit/migration.h"

#include "edited_docs.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static void test_final_states(void **state)
{
	static const char *const final[] = {
		"confirmed", "reverted", "failed", "completed", "cancelled", "done", "error"};
	static const char *const open[] = {"finished", "migrating", "pre-migrating",
		"post-migrating", "reverting", "confirming", "running", "queued", "accepted"};
	struct nova_migration m = {0};

	assert_true(migration_is_open(&m)); /* not said */
	for (size_t i = 0; i < sizeof(final) / sizeof(final[0]); i++) {
		m.status = (char *)(uintptr_t) final[i];
		assert_false(migration_is_open(&m));
	}
	for (size_t i = 0; i < sizeof(open) / sizeof(open[0]); i++) {
		m.status = (char *)(uintptr_t)open[i];
		assert_true(migration_is_open(&m));
	}
}

struct lab {
	struct nova_region region;
	struct nova_migration *m;
	struct nova_server *s;
	struct migration_end end;
};

static int setup(void **state)
{
	struct lab *lab = calloc(1, sizeof(*lab));
	json_t *docs = docs_load_file("placement/giessen-resize.json");

	assert_int_equal(docs_to_region(docs, &lab->region, NULL), 0);
	lab->m = &lab->region.migrations.items[0];
	lab->s = (struct nova_server *)(uintptr_t)migration_server(&lab->region, lab->m);
	assert_non_null(lab->s);
	json_decref(docs);
	*state = lab;
	return 0;
}

static int teardown(void **state)
{
	struct lab *lab = *state;

	nova_region_finish(&lab->region);
	free(lab);
	return 0;
}

static void say(char **text, const char *value)
{
	free(*text);
	*text = value ? strdup(value) : NULL;
}

static bool other_end(struct lab *lab)
{
	return migration_other_end(&lab->region, lab->m, lab->s, &lab->end);
}

static void test_the_source_of_a_resize(void **state)
{
	struct lab *lab = *state;

	assert_true(other_end(lab));
	assert_true(lab->end.is_source);
	assert_string_equal(lab->end.host, "gi-mix-01");
}

static void test_no_second_host(void **state)
{
	struct lab *lab = *state;

	say(&lab->s->host, "elsewhere");
	assert_false(other_end(lab));
	say(&lab->s->host, "gi-v100-01");
	assert_true(other_end(lab));
	say(&lab->s->vm_state, "shelved_offloaded");
	assert_false(other_end(lab));
	say(&lab->s->vm_state, "active");
	say(&lab->s->status, "ACTIVE");
	assert_false(other_end(lab));
	say(&lab->s->task_state, "migrating");
	assert_true(other_end(lab));
	say(&lab->m->dest, NULL); /* not scheduled yet */
	assert_false(other_end(lab));
}

static void test_states_that_are_hidden(void **state)
{
	struct lab *lab = *state;

	say(&lab->s->vm_state, NULL);
	say(&lab->s->task_state, NULL);
	assert_true(other_end(lab)); /* status VERIFY_RESIZE */
	say(&lab->s->status, "ACTIVE");
	assert_false(other_end(lab));
}

static const char *alias_at_the_end(struct lab *lab, enum held_by expected)
{
	const struct nova_pair *specs;
	size_t n;

	assert_true(other_end(lab));
	assert_int_equal(
		migration_held(&lab->region, lab->m, lab->s, &lab->end, &specs, &n), expected);
	return nova_pair_value(specs, n, "pci_passthrough:alias");
}

static void test_what_is_held(void **state)
{
	struct lab *lab = *state;
	struct nova_flavor *medium = &lab->region.flavors.items[2];

	say(&medium->extra_specs[0].value, "V100:4");
	assert_string_equal(alias_at_the_end(lab, HELD_ALLOCATED), "V100:4");
	medium->vcpus++; /* no flavor is as large */
	assert_string_equal(alias_at_the_end(lab, HELD_GUESSED), "V100:1");
	lab->m->old_type = lab->m->new_type;
	assert_string_equal(alias_at_the_end(lab, HELD_KNOWN), "V100:1");
}

static void test_flavors_of_one_size(void **state)
{
	struct lab *lab = *state;
	struct nova_flavor *medium = &lab->region.flavors.items[2];
	struct nova_flavor *large = &lab->region.flavors.items[3];

	large->vcpus = medium->vcpus;
	large->ram_mib = medium->ram_mib;
	large->swap_mib = medium->swap_mib;
	alias_at_the_end(lab, HELD_ALLOCATED); /* they ask for the same GPUs */
	say(&large->extra_specs[0].value, "V100:2");
	alias_at_the_end(lab, HELD_GUESSED);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_final_states),
		cmocka_unit_test_setup_teardown(test_the_source_of_a_resize, setup, teardown),
		cmocka_unit_test_setup_teardown(test_no_second_host, setup, teardown),
		cmocka_unit_test_setup_teardown(test_states_that_are_hidden, setup, teardown),
		cmocka_unit_test_setup_teardown(test_what_is_held, setup, teardown),
		cmocka_unit_test_setup_teardown(test_flavors_of_one_size, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
