/* SPDX-License-Identifier: Apache-2.0 */
/* Resources and traits that Nova adds by itself. */
#include "kit/spec_implied.h"

#include "specs_text.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

/* " CLASS=N +TRAIT -TRAIT | remarks" */
static void describe(const char *specs, char ret[static 1024])
{
	struct nova_flavor f;
	struct spec_groups groups = {0};
	struct word_set remarks = {0};
	struct gpubroker_words words;
	size_t n = 0;

	ret[0] = '\0';
	specs_text_flavor(specs, &f);
	spec_implied_read(&f, &groups);
	spec_implied_remarks(&f, &remarks);
	for (size_t i = 0; i < groups.n; i++) {
		const struct spec_group *g = &groups.items[i];

		for (size_t k = 0; k < g->n_asks; k++) {
			n += (size_t)snprintf(ret + n, 1024 - n, " %s=%lld", g->asks[k].class,
				(long long)g->asks[k].amount);
		}
		words = word_set_view(&g->required);
		specs_text_add_words(ret, 1024, " +", &words);
		words = word_set_view(&g->forbidden);
		specs_text_add_words(ret, 1024, " -", &words);
	}
	words = word_set_view(&remarks);
	specs_text_add_words(ret, 1024, " | ", &words);
	word_set_finish(&remarks);
	spec_groups_finish(&groups);
	specs_text_finish(&f);
}

static void test_rows(void **state)
{
	/* clang-format off */
	static const struct {
		const char *specs, *expect;
	} rows[] = {
		{"", ""},
		{"hw:mem_encryption=True", " MEM_ENCRYPTION_CONTEXT=1"},
		{"hw:mem_encryption=no", ""},
		{"hw:pmem=6GB, 16GB,,6gb", " CUSTOM_PMEM_NAMESPACE_6GB=2 CUSTOM_PMEM_NAMESPACE_16GB=1"
			" | asks for a NUMA topology (hw:pmem)"},
		{"hw:pmem=a--b.c", " CUSTOM_PMEM_NAMESPACE_A_B_C=1 | asks for a NUMA topology (hw:pmem)"},
		{"hw:tpm_version=1.2", " +COMPUTE_SECURITY_TPM_1_2"},
		{"hw:tpm_version=2.0", " +COMPUTE_SECURITY_TPM_2_0"},
		{"os:secure_boot=required", " +COMPUTE_SECURITY_UEFI_SECURE_BOOT"},
		{"os:secure_boot=optional", ""},
		{"hw:pci_numa_affinity_policy=socket", " +COMPUTE_SOCKET_PCI_NUMA_AFFINITY"
			" | wants its GPUs near its CPUs (hw:pci_numa_affinity_policy)"},
		{"hw:pci_numa_affinity_policy=required", " | wants its GPUs near its CPUs (hw:pci_numa_affinity_policy)"},
		{"hw:pci_numa_affinity_policy=preferred", ""},
		{"hw:cpu_thread_policy=require",
			" +HW_CPU_HYPERTHREADING | asks for CPU threads by hw:cpu_thread_policy=require"},
		{"hw:cpu_thread_policy=isolate",
			" -HW_CPU_HYPERTHREADING | asks for CPU threads by hw:cpu_thread_policy=isolate"},
		{"hw:cpu_thread_policy=prefer", ""},
		{"hw:numa_nodes=1", " | asks for a NUMA topology (hw:numa_nodes)"},
		{"hw:mem_page_size=large", " | asks for a NUMA topology (hw:mem_page_size), asks for huge pages (hw:mem_page_size)"},
		{"hw:mem_page_size=2048", " | asks for a NUMA topology (hw:mem_page_size), asks for huge pages (hw:mem_page_size)"},
		{"hw:mem_page_size=small", " | asks for a NUMA topology (hw:mem_page_size)"},
		{"hw:mem_page_size=any", " | asks for a NUMA topology (hw:mem_page_size)"},
		{"hw:cpu_policy=dedicated", " | asks for a NUMA topology (hw:cpu_policy)"},
		{"hw:cpu_policy=shared", ""},
		{"quota:cpu_shares=1\nhw_rng:allowed=true\nhw:watchdog_action=reset\nos:monitors=1", ""},
	};
	/* clang-format on */

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		char found[1024];

		describe(rows[i].specs, found);
		if (strcmp(found, rows[i].expect) != 0) {
			fail_msg("%s: %s", rows[i].specs, found);
		}
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_rows),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
