/* SPDX-License-Identifier: Apache-2.0 */
/* core/base/value.c: trees of values, their readers, and their bytes for a frame. */
#include "base/str.h"
#include "base/value.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

static struct value *make_tree(void)
{
	struct value *root = value_new(VALUE_GROUP, NULL), *list, *group;

	assert_non_null(value_add_string(root, "name", "bielefeld"));
	assert_non_null(value_add_integer(root, "interval_s", -30));
	assert_non_null(value_add_boolean(root, "enabled", true));
	assert_non_null(value_add_real(root, "ratio", 1.15));
	list = value_add_list(root, "regions");
	group = value_add_group(list, NULL);
	assert_non_null(value_add_string(group, "alias", ""));
	assert_non_null(value_add_group(list, NULL));
	assert_true(value_set_origin(group, "sites.d/x.conf", 7));
	return root;
}

static void test_readers(void **state)
{
	_cleanup_(value_freep) struct value *v = make_tree();

	assert_string_equal(value_string(v, "name"), "bielefeld");
	assert_null(value_string(v, "interval_s"));
	assert_null(value_string(v, "absent"));
	assert_null(value_string(NULL, "name"));
	assert_int_equal(value_integer(v, "interval_s", 5), -30);
	assert_int_equal(value_integer(v, "name", 5), 5);
	assert_true(value_boolean(v, "enabled", false));
	assert_true(value_boolean(v, "absent", true));
	assert_int_equal(value_get(v, "regions")->n_items, 2);
	assert_null(value_get(v, "regions")->items[0]->key);
}

static void test_copy_is_equal_and_apart(void **state)
{
	_cleanup_(value_freep) struct value *v = make_tree(), *copy = value_copy(v);

	assert_true(value_equal(v, copy));
	assert_string_equal(copy->items[4]->items[0]->file, "sites.d/x.conf");
	assert_int_equal(copy->items[4]->items[0]->line, 7);
	assert_true(value_set_origin(copy, "elsewhere", 9));
	assert_true(value_equal(v, copy));
	copy->items[1]->integer++;
	assert_false(value_equal(v, copy));
}

static void test_equality(void **state)
{
	for (size_t i = 0; i < 4; i++) {
		_cleanup_(value_freep) struct value *a = make_tree(), *b = make_tree();

		assert_true(value_equal(a, b));
		b->items[i]->key[0] ^= 1;
		assert_false(value_equal(a, b));
		b->items[i]->key[0] ^= 1;
		b->items[i]->boolean = !b->items[i]->boolean;
		b->items[i]->integer++;
		b->items[i]->real += 1;
		if (b->items[i]->string) {
			b->items[i]->string[0] ^= 1;
		}
		assert_false(value_equal(a, b));
	}
	assert_true(value_equal(NULL, NULL));
}

static void test_bytes_there_and_back(void **state)
{
	_cleanup_(value_freep) struct value *v = make_tree(), *back = NULL;
	_cleanup_(strbuf_finish) struct strbuf once = {0}, twice = {0};

	value_encode(v, &once);
	back = value_decode(once.data, once.len);
	assert_true(value_equal(v, back));
	value_encode(back, &twice);
	assert_int_equal(once.len, twice.len);
	assert_memory_equal(once.data, twice.data, once.len); /* origins too */
}

/* Copies of exactly the right size, so that a sanitizer sees each byte read too far. */
static struct value *decode_exactly(const char *data, size_t n)
{
	char *copy = malloc(n ? n : 1);
	struct value *v;

	memcpy(copy, data, n);
	v = value_decode(copy, n);
	free(copy);
	return v;
}

static void test_cut_and_overlong_bytes(void **state)
{
	_cleanup_(value_freep) struct value *v = make_tree();
	_cleanup_(strbuf_finish) struct strbuf out = {0};

	value_encode(v, &out);
	for (size_t n = 0; n < out.len; n++) {
		assert_null(decode_exactly(out.data, n));
	}
	strbuf_addc(&out, '\0');
	assert_null(decode_exactly(out.data, out.len));
}

/* Each byte replaced by several others: refused, or a tree that can be written again. */
static void test_mutated_bytes(void **state)
{
	static const unsigned char others[] = {0, 1, 5, 6, 7, 0x7f, 0x80, 0xff};
	_cleanup_(value_freep) struct value *v = make_tree();
	_cleanup_(strbuf_finish) struct strbuf out = {0};

	value_encode(v, &out);
	for (size_t i = 0; i < out.len; i++) {
		const char kept = out.data[i];

		for (size_t j = 0; j < ARRAY_SIZE(others); j++) {
			_cleanup_(value_freep) struct value *got = NULL;
			_cleanup_(strbuf_finish) struct strbuf again = {0};

			out.data[i] = (char)others[j];
			got = decode_exactly(out.data, out.len);
			if (got) {
				value_encode(got, &again);
				assert_int_equal(again.len, out.len);
			}
		}
		out.data[i] = kept;
	}
}

static void test_depth(void **state)
{
	for (int depth = VALUE_MAX_DEPTH - 1; depth <= VALUE_MAX_DEPTH + 1; depth++) {
		_cleanup_(value_freep) struct value *root = value_new(VALUE_LIST, NULL),
						    *back = NULL;
		_cleanup_(strbuf_finish) struct strbuf out = {0};
		struct value *inner = root;

		for (int i = 0; i < depth; i++) {
			inner = value_add_list(inner, NULL);
		}
		value_encode(root, &out);
		back = value_decode(out.data, out.len);
		assert_int_equal(back != NULL, depth <= VALUE_MAX_DEPTH);
	}
}

/* A count of four milliards costs nothing: the items are not there. */
static void test_lying_count(void **state)
{
	static const char bytes[] = "\x05\0\0\0\0\0\0\0\0\0\0\0\0\xff\xff\xff\xff";

	assert_null(value_decode(bytes, sizeof(bytes) - 1));
}

static void test_append_of_nothing(void **state)
{
	_cleanup_(value_freep) struct value *v = value_new(VALUE_LIST, NULL);

	assert_false(value_append(v, NULL));
	assert_int_equal(v->n_items, 0);
	value_free(NULL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_readers),
		cmocka_unit_test(test_copy_is_equal_and_apart),
		cmocka_unit_test(test_equality),
		cmocka_unit_test(test_bytes_there_and_back),
		cmocka_unit_test(test_cut_and_overlong_bytes),
		cmocka_unit_test(test_mutated_bytes),
		cmocka_unit_test(test_depth),
		cmocka_unit_test(test_lying_count),
		cmocka_unit_test(test_append_of_nothing),
	};

	return cmocka_run_group_tests_name("value", tests, NULL, NULL);
}
