/* SPDX-License-Identifier: Apache-2.0 */
/* core/cli/output/table_yaml.c: nothing is taken for something else. */
#include "base/mem.h"
#include "cli/output/table.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

static const char rows_json[] =
	"[{\"name\":\"b\",\"n\":2,\"x\":{\"y\":\"\\u001b[1m\"}},{\"name\":\"a, \\\"q\\\"\",\"n\":10},"
	"{\"name\":\"yes\",\"list\":[{\"type\":\"V\",\"count\":2}]}]";

static const struct column columns[] = {
	{"name",        "NAME", NULL, COLUMN_SHRINKS},
	{"n",         "NUMBER", NULL, COLUMN_RIGHT},
	{"x.y",             "DEEP", NULL, COLUMN_LONG},
	{"list","LIST", NULL, COLUMN_PLAIN},
	{.key = NULL},
};

/* What the client prints for these arguments. The caller frees. */
static char *print(struct cli_args args, size_t width, bool color, bool single)
{
	_cleanup_(value_freep) struct value *list = NULL;
	char *text = NULL;
	size_t n;
	FILE *f = open_memstream(&text, &n);
	const struct ui ui = {.out = f, .err = f, .width = width, .color = color};
	struct table t = {.columns = columns, .long_ = args.long_, .single = single};

	assert_int_equal(json_tree_read(rows_json, strlen(rows_json), &list, NULL), 0);
	t.rows = table_rows(list, &t.n_rows);
	t.n_rows = single ? 1 : t.n_rows;
	assert_int_equal(table_write(&ui, &args, &t), CLI_FINE);
	free(t.rows);
	fclose(f);
	return text;
}

static void check(struct cli_args args, size_t width, bool single, const char *want)
{
	char *text = print(args, width, false, single);

	assert_string_equal(text, want);
	free(text);
}

static void test_rows(void **state)
{
	check((struct cli_args){.format = FORMAT_YAML}, 0, false,
		"- name: b\n  \"n\": 2\n  x:\n    \"y\": \"\\u001b[1m\"\n"
		"- name: \"a, \\\"q\\\"\"\n  \"n\": 10\n"
		"- name: \"yes\"\n  list:\n  - type: V\n    count: 2\n");
}

static void test_one_object(void **state)
{
	const char *names[] = {"name", "list"};

	check(
		(struct cli_args){
			.format = FORMAT_YAML, .columns = {names, 1}
        },
		0, true, "name: b\n");
	check(
		(struct cli_args){
			.format = FORMAT_YAML, .columns = {names + 1, 1}
        },
		0, true, "");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_rows),
		cmocka_unit_test(test_one_object),
	};

	return cmocka_run_group_tests_name("table_yaml", tests, NULL, NULL);
}
