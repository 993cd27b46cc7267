/* SPDX-License-Identifier: Apache-2.0 */
/* core/model/merge.c: regions into one view. */
#include "failing_alloc.h"
#include "sample.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#define NOW INT64_C(1763820000000)

static const struct gpubroker_gpus two_v100[] = {
	{"V100", 2, 1}
};
static const struct gpubroker_gpus four_a100[] = {
	{"A100", 4, 0}
};
static const struct gpubroker_need one_v100[] = {
	{"V100", 1}
};

/* Two hosts and the flavors b and a, in this order. */
static struct snapshot *two_flavors(const char *region, int64_t observed_at_ms)
{
	struct random_region r = {.n_hosts = 2, .n_flavors = 2};

	r.hosts[0] = (struct gpubroker_host){.name = "h1", .gpus = two_v100, .n_gpus = 1};
	r.hosts[1] = (struct gpubroker_host){
		.name = "h2", .state = GPUBROKER_HOST_DISABLED, .gpus = four_a100, .n_gpus = 1};
	r.flavors[0] =
		(struct gpubroker_flavor){.id = "b", .name = "x", .gpus = one_v100, .n_gpus = 1};
	r.flavors[1] =
		(struct gpubroker_flavor){.id = "a", .name = "y", .gpus = one_v100, .n_gpus = 1};
	return sample_snapshot(region, observed_at_ms, &r);
}

static void test_rows_keep_the_order(void **state)
{
	const struct region_status one = sample_status("one"), two = sample_status("two"),
				   none = sample_status("none");
	_cleanup_(snapshot_unrefp) struct snapshot *s1 = two_flavors("one", NOW - 500),
						   *s2 = two_flavors("two", NOW - 900);
	const struct view_input inputs[] = {
		{&two,  s2  },
                {&none, NULL},
                {&one,  s1  }
        };
	static const char *const want[][2] = {
		{"two", "b"},
                {"two", "a"},
                {"one", "b"},
                {"one", "a"}
        };
	_cleanup_(view_unrefp) struct view *v = NULL;

	assert_int_equal(view_merge(&v, inputs, 3, "", NOW, NULL), 0);
	assert_int_equal(v->n_regions, 3);
	assert_int_equal(v->n_rows, 4);
	for (size_t i = 0; i < v->n_rows; i++) {
		assert_string_equal(v->rows[i].region->status.name, want[i][0]);
		assert_string_equal(v->rows[i].flavor->flavor.id, want[i][1]);
	}
	assert_int_equal(v->made_at_ms, NOW);
	assert_int_equal(v->oldest_observed_ms, NOW - 900);
	assert_int_equal(v->changes_at_ms, NOW - 900 + 120000 + 1);
	assert_int_equal(v->regions[0].gpus.total, 2);
	assert_int_equal(v->regions[0].gpus.used, 1);
	assert_int_equal(v->regions[0].gpus.free, 1);
	assert_int_equal(v->regions[0].gpus.stranded, 0);
	assert_int_equal(v->regions[0].gpus.disabled, 4);
	assert_null(v->regions[1].snapshot);
	assert_int_equal(v->regions[1].state, REGION_PENDING);
	assert_int_equal(v->regions[2].state, REGION_OK);
}

static void test_default_region_wins(void **state)
{
	const struct region_status one = sample_status("one"), two = sample_status("two");
	_cleanup_(snapshot_unrefp) struct snapshot *s1 = two_flavors("one", NOW),
						   *s2 = two_flavors("two", NOW);
	const struct view_input inputs[] = {
		{&one, s1},
                {&two, s2}
        };
	static const struct {
		const char *default_region, *want;
	} rows[] = {
		{"two",     "two"},
                {"one",     "one"},
                {"",        "one"},
                {NULL,      "one"},
                {"nowhere", "one"}
        };

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		_cleanup_(view_unrefp) struct view *v = NULL;

		assert_int_equal(view_merge(&v, inputs, 2, rows[i].default_region, NOW, NULL), 0);
		assert_string_equal(view_find_row(v, NULL, "a")->region->status.name, rows[i].want);
		assert_string_equal(view_find_row(v, NULL, "b")->region->status.name, rows[i].want);
		/* by their ids, then the winner, then the order of configuration */
		assert_string_equal(v->rows[v->rows_by_id[0]].flavor->flavor.id, "a");
		assert_string_equal(v->rows[v->rows_by_id[3]].flavor->flavor.id, "b");
	}
}

static void test_states_decide_what_is_shown(void **state)
{
	struct region_status off = sample_status("off"), moving = sample_status("moving"),
			     failing = sample_status("failing"), broken = sample_status("broken");
	_cleanup_(snapshot_unrefp) struct snapshot *s = two_flavors("x", NOW - 1000);
	const struct view_input inputs[] = {
		{&off,     s   },
                {&moving,  s   },
                {&failing, s   },
                {&broken,  NULL}
        };
	_cleanup_(view_unrefp) struct view *v = NULL;

	off.enabled = false;
	off.next_refresh_ms = NOW + 1;
	moving.maintenance = (char *)"until noon";
	moving.next_refresh_ms = NOW + 9000;
	failing.code = broken.code = GPUBROKER_E_NETWORK;
	failing.next_refresh_ms = NOW + 7000;
	assert_int_equal(view_merge(&v, inputs, 4, "", NOW, NULL), 0);
	assert_int_equal(v->regions[0].state, REGION_DISABLED);
	assert_null(v->regions[0].snapshot);
	assert_int_equal(v->regions[0].gpus.total, 0);
	assert_int_equal(v->regions[1].state, REGION_MAINTENANCE);
	assert_ptr_equal(v->regions[1].snapshot, s); /* shared, not copied */
	assert_int_equal(v->regions[2].state, REGION_STALE);
	assert_int_equal(v->regions[3].state, REGION_ERROR);
	assert_int_equal(v->n_rows, 4);
	assert_int_equal(v->next_refresh_ms, NOW + 7000);
	assert_int_equal(v->changes_at_ms, 0);
}

static void test_nothing(void **state)
{
	_cleanup_(view_unrefp) struct view *v = NULL;

	assert_int_equal(view_merge(&v, NULL, 0, NULL, NOW, NULL), 0);
	assert_int_equal(v->n_regions + v->n_rows, 0);
	assert_int_equal(v->oldest_observed_ms, 0);
	assert_int_equal(v->next_refresh_ms, 0);
	assert_null(view_find_row(v, NULL, "a"));
}

static struct snapshot *shared;

static bool merge_once(void)
{
	const struct region_status one = sample_status("one");
	const struct view_input input = {&one, shared};
	_cleanup_(view_unrefp) struct view *v = NULL;

	return view_merge(&v, &input, 1, NULL, NOW, NULL) == 0;
}

static void test_no_memory(void **state)
{
	shared = two_flavors("one", NOW);
	failing_alloc_try_all(merge_once);
	assert_int_equal(shared->references, 1);
	snapshot_unref(shared);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_rows_keep_the_order),
		cmocka_unit_test(test_default_region_wins),
		cmocka_unit_test(test_states_decide_what_is_shown),
		cmocka_unit_test(test_nothing),
		cmocka_unit_test(test_no_memory),
	};

	return cmocka_run_group_tests_name("merge", tests, NULL, NULL);
}
