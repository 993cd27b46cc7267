/* SPDX-License-Identifier: Apache-2.0 */
/* What a flavor's extra specs ask for, in both capacity models. */
#include "kit/flavor_request.h"

#include "failing_alloc.h"
#include "specs_text.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static struct alias_rule rules_of_map[] = {
	{(char *)(uintptr_t) "A100.40",     (char *)(uintptr_t) "A100"},
	{(char *)(uintptr_t) "CUSTOM_MIG",  (char *)(uintptr_t) "A100"},
	{(char *)(uintptr_t) "CUSTOM_NODE", (char *)(uintptr_t) "H100"},
};
static const struct gpubroker_groups map = {.n = 3, .items = rules_of_map};
static const struct request_rules nova = {&map, GPUBROKER_CAPACITY_NOVA};
static const struct request_rules placement = {&map, GPUBROKER_CAPACITY_PLACEMENT};

enum { TEXT_MAX = 2048 };

__attribute__((format(printf, 2, 3))) static void addf(char *ret, const char *format, ...)
{
	size_t n = strlen(ret);
	va_list ap;

	va_start(ap, format);
	vsnprintf(ret + n, TEXT_MAX - n, format, ap);
	va_end(ap);
}

/* "gpu; V100 2/1 +T -U; demand 4+0 8192 31; isolate; host +T -U; remarks: …; invalid: …; uncountable: …", what
 * there is of it */
static void describe(const struct request *r, char *ret)
{
	struct gpubroker_flavor f = {0};

	ret[0] = '\0';
	request_lend(r, &f);
	addf(ret, "%s", r->wants_gpus ? "gpu" : "cpu");
	for (size_t i = 0; i < f.n_gpus; i++) {
		addf(ret, "; %s %lld/%lld", f.gpus[i].type, (long long)f.gpus[i].count,
			(long long)f.gpus[i].unit);
		specs_text_add_words(ret, TEXT_MAX, " +", &f.gpus[i].required);
		specs_text_add_words(ret, TEXT_MAX, " -", &f.gpus[i].forbidden);
	}
	if (f.demand) {
		addf(ret, "; demand %lld+%lld %lld %lld", (long long)f.demand->vcpus,
			(long long)f.demand->pcpus, (long long)f.demand->ram_mib,
			(long long)f.demand->disk_gib);
	}
	addf(ret, "%s", f.isolate ? "; isolate" : "");
	if (f.required.n + f.forbidden.n > 0) {
		addf(ret, "; host");
		specs_text_add_words(ret, TEXT_MAX, " +", &f.required);
		specs_text_add_words(ret, TEXT_MAX, " -", &f.forbidden);
	}
	specs_text_add_words(ret, TEXT_MAX, "; remarks: ", &f.remarks);
	addf(ret, "%s%s", f.invalid ? "; invalid: " : "", f.invalid ? f.invalid : "");
	addf(ret, "%s%s", r->uncountable[0] ? "; uncountable: " : "", r->uncountable);
}

struct row {
	const char *specs, *expect;
};

static void check_rows(const struct row *rows, size_t n, const struct request_rules *rules)
{
	for (size_t i = 0; i < n; i++) {
		struct nova_flavor f;
		struct request r = {0};
		struct gpubroker_error error = {0};
		char found[TEXT_MAX];

		specs_text_flavor(rows[i].specs, &f);
		assert_int_equal(request_parse(&f, rules, &r, &error), 0);
		describe(&r, found);
		if (strcmp(found, rows[i].expect) != 0) {
			fail_msg("%s:\n%s", rows[i].specs, found);
		}
		request_finish(&r);
		specs_text_finish(&f);
	}
}
#define CHECK(rows, rules) check_rows(rows, sizeof(rows) / sizeof((rows)[0]), &(rules))

#define V100   "pci_passthrough:alias=V100:1"
#define SCOPED "aggregate_instance_extra_specs:"

