/* SPDX-License-Identifier: Apache-2.0 */
/* What all flavors ask for together, and what a server holds. */
#include "kit/flavor_request.h"

#include "specs_text.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static const struct gpubroker_groups no_map = {0};

static void asked_by(enum gpubroker_capacity_model model, char ret[static 512])
{
	const struct request_rules rules = {.alias_map = &no_map, .model = model};
	struct nova_flavor flavors[2];
	struct nova_flavors list = {.items = flavors, .n = 2};
	struct request_asked asked = {0};
	struct gpubroker_error error = {0};
	struct gpubroker_words words;

	ret[0] = '\0';
	specs_text_flavor("trait:HOST=required\ntrait:NOT_HOST=forbidden\n"
			  "aggregate_instance_extra_specs:disk=ssd\npci_passthrough:alias=V100:1",
		&flavors[0]);
	specs_text_flavor("resources1:VGPU=1\ntrait1:DEVICE=required\ntrait1:NOT_DEVICE=forbidden\n"
			  "hw:mem_encryption=1\nresources:VCPU=2",
		&flavors[1]);
	assert_int_equal(request_asked_of(&list, &rules, &asked, &error), 0);
	words = word_set_view(&asked.words);
	specs_text_add_words(ret, 512, "words ", &words);
	words = word_set_view(&asked.classes);
	specs_text_add_words(ret, 512, "; classes ", &words);
	request_asked_finish(&asked);
	specs_text_finish(&flavors[0]);
	specs_text_finish(&flavors[1]);
}

static void test_all_flavors(void **state)
{
	char found[512];

	asked_by(GPUBROKER_CAPACITY_PLACEMENT, found);
	assert_string_equal(found,
		"words DEVICE, HOST, NOT_DEVICE, NOT_HOST, aggregate_instance_extra_specs:disk=ssd; "
		"classes MEM_ENCRYPTION_CONTEXT, VGPU");
	asked_by(GPUBROKER_CAPACITY_NOVA, found); /* hosts show no traits */
	assert_string_equal(found, "words aggregate_instance_extra_specs:disk=ssd; "
				   "classes MEM_ENCRYPTION_CONTEXT, VGPU");
}

static void test_what_a_server_holds(void **state)
{
	/* clang-format off */
	static const struct {
		const char *specs, *expect;
	} rows[] = {
		{"", ""},
		{"pci_passthrough:alias=V100:2", "V100=2"},
		{"resources:VGPU=1", "VGPU=1"},
		{"resources1:VGPU=1\nresources2:VGPU=2", "VGPU=3"}, /* whatever the policy */
		{"pci_passthrough:alias=VGPU:1,A:1\nresources:VGPU=1\nresources:VCPU=4\nresources:IPV4_ADDRESS=1", "VGPU=2,A=1"},
		{"resources:VGPU=0", ""},
		{"resources:VGPU=x\nresources:FPGA=1",
			"FPGA=1<Nova ignores 'resources:VGPU=x': a server would start without it>"},
		{"pci_passthrough:alias=V100\nresources:FPGA=1", "FPGA=1<alias 'V100' has no count>"},
	};
	/* clang-format on */

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct nova_flavor f;
		struct alias_requests held = {0};
		struct gpubroker_error error = {0};
		char found[512] = "";
		size_t n = 0;
		int r;

		specs_text_flavor(rows[i].specs, &f);
		r = request_held(f.extra_specs, f.n_extra_specs, &held, &error);
		for (size_t k = 0; k < held.n; k++) {
			n += (size_t)snprintf(found + n, sizeof(found) - n, "%s%s=%lld",
				k ? "," : "", held.items[k].alias, (long long)held.items[k].count);
		}
		if (r == ALIAS_PARTLY) {
			snprintf(found + n, sizeof(found) - n, "<%s>", error.text);
		}
		if (strcmp(found, rows[i].expect) != 0) {
			fail_msg("%s: %s", rows[i].specs, found);
		}
		alias_requests_finish(&held);
		specs_text_finish(&f);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_all_flavors),
		cmocka_unit_test(test_what_a_server_holds),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
