/* SPDX-License-Identifier: Apache-2.0 */
/* Extra specs as request groups: which keys are some, and what is wrong with others. */
#include "kit/spec_groups.h"

#include "specs_text.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define NAME_64 "0123456789012345678901234567890123456789012345678901234567890123"

static size_t describe_group(const struct spec_group *g, char *ret, size_t n, size_t room)
{
	struct gpubroker_words required = word_set_view(&g->required);
	struct gpubroker_words forbidden = word_set_view(&g->forbidden);

	n += (size_t)snprintf(ret + n, room - n, "[%s", g->name);
	for (size_t k = 0; k < g->n_asks; k++) {
		n += (size_t)snprintf(ret + n, room - n, " %s=%lld", g->asks[k].class,
			(long long)g->asks[k].amount);
	}
	specs_text_add_words(ret, room, " +", &required);
	specs_text_add_words(ret, room, " -", &forbidden);
	n = strlen(ret);
	return n + (size_t)snprintf(ret + n, room - n, "]");
}

/* "[ VGPU=1 +T][a VGPU=2] policy(none) remark(…) invalid(…)" and the keys that were not taken */
static void describe(const char *specs, char ret[static 1024])
{
	struct nova_flavor f;
	struct spec_groups groups = {0};
	struct request r = {0};
	size_t n = 0;

	ret[0] = '\0';
	specs_text_flavor(specs, &f);
	for (size_t i = 0; i < f.n_extra_specs; i++) {
		if (!spec_groups_take(&groups, &f.extra_specs[i], &r)) {
			n += (size_t)snprintf(ret + n, 1024 - n, "other(%s)", f.extra_specs[i].key);
		}
	}
	spec_groups_check(&groups, &r);
	for (size_t i = 0; i < groups.n; i++) {
		n = describe_group(&groups.items[i], ret, n, 1024);
	}
	if (groups.has_policy) {
		n += (size_t)snprintf(
			ret + n, 1024 - n, " policy(%s)", groups.isolate ? "isolate" : "none");
	}
	for (size_t i = 0; i < r.remarks.n; i++) {
		n += (size_t)snprintf(ret + n, 1024 - n, " remark(%s)", r.remarks.items[i]);
	}
	if (r.invalid[0]) {
		snprintf(
			ret + n, 1024 - n, " %sinvalid(%s)", r.wants_gpus ? "gpu " : "", r.invalid);
	}
	request_finish(&r);
	spec_groups_finish(&groups);
	specs_text_finish(&f);
}

