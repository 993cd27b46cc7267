/* SPDX-License-Identifier: Apache-2.0 */
/* Sets of words. */
#include "kit/word_set.h"

#include "failing_alloc.h"
#include "specs_text.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static void test_sorted_and_once(void **state)
{
	static const char *const words[] = {"b", "a", "c", "b", "", "ab", "a"};
	struct word_set set = {0}, more = {0};
	struct gpubroker_words view;
	char text[100] = "";

	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
		word_set_add(&set, words[i]);
	}
	word_set_addf(&more, "%d%s", 7, "x");
	word_set_add_all(&set, &more);
	word_set_add_all(&set, &more);
	view = word_set_view(&set);
	specs_text_add_words(text, sizeof(text), "", &view);
	assert_string_equal(text, ", 7x, a, ab, b, c");
	assert_true(word_set_has(&set, "ab"));
	assert_false(word_set_has(&set, "d"));
	assert_false(set.failed);
	word_set_finish(&set);
	word_set_finish(&more);
	assert_false(word_set_has(&set, "a"));
}

static void test_a_failure_stays(void **state)
{
	struct word_set set = {0};

	failing_alloc_from(1);
	word_set_add(&set, "a");
	failing_alloc_from(0);
	word_set_add(&set, "b");
	assert_true(set.failed);
	assert_int_equal(set.n, 0);
	word_set_finish(&set);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_sorted_and_once),
		cmocka_unit_test(test_a_failure_stays),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
