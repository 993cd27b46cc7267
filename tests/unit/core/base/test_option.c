/* SPDX-License-Identifier: Apache-2.0 */
/* A group against a table: each complaint, and where it points. */
#include "base/option.h"

#include "base/str.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

static const char *const words[] = {"auto", "nova", NULL};

/* clang-format off */
static const struct gpubroker_option members[] = {
	{.type = GPUBROKER_STRING, .key = "alias", .required = true},
	{0}};
static const struct gpubroker_option rows[] = {
	{.type = GPUBROKER_STRING, .key = "capacity", .words = words},
	{.type = GPUBROKER_SECRET, .key = "password_file"},
	{.type = GPUBROKER_INTEGER, .key = "small", .min = 1, .max = 10},
	{.type = GPUBROKER_INTEGER, .key = "any"},
	{.type = GPUBROKER_REAL, .key = "ratio", .min = 0.5, .max = INFINITY},
	{.type = GPUBROKER_REAL, .key = "below", .min = -3, .max = 0},
	{.type = GPUBROKER_BOOLEAN, .key = "flag"},
	{.type = GPUBROKER_STRING_LIST, .key = "names"},
	{.type = GPUBROKER_GROUP_LIST, .key = "rules", .members = members, .member_size = 8},
	{0}};
static const struct gpubroker_option needy[] = {
	{.type = GPUBROKER_STRING, .key = "path", .required = true},
	{.type = GPUBROKER_STRING_LIST, .key = "list", .required = true},
	{0}};
/* clang-format on */

static struct value *new_group(const char *key)
{
	struct value *group = value_new(VALUE_GROUP, key);

	assert_non_null(group);
	assert_true(value_set_origin(group, "f.conf", 7));
	return group;
}

/* Takes the group. sentence NULL: there is nothing to complain of. */
static void assert_said(
	const struct gpubroker_option *table, struct value *group, const char *sentence)
{
	struct complaints c = {0};

	option_check(table, group, "option", &c);
	assert_false(c.failed);
	if (sentence) {
		assert_int_equal(c.n, 1);
		assert_string_equal(c.lines[0], sentence);
	} else {
		assert_int_equal(c.n, 0);
	}
	complaints_finish(&c);
	value_free(group);
}

static void unknown_keys_get_the_nearest(void **state)
{
	struct value *group = new_group("options");

	assert_true(value_set_origin(value_add_integer(group, "smal", 3), "f.conf", 8));
	assert_said(rows, group, "f.conf:8: unknown option \"smal\"; did you mean \"small\"?");
	group = new_group("poll");
	value_add_integer(group, "frobnicate", 3);
	assert_said(rows, group, "unknown option \"frobnicate\" in poll");
}

static void integers(void **state)
{
	static const struct {
		const char *key;
		int64_t integer;
		const char *sentence;
	} cases[] = {
		{"small",         1,         NULL						      },
		{"small",         10,        NULL						      },
		{"small",         0,         "small must be between 1 and 10, not 0"                   },
		{"small",         11,        "small must be between 1 and 10, not 11"                  },
		{"any",           INT32_MIN, NULL						      },
		{"ratio",         4,         NULL						      },
		{"ratio",         0,         "ratio must be at least 0.5, not 0"                       },
		{"below",         0,         NULL						      },
		{"below",         1,         "below must be between -3 and 0, not 1"                   },
		{"flag",          1,         "flag must be true or false, not an integer"              },
		{"capacity",      1,         "capacity must be a string, not an integer"               },
		{"password_file", 1,         "password_file must be the path of a file, not an integer"},
		{"names",         1,
                 "names must be a list of strings, as in [ \"one\", \"two\" ], not an integer"         },
		{"rules",         1,
                 "rules must be a list of groups, as in ( { … }, { … } ), not an integer"          },
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct value *group = new_group(NULL);

		assert_non_null(value_add_integer(group, cases[i].key, cases[i].integer));
		assert_said(rows, group, cases[i].sentence);
	}
}

static void reals(void **state)
{
	static const struct {
		const char *key;
		double real;
		const char *sentence;
	} cases[] = {
		{"ratio", 0.5,      NULL					 },
		{"ratio", 0.25,     "ratio must be at least 0.5, not 0.25"       },
		{"ratio", INFINITY, "ratio must be a finite number"              },
		{"ratio", NAN,      "ratio must be a finite number"              },
		{"small", 2.0,      "small must be an integer, not a real number"},
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct value *group = new_group(NULL);

		assert_non_null(value_add_real(group, cases[i].key, cases[i].real));
		assert_said(rows, group, cases[i].sentence);
	}
}

