/* SPDX-License-Identifier: Apache-2.0 */
/* Tests of core/rest/page.c. */
#include "rest/page.h"

#include "base/mem.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static struct page *make(const char *text, int64_t modified_ms, const struct page *previous)
{
	const struct page_head head = {.content_type = "text/plain",
		.modified_ms = modified_ms,
		.expires_ms = modified_ms + 1};

	return page_new(strdup(text), strlen(text), &head, previous, NULL);
}

static void test_tags_follow_bytes(void **state)
{
	struct page *a = make("one", 1, NULL), *b = make("one", 2, NULL), *c = make("two", 2, NULL);

	assert_string_equal(a->plain.etag, b->plain.etag);
	assert_string_not_equal(a->plain.etag, c->plain.etag);
	assert_int_equal(a->plain.etag[0], '"');
	assert_int_equal(a->plain.etag[strlen(a->plain.etag) - 1], '"');
	page_free(a);
	page_free(b);
	page_free(c);
}

static void test_the_same_bytes_keep_their_date(void **state)
{
	struct page *a = make("one", 1, NULL), *same = make("one", 2, a),
		    *other = make("two", 2, a);

	assert_ptr_equal(same->plain.body, a->plain.body);
	assert_int_equal(same->head.modified_ms, 1);
	assert_int_equal(same->head.expires_ms, 3);
	assert_int_equal(other->head.modified_ms, 2);
	page_free(a); /* the body stays with the other */
	assert_memory_equal(same->plain.body->data, "one", 3);
	page_free(same);
	page_free(other);
}

static void test_gzip_is_made_when_asked_for(void **state)
{
	char text[1000] = {0};
	struct page *a, *same;

	memset(text, 'a', sizeof(text) - 1);
	a = make(text, 1, NULL);
	assert_null(page_variant(a, true));
	assert_true(atomic_load(&a->asked_gzip));
	assert_false(atomic_load(&a->asked));
	page_make_gzip(a, NULL);
	assert_non_null(page_variant(a, true));
	same = make(text, 2, a);
	page_make_gzip(same, a);
	assert_ptr_equal(page_variant(same, true)->body, page_variant(a, true)->body);
	page_free(a);
	page_free(same);
}

static void test_no_gzip_where_it_is_not_smaller(void **state)
{
	struct page *a = make("short", 1, NULL);

	page_make_gzip(a, NULL);
	assert_ptr_equal(page_variant(a, true), page_variant(a, false));
	page_free(a);
	page_free(NULL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_tags_follow_bytes),
		cmocka_unit_test(test_the_same_bytes_keep_their_date),
		cmocka_unit_test(test_gzip_is_made_when_asked_for),
		cmocka_unit_test(test_no_gzip_where_it_is_not_smaller),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
