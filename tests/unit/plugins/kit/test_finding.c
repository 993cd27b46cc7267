/* SPDX-License-Identifier: Apache-2.0 */
/* Findings for doctor, and command lines that can be pasted into a shell. */
#include "kit/finding.h"

#include "fake_core.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static void test_a_finding(void **state)
{
	fake_core_clear_log();
	finding_add(&fake_core, GPUBROKER_WARN, "disk", NULL, NULL, "%d hosts", 3);
	finding_add(&fake_core, GPUBROKER_ERROR, "gpu-host", "h", "rm it", "gone");
	assert_string_equal(
		fake_core_findings(), "4 disk -: 3 hosts [-]\n3 gpu-host h: gone [rm it]\n");
}

static void test_nobody_listens(void **state)
{
	struct gpubroker_core deaf = fake_core;

	deaf.finding = NULL;
	fake_core_clear_log();
	finding_add(&deaf, GPUBROKER_WARN, "disk", NULL, NULL, "nothing");
	assert_string_equal(fake_core_findings(), "");
}

static void test_arguments_are_quoted(void **state)
{
	char out[COMMAND_MAX];

	assert_string_equal(finding_command(out, "do", NULL), "do");
	assert_string_equal(finding_command(out, "do", "a-b_c.d=1", NULL), "do a-b_c.d=1");
	assert_string_equal(finding_command(out, "do", "two words", "it's", "", "$(x)", NULL),
		"do 'two words' 'it'\\''s' '' '$(x)'");
}

static void test_half_a_command_is_none(void **state)
{
	char out[COMMAND_MAX], word[COMMAND_MAX - 2];

	memset(word, 'a', sizeof(word) - 1);
	word[sizeof(word) - 1] = '\0';
	assert_null(finding_command(out, "do", word, NULL));
	word[sizeof(word) - 2] = '\0';
	assert_int_equal(strlen(finding_command(out, "do", word, NULL)), COMMAND_MAX - 1);
	word[0] = ' '; /* the quotes do not fit */
	assert_null(finding_command(out, "do", word, NULL));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_a_finding),
		cmocka_unit_test(test_nobody_listens),
		cmocka_unit_test(test_arguments_are_quoted),
		cmocka_unit_test(test_half_a_command_is_none),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