static void strings(void **state)
{
	struct value *group = new_group(NULL);

	value_add_string(group, "capacity", "nova");
	value_add_string(group, "password_file", "");
	assert_said(rows, group, NULL);
	group = new_group(NULL);
	value_add_string(group, "capacity", "novva");
	assert_said(rows, group, "capacity must be \"auto\" or \"nova\", not \"novva\"");
	group = new_group(NULL);
	value_add_string(group, "capacity", "https://me:geheim@cloud/");
	assert_said(rows, group,
		"capacity is a URL with user:password@; give the user by an option of its own and the password by a file");
}

static void lists(void **state)
{
	struct value *group = new_group(NULL), *list = value_add_list(group, "names");

	value_add_string(list, NULL, "a");
	value_add_list(group, "rules");
	assert_said(rows, group, NULL);
	group = new_group(NULL);
	list = value_add_list(group, "names");
	value_add_boolean(list, NULL, true);
	assert_said(rows, group, "names must hold strings only, not true or false");
	group = new_group(NULL);
	list = value_add_list(group, "names");
	value_add_string(list, NULL, "http://a:b@c");
	assert_said(rows, group,
		"names is a URL with user:password@; give the user by an option of its own and the password by a file");
	group = new_group(NULL);
	list = value_add_list(group, "rules");
	value_add_string(value_add_group(list, NULL), "alias", "A");
	value_add_string(list, NULL, "A");
	assert_said(rows, group, "rules must hold groups only, not a string");
	group = new_group(NULL);
	list = value_add_list(group, "rules");
	value_add_string(value_add_group(list, NULL), "alias", "");
	assert_said(rows, group, "alias must not be empty");
}

static void members_are_checked(void **state)
{
	struct value *group = new_group(NULL), *list = value_add_list(group, "rules"), *rule;

	rule = value_add_group(list, NULL);
	assert_true(value_set_origin(rule, "f.conf", 9));
	assert_said(rows, group, "f.conf:9: required option \"alias\" is missing in rules");
	group = new_group(NULL);
	rule = value_add_group(value_add_list(group, "rules"), NULL);
	value_add_string(rule, "alias", "A");
	value_add_string(rule, "alais", "A");
	assert_said(rows, group, "unknown option \"alais\" in rules; did you mean \"alias\"?");
}

static void what_is_required(void **state)
{
	struct value *group = new_group("options"), *list = value_add_list(group, "list");

	value_add_string(list, NULL, "x");
	assert_said(needy, group, "f.conf:7: required option \"path\" is missing");
	group = new_group(NULL);
	value_add_string(group, "path", "x");
	value_add_list(group, "list");
	assert_said(needy, group, "list must not be empty");
}

static void several_tables_are_one(void **state)
{
	static const char *const also[] = {"options", ".hidden", NULL};
	const struct gpubroker_option *tables[] = {members, rows, NULL};
	const struct option_tables t = {.tables = tables, .also = also};
	struct complaints c = {0};
	struct value *group = new_group(NULL);

	value_add_string(group, "alias", "A");
	value_add_integer(group, "small", 3);
	value_add_integer(group, "options", 3);
	value_add_integer(group, ".hidden", 3);
	option_check_tables(&t, group, "key", "region a", &c);
	assert_int_equal(c.n, 0);
	value_add_integer(group, "option", 3);
	value_add_integer(group, "hidden", 3);
	option_check_tables(&t, group, "key", "region a", &c);
	assert_int_equal(c.n, 2);
	assert_string_equal(
		c.lines[0], "unknown key \"option\" in region a; did you mean \"options\"?");
	assert_string_equal(c.lines[1], "unknown key \"hidden\" in region a");
	complaints_finish(&c);
	value_free(group);
}

static void credentials_in_urls(void **state)
{
	static const char *const with[] = {"https://u:p@h", "http://u:p@h:80/x", "x://:p@h",
		"x://u:p@p@h", "memcached://u:@h"};
	static const char *const without[] = {"", "a:b@c", "https://h", "https://u@h:80/",
		"https://h:80/a:b@c", "https://h?a:b@c", "https://[::1]:80/", "://",
		"https://h#u:p@h"};

	for (size_t i = 0; i < ARRAY_SIZE(with); i++) {
		assert_true(option_has_credentials(with[i]));
	}
	for (size_t i = 0; i < ARRAY_SIZE(without); i++) {
		assert_false(option_has_credentials(without[i]));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(unknown_keys_get_the_nearest),
		cmocka_unit_test(integers),
		cmocka_unit_test(reals),
		cmocka_unit_test(strings),
		cmocka_unit_test(lists),
		cmocka_unit_test(members_are_checked),
		cmocka_unit_test(what_is_required),
		cmocka_unit_test(several_tables_are_one),
		cmocka_unit_test(credentials_in_urls),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
