/* SPDX-License-Identifier: Apache-2.0 */
/* What follows from extra specs of hw: and os: – see spec_implied.h. */
#include "kit/spec_implied.h"

#include "kit/cleanup.h"
#include "kit/text.h"

#include <stdio.h>
#include <string.h>

/* ---- extra specs that Nova turns into resources and traits ---- */

static const struct {
	const char *key, *value, *trait;
	bool required;
} traits_of_specs[] = {
	{"hw:cpu_thread_policy",        "require",  "HW_CPU_HYPERTHREADING",             true },
	{"hw:cpu_thread_policy",        "isolate",  "HW_CPU_HYPERTHREADING",             false},
	{"hw:tpm_version",              "1.2",      "COMPUTE_SECURITY_TPM_1_2",          true },
	{"hw:tpm_version",              "2.0",      "COMPUTE_SECURITY_TPM_2_0",          true },
	{"os:secure_boot",              "required", "COMPUTE_SECURITY_UEFI_SECURE_BOOT", true },
	{"hw:pci_numa_affinity_policy", "socket",   "COMPUTE_SOCKET_PCI_NUMA_AFFINITY",  true },
};

static void read_traits(const struct nova_flavor *f, struct spec_groups *groups)
{
	for (size_t i = 0; i < ARRAY_SIZE(traits_of_specs); i++) {
		const char *value = spec_value(f, traits_of_specs[i].key);

		if (value && strcmp(value, traits_of_specs[i].value) == 0) {
			spec_groups_trait(
				groups, traits_of_specs[i].trait, traits_of_specs[i].required);
		}
	}
}

/* "CUSTOM_PMEM_NAMESPACE_" and the label, of which each run of other characters is one '_'. */
static void pmem_class(const char *label, size_t n, char ret[static 300])
{
	size_t at = (size_t)snprintf(ret, 300, "CUSTOM_PMEM_NAMESPACE_");
	bool odd_before = false;

	for (size_t i = 0; i < n && at < 298; i++) {
		const char c = label[i];
		const bool odd = !(
			(c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9'));

		if (!odd || !odd_before) {
			ret[at++] = (char)(odd ? '_' : c >= 'a' && c <= 'z' ? c - 'a' + 'A' : c);
		}
		odd_before = odd;
	}
	ret[at] = '\0';
}

static void read_pmem(struct spec_groups *groups, const char *labels)
{
	for (const char *s = labels, *end; s; s = *end ? end + 1 : NULL) {
		char class[300];
		size_t n;
		int64_t so_far;

		end = strchrnul(s, ',');
		n = (size_t)(end - s);
		text_strip(&s, &n);
		if (n > 0) {
			pmem_class(s, n, class);
			spec_groups_sum(groups, class, &so_far);
			spec_groups_ask(groups, class, so_far + 1);
		}
	}
}

static void read_resources(const struct nova_flavor *f, struct spec_groups *groups)
{
	const char *encryption = spec_value(f, "hw:mem_encryption"),
		   *pmem = spec_value(f, "hw:pmem");

	if (encryption && text_is_true(encryption)) {
		spec_groups_ask(groups, "MEM_ENCRYPTION_CONTEXT", 1);
	}
	if (pmem) {
		read_pmem(groups, pmem);
	}
}

void spec_implied_read(const struct nova_flavor *f, struct spec_groups *groups)
{
	read_resources(f, groups);
	read_traits(f, groups);
}

/* ---- what no API shows ---- */

void spec_implied_remarks(const struct nova_flavor *f, struct word_set *remarks)
{
	static const char *const keys[] = {"hw:numa_nodes", "hw:mem_page_size", "hw:pmem"};
	const char *policy = spec_value(f, "hw:cpu_policy"),
		   *pages = spec_value(f, "hw:mem_page_size");
	const char *affinity = spec_value(f, "hw:pci_numa_affinity_policy");
	const char *threads = spec_value(f, "hw:cpu_thread_policy"), *why = NULL;

	for (size_t i = 0; i < ARRAY_SIZE(keys) && !why; i++) {
		why = spec_value(f, keys[i]) ? keys[i] : NULL;
	}
	if (!why && policy && strcmp(policy, "shared") != 0) {
		why = "hw:cpu_policy";
	}
	if (why) {
		word_set_addf(remarks, "asks for a NUMA topology (%s)", why);
	}
	if (pages && strcmp(pages, "small") != 0 && strcmp(pages, "any") != 0) {
		word_set_add(remarks, "asks for huge pages (hw:mem_page_size)");
	}
	if (affinity && (strcmp(affinity, "required") == 0 || strcmp(affinity, "socket") == 0)) {
		word_set_add(remarks, "wants its GPUs near its CPUs (hw:pci_numa_affinity_policy)");
	}
	if (threads && strcmp(threads, "prefer") != 0) {
		word_set_addf(
			remarks, "asks for CPU threads by hw:cpu_thread_policy=%.100s", threads);
	}
}
