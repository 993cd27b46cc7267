/* SPDX-License-Identifier: Apache-2.0 */
/* Tests of core/rest/generation.c. */
#include "rest_fixture.h"

#include "rest/generation.h"

#include <stdio.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static struct generation *generation_of(struct view *view)
{
	struct generation *g = NULL;

	assert_int_equal(generation_new(&g, view, true, "1.2.3", false, NULL), 0);
	return g;
}

static struct view *alpha_view(int64_t free_gpus)
{
	struct region_status status = fixture_status("alpha");
	struct snapshot *snapshot = fixture_snapshot("alpha", FIXTURE_NOW_MS, free_gpus);

	return fixture_view(&status, &snapshot, 1);
}

static struct page_use get(struct generation *g, const char *target, bool gzip)
{
	struct draft error = {0};
	struct page_use use;

	assert_true(generation_page(g, fixture_request(target), gzip, &use, &error));
	assert_null(use.owned);
	return use;
}

static void test_a_page_is_made_once(void **state)
{
	_cleanup_(generation_unrefp) struct generation *g = generation_of(alpha_view(1));

	assert_ptr_equal(
		get(g, "/gpus/flavors", false).page, get(g, "/gpus/flavors?_=2", false).page);
	assert_ptr_equal(
		get(g, "/v1/flavors?name=a", false).page, get(g, "/v1/flavors?name=a", false).page);
	assert_ptr_not_equal(
		get(g, "/v1/flavors?name=a", false).page, get(g, "/v1/flavors?name=b", false).page);
	assert_ptr_not_equal(
		get(g, "/gpus/flavors", false).variant, get(g, "/gpus/flavors", true).variant);
}

static void test_errors_are_not_kept(void **state)
{
	_cleanup_(generation_unrefp) struct generation *g = generation_of(alpha_view(1));

	for (int i = 0; i < 2; i++) {
		struct draft error = {0};
		struct page_use use;

		assert_false(generation_page(
			g, fixture_request("/gpus/flavors/x"), false, &use, &error));
		assert_int_equal(error.status, 404);
		draft_finish(&error);
	}
}

static void test_what_was_asked_for_is_prepared(void **state)
{
	_cleanup_(generation_unrefp) struct generation *old = generation_of(alpha_view(1));
	_cleanup_(generation_unrefp) struct generation *g = generation_of(alpha_view(2));
	struct page_use before = get(old, "/v1/gpus", true);
	struct page_use same = get(old, "/gpus/flavors?region=alpha", false), now;

	generation_prepare(g, old);
	now = get(g, "/v1/gpus", true);
	assert_true(atomic_load(&now.page->asked_gzip));
	assert_string_not_equal(now.variant->etag, before.variant->etag);
	assert_ptr_not_equal(now.variant, before.variant);
	now = get(g, "/gpus/flavors?region=alpha", false);
	assert_string_not_equal(now.variant->etag, same.variant->etag);
}

/* Nothing but a time of refresh is new: bytes, tag and date stay, and the body is shared. */
static void test_the_same_bytes_are_shared(void **state)
{
	_cleanup_(generation_unrefp) struct generation *old = generation_of(alpha_view(1));
	_cleanup_(generation_unrefp) struct generation *g = generation_of(alpha_view(1));
	struct page_use plain = get(old, "/gpus/flavors", false),
			gzip = get(old, "/gpus/flavors", true);
	struct page_use keyed = get(old, "/v1/flavors?name=a", false);

	generation_prepare(g, old);
	assert_ptr_equal(get(g, "/gpus/flavors", false).variant->body, plain.variant->body);
	assert_ptr_equal(get(g, "/gpus/flavors", true).variant->body, gzip.variant->body);
	assert_ptr_equal(get(g, "/v1/flavors?name=a", false).variant->body, keyed.variant->body);
	assert_string_equal(get(g, "/gpus/flavors", true).variant->etag, gzip.variant->etag);
}

static void test_there_is_an_end_to_keeping(void **state)
{
	_cleanup_(generation_unrefp) struct generation *g = generation_of(alpha_view(1));
	bool kept = true;
	char target[64];

	for (int i = 0; i < 5000; i++) {
		struct draft error = {0};
		struct page_use use;

		snprintf(target, sizeof(target), "/v1/flavors?name=%d", i);
		assert_true(generation_page(g, fixture_request(target), false, &use, &error));
		assert_true(kept || use.owned);
		kept = !use.owned;
		page_free(use.owned);
	}
	assert_false(kept);
}

static void test_complete(void **state)
{
	_cleanup_(generation_unrefp) struct generation *one = generation_of(alpha_view(1));
	_cleanup_(generation_unrefp) struct generation *three =
		generation_of(fixture_three_regions());

	assert_true(generation_complete(one));
	assert_false(generation_complete(three));
}

static void expect_status(const struct view *view, const char *only, const char *text)
{
	_cleanup_(strbuf_finish) struct strbuf b = {0};

	region_status_header(&b, view, only ? view_find_region(view, only) : NULL);
	assert_string_equal(b.len > 0 ? b.data : "", text);
}

static void test_region_status(void **state)
{
	_cleanup_(view_unrefp) struct view *view = fixture_three_regions();

	expect_status(view, NULL, "beta=stale;since=2026-11-22T14:03:05Z, gamma=pending");
	expect_status(view, "gamma", "gamma=pending");
	expect_status(view, "alpha", "");
}

static void test_region_status_is_short(void **state)
{
	enum { N = 16 };
	struct region_status statuses[N];
	struct snapshot *snapshots[N] = {NULL};
	_cleanup_(view_unrefp) struct view *view = NULL;
	_cleanup_(strbuf_finish) struct strbuf b = {0};
	char name[64];

	for (int i = 0; i < N; i++) {
		snprintf(name, sizeof(name),
			"a-region-with-a-name-as-long-as-a-name-may-be-in-this-file-%02d", i);
		statuses[i] = fixture_failed(name);
	}
	view = fixture_view(statuses, snapshots, N);
	region_status_header(&b, view, NULL);
	assert_in_range(b.len, 900, REGION_STATUS_MAX_BYTES);
	assert_memory_equal(b.data + b.len - 8, ", more=6", 8);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_a_page_is_made_once),
		cmocka_unit_test(test_errors_are_not_kept),
		cmocka_unit_test(test_what_was_asked_for_is_prepared),
		cmocka_unit_test(test_the_same_bytes_are_shared),
		cmocka_unit_test(test_there_is_an_end_to_keeping),
		cmocka_unit_test(test_complete),
		cmocka_unit_test(test_region_status),
		cmocka_unit_test(test_region_status_is_short),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
