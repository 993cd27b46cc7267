/* SPDX-License-Identifier: Apache-2.0 */
/* core/model/snapshot.c: an inventory becomes a snapshot of its own, and two are compared. */
#include "failing_alloc.h"
#include "sample.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

static void make_region(struct random_region *region)
{
	uint64_t seed = 99;

	do {
		random_rich_region(&seed, region);
	} while (region->n_hosts < 3 || region->n_flavors < 3 || region->hosts[0].n_gpus == 0 ||
		 region->gpus[0][0].n_devices == 0 || region->flavors[0].n_gpus == 0);
	region->hosts[0].reason = "maintenance";
}

static void test_counting(void **state)
{
	struct random_region region;
	_cleanup_(snapshot_unrefp) struct snapshot *s = NULL;

	make_region(&region);
	s = sample_snapshot("here", 1234, &region);
	assert_string_equal(s->region, "here");
	assert_string_equal(s->broker, "broker-1");
	assert_int_equal(s->observed_at_ms, 1234);
	assert_int_equal(s->duration_ms, 250);
	assert_int_equal(s->model, MODEL_NOVA);
	assert_int_equal(s->n_hosts, region.n_hosts);
	assert_int_equal(s->n_flavors, region.n_flavors);
	assert_true(s->n_pools > 0);
	for (size_t i = 0; i < s->n_flavors; i++) {
		struct flavor_count want =
			flavor_count(&region.flavors[i], region.hosts, region.n_hosts);

		assert_string_equal(s->flavors[i].flavor.id, region.flavors[i].id);
		assert_ptr_not_equal(s->flavors[i].flavor.id, region.flavors[i].id);
		assert_int_equal(s->flavors[i].count.total, want.total);
		assert_int_equal(s->flavors[i].count.available, want.available);
		assert_int_equal(s->flavors[i].count.limited_by, want.limited_by);
	}
}

static void test_counted_elsewhere_is_copied(void **state)
{
	const struct gpubroker_flavor flavors[] = {
		{.id = "1", .name = "x"},
                {.id = "2", .name = "y"}
        };
	const struct counted counts[] = {
		{7,             3            },
                {COUNT_UNKNOWN, COUNT_UNKNOWN}
        };
	_cleanup_(snapshot_unrefp) struct snapshot *s =
		sample_counted("far", 1, flavors, counts, 2);

	assert_int_equal(s->model, MODEL_COUNTED);
	assert_int_equal(s->n_hosts, 0);
	assert_int_equal(s->n_pools, 0);
	assert_int_equal(s->flavors[0].count.total, 7);
	assert_int_equal(s->flavors[0].count.available, 3);
	assert_int_equal(s->flavors[0].count.limited_by, LIMIT_UNKNOWN);
	assert_int_equal(s->flavors[1].count.total, COUNT_UNKNOWN);
}

static void test_references(void **state)
{
	struct random_region region;
	struct snapshot *s, *same;

	make_region(&region);
	s = sample_snapshot("here", 1, &region);
	same = snapshot_ref(s);
	assert_ptr_equal(same, s);
	snapshot_unref(s);
	assert_string_equal(same->region, "here");
	snapshot_unref(same);
	snapshot_unref(NULL);
	assert_null(snapshot_ref(NULL));
}

/* What make_region made, with one thing changed. */
typedef void change_fn(struct random_region *);

static void change_state(struct random_region *r)
{
	r->hosts[1].state = (enum gpubroker_host_state)((r->hosts[1].state + 1) % 3);
}

static void change_reason(struct random_region *r)
{
	r->hosts[0].reason = "another";
}

static void change_vcpus(struct random_region *r)
{
	r->hosts[2].vcpus.used++;
}

static void change_disk_ratio(struct random_region *r)
{
	r->hosts[0].disk_gib.ratio_micro += 7;
}

static void change_max_unit(struct random_region *r)
{
	r->hosts[0].ram_mib.max_unit += 7;
}

static void change_gpus(struct random_region *r)
{
	r->devices[0][0][0].used += 100;
}

static void change_type(struct random_region *r)
{
	r->gpus[0][0].type = "other";
}

static void change_flavor_name(struct random_region *r)
{
	r->flavors[1].name = "renamed";
}

static void change_swap(struct random_region *r)
{
	r->flavors[1].swap_mib++;
}

static void change_public(struct random_region *r)
{
	r->flavors[1].is_public = !r->flavors[1].is_public;
}

static void change_need(struct random_region *r)
{
	r->needs[0][0].count += r->needs[0][0].unit;
}

static void change_invalid(struct random_region *r)
{
	r->flavors[1].invalid = r->flavors[1].invalid ? NULL : "now";
}

