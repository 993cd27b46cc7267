/* SPDX-License-Identifier: Apache-2.0 */
/* The walk over a document's array: pages add up, duplicates are dropped, a bad page leaves nothing. */
#include "kit/nova_list.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

struct thing {
	char *id;
	int64_t size;
};
struct things { /* laid out like struct any_list */
	struct thing *items;
	size_t n, room;
	void *seen;
};

static int read_thing(void *item, const struct reply_at *at, struct gpubroker_error *reterr)
{
	struct thing *thing = item;
	const char *id = NULL;
	int r = reply_find_string(at, "id", &id, reterr);

	if (r < 0) {
		return r;
	}
	thing->id = id ? strdup(id) : NULL;
	return reply_need_integer(at, "size", &thing->size, reterr);
}

static void finish_thing(void *item)
{
	free(((struct thing *)item)->id);
}

static const struct list_kind kind = {.key = "things",
	.item_size = sizeof(struct thing),
	.id_offset = offsetof(struct thing, id),
	.read = read_thing,
	.finish = finish_thing};

static int parse(
	struct things *things, const char *body, size_t *ret_n, struct gpubroker_error *error)
{
	return list_parse((struct any_list *)things, &kind,
		&(struct document){body, strlen(body), "doc"}, ret_n, error);
}

static void test_pages_add_up(void **state)
{
	struct gpubroker_error error = {0};
	struct things things = {0};
	size_t n = 77;

	assert_int_equal(
		parse(&things, "{\"things\":[{\"id\":\"a\",\"size\":1},{\"id\":\"b\",\"size\":2}]}",
			&n, &error),
		0);
	assert_int_equal(n, 2);
	assert_int_equal(
		parse(&things, "{\"things\":[{\"id\":\"b\",\"size\":9},{\"id\":\"c\",\"size\":3}]}",
			&n, &error),
		0);
	assert_int_equal(n, 2);
	assert_int_equal(parse(&things, "{\"things\":[]}", &n, &error), 0);
	assert_int_equal(n, 0);
	assert_int_equal(things.n, 3);
	assert_int_equal(things.items[1].size, 2); /* the first b */
	assert_string_equal(things.items[2].id, "c");
	list_finish((struct any_list *)&things, &kind);
}

static void test_items_without_id_are_all_kept(void **state)
{
	struct gpubroker_error error = {0};
	struct things things = {0};

	assert_int_equal(parse(&things, "{\"things\":[{\"size\":1},{\"id\":null,\"size\":2}]}",
				 NULL, &error),
		0);
	assert_int_equal(things.n, 2);
	list_finish((struct any_list *)&things, &kind);
}

static void test_a_bad_page_leaves_the_list_as_it_was(void **state)
{
	struct gpubroker_error error = {0};
	struct things things = {0};

	assert_int_equal(
		parse(&things, "{\"things\":[{\"id\":\"a\",\"size\":1}]}", NULL, &error), 0);
	assert_int_equal(parse(&things, "{\"things\":[{\"id\":\"b\",\"size\":1},{\"id\":\"c\"}]}",
				 NULL, &error),
		GPUBROKER_E_BAD_REPLY);
	assert_string_equal(error.text, "doc: things[1].size is missing");
	assert_int_equal(things.n, 1);
	assert_int_equal(
		parse(&things, "{\"things\":[{\"id\":\"b\",\"size\":2}]}", NULL, &error), 0);
	assert_int_equal(things.n, 2); /* b had been forgotten */
	assert_int_equal(parse(&things, "{\"other\":[]}", NULL, &error), GPUBROKER_E_BAD_REPLY);
	assert_int_equal(parse(&things, "{\"things\":[7]}", NULL, &error), GPUBROKER_E_BAD_REPLY);
	assert_int_equal(things.n, 2);
	list_finish((struct any_list *)&things, &kind);
}

static bool is_small(const void *item, const void *limit)
{
	return ((const struct thing *)item)->size < *(const int64_t *)limit;
}

static void test_what_is_dropped_may_come_again(void **state)
{
	static const char body[] =
		"{\"things\":[{\"id\":\"a\",\"size\":1},{\"id\":\"b\",\"size\":5},{\"size\":2},{\"id\":\"c\",\"size\":3}]}";
	struct gpubroker_error error = {0};
	struct things things = {0};
	const int64_t limit = 4;

	assert_int_equal(parse(&things, body, NULL, &error), 0);
	list_drop((struct any_list *)&things, &kind, is_small, &limit);
	assert_int_equal(things.n, 1);
	assert_string_equal(things.items[0].id, "b");
	assert_int_equal(parse(&things, body, NULL, &error), 0);
	assert_int_equal(things.n, 4); /* b once */
	assert_string_equal(things.items[3].id, "c");
	list_finish((struct any_list *)&things, &kind);
}

static void test_many(void **state)
{
	struct gpubroker_error error = {0};
	struct things things = {0};
	char body[64];

	for (int i = 0; i < 20000;
		i++) { /* ten thousand ids, each twice, in order: a plain tree would crawl */
		snprintf(body, sizeof(body), "{\"things\":[{\"id\":\"%05d\",\"size\":1}]}", i / 2);
		assert_int_equal(parse(&things, body, NULL, &error), 0);
	}
	assert_int_equal(things.n, 10000);
	list_finish((struct any_list *)&things, &kind);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_pages_add_up),
		cmocka_unit_test(test_items_without_id_are_all_kept),
		cmocka_unit_test(test_a_bad_page_leaves_the_list_as_it_was),
		cmocka_unit_test(test_what_is_dropped_may_come_again),
		cmocka_unit_test(test_many),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
