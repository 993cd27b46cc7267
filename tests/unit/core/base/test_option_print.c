/* SPDX-License-Identifier: Apache-2.0 */
/* The manual of a table and its values, letter by letter. */
#include "base/option.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

static const char *const words[] = {"auto", "nova", "placement", NULL};

/* clang-format off */
static const struct gpubroker_option members[] = {
	{.type = GPUBROKER_STRING, .key = "alias", .required = true, .doc = "An alias."},
	{.type = GPUBROKER_INTEGER, .key = "count", .def = "1", .doc = "How many."},
	{0}};
static const struct gpubroker_option rows[] = {
	{.type = GPUBROKER_STRING, .key = "path", .required = true,
		.doc = "The folder – with a sentence that is so long that it does not fit into a line of 78 columns."},
	{.type = GPUBROKER_STRING, .key = "capacity", .words = words, .def = "auto", .doc = "Model."},
	{.type = GPUBROKER_SECRET, .key = "password_file", .doc = "Password."},
	{.type = GPUBROKER_INTEGER, .key = "port", .min = 1, .max = 65535, .def = "80", .doc = "Port."},
	{.type = GPUBROKER_REAL, .key = "ratio", .min = 0, .max = INFINITY, .def = "4", .doc = "Ratio."},
	{.type = GPUBROKER_BOOLEAN, .key = "insecure", .def = "false", .doc = "No check."},
	{.type = GPUBROKER_STRING_LIST, .key = "names", .def = "a, b", .doc = "Names."},
	{.type = GPUBROKER_GROUP_LIST, .key = "rules", .members = members, .member_size = 16, .doc = "Rules."},
	{0}};
/* clang-format on */

static void the_manual(void **state)
{
	static const char expected[] =
		"  path (string, required)\n"
		"      The folder – with a sentence that is so long that it does not fit into a\n"
		"      line of 78 columns.\n"
		"  capacity (string: \"auto\", \"nova\" or \"placement\", default \"auto\")\n"
		"      Model.\n"
		"  password_file (path of a file whose first line is the secret)\n"
		"      Password.\n"
		"  port (integer, 1 to 65535, default 80)\n"
		"      Port.\n"
		"  ratio (number, at least 0, default 4.0)\n"
		"      Ratio.\n"
		"  insecure (true or false, default false)\n"
		"      No check.\n"
		"  names (list of strings, default [ \"a\", \"b\" ])\n"
		"      Names.\n"
		"  rules (list of groups)\n"
		"      Rules.\n"
		"      alias (string, required)\n"
		"          An alias.\n"
		"      count (integer, default 1)\n"
		"          How many.\n";
	_cleanup_(freep) char *text = NULL;
	size_t n = 0;
	FILE *f = open_memstream(&text, &n);

	option_print_help(rows, 2, f);
	assert_int_equal(fclose(f), 0);
	assert_string_equal(text, expected);
}

static void the_values(void **state)
{
	static const char expected[] = "  path = \"/a \\\"b\\\"\\n\\x01\";\n"
				       "  capacity = \"auto\";\n"
				       "  password_file = \"/etc/secret\";\n"
				       "  port = 81;\n"
				       "  ratio = 1.0e+20;\n"
				       "  insecure = true;\n"
				       "  names = [ ];\n"
				       "  rules = ( {\n"
				       "    alias = \"A\";\n"
				       "    count = 1;\n"
				       "  } );\n";
	_cleanup_(value_freep) struct value *group = value_new(VALUE_GROUP, NULL);
	_cleanup_(freep) char *text = NULL;
	size_t n = 0;
	FILE *f = open_memstream(&text, &n);

	value_add_string(group, "path", "/a \"b\"\n\x01");
	value_add_string(group, "password_file", "/etc/secret");
	value_add_integer(group, "port", 81);
	value_add_real(group, "ratio", 1e20);
	value_add_boolean(group, "insecure", true);
	value_add_list(group, "names");
	value_add_string(group, "unknown", "not shown");
	value_add_string(value_add_group(value_add_list(group, "rules"), NULL), "alias", "A");
	option_print_values(rows, group, 2, f);
	assert_int_equal(fclose(f), 0);
	assert_string_equal(text, expected);
}

static void a_password_in_a_url_is_not_shown(void **state)
{
	_cleanup_(value_freep) struct value *group = value_new(VALUE_GROUP, NULL);
	_cleanup_(freep) char *text = NULL;
	size_t n = 0;
	FILE *f = open_memstream(&text, &n);

	value_add_string(group, "alias", "https://me:geheim@cloud");
	option_print_values(members, group, 0, f);
	assert_int_equal(fclose(f), 0);
	assert_string_equal(text, "alias = \"(hidden: a URL with a password)\";\ncount = 1;\n");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_manual),
		cmocka_unit_test(the_values),
		cmocka_unit_test(a_password_in_a_url_is_not_shown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