static void test_rows(void **state)
{
	/* clang-format off */
	static const struct {
		const char *specs, *expect;
	} rows[] = {
		{"resources:VGPU=1", "[ VGPU=1]"},
		{"resources:VGPU= 1_0 \nresources:VCPU=0", "[ VGPU=10 VCPU=0]"},
		{"resources1:VGPU=1\nresources_x-Y:FPGA=2\ngroup_policy=none", "[1 VGPU=1][_x-Y FPGA=2] policy(none)"},
		{"resources1:VGPU=1\nresources1:CUSTOM_X=1\ntrait1:CUSTOM_T=required\ntrait1:CUSTOM_U=forbidden",
			"[1 VGPU=1 CUSTOM_X=1 +CUSTOM_T -CUSTOM_U]"},
		{"trait:CUSTOM_T=required\ntrait:A=required\ntrait:B=forbidden", "[ +A, CUSTOM_T -B]"},
		{"resources1:VGPU=1\nresources2:VGPU=1\ngroup_policy=isolate", "[1 VGPU=1][2 VGPU=1] policy(isolate)"},
		{"resources1:VGPU=1\nresources2:VGPU=1",
			"[1 VGPU=1][2 VGPU=1] invalid(several groups need a group_policy)"},
		{"resources1:VGPU=1\nresources2:VGPU=1\ngroup_policy=some",
			"[1 VGPU=1][2 VGPU=1] remark(has 'group_policy=some', which Nova ignores) "
			"invalid(several groups need a group_policy)"},
		{"resources:VGPU=1\nresources1:VGPU=1\nresources2:VGPU=0", "[ VGPU=1][1 VGPU=1][2 VGPU=0]"},
		{"traits:CUSTOM_T=required", "[s +CUSTOM_T] invalid(group 's' has traits, but asks for no resources)"},
		{"resources1:VGPU=0\ntrait1:T=forbidden",
			"[1 VGPU=0 -T] invalid(group '1' has traits, but asks for no resources)"},
		{"trait:T=required\ntrait:T2=forbidden\nresources1:VGPU=1\ntrait1:T2=required",
			"[ +T -T2][1 VGPU=1 +T2]"},
		/* what Nova ignores */
		{"resources:VGPU=x", " gpu invalid(Nova ignores 'resources:VGPU=x': a server would start without it)"},
		{"resources:VGPU=", " gpu invalid(Nova ignores 'resources:VGPU=': a server would start without it)"},
		{"resources:VGPU=-1", " gpu invalid(Nova ignores 'resources:VGPU=-1': a server would start without it)"},
		{"resources:VGPU=1.5", " gpu invalid(Nova ignores 'resources:VGPU=1.5': a server would start without it)"},
		{"resources.1:VGPU=1",
			" gpu invalid(Nova ignores 'resources.1:VGPU=1': a server would start without it)"},
		{"resources" NAME_64 ":VGPU=1", "[" NAME_64 " VGPU=1]"},
		{"resources" NAME_64 "5:VGPU=1", " gpu invalid(Nova ignores 'resources" NAME_64
			"5:VGPU=1': a server would start without it)"},
		{"resources:vgpu=1", " gpu invalid(Nova ignores 'resources:vgpu=1': a server would start without it)"},
		{"resources:IPV4_ADDRESS=x",
			" invalid(Nova ignores 'resources:IPV4_ADDRESS=x': a server would start without it)"},
		{"resources:MEMORY_MB=1G", " remark(has 'resources:MEMORY_MB=1G', which Nova ignores)"},
		{"trait:CUSTOM_T=maybe", " remark(has 'trait:CUSTOM_T=maybe', which Nova ignores)"},
		{"trait.1:CUSTOM_T=required", " remark(has 'trait.1:CUSTOM_T=required', which Nova ignores)"},
		/* what Placement refuses */
		{"resources:CUSTOM_gold=1", " gpu invalid(no resource class is called 'CUSTOM_gold')"},
		{"trait:custom_t=required", " invalid(no trait is called 'custom_t')"},
		{"trait:=forbidden", " invalid(no trait is called '')"},
		{"trait:T=required\ntrait:U=required\nresources1:VGPU=1\ntrait1:V=required", "[ +T, U][1 VGPU=1 +V]"},
		{"resources:VGPU", " invalid(its extra spec 'resources:VGPU' is null)"},
		/* none of these */
		{"resource:VGPU=1\nresources=1\ntrait=required\nquota:cpu_shares=1",
			"other(resource:VGPU)other(resources)other(trait)other(quota:cpu_shares)"},
	};
	/* clang-format on */

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		char found[1024];

		describe(rows[i].specs, found);
		if (strcmp(found, rows[i].expect) != 0) {
			fail_msg("%s:\n%s", rows[i].specs, found);
		}
	}
}

static void test_a_trait_cannot_be_both(void **state)
{
	struct spec_groups groups = {0};
	struct request r = {0};

	spec_groups_trait(&groups, "T", true);
	spec_groups_check(&groups, &r);
	assert_string_equal(r.invalid, "");
	spec_groups_trait(&groups, "T", false);
	spec_groups_check(&groups, &r);
	assert_string_equal(r.invalid, "the trait T is both required and forbidden");
	spec_groups_finish(&groups);
}

static void test_sums(void **state)
{
	struct nova_flavor f;
	struct spec_groups groups = {0};
	struct request r = {0};
	int64_t sum;

	specs_text_flavor("resources:VCPU=0\nresources1:VGPU=3\nresources2:VGPU=4", &f);
	for (size_t i = 0; i < f.n_extra_specs; i++) {
		assert_true(spec_groups_take(&groups, &f.extra_specs[i], &r));
	}
	assert_true(spec_groups_sum(&groups, "VGPU", &sum));
	assert_int_equal(sum, 7);
	assert_true(spec_groups_sum(&groups, "VCPU", &sum));
	assert_int_equal(sum, 0);
	assert_false(spec_groups_sum(&groups, "PCPU", &sum));
	assert_int_equal(sum, 0);
	spec_groups_ask(&groups, "VCPU", 9); /* replaces */
	spec_groups_sum(&groups, "VCPU", &sum);
	assert_int_equal(sum, 9);
	spec_groups_finish(&groups);
	specs_text_finish(&f);
}

static void test_classes(void **state)
{
	assert_true(spec_class_is_size("PCPU"));
	assert_false(spec_class_is_size("VGPU"));
	assert_true(spec_class_is_accelerator("CUSTOM_PCI_10DE_1DB6"));
	assert_true(spec_class_is_accelerator("VGPU"));
	assert_false(spec_class_is_accelerator("CUSTOM_PMEM_NAMESPACE_6GB"));
	assert_false(spec_class_is_accelerator("SRIOV_NET_VF"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_rows),
		cmocka_unit_test(test_a_trait_cannot_be_both),
		cmocka_unit_test(test_sums),
		cmocka_unit_test(test_classes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