/* clang-format off */
/* The same in both models. */
static const struct row common[] = {
	{"", "cpu"},
	{V100, "gpu; V100 1/1"},
	{"pci_passthrough:alias=A100.40:1,V100:2,A100:3", "gpu; A100 4/1; V100 2/1"},
	{"pci_passthrough:alias=V100:0", "gpu; V100 0/1"},
	{"pci_passthrough:alias=V100", "gpu; invalid: alias 'V100' has no count"},
	{"pci_passthrough:alias", "gpu; invalid: its alias is null"},
	{"resources:VGPU=1", "gpu; VGPU 1/1"},
	{"resources:VGPU=0", "cpu"},
	{"resources:CUSTOM_MIG=1\npci_passthrough:alias=A100:2", "gpu; A100 3/1"},
	{"resources1:VGPU=1\nresources2:VGPU=1\ngroup_policy=none", "gpu; VGPU 2/1"},
	{"resources:VGPU=x", "gpu; invalid: Nova ignores 'resources:VGPU=x': a server would start without it"},
	{"resources1:VGPU=1\nresources2:VGPU=1", "gpu; VGPU 2/1; invalid: several groups need a group_policy"},
	{V100 "\ntrait:X=maybe", "gpu; V100 1/1; remarks: has 'trait:X=maybe', which Nova ignores"},
	{V100 "\ntraits:X=required",
		"gpu; V100 1/1%S; invalid: group 's' has traits, but asks for no resources"},
	/* sizes */
	{V100 "\nresources:VCPU=0", "gpu; V100 1/1; demand 0+0 8192 31"},
	{V100 "\nresources:MEMORY_MB=1\nresources:DISK_GB=0", "gpu; V100 1/1; demand 4+0 1 0"},
	{V100 "\nresources:VCPU=4\nresources:MEMORY_MB=8192\nresources:DISK_GB=31", "gpu; V100 1/1"},
	{V100 "\nresources1:VCPU=3", "gpu; V100 1/1; demand 3+0 8192 31"},
	{V100 "\nresources:MEMORY_MB=1G",
		"gpu; V100 1/1; remarks: has 'resources:MEMORY_MB=1G', which Nova ignores"},
	/* bare metal: a node is a GPU where the configuration says so */
	{"resources:CUSTOM_GOLD=1\nresources:VCPU=0\nresources:MEMORY_MB=0\nresources:DISK_GB=0",
		"cpu; CUSTOM_GOLD 1/1; demand 0+0 0 0"},
	{"resources:CUSTOM_NODE=1\nresources:VCPU=0\nresources:MEMORY_MB=0\nresources:DISK_GB=0",
		"gpu; H100 1/1; demand 0+0 0 0"},
	{"resources:CUSTOM_GOLD=1", "gpu; CUSTOM_GOLD 1/1"},
	/* aggregates */
	{V100 "\n" SCOPED "gpu_type=A100", "gpu; V100 1/1; host +" SCOPED "gpu_type=A100"},
	{V100 "\n" SCOPED "n=>= 2", "gpu; V100 1/1; host +" SCOPED "n=>= 2"},
	{V100 "\n" SCOPED "a", "gpu; V100 1/1; invalid: its extra spec '" SCOPED "a' is null"},
	{V100 "\n" SCOPED "a=b\001", "gpu; V100 1/1; invalid: its extra spec '" SCOPED "a' is no extra spec"},
	{"ssd=true\nhide_hypervisor_id=true\n" V100,
		"gpu; V100 1/1; remarks: may start only on hosts with ssd=true, if the cloud compares that"},
	/* what no API shows */
	{V100 "\nhw:numa_nodes=1", "gpu; V100 1/1; remarks: asks for a NUMA topology (hw:numa_nodes)"},
	{V100 "\nhw:mem_page_size=large",
		"gpu; V100 1/1; remarks: asks for a NUMA topology (hw:mem_page_size), "
		"asks for huge pages (hw:mem_page_size)"},
	{V100 "\nhw:pci_numa_affinity_policy=required",
		"gpu; V100 1/1; remarks: wants its GPUs near its CPUs (hw:pci_numa_affinity_policy)"},
	{V100 "\ncapabilities:hypervisor_type=QEMU",
		"gpu; V100 1/1; remarks: compares a capability of the host (capabilities:hypervisor_type)"},
	{V100 "\nquota:cpu_shares=2\nhw_rng:allowed=true\nhw_video:ram_max_mb=1\nos:monitors=1\n:category=gpu\n"
		"vmware:hw_version=1\nhw:hide_hypervisor_id=true", "gpu; V100 1/1"},
	{"accel:device_profile=fpga-1",
		"gpu; uncountable: Nova does not show what its device profile 'fpga-1' asks for"},
	{"accel:device_profile=", "cpu"},
	{V100 "\nhw:cpu_policy=mixed", "gpu; V100 1/1%C; invalid: "
		"hw:cpu_policy=mixed needs either hw:cpu_dedicated_mask or hw:cpu_realtime"},
};

