/* SPDX-License-Identifier: Apache-2.0 */
/* Metadata of aggregates against what flavors demand. The first two tables are what Nova 26's own
 * extra_specs_ops.match() answers; where it raises, no host passes. */
#include "kit/aggregate_specs.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

struct row {
	const char *value, *requirement;
};

/* clang-format off */
static const struct row matching[] = {
	{"ssd", "ssd"},
	{"", ""},
	{"5", "5"},
	{"5", "= 4"},
	{"5", "== 5.0"},
	{"5", "!= 6"},
	{"5", ">= 5"},
	{"5", "<= 5"},
	{"1_0", "== 10"},
	{"1e1", "== 10"},
	{"inf", ">= 5"},
	{"inf", "== inf"},
	{"nan", "!= nan"},
	{"ssd", "s== ssd"},
	{"ssd", "s== ssd extra"},
	{"ssd", "s!= hdd"},
	{"b", "s< c"},
	{"b", "s<= b"},
	{"b", "s> a"},
	{"b", "s>= b"},
	{"ab", "s> a"},
	{"a", "s< ab"},
	{"ssd", "<in> ss"},
	{"ssd", "<all-in> s d"},
	{"a", "<or> a <or> b"},
	{"b", "<or> a <or> b"},
	{"b", "<or> a x b"},
	{"==5", "==5"},
	{"5", "  ==   5  "},
	{"5", "==\t5"},
	{"> 4", "> 4"},
	{"1.5", "== 1.5"},
	{"+5", "== 5"},
	{"5", "= 4 9"},
};

static const struct row others[] = {
	{"ssd", "SSD"},
	{"ssd", " ssd"},
	{"", " "},
	{"5", "= 6"},
	{"5", "== 6"},
	{"5", "!= 5"},
	{"4", ">= 5"},
	{"6", "<= 5"},
	{"0x10", "== 16"},
	{"nan", "== nan"},
	{"nan", ">= 1"},
	{"five", "== 5"},
	{"5", "== five"},
	{"", "= 1"},
	{"ssd", "s== hdd"},
	{"ssd", "s!= ssd"},
	{"b", "s< b"},
	{"c", "s<= b"},
	{"b", "s> b"},
	{"a", "s>= b"},
	{"ssd", "<in> sx"},
	{"ssd", "<in>"},
	{"ssd", "<all-in> s x"},
	{"ssd", "<all-in>"},
	{"c", "<or> a <or> b"},
	{"b", "<or> a b"},
	{"<or>", "<or> a <or> b"},
	{"a", "<or>"},
	{"5", "=="},
	{"5", "==5"},
	{">= 5", ">= 5"},
	{"x", "s=="},
	{"s==", "s=="},
	{"a", "s==a"},
	{"5", "> 4"},
	{"5_", "== 5"},
	{"_5", "== 5"},
	{"5__0", "== 50"},
};
/* clang-format on */

static void check(const struct row *rows, size_t n, bool expect)
{
	for (size_t i = 0; i < n; i++) {
		if (aggregate_spec_matches(rows[i].value, rows[i].requirement) != expect) {
			fail_msg("'%s' and '%s'", rows[i].value, rows[i].requirement);
		}
	}
}

static void test_operators(void **state)
{
	check(matching, sizeof(matching) / sizeof(matching[0]), true);
	check(others, sizeof(others) / sizeof(others[0]), false);
}

static void test_a_host_has_the_values_of_all_its_aggregates(void **state)
{
	static char key_ssd[] = "disk", one[] = " ssd , nvme", two[] = "hdd", key_n[] = "a:b",
		    five[] = "5", null_key[] = "none", odd_key[] = "x";
	struct nova_pair first[] = {
		{key_ssd,  one },
                {null_key, NULL}
        };
	struct nova_pair second[] = {
		{key_ssd, two },
                {key_n,   five},
                {odd_key, two }
        };
	const struct nova_aggregate a = {.metadata = first, .n_metadata = 2};
	const struct nova_aggregate b = {.metadata = second, .n_metadata = 3};
	const struct nova_aggregate *const both[] = {&a, &b};
	static const struct {
		const char *word;
		bool by_first, by_both;
	} rows[] = {
		{AGGREGATE_SPEC_SCOPE "disk=ssd",        true,  true },
		{AGGREGATE_SPEC_SCOPE "disk=nvme",       true,  true },
		{AGGREGATE_SPEC_SCOPE "disk=hdd",        false, true },
		{AGGREGATE_SPEC_SCOPE "disk=s== hdd",    false, true },
		{AGGREGATE_SPEC_SCOPE "disk=ssd , nvme", false, false},
		{AGGREGATE_SPEC_SCOPE "disk=<in> vm",    true,  true },
		{AGGREGATE_SPEC_SCOPE "a:b=>= 5",        false, true },
		{AGGREGATE_SPEC_SCOPE "a:b=>= 6",        false, false},
		{AGGREGATE_SPEC_SCOPE "none=s!= x",      false,
                 false					       }, /* a value that is null is none */
		{AGGREGATE_SPEC_SCOPE "missing=s!= x",   false, false},
		{AGGREGATE_SPEC_SCOPE "Disk=ssd",        false, false},
		{AGGREGATE_SPEC_SCOPE "dis=ssd",         false, false},
		{AGGREGATE_SPEC_SCOPE "disk",            false, false},
		{"disk=ssd",			     false, false},
		{"CUSTOM_GOLD",                          false, false},
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		if (aggregate_spec_holds(rows[i].word, both, 1) != rows[i].by_first ||
			aggregate_spec_holds(rows[i].word, both, 2) != rows[i].by_both) {
			fail_msg("%s", rows[i].word);
		}
		assert_false(aggregate_spec_holds(rows[i].word, both, 0));
	}
}

static void test_words(void **state)
{
	assert_true(aggregate_spec_is_word("aggregate_instance_extra_specs:a=b"));
	assert_false(aggregate_spec_is_word("aggregate_instance_extra_specs"));
	assert_false(aggregate_spec_is_word("CUSTOM_GOLD"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_operators),
		cmocka_unit_test(test_a_host_has_the_values_of_all_its_aggregates),
		cmocka_unit_test(test_words),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
