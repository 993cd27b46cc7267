/* SPDX-License-Identifier: Apache-2.0 */
/* Tables that are wrong in each way. */
#include "base/option.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

struct self {
	int64_t n;
	char *s;
	bool b;
	struct gpubroker_groups g;
};

/* clang-format off */
static const struct gpubroker_option broken_members[] = {
	{.type = GPUBROKER_STRING, .key = "Alias", .doc = "d"}, {0}};
static const struct gpubroker_option endless[] = {
	{.type = GPUBROKER_GROUP_LIST, .key = "again", .members = endless, .member_size = 64, .doc = "d"}, {0}};
static const char *const words[] = {"a", "b", NULL};

#define N .type = GPUBROKER_INTEGER, .key = "n", .doc = "d"
#define S .type = GPUBROKER_STRING, .key = "s", .offset = offsetof(struct self, s), .doc = "d"
static const struct {
	struct gpubroker_option row;
	const char *sentence; /* NULL: nothing is wrong */
} cases[] = {
	{{N}, NULL},
	{{N, .def = "3", .min = 1, .max = 3}, NULL},
	{{S, .def = "a", .words = words}, NULL},
	{{.type = GPUBROKER_INTEGER, .key = "n"}, "\"n\" has no description"},
	{{.type = GPUBROKER_INTEGER, .key = "", .doc = "d"}, "the key \"\" is not made of lower case letters"},
	{{.type = GPUBROKER_INTEGER, .key = "a-b", .doc = "d"}, "the key \"a-b\" is not made of"},
	{{.type = GPUBROKER_INTEGER, .key = "0a", .doc = "d"}, "the key \"0a\" is not made of"},
	{{.type = 0, .key = "n", .doc = "d"}, "\"n\" has the unknown type 0"},
	{{.type = 8, .key = "n", .doc = "d"}, "\"n\" has the unknown type 8"},
	{{N, .offset = sizeof(struct self)}, "\"n\" lies at"},
	{{N, .offset = sizeof(struct self) - 4}, "\"n\" lies at"},
	{{N, .offset = SIZE_MAX - 7}, "\"n\" lies at"},
	{{N, .offset = 4}, "not aligned"},
	{{N, .def = "three"}, "the default of \"n\" is not a value of its type"},
	{{N, .def = "4", .min = 1, .max = 3}, "the default of \"n\": n must be between 1 and 3, not 4"},
	{{N, .min = 2, .max = 1}, "the least value of \"n\" is above the greatest"},
	{{S, .def = "c", .words = words}, "the default of \"s\": s must be \"a\" or \"b\", not \"c\""},
	{{.type = GPUBROKER_BOOLEAN, .key = "b", .doc = "d", .def = "yes"}, "is not a value of its type"},
	{{.type = GPUBROKER_REAL, .key = "b", .doc = "d", .def = "1.5x"}, "is not a value of its type"},
	{{.type = GPUBROKER_GROUP_LIST, .key = "g", .doc = "d"}, "\"g\" does not say what its groups hold"},
	{{.type = GPUBROKER_GROUP_LIST, .key = "g", .doc = "d", .members = broken_members, .member_size = 8},
		"the key \"Alias\" is not made of"},
	{{.type = GPUBROKER_GROUP_LIST, .key = "g", .doc = "d", .members = broken_members, .member_size = 4},
		"the key \"Alias\" is not made of"},
	{{.type = GPUBROKER_GROUP_LIST, .key = "g", .doc = "d", .members = endless, .member_size = 64},
		"groups are nested more than 4 deep"},
};
/* clang-format on */

static void each_wrong_row_is_named(void **state)
{
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		const struct gpubroker_option rows[] = {cases[i].row, {0}};
		struct gpubroker_error error = {0};
		int r = option_check_table(rows, sizeof(struct self), &error);

		assert_int_equal(r, cases[i].sentence ? GPUBROKER_E_CONFIG : 0);
		if (cases[i].sentence && !strstr(error.text, cases[i].sentence)) {
			fail_msg("\"%s\" is not \"%s\"", error.text, cases[i].sentence);
		}
	}
}

static void a_key_stands_once(void **state)
{
	const struct gpubroker_option rows[] = {{N}, {S}, {N}, {0}};
	struct gpubroker_error error = {0};

	assert_int_equal(option_check_table(rows, sizeof(struct self), &error), GPUBROKER_E_CONFIG);
	assert_string_equal(error.text, "\"n\" stands there twice");
}

static void a_table_without_an_end_is_not_followed(void **state)
{
	static struct gpubroker_option rows[300];
	static char keys[300][8];
	struct gpubroker_error error = {0};

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		snprintf(keys[i], sizeof(keys[i]), "k%zu", i);
		rows[i] = (struct gpubroker_option){
			.type = GPUBROKER_INTEGER, .key = keys[i], .doc = "d"};
	}
	assert_int_equal(option_check_table(rows, sizeof(struct self), &error), GPUBROKER_E_CONFIG);
	assert_string_equal(error.text, "there are more than 256 options");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_wrong_row_is_named),
		cmocka_unit_test(a_key_stands_once),
		cmocka_unit_test(a_table_without_an_end_is_not_followed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
