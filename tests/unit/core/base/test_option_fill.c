/* SPDX-License-Identifier: Apache-2.0 */
/* From values, defaults and secret files into a struct, and freeing it. */
#include "base/option.h"

#include "base/str.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

struct rule {
	char *alias, *secret;
	int64_t count;
};

struct self {
	char *text, *absent, *secret;
	int64_t integer, none;
	double ratio;
	bool flag;
	struct gpubroker_strings names, nothing;
	struct gpubroker_groups rules;
};

/* clang-format off */
#define ROW(type_, struct_, member, ...) \
	{.type = GPUBROKER_##type_, .key = #member, .offset = offsetof(struct struct_, member), .doc = "d", __VA_ARGS__}

static const struct gpubroker_option members[] = {
	ROW(STRING, rule, alias, .required = true),
	ROW(SECRET, rule, secret),
	ROW(INTEGER, rule, count, .def = "1"),
	{0}};
static const struct gpubroker_option rows[] = {
	ROW(STRING, self, text, .def = "a, b"),
	ROW(STRING, self, absent),
	ROW(SECRET, self, secret),
	ROW(INTEGER, self, integer, .def = "-30"),
	ROW(INTEGER, self, none),
	ROW(REAL, self, ratio, .def = "4.5"),
	ROW(BOOLEAN, self, flag, .def = "true"),
	ROW(STRING_LIST, self, names, .def = "one, two,three, 4"),
	ROW(STRING_LIST, self, nothing, .def = ""),
	ROW(GROUP_LIST, self, rules, .members = members, .member_size = sizeof(struct rule)),
	{0}};
/* clang-format on */

static int fake_secret(const char *path, char **ret, struct gpubroker_error *reterr)
{
	if (strcmp(path, "/broken") == 0) {
		return gpubroker_fail(reterr, GPUBROKER_E_CONFIG, "cannot read \"%s\"", path);
	}
	*ret = strdup("geheim");
	return 0;
}

static void defaults_are_filled(void **state)
{
	struct self self = {0}, zero = {0};

	assert_int_equal(option_fill(rows, NULL, &self, NULL, NULL), 0);
	assert_string_equal(self.text, "a, b");
	assert_null(self.absent);
	assert_null(self.secret);
	assert_int_equal(self.integer, -30);
	assert_int_equal(self.none, 0);
	assert_true(self.ratio > 4.49 && self.ratio < 4.51);
	assert_true(self.flag);
	assert_int_equal(self.names.n, 3);
	assert_string_equal(self.names.items[0], "one");
	assert_string_equal(self.names.items[1], "two,three");
	assert_string_equal(self.names.items[2], "4");
	assert_int_equal(self.nothing.n, 0);
	assert_int_equal(self.rules.n, 0);
	option_free(rows, &self);
	assert_memory_equal(&self, &zero, sizeof(self));
	option_free(rows, NULL);
}

static struct value *full_group(void)
{
	struct value *group = value_new(VALUE_GROUP, NULL), *rule, *list;

	value_add_string(group, "text", "");
	value_add_string(group, "secret", "/s");
	value_add_integer(group, "integer", 5);
	value_add_integer(group, "ratio", 16);
	value_add_boolean(group, "flag", false);
	value_add_list(group, "names");
	list = value_add_list(group, "rules");
	for (int i = 0; i < 3; i++) {
		rule = value_add_group(list, NULL);
		value_add_string(rule, "alias", i == 1 ? "B" : "A");
		value_add_string(rule, "secret", i == 2 ? "" : "/s");
	}
	return group;
}

static void values_win_over_defaults(void **state)
{
	_cleanup_(value_freep) struct value *group = full_group();
	struct self self = {0}, zero = {0};
	struct rule *rules;

	assert_int_equal(option_fill(rows, group, &self, fake_secret, NULL), 0);
	assert_string_equal(self.text, "");
	assert_string_equal(self.secret, "geheim");
	assert_int_equal(self.integer, 5);
	assert_true(self.ratio > 15.9 && self.ratio < 16.1);
	assert_false(self.flag);
	assert_int_equal(self.names.n, 0);
	assert_int_equal(self.rules.n, 3);
	rules = self.rules.items;
	assert_string_equal(rules[1].alias, "B");
	assert_string_equal(rules[1].secret, "geheim");
	assert_null(rules[2].secret);
	assert_int_equal(rules[2].count, 1);
	option_free(rows, &self);
	assert_memory_equal(&self, &zero, sizeof(self));
}

static void a_secret_that_cannot_be_read_names_its_key(void **state)
{
	_cleanup_(value_freep) struct value *group = full_group();
	struct gpubroker_error error = {0};
	struct self self = {0};
	struct value *rule = value_add_group((struct value *)value_get(group, "rules"), NULL);

	value_add_string(rule, "alias", "C");
	value_add_string(rule, "secret", "/broken");
	assert_int_equal(option_fill(rows, group, &self, fake_secret, &error), GPUBROKER_E_CONFIG);
	assert_string_equal(error.text, "secret: cannot read \"/broken\"");
	option_free(rows, &self);
}

static void filled_structs_are_compared(void **state)
{
	_cleanup_(value_freep) struct value *group = full_group();
	struct self a = {0}, b = {0}, c = {0};

	assert_int_equal(option_fill(rows, group, &a, fake_secret, NULL), 0);
	assert_int_equal(option_fill(rows, group, &b, fake_secret, NULL), 0);
	assert_int_equal(option_fill(rows, NULL, &c, fake_secret, NULL), 0);
	assert_true(option_equal(rows, &a, &b));
	assert_false(option_equal(rows, &a, &c));
	((struct rule *)b.rules.items)[2].count = 2;
	assert_false(option_equal(rows, &a, &b));
	option_free(rows, &a);
	option_free(rows, &b);
	option_free(rows, &c);
}

static void write_file(const char *path, const char *bytes, size_t n)
{
	FILE *f = fopen(path, "w");

	assert_non_null(f);
	assert_int_equal(fwrite(bytes, 1, n, f), n);
	assert_int_equal(fclose(f), 0);
}

static void assert_secret(
	const char *path, const char *bytes, size_t n, const char *secret, const char *why)
{
	_cleanup_(freep) char *got = NULL;
	struct gpubroker_error error = {0};
	int r;

	write_file(path, bytes, n);
	r = option_read_secret(path, &got, &error);
	if (secret) {
		assert_int_equal(r, 0);
		assert_string_equal(got, secret);
	} else {
		assert_int_equal(r, GPUBROKER_E_CONFIG);
		assert_null(got);
		assert_non_null(strstr(error.text, why));
		assert_non_null(strstr(error.text, path));
	}
}

static void the_first_line_of_a_file_is_the_secret(void **state)
{
	char folder[] = "/tmp/secret-XXXXXX", path[64];
	_cleanup_(freep) char *large = calloc(1, 70000);

	assert_non_null(mkdtemp(folder));
	assert_non_null(large);
	memset(large, 'x', 70000);
	snprintf(path, sizeof(path), "%s/password", folder);
	assert_secret(path, "geheim", 6, "geheim", NULL);
	assert_secret(path, "geheim\n", 7, "geheim", NULL);
	assert_secret(path, "geheim\r\nsecond\n", 15, "geheim", NULL);
	assert_secret(path, " ge heim \n", 10, " ge heim ", NULL);
	assert_secret(path, "", 0, NULL, "is empty");
	assert_secret(path, "\nsecond", 7, NULL, "is empty");
	assert_secret(path, "\r\n", 2, NULL, "is empty");
	assert_secret(path, "ge\0heim\n", 8, NULL, "is not a text file");
	assert_secret(path, large, 70000, NULL, "is larger than 64 KiB");
	unlink(path);
	rmdir(folder);
}

static void assert_unreadable(const char *path, const char *why)
{
	struct gpubroker_error error = {0};
	char *got = NULL;

	assert_int_equal(option_read_secret(path, &got, &error), GPUBROKER_E_CONFIG);
	assert_null(got);
	assert_non_null(strstr(error.text, why));
}

static void what_is_no_file_is_refused(void **state)
{
	char folder[] = "/tmp/secret-XXXXXX", path[64];

	assert_non_null(mkdtemp(folder));
	snprintf(path, sizeof(path), "%s/password", folder);
	assert_unreadable(folder, "is not a regular file");
	assert_unreadable(path, "No such file or directory");
	assert_int_equal(mkfifo(path, 0600), 0);
	assert_unreadable(path, "is not a regular file");
	unlink(path);
	rmdir(folder);
}

static void a_relative_path_is_a_credential_of_systemd(void **state)
{
	char folder[] = "/tmp/secret-XXXXXX", path[64];
	_cleanup_(freep) char *got = NULL;

	assert_non_null(mkdtemp(folder));
	snprintf(path, sizeof(path), "%s/password", folder);
	write_file(path, "geheim\n", 7);
	unsetenv("CREDENTIALS_DIRECTORY");
	assert_unreadable("password", "$CREDENTIALS_DIRECTORY");
	setenv("CREDENTIALS_DIRECTORY", folder, 1);
	assert_int_equal(option_read_secret("password", &got, NULL), 0);
	assert_string_equal(got, "geheim");
	assert_unreadable("other", "No such file or directory");
	unlink(path);
	rmdir(folder);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(defaults_are_filled),
		cmocka_unit_test(values_win_over_defaults),
		cmocka_unit_test(a_secret_that_cannot_be_read_names_its_key),
		cmocka_unit_test(filled_structs_are_compared),
		cmocka_unit_test(the_first_line_of_a_file_is_the_secret),
		cmocka_unit_test(what_is_no_file_is_refused),
		cmocka_unit_test(a_relative_path_is_a_credential_of_systemd),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
