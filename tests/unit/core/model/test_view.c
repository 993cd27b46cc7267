/* SPDX-License-Identifier: Apache-2.0 */
/* core/model/view.c: a view is held by several, and searched. */
#include "sample.h"

#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

enum { MANY = 300 };

/* Flavors 299, 298, …, 0. */
static struct snapshot *many_flavors(const char *region)
{
	static struct gpubroker_flavor flavors[MANY];
	static struct counted counts[MANY];
	static char ids[MANY][12];

	for (int i = 0; i < MANY; i++) {
		snprintf(ids[i], sizeof(ids[i]), "%d", MANY - 1 - i);
		flavors[i] = (struct gpubroker_flavor){.id = ids[i], .name = "x"};
		counts[i] = (struct counted){i, i};
	}
	return sample_counted(region, 1, flavors, counts, MANY);
}

static struct view *make_view(void)
{
	const struct region_status one = sample_status("one"), two = sample_status("two"),
				   none = sample_status("none");
	_cleanup_(snapshot_unrefp) struct snapshot *s1 = many_flavors("one"),
						   *s2 = many_flavors("two");
	const struct view_input inputs[] = {
		{&one,  s1  },
                {&two,  s2  },
                {&none, NULL}
        };
	struct view *v = NULL;

	assert_int_equal(view_merge(&v, inputs, 3, "two", 1, NULL), 0);
	return v;
}

static void test_each_row_is_found(void **state)
{
	_cleanup_(view_unrefp) struct view *v = make_view();

	for (size_t i = 0; i < v->n_rows; i++) {
		const struct view_row *row = &v->rows[i];
		const char *id = row->flavor->flavor.id, *region = row->region->status.name;

		assert_ptr_equal(view_find_row(v, region, id), row);
		assert_string_equal(view_find_row(v, NULL, id)->region->status.name, "two");
		assert_string_equal(view_find_row(v, NULL, id)->flavor->flavor.id, id);
		assert_null(view_find_row(v, "none", id));
		assert_null(view_find_row(v, "nowhere", id));
	}
	assert_null(view_find_row(v, NULL, ""));
	assert_null(view_find_row(v, NULL, "1x"));
	assert_null(view_find_row(v, NULL, "~"));
}

static void test_regions(void **state)
{
	_cleanup_(view_unrefp) struct view *v = make_view();

	assert_ptr_equal(view_find_region(v, "two"), &v->regions[1]);
	assert_ptr_equal(view_find_region(v, "none"), &v->regions[2]);
	assert_null(view_find_region(v, "Two"));
}

static void *ref_and_unref(void *view)
{
	for (int i = 0; i < 20000; i++) {
		view_unref(view_ref(view));
	}
	return NULL;
}

static void test_threads_share_it(void **state)
{
	struct view *v = make_view();
	pthread_t threads[4];

	for (size_t i = 0; i < ARRAY_SIZE(threads); i++) {
		assert_int_equal(pthread_create(&threads[i], NULL, ref_and_unref, v), 0);
	}
	for (size_t i = 0; i < ARRAY_SIZE(threads); i++) {
		pthread_join(threads[i], NULL);
	}
	assert_int_equal(v->references, 1);
	view_unref(v);
	view_unref(NULL);
}

static void test_kinds_of_rows(void **state)
{
	static const struct gpubroker_need v100[] = {
		{"V100", 0}
        };
	static const struct {
		struct snapshot_flavor flavor;
		bool is_gpu, has_counts;
	} rows[] = {
		{{{.id = "gpu", .gpus = v100, .n_gpus = 1}, {1, 1, LIMIT_GPU}},                 true,  true },
		{{{.id = "cpu", .vcpus = 4}, {1, 1, LIMIT_RAM}},                                false, true },
		{{{.id = "invalid", .vcpus = 4, .invalid = "no count"}, {0, 0, LIMIT_NO_HOST}},
                 true,										 true },
		{{{.id = "broken cpu", .vcpus = 4, .invalid = "no", .wants_no_gpus = true},
			 {0, 0, LIMIT_NO_HOST}},
                 false,										true },
		{{{.id = "legacy", .vcpus = COUNT_UNKNOWN}, {1, 1, LIMIT_UNKNOWN}},             true,  true },
		{{{.id = "half", .vcpus = 1}, {COUNT_UNKNOWN, 1, LIMIT_UNKNOWN}},               false, false},
		{{{.id = "other half", .vcpus = 1}, {1, COUNT_UNKNOWN, LIMIT_UNKNOWN}},         false,
                 false										      },
	};

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		const struct view_row row = {.flavor = &rows[i].flavor};

		assert_int_equal(view_row_is_gpu(&row), rows[i].is_gpu);
		assert_int_equal(view_row_has_counts(&row), rows[i].has_counts);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_each_row_is_found),
		cmocka_unit_test(test_regions),
		cmocka_unit_test(test_threads_share_it),
		cmocka_unit_test(test_kinds_of_rows),
	};

	return cmocka_run_group_tests_name("view", tests, NULL, NULL);
}
