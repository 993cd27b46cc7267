/* SPDX-License-Identifier: Apache-2.0 */
/* CPU masks and policies. */
#include "kit/spec_cpus.h"

#include "specs_text.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static void test_masks(void **state)
{
	static const struct {
		const char *mask;
		int64_t expect; /* of 8; -1: cannot be read */
	} rows[] = {
		{"0",             1    },
		{"0-3",           4    },
		{" 0 - 1 , 7 ",   3    },
		{"1-4,^3,6",      4    },
		{"^3,1-4",        3 + 4}, /* begins with ^: all but that one */
		{"^0",            7    },
		{" ^0-3",         4    },
		{"^0-7",          0    },
		{",,2,",          1    },
		{"",              0    },
		{"^99999,1",      8    },
		{"8",             -1   },
		{"0-8",           -1   },
		{"3-1",           -1   },
		{"a",             -1   },
		{"1-",            -1   },
		{"-1",            -1   },
		{"^",             -1   },
		{"0-99999999999", -1   },
		{"1-2-3",         -1   },
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		int64_t n = -2;

		if (!spec_cpu_mask(rows[i].mask, 8, &n)) {
			n = -1;
		}
		if (n != rows[i].expect) {
			fail_msg("'%s': %lld", rows[i].mask, (long long)n);
		}
	}
	assert_false(spec_cpu_mask("0", 1000000, &(int64_t){0}));
	assert_false(spec_cpu_mask("0", -1, &(int64_t){0}));
}

/* "4 shared" or "0 shared 5 dedicated", or why not; a remark in brackets. */
static void describe(const char *specs, char ret[static 512])
{
	struct nova_flavor f;
	struct spec_groups groups = {0};
	struct request r = {0};
	struct spec_cpus cpus;

	specs_text_flavor(specs, &f);
	for (size_t i = 0; i < f.n_extra_specs; i++) {
		spec_groups_take(&groups, &f.extra_specs[i], &r);
	}
	cpus = spec_cpus_read(&f, &groups, &r);
	if (r.invalid[0]) {
		snprintf(ret, 512, "%s", r.invalid);
	} else if (cpus.by_policy) {
		snprintf(ret, 512, "%lld shared, %lld dedicated", (long long)cpus.vcpus,
			(long long)cpus.pcpus);
	} else {
		snprintf(ret, 512, "as it is%s%s", r.remarks.n ? ": " : "",
			r.remarks.n ? r.remarks.items[0] : "");
	}
	request_finish(&r);
	spec_groups_finish(&groups);
	specs_text_finish(&f);
}

static void test_policies(void **state)
{
#define DEDICATED "hw:cpu_policy=dedicated"
#define MIXED     "hw:cpu_policy=mixed"
#define ISOLATE   "\nhw:emulator_threads_policy=isolate"
	/* clang-format off */
	static const struct {
		const char *specs, *expect;
	} rows[] = {
		{"", "as it is"},
		{"hw:cpu_policy=", "as it is"},
		{"hw:cpu_policy=shared", "as it is"},
		{DEDICATED, "0 shared, 4 dedicated"},
		{DEDICATED ISOLATE, "0 shared, 5 dedicated"},
		{DEDICATED "\nhw:emulator_threads_policy=share", "0 shared, 4 dedicated"},
		{MIXED "\nhw:cpu_dedicated_mask=0-1", "2 shared, 2 dedicated"},
		{MIXED "\nhw:cpu_dedicated_mask=^0" ISOLATE, "1 shared, 4 dedicated"},
		{MIXED "\nhw:cpu_realtime=yes\nhw:cpu_realtime_mask=^0-1", "2 shared, 2 dedicated"},
		{MIXED "\nhw:cpu_realtime=no\nhw:cpu_dedicated_mask=3", "3 shared, 1 dedicated"},
		{MIXED, "hw:cpu_policy=mixed needs either hw:cpu_dedicated_mask or hw:cpu_realtime"},
		{MIXED "\nhw:cpu_realtime=yes", "hw:cpu_realtime leaves no CPU to the emulator's threads"},
		{DEDICATED "\nhw:cpu_realtime=yes", "hw:cpu_realtime leaves no CPU to the emulator's threads"},
		{MIXED "\nhw:cpu_realtime=yes" ISOLATE, "0 shared, 5 dedicated"},
		{MIXED "\nhw:cpu_realtime=yes\nhw:cpu_realtime_mask=9",
			"its CPU mask '9' does not name some of its 4 vCPUs"},
		{"hw:cpu_policy=shared\nhw:cpu_realtime=yes\nhw:cpu_realtime_mask=1",
			"hw:cpu_realtime does not go with hw:cpu_policy=shared"},
		{MIXED "\nhw:cpu_realtime=yes\nhw:cpu_realtime_mask=1\nhw:cpu_dedicated_mask=3",
			"hw:cpu_policy=mixed needs either hw:cpu_dedicated_mask or hw:cpu_realtime"},
		{MIXED "\nhw:cpu_dedicated_mask=0-3", "hw:cpu_policy=mixed leaves no CPU shared"},
		{MIXED "\nhw:cpu_dedicated_mask=4", "its CPU mask '4' does not name some of its 4 vCPUs"},
		{MIXED "\nhw:cpu_dedicated_mask=^0-3",
			"its CPU mask '^0-3' does not name some of its 4 vCPUs"},
		{DEDICATED "\nhw:cpu_dedicated_mask=1",
			"hw:cpu_dedicated_mask does not go with hw:cpu_policy=dedicated"},
		{"hw:cpu_policy=pinned", "hw:cpu_policy is 'pinned', which Nova refuses"},
		{"hw:cpu_thread_policy=x", "hw:cpu_thread_policy is 'x', which Nova refuses"},
		{"hw:emulator_threads_policy=x", "hw:emulator_threads_policy is 'x', which Nova refuses"},
		{"hw:cpu_policy=shared\nhw:cpu_thread_policy=prefer",
			"hw:cpu_thread_policy does not go with hw:cpu_policy=shared"},
		{"hw:cpu_thread_policy=require",
			"as it is: starts only images that ask for dedicated CPUs (hw:cpu_thread_policy)"},
		{"hw:cpu_policy=shared" ISOLATE,
			"hw:emulator_threads_policy does not go with hw:cpu_policy=shared"},
		{"hw:cpu_dedicated_mask=1",
			"as it is: starts only images that ask for dedicated CPUs (hw:cpu_dedicated_mask)"},
		{DEDICATED "\nresources:VCPU=4",
			"hw:cpu_policy does not go with resources:VCPU or resources:PCPU"},
		{DEDICATED "\nresources:VCPU=0", "0 shared, 4 dedicated"},
		{"resources:VCPU=2\nresources:PCPU=2",
			"resources:VCPU and resources:PCPU exclude each other"},
		{"resources:PCPU=4", "as it is"},
		{"resources:PCPU=4\nhw:cpu_thread_policy=isolate", "as it is"},
		{"resources:PCPU=3", "resources:PCPU is not the number of vCPUs"},
		{"resources:PCPU=5" ISOLATE, "as it is"},
		{"resources:PCPU=4" ISOLATE,
			"resources:PCPU is not the number of vCPUs and one for the emulator"},
		{"resources:VCPU=1", "as it is"},
	};
	/* clang-format on */

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		char found[512];

		describe(rows[i].specs, found);
		if (strcmp(found, rows[i].expect) != 0) {
			fail_msg("%s: %s", rows[i].specs, found);
		}
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_masks),
		cmocka_unit_test(test_policies),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
