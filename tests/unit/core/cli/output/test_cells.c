/* SPDX-License-Identifier: Apache-2.0 */
/* core/cli/output/cells.c: values as people read them. */
#include "base/mem.h"
#include "cli/output/cells.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

static const struct ui ascii = {.utf8 = false};

static void check(cell_fn *f, const char *json, const char *key, const char *want, enum style style)
{
	_cleanup_(value_freep) struct value *v = NULL;
	struct cell cell = {0};

	assert_int_equal(json_tree_read(json, strlen(json), &v, NULL), 0);
	f(&ascii, v, key, &cell);
	assert_string_equal(cell.text.data ? cell.text.data : "", want);
	assert_int_equal(cell.style, style);
	strbuf_finish(&cell.text);
}

static void test_available(void **state)
{
	check(cell_available, "{\"available\":3,\"total\":4,\"state\":\"ok\"}", "available",
		"3 of 4 ", STYLE_GOOD);
	check(cell_available, "{\"available\":0,\"total\":4}", "available", "0 of 4 ", STYLE_BAD);
	check(cell_available, "{\"state\":\"ok\"}", "available", "? ", STYLE_DOUBT);
	check(cell_available, "{\"available\":2}", "available", "2 of ? ", STYLE_GOOD);
	check(cell_available, "{\"total\":2}", "available", "? of 2 ", STYLE_DOUBT);
	check(cell_available, "{\"available\":3,\"total\":4,\"state\":\"stale\"}", "available",
		"3 of 4*", STYLE_DOUBT);
	check(cell_available, "{\"available\":\"x\",\"total\":null}", "available", "? ",
		STYLE_DOUBT);
}

static void test_gpus(void **state)
{
	check(cell_gpus,
		"{\"gpus\":[{\"type\":\"V100\",\"count\":1},{\"type\":\"A100\",\"count\":2}]}",
		"gpus", "1 V100 + 2 A100", STYLE_PLAIN);
	check(cell_gpus, "{\"gpus\":[7,{}]}", "gpus", "? ? + ? ?", STYLE_PLAIN);
	check(cell_gpus, "{\"gpus\":7}", "gpus", "", STYLE_PLAIN);
}

static void test_sizes(void **state)
{
	check(cell_gib, "{\"m\":65536}", "m", "64 GiB", STYLE_PLAIN);
	check(cell_gib, "{\"m\":1536}", "m", "1.5 GiB", STYLE_PLAIN);
	check(cell_gib, "{\"m\":512}", "m", "512 MiB", STYLE_PLAIN);
	check(cell_gib, "{\"m\":0}", "m", "0 GiB", STYLE_PLAIN);
	check(cell_gib, "{}", "m", "?", STYLE_DOUBT);
	check(cell_disk, "{\"d\":50}", "d", "50 GiB", STYLE_PLAIN);
	check(cell_disk, "{}", "d", "?", STYLE_DOUBT);
}

static void test_words(void **state)
{
	check(cell_limit, "{\"l\":\"gpu\"}", "l", "GPU", STYLE_PLAIN);
	check(cell_limit, "{\"l\":\"no-host\"}", "l", "no host", STYLE_BAD);
	check(cell_limit, "{\"l\":\"later\"}", "l", "later", STYLE_PLAIN);
	check(cell_limit, "{}", "l", "", STYLE_PLAIN);
	check(cell_state, "{\"s\":\"stale\"}", "s", "stale", STYLE_DOUBT);
	check(cell_fits, "{\"f\":true}", "f", "yes", STYLE_GOOD);
	check(cell_fits, "{\"f\":false}", "f", "no", STYLE_BAD);
	check(cell_fits, "{\"f\":null}", "f", "unknown", STYLE_DOUBT);
	check(cell_age, "{}", "t", "never", STYLE_DOUBT);
}

static void test_durations(void **state)
{
	static const struct {
		int64_t s;
		const char *want;
	} rows[] = {
		{-5,     "0 s"  },
                {0,      "0 s"  },
                {119,    "119 s"},
                {120,    "2 min"},
                {7200,   "2 h"  },
		{172800, "2 d"  }
        };

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		_cleanup_(strbuf_finish) struct strbuf b = {0};

		add_duration(&b, rows[i].s);
		assert_string_equal(b.data ? b.data : "", rows[i].want);
	}
}

/* Neither empty nor full unless it is. */
static void test_bars(void **state)
{
	static const struct {
		int64_t part, whole;
		const char *want;
	} rows[] = {
		{0,   4,    "...."},
                {1,   1000, "#..."},
                {2,   4,    "##.."},
                {999, 1000, "###."},
		{4,   4,    "####"},
                {9,   4,    "####"},
                {-3,  4,    "...."},
                {1,   0,    ""    }
        };

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		_cleanup_(strbuf_finish) struct strbuf b = {0};

		add_bar(&ascii, &b, rows[i].part, rows[i].whole, 4);
		assert_string_equal(b.data ? b.data : "", rows[i].want);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_available),
		cmocka_unit_test(test_gpus),
		cmocka_unit_test(test_sizes),
		cmocka_unit_test(test_words),
		cmocka_unit_test(test_durations),
		cmocka_unit_test(test_bars),
	};

	return cmocka_run_group_tests_name("cells", tests, NULL, NULL);
}