static struct gpubroker_words more_words(struct gpubroker_words words)
{
	static const char *const one[] = {"Y"}, *const other[] = {"Z"};

	return (struct gpubroker_words){words.n == 1 && words.items[0][0] == 'Y' ? other : one, 1};
}

static void change_pcpus(struct random_region *r)
{
	r->hosts[1].pcpus.total++;
}

static void change_step_size(struct random_region *r)
{
	r->hosts[1].vcpus.step_size += 3;
}

static void change_host_words(struct random_region *r)
{
	r->hosts[1].words = more_words(r->hosts[1].words);
}

static void change_device(struct random_region *r)
{
	r->devices[0][0][0].max_unit++;
}

static void change_device_min_unit(struct random_region *r)
{
	r->devices[0][0][0].min_unit++;
}

static void change_device_step(struct random_region *r)
{
	r->devices[0][0][0].step_size++;
}

static void change_device_words(struct random_region *r)
{
	r->devices[0][0][0].words = more_words(r->devices[0][0][0].words);
}

static void change_unit(struct random_region *r)
{
	r->needs[0][0].count *= 4;
	r->needs[0][0].unit *= 4;
}

static void change_need_words(struct random_region *r)
{
	r->needs[0][0].forbidden = more_words(r->needs[0][0].forbidden);
}

static void change_demand(struct random_region *r)
{
	r->demands[0].pcpus++;
	r->flavors[0].demand = &r->demands[0];
}

static void change_isolate(struct random_region *r)
{
	r->flavors[1].isolate = !r->flavors[1].isolate;
}

static void change_required(struct random_region *r)
{
	r->flavors[1].required = more_words(r->flavors[1].required);
}

static void change_forbidden(struct random_region *r)
{
	r->flavors[1].forbidden = more_words(r->flavors[1].forbidden);
}

static void change_remarks(struct random_region *r)
{
	r->flavors[1].remarks = more_words(r->flavors[1].remarks);
}

static void change_wants_no_gpus(struct random_region *r)
{
	r->flavors[1].wants_no_gpus = true;
}

static void change_n_hosts(struct random_region *r)
{
	r->n_hosts--;
}

static void change_n_flavors(struct random_region *r)
{
	r->n_flavors--;
}

static change_fn *const changes[] = {
	change_state,
	change_reason,
	change_vcpus,
	change_disk_ratio,
	change_max_unit,
	change_gpus,
	change_type,
	change_flavor_name,
	change_swap,
	change_public,
	change_need,
	change_invalid,
	change_pcpus,
	change_step_size,
	change_host_words,
	change_device,
	change_device_min_unit,
	change_device_step,
	change_device_words,
	change_unit,
	change_need_words,
	change_demand,
	change_isolate,
	change_required,
	change_forbidden,
	change_remarks,
	change_wants_no_gpus,
	change_n_hosts,
	change_n_flavors,
};

static void test_same_content(void **state)
{
	struct random_region region;
	_cleanup_(snapshot_unrefp) struct snapshot *s = NULL, *later = NULL, *elsewhere = NULL;

	make_region(&region);
	s = sample_snapshot("here", 1000, &region);
	later = sample_snapshot("here", 2000, &region);
	elsewhere = sample_snapshot("there", 1000, &region);
	assert_true(snapshot_same_content(s, later));
	assert_false(snapshot_same_content(s, elsewhere));
	for (size_t i = 0; i < ARRAY_SIZE(changes); i++) {
		_cleanup_(snapshot_unrefp) struct snapshot *changed = NULL;

		make_region(&region);
		changes[i](&region);
		changed = sample_snapshot("here", 1000, &region);
		assert_non_null(changed);
		if (snapshot_same_content(s, changed)) {
			fail_msg("change %zu was not seen", i);
		}
	}
}

static bool count_once(void)
{
	struct random_region region;
	_cleanup_(snapshot_unrefp) struct snapshot *s = NULL;

	make_region(&region);
	s = sample_snapshot("here", 1, &region);
	return s != NULL;
}

static void test_no_memory(void **state)
{
	failing_alloc_try_all(count_once);
}

static void test_words(void **state)
{
	enum capacity_model model;

	assert_true(capacity_model_parse("placement", &model));
	assert_int_equal(model, MODEL_PLACEMENT);
	assert_string_equal(capacity_model_word(MODEL_NOVA), "nova");
	assert_false(capacity_model_parse("", &model));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_counting),
		cmocka_unit_test(test_counted_elsewhere_is_copied),
		cmocka_unit_test(test_references),
		cmocka_unit_test(test_same_content),
		cmocka_unit_test(test_no_memory),
		cmocka_unit_test(test_words),
	};

	return cmocka_run_group_tests_name("snapshot", tests, NULL, NULL);
}