static const struct row by_placement[] = {
	{"resources:VGPU=2", "gpu; VGPU 2/2"},
	{"resources:CUSTOM_MIG=2\npci_passthrough:alias=A100:2", "gpu; A100 2/1; A100 2/2"},
	{"resources1:VGPU=2\nresources2:VGPU=2\nresources3:VGPU=1\ngroup_policy=isolate",
		"gpu; VGPU 4/2; VGPU 1/1; isolate"},
	{"resources1:VGPU=1\nresources2:VGPU=1\ntrait2:CUSTOM_B=required\ntrait2:CUSTOM_A=required\ngroup_policy=none",
		"gpu; VGPU 1/1; VGPU 1/1 +CUSTOM_A, CUSTOM_B"},
	{"resources1:VGPU=1\nresources2:VGPU=1\ntrait1:T=required\ntrait2:T=required\ngroup_policy=none",
		"gpu; VGPU 2/1 +T"},
	{"resources1:VGPU=1\nresources2:VGPU=1\ntrait2:T=forbidden\ngroup_policy=none",
		"gpu; VGPU 1/1; VGPU 1/1 -T"},
	{"resources1:VGPU=1\nresources1:VCPU=2\ntrait1:T=forbidden",
		"gpu; VGPU 1/1 -T; demand 2+0 8192 31; remarks: takes all resources of the group '1' from one provider"},
	{"resources1:VGPU=1\nresources1:FPGA=1",
		"gpu; VGPU 1/1; FPGA 1/1; remarks: takes all resources of the group '1' from one provider"},
	{"resources1:VCPU=4\ntrait1:T=required\n" V100, "gpu; V100 1/1; host +T"},
	/* traits without group: of the host, or of a device that gives what is asked for without group */
	{V100 "\ntrait:COMPUTE_STATUS_DISABLED=required", "gpu; V100 1/1; host +COMPUTE_STATUS_DISABLED"},
	{V100 "\ntrait:T=forbidden", "gpu; V100 1/1; host -T"},
	{"resources:VGPU=1\ntrait:T=required\ntrait:U=forbidden", "gpu; VGPU 1/1 +T -U; host -U"},
	{"resources1:VGPU=1\ntrait:T=required", "gpu; VGPU 1/1; host +T"},
	{"resources:VGPU=1\nresources:FPGA=1\ntrait:T=required",
		"gpu; VGPU 1/1 +T; FPGA 1/1 +T; remarks: is counted where each of its devices has T"},
	{"resources:VGPU=0\ntrait:T=required", "cpu; host +T"},
	/* dedicated CPUs */
	{V100 "\nhw:cpu_policy=dedicated",
		"gpu; V100 1/1; demand 0+4 8192 31; remarks: asks for a NUMA topology (hw:cpu_policy)"},
	{V100 "\nhw:cpu_policy=dedicated\nhw:emulator_threads_policy=isolate\nhw:cpu_thread_policy=require",
		"gpu; V100 1/1; demand 0+5 8192 31; host +HW_CPU_HYPERTHREADING; remarks: asks for CPU threads by "
		"hw:cpu_thread_policy=require, asks for a NUMA topology (hw:cpu_policy)"},
	{V100 "\nhw:cpu_policy=mixed\nhw:cpu_dedicated_mask=^0",
		"gpu; V100 1/1; demand 1+3 8192 31; remarks: asks for a NUMA topology (hw:cpu_policy)"},
	{V100 "\nresources:PCPU=4", "gpu; V100 1/1; demand 0+4 8192 31"},
	{V100 "\nresources:PCPU=0", "gpu; V100 1/1; demand 0+0 8192 31"}, /* mentioned: no VCPU either */
	/* classes that are no accelerators are needed all the same */
	{"hw:mem_encryption=true", "cpu; MEM_ENCRYPTION_CONTEXT 1/1"},
	{"resources:SRIOV_NET_VF=2", "cpu; SRIOV_NET_VF 2/2"},
	{"hw:tpm_version=2.0", "cpu; host +COMPUTE_SECURITY_TPM_2_0"},
};

