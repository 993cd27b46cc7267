/* SPDX-License-Identifier: Apache-2.0 */
/* core/cli/output/table_text.c: columns that line up, and fit. */
#include "table_fixture.h"

static void test_columns_line_up(void **state)
{
	check((struct cli_args){.format = FORMAT_TABLE}, 0, false,
		"NAME    NUMBER\n"
		"b            2\n"
		"a, \"q\"      10\n"
		"yes          ?\n");
}

static void test_fields_below_each_other(void **state)
{
	check((struct cli_args){.format = FORMAT_TABLE}, 0, true,
		"NAME    b\nNUMBER  2\nDEEP    \xef\xbf\xbd[1m\n");
}

static void test_no_escape_of_a_stranger_passes(void **state)
{
	char *text =
		print((struct cli_args){.format = FORMAT_TABLE, .long_ = true}, 0, false, false);

	assert_null(strchr(text, '\x1b'));
	free(text);
	text = print((struct cli_args){.format = FORMAT_TABLE, .long_ = true}, 0, true, false);
	assert_null(strstr(text, "\x1b[1m\n"));
	assert_non_null(strstr(text, "\x1b[1mNAME\x1b[0m"));
	free(text);
}

static const struct column wide[] = {
	{"a",   "A", NULL, COLUMN_SHRINKS},
	{"b", "B", NULL, COLUMN_ID},
	{"c",     "C", NULL, COLUMN_DROPS},
	{.key = NULL },
};

static char *print_wide(size_t width)
{
	static const char json[] =
		"[{\"a\":\"aaaaaaaaaaaaaaaa\",\"b\":\"0123456789ab\",\"c\":\"cccccccc\"}]";
	_cleanup_(value_freep) struct value *list = NULL;
	char *text = NULL;
	size_t n;
	FILE *f = open_memstream(&text, &n);
	const struct ui ui = {.out = f, .err = f, .width = width};
	struct table t = {.columns = wide};

	assert_int_equal(json_tree_read(json, strlen(json), &list, NULL), 0);
	t.rows = table_rows(list, &t.n_rows);
	assert_int_equal(table_write(&ui, &(struct cli_args){0}, &t), CLI_FINE);
	free(t.rows);
	fclose(f);
	return text;
}

/* First names, then ids, then whole columns. */
static void test_narrow_windows(void **state)
{
	static const struct {
		size_t width;
		const char *line;
	} rows[] = {
		{0,  "\naaaaaaaaaaaaaaaa  0123456789ab  cccccccc\n"},
		{40, "\naaaaaaaaaaaaaaaa  0123456789ab  cccccccc\n"},
		{38, "\naaaaaaaaaaaaa~  0123456789ab  cccccccc\n"  },
		{33, "\naaaaaaaaaaa~  01234567~  cccccccc\n"       },
		{31, "\naaaaaaaaa~  01234567~  cccccccc\n"         },
		{30, "\naaaaaaaaaaaaaaaa  0123456789ab\n"          },
	};

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		char *text = print_wide(rows[i].width);

		if (!strstr(text, rows[i].line)) {
			fail_msg("%zu columns: %s", rows[i].width, text);
		}
		assert_int_equal(strstr(text, "left out") != NULL, rows[i].width == 30);
		free(text);
	}
}

static const struct column told_apart[] = {
	{"a",   "A", NULL, COLUMN_KEEPS},
	{"b", "B", NULL, COLUMN_DROPS},
	{"c",     "C", NULL, COLUMN_WRAPS},
	{.key = NULL },
};

/* What tells the rows apart is cut last. */
static void test_whole_columns_go_before_names_are_cut(void **state)
{
	static const char json[] =
		"[{\"a\":\"host-of-the-rack-01\",\"b\":\"0123456789\",\"c\":\"one\"}]";
	static const struct {
		size_t width;
		const char *line;
	} rows[] = {
		{36, "\nhost-of-the-rack-01  0123456789  one\n"},
		{35, "\nhost-of-the-rack-01  one\n"            },
		{20, "\nhost-of-the-ra~  one\n"                },
	};

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		_cleanup_(value_freep) struct value *list = NULL;
		char *text = NULL;
		size_t n;
		FILE *f = open_memstream(&text, &n);
		const struct ui ui = {.out = f, .err = f, .width = rows[i].width};
		struct table t = {.columns = told_apart};

		assert_int_equal(json_tree_read(json, strlen(json), &list, NULL), 0);
		t.rows = table_rows(list, &t.n_rows);
		assert_int_equal(table_write(&ui, &(struct cli_args){0}, &t), CLI_FINE);
		free(t.rows);
		fclose(f);
		if (!strstr(text, rows[i].line)) {
			fail_msg("%zu columns: %s", rows[i].width, text);
		}
		free(text);
	}
}

static const struct column sentences[] = {
	{"a",   "A", NULL, 0},
	{"b", "B", NULL, COLUMN_DROPS},
	{"c",     "C", NULL, COLUMN_WRAPS},
	{.key = NULL },
};

static void test_sentences_are_continued_below_themselves(void **state)
{
	static const char json[] =
		"[{\"a\":\"x\",\"b\":\"0123456789\",\"c\":\"one two three four five six seven "
		"eight nine ten\"},{\"a\":\"y\"}]";
	_cleanup_(value_freep) struct value *list = NULL;
	char *text = NULL;
	size_t n;
	FILE *f = open_memstream(&text, &n);
	const struct ui ui = {.out = f, .err = stderr, .width = 45};
	struct table t = {.columns = sentences};

	assert_int_equal(json_tree_read(json, strlen(json), &list, NULL), 0);
	t.rows = table_rows(list, &t.n_rows);
	assert_int_equal(table_write(&ui, &(struct cli_args){0}, &t), CLI_FINE);
	free(t.rows);
	fclose(f);
	assert_string_equal(
		text, "A  C\nx  one two three four five six seven eight\n   nine ten\ny\n");
	free(text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_columns_line_up),
		cmocka_unit_test(test_fields_below_each_other),
		cmocka_unit_test(test_no_escape_of_a_stranger_passes),
		cmocka_unit_test(test_narrow_windows),
		cmocka_unit_test(test_whole_columns_go_before_names_are_cut),
		cmocka_unit_test(test_sentences_are_continued_below_themselves),
	};

	return cmocka_run_group_tests_name("table_text", tests, NULL, NULL);
}