static const struct row by_nova[] = {
	{"resources:VGPU=2", "gpu; VGPU 2/1; remarks: takes 2 of VGPU from one device"},
	{"resources1:VGPU=1\nresources2:VGPU=1\ngroup_policy=isolate", "gpu; VGPU 2/1"},
	{V100 "\ntrait:T=required\ntrait:U=forbidden",
		"gpu; V100 1/1; remarks: forbids the trait U, which Nova does not show, "
		"requires the trait T, which Nova does not show"},
	{"resources1:VGPU=1\ntrait1:T=required",
		"gpu; VGPU 1/1; remarks: requires the trait T, which Nova does not show"},
	{V100 "\nhw:cpu_policy=dedicated",
		"gpu; V100 1/1; remarks: asks for a NUMA topology (hw:cpu_policy), "
		"asks for dedicated CPUs, which Nova does not show"},
	{V100 "\nresources:PCPU=4", "gpu; V100 1/1; remarks: asks for dedicated CPUs, which Nova does not show"},
	{"hw:mem_encryption=true", "cpu; remarks: asks for 1 of MEM_ENCRYPTION_CONTEXT, which Nova does not show"},
	{"hw:tpm_version=2.0",
		"cpu; remarks: requires the trait COMPUTE_SECURITY_TPM_2_0, which Nova does not show"},
};
/* clang-format on */

static void test_by_placement(void **state)
{
	CHECK(by_placement, placement);
}

static void test_by_nova(void **state)
{
	CHECK(by_nova, nova);
}

/* %S and %C stand for what only one of the models says of a flavor that is invalid anyway. */
static void check_common(const struct request_rules *rules, const char *traits, const char *cpus)
{
	for (size_t i = 0; i < sizeof(common) / sizeof(common[0]); i++) {
		struct row row = common[i];
		const char *mark = strchr(row.expect, '%');
		char expect[TEXT_MAX];

		if (mark) {
			snprintf(expect, sizeof(expect), "%.*s%s%s", (int)(mark - row.expect),
				row.expect, mark[1] == 'S' ? traits : cpus, mark + 2);
			row.expect = expect;
		}
		check_rows(&row, 1, rules);
	}
}

static void test_in_both_models(void **state)
{
	check_common(
		&placement, "; host +X", "; remarks: asks for a NUMA topology (hw:cpu_policy)");
	check_common(&nova, "; remarks: requires the trait X, which Nova does not show",
		"; remarks: asks for a NUMA topology (hw:cpu_policy), "
		"asks for dedicated CPUs, which Nova does not show");
}

static void test_disk_of_no_size(void **state)
{
	struct nova_flavor f;
	struct request r = {0};

	specs_text_flavor(V100, &f);
	f.disk_gib = 0;
	assert_int_equal(request_parse(&f, &nova, &r, NULL), 0);
	assert_int_equal(r.remarks.n, 1);
	assert_string_equal(r.remarks.items[0],
		"starts only from a volume unless the cloud allows zero-disk flavors");
	assert_false(r.has_demand);
	request_finish(&r);
	specs_text_finish(&f);
}

/* Sizes and amounts beyond any belief stay within what the core takes. */
static void test_hostile_numbers(void **state)
{
	struct nova_flavor f;
	struct request r = {0};

	specs_text_flavor(
		"resources1:VGPU=999999999\nresources2:VGPU=999999999\ngroup_policy=none\n"
		"resources:VCPU=99999999999999999999\nhw:mem_encryption=1",
		&f);
	f.vcpus = f.swap_mib = f.disk_gib = f.ephemeral_gib = INT64_MAX;
	f.ram_mib = INT64_MIN;
	assert_int_equal(request_parse(&f, &placement, &r, NULL), 0);
	assert_int_equal(r.needs[0].count, 999999999); /* twice that is more than any host has */
	assert_int_equal(r.needs[0].unit, 999999999);
	assert_int_equal(r.demand.vcpus, ALIAS_COUNT_MAX);
	assert_int_equal(r.demand.ram_mib, 0);
	assert_int_equal(r.demand.disk_gib, INT64_C(1000000000000));
	request_finish(&r);
	f.extra_specs[0].key[0] = 'x';
	assert_int_equal(request_parse(&f, &placement, &r, NULL), 0);
	request_finish(&r);
	specs_text_finish(&f);
}

static void parse_many(const char *format, int n, struct request *ret)
{
	char specs[32 * 1024] = "";
	struct nova_flavor f;

	for (int i = 0; i < n; i++) {
		size_t at = strlen(specs);

		snprintf(specs + at, sizeof(specs) - at, format, i);
	}
	specs_text_flavor(specs, &f);
	assert_int_equal(request_parse(&f, &placement, ret, NULL), 0);
	specs_text_finish(&f);
}

static void test_limits(void **state)
{
	struct request r = {0};

	parse_many("resources:CUSTOM_%d=1\n", REQUEST_MAX_NEEDS, &r);
	assert_string_equal(r.invalid, "");
	assert_int_equal(r.n_needs, REQUEST_MAX_NEEDS);
	request_finish(&r);
	parse_many("resources:CUSTOM_%d=1\n", REQUEST_MAX_NEEDS + 1, &r);
	assert_string_equal(r.invalid, "it asks for more than 64 kinds of GPUs");
	assert_int_equal(r.n_needs, REQUEST_MAX_NEEDS);
	request_finish(&r);
	parse_many("trait:CUSTOM_%d=required\n", REQUEST_MAX_WORDS, &r);
	assert_string_equal(r.invalid, "");
	request_finish(&r);
	parse_many("resources:VGPU=1\ntrait:CUSTOM_%d=required\n", REQUEST_MAX_WORDS + 1, &r);
	assert_string_equal(r.invalid, "it requires or forbids more than 256 traits");
	assert_int_equal(r.n_needs, 0);
	request_finish(&r);
}

static void test_what_to_blame(void **state)
{
	static const struct row rows[] = {
		{"pci_passthrough:alias=V100",           "pci_passthrough:alias"},
		{"resources:VGPU=x",                     "resources:VGPU"       },
		{"resources1:VGPU=1\nresources2:VGPU=1", "group_policy"         },
		{"hw:cpu_policy=x",                      "hw:cpu_policy"        },
		{"hw:cpu_policy=x\nresources:VGPU=x",    "resources:VGPU"       }, /* the first */
		{"resources1:VGPU=0\ntrait1:T=required", ""                     },
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct nova_flavor f;
		struct request r = {0};

		specs_text_flavor(rows[i].specs, &f);
		assert_int_equal(request_parse(&f, &placement, &r, NULL), 0);
		assert_string_equal(r.blame, rows[i].expect);
		request_finish(&r);
		specs_text_finish(&f);
	}
}

/* Nova's keys have no '='; one that has would be another word. */
static void test_a_key_that_no_word_can_hold(void **state)
{
	struct nova_flavor f;
	struct request r = {0};

	specs_text_flavor(SCOPED "a.b=c", &f);
	*strchr(f.extra_specs[0].key, '.') = '=';
	assert_int_equal(request_parse(&f, &nova, &r, NULL), 0);
	assert_string_equal(r.invalid, "its extra spec '" SCOPED "a=b' is no extra spec");
	assert_int_equal(r.required.n, 0);
	request_finish(&r);
	specs_text_finish(&f);
}

static struct nova_flavor rich;

static bool parse_rich(void)
{
	struct request r = {0};
	struct gpubroker_error error = {0};
	int code = request_parse(&rich, &placement, &r, &error);

	if (code < 0) {
		assert_int_equal(error.code, GPUBROKER_E_INTERNAL);
		return false;
	}
	request_finish(&r);
	return true;
}

static void test_no_memory_is_an_error(void **state)
{
	specs_text_flavor(
		"resources:VGPU=1\nresources1:FPGA=2\ntrait:T=required\ntrait1:U=forbidden\n"
		"pci_passthrough:alias=V100:1\nhw:mem_encryption=1\nhw:tpm_version=2.0\n"
		"hw:cpu_policy=dedicated",
		&rich);
	failing_alloc_try_all(parse_rich);
	specs_text_finish(&rich);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_in_both_models),
		cmocka_unit_test(test_by_placement),
		cmocka_unit_test(test_by_nova),
		cmocka_unit_test(test_disk_of_no_size),
		cmocka_unit_test(test_hostile_numbers),
		cmocka_unit_test(test_limits),
		cmocka_unit_test(test_what_to_blame),
		cmocka_unit_test(test_a_key_that_no_word_can_hold),
		cmocka_unit_test(test_no_memory_is_an_error),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
