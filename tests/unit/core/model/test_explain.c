/* SPDX-License-Identifier: Apache-2.0 */
/* core/model/explain.c: each sentence. */
#include "base/mem.h"
#include "model/explain.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static const char *const words[] = {"CUSTOM_GOLD", "CUSTOM_OLD"};
static const struct gpubroker_device halves[] = {
	{.total = 2, .used = 1},
        {.total = 2, .used = 1}
};
static const struct gpubroker_device one_card[] = {{.total = 4}};

/* clang-format off */
static const struct gpubroker_gpus two_v100[] = {{"V100", 2, 1, NULL, 0}};
static const struct gpubroker_gpus no_v100[] = {{"V100", 2, 3, NULL, 0}};
static const struct gpubroker_gpus sliced[] = {{"V100", 4, 2, halves, 2}};
static const struct gpubroker_gpus card[] = {{"V100", 4, 0, one_card, 1}};
static const struct gpubroker_gpus both[] = {{"A100", 4, 2, NULL, 0}, {"V100", 2, 2, NULL, 0}};
static const struct gpubroker_gpus large[] = {{"V100", 4000, 1000, NULL, 0}};

#define PART(...) {__VA_ARGS__}
#define VCPUS PART(.total = 28, .ratio_micro = 4000000)
#define RAM PART(.total = 100000)
#define DISK PART(.total = 1000)
#define PCPUS PART(.total = 4)
#define HOST_OF(v, r, d, p, ...) {.name = "h", .vcpus = v, .ram_mib = r, .disk_gib = d, .pcpus = p, __VA_ARGS__}
#define HOST(...) HOST_OF(VCPUS, RAM, DISK, PCPUS, __VA_ARGS__)
#define ONE(...) (const struct gpubroker_need[]){{.type = "V100", .count = 1, __VA_ARGS__}}, .n_gpus = 1
#define TWO(...) (const struct gpubroker_need[]){{.type = "V100", .count = 2, __VA_ARGS__}}, .n_gpus = 1
#define MIXED (const struct gpubroker_need[]){{.type = "A100", .count = 1}, {.type = "V100", .count = 1}}, .n_gpus = 2

static const struct {
	struct gpubroker_host host;
	struct gpubroker_flavor flavor;
	const int64_t *stranded;
	const char *reason;
} cases[] = {
	/* out of service */
	{HOST(.gpus = two_v100, .n_gpus = 1, .state = GPUBROKER_HOST_DISABLED, .reason = "h burns"), {.gpus = ONE()}, NULL,
		"disabled by the operator: host-1 burns"},
	{HOST(.gpus = two_v100, .n_gpus = 1, .state = GPUBROKER_HOST_DISABLED), {.gpus = ONE()}, NULL,
		"disabled by the operator"},
	{HOST(.gpus = two_v100, .n_gpus = 1, .state = GPUBROKER_HOST_DOWN, .reason = ""), {.gpus = ONE()}, NULL,
		"its compute service is down"},
	{{.name = "h", .state = GPUBROKER_HOST_SKIPPED, .reason = "no hypervisor"}, {.gpus = ONE()}, NULL,
		"cannot be counted: no hypervisor"},
	/* not what the flavor asks for */
	{HOST(.gpus = two_v100, .n_gpus = 1), {.gpus = ONE(), .required = {words, 1}}, NULL,
		"lacks CUSTOM_GOLD, which the flavor requires"},
	{HOST(.gpus = two_v100, .n_gpus = 1, .words = {words, 2}), {.gpus = ONE(), .forbidden = {words + 1, 1}}, NULL,
		"has CUSTOM_OLD, which the flavor forbids"},
	{HOST(.gpus = two_v100, .n_gpus = 1), {.gpus = MIXED}, NULL, "has no A100"},
	{HOST(.gpus = NULL), {.gpus = MIXED}, NULL, "has no A100, has no V100"},
	{HOST(.gpus = both, .n_gpus = 1), {.gpus = (const struct gpubroker_need[]){{.type = "V100", .count = 1},
		{.type = "V100", .count = 2, .unit = 2}}, .n_gpus = 2}, NULL, "has no V100"},
	{HOST(.gpus = two_v100, .n_gpus = 1), {.gpus = ONE(), .invalid = "x"}, NULL, "the flavor cannot be started"},
	/* too large for any host like this */
	{HOST(.gpus = two_v100, .n_gpus = 1), {.gpus = ONE(), .ram_mib = 524288}, NULL,
		"needs 524,288 MiB of RAM, one server gets at most 100,000 here"},
	{HOST(.gpus = two_v100, .n_gpus = 1), {.gpus = ONE(), .vcpus = 29}, NULL,
		"needs 29 vCPUs, one server gets at most 28 here"},
	{{.name = "h", .disk_gib = {.total = 100, .min_unit = 10, .step_size = 10}, .gpus = two_v100, .n_gpus = 1},
		{.gpus = ONE(), .disk_gib = 15}, NULL, "needs 15 GiB of disk, one server gets only multiples of 10 here"},
	{{.name = "h", .disk_gib = {.total = 100, .min_unit = 10, .step_size = 5}, .gpus = two_v100, .n_gpus = 1},
		{.gpus = ONE(), .disk_gib = 5}, NULL, "needs 5 GiB of disk, one server gets at least 10 here"},
	/* what is short */
	{HOST_OF(VCPUS, PART(.total = 100000, .used = 99000), DISK, PCPUS, .gpus = two_v100, .n_gpus = 1), {.gpus = ONE(), .ram_mib = 13288}, NULL,
		"1 GPU free, RAM short by 12,288 MiB"},
	{HOST_OF(VCPUS, PART(.total = 100000, .used = 100500), DISK, PCPUS, .gpus = two_v100, .n_gpus = 1), {.gpus = ONE(), .ram_mib = 1000}, NULL,
		"1 GPU free, RAM short by 1,500 MiB"},
	{HOST_OF(VCPUS, PART(.total = 1000, .used = -900), DISK, PCPUS, .gpus = two_v100, .n_gpus = 1), {.gpus = ONE(), .ram_mib = 600}, NULL,
		"1 fits; then no GPU free, RAM short by 200 MiB"},
	{HOST_OF(PART(.total = 28, .used = 20), RAM, DISK, PCPUS, .gpus = two_v100, .n_gpus = 1), {.gpus = ONE(), .vcpus = 14, .disk_gib = 1000, .swap_mib = 0},
		NULL, "1 GPU free, vCPUs short by 6"},
	{HOST_OF(VCPUS, RAM, PART(.total = 50, .used = 45), PCPUS, .gpus = two_v100, .n_gpus = 1), {.gpus = ONE(), .disk_gib = 20}, NULL,
		"1 GPU free, disk short by 15 GiB"},
	{HOST_OF(VCPUS, RAM, DISK, PART(.total = 4, .used = 3), .gpus = two_v100, .n_gpus = 1), {.gpus = ONE(),
		.demand = &(const struct gpubroker_demand){.pcpus = 2, .ram_mib = 5}}, NULL,
		"1 GPU free, dedicated CPUs short by 1"},
	{HOST(.gpus = no_v100, .n_gpus = 1), {.gpus = ONE()}, NULL, "no GPU free"},
	{HOST(.gpus = two_v100, .n_gpus = 1), {.gpus = TWO()}, NULL, "1 GPU free, 2 needed"},
	{HOST(.gpus = both, .n_gpus = 2), {.gpus = MIXED}, NULL, "2 A100 free, no V100 free"},
	{HOST(.gpus = two_v100, .n_gpus = 1), {.gpus = ONE(), .ram_mib = 60000}, NULL,
		"1 fits; then no GPU free, RAM short by 20,000 MiB"},
	{HOST(.gpus = card, .n_gpus = 1), {.gpus = ONE(), .ram_mib = 50000}, NULL,
		"2 fit; then 2 GPUs free, RAM short by 50,000 MiB"},
	{HOST(.gpus = large, .n_gpus = 1), {.gpus = ONE()}, NULL, "3,000 fit; then no GPU free"},
	{HOST(.gpus = NULL), {.ram_mib = 30000}, NULL, "3 fit; then RAM short by 20,000 MiB"},
	/* devices */
	{HOST(.gpus = sliced, .n_gpus = 1), {.gpus = TWO(.unit = 2)}, NULL, "2 GPUs free, but not 2 on one device"},
	{HOST(.gpus = card, .n_gpus = 1), {.gpus = TWO(), .isolate = true}, NULL,
		"4 GPUs free, but not on as many devices as are needed"},
	/* stranded */
	{HOST_OF(VCPUS, PART(.total = 100, .used = 100), DISK, PCPUS, .gpus = two_v100, .n_gpus = 1), {.gpus = ONE(), .ram_mib = 50},
		(const int64_t[]){1}, "1 GPU free, RAM short by 50 MiB; 1 of 1 free V100 is stranded: no flavor of the region fits beside it"},
	{HOST(.gpus = both, .n_gpus = 2), {.gpus = MIXED}, (const int64_t[]){2, 0},
		"2 A100 free, no V100 free; 2 of 2 free A100 are stranded: no flavor of the region fits beside them"},
};
/* clang-format on */

static void test_hosts(void **state)
{
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		_cleanup_(strbuf_finish) struct strbuf out = {0};
		struct host_count count;
		struct labels labels;

		assert_true(labels_init(&labels, &cases[i].host, 1, false));
		host_explain(&cases[i].host, &cases[i].flavor, &count);
		explain_host(&out, &labels, &cases[i].flavor, &count, cases[i].stranded);
		assert_string_equal(out.data, cases[i].reason);
		labels_finish(&labels);
	}
}

/* A device that lacks a word: none of them will do, or too few that are free. */
static void test_words_of_devices(void **state)
{
	const struct gpubroker_device devices[] = {
		{.total = 1,           .used = 1, .words = {words, 1}},
                {.total = 1}
        };
	const struct gpubroker_gpus gpus[] = {
		{"V100", 2, 1, devices, 2}
        };
	const struct gpubroker_host host = HOST(.gpus = gpus, .n_gpus = 1);
	const struct gpubroker_need gold = {
		"V100", 1, 1, {words, 1},
                   {0    }
        };
	const struct gpubroker_need old = {
		"V100", 1, 1, {words + 1, 1},
                   {0        }
        };
	const struct gpubroker_flavor flavors[] = {
		{.gpus = &gold, .n_gpus = 1},
                {.gpus = &old,  .n_gpus = 1}
        };
	static const char *const reasons[] = {
		"1 GPU free, too few of them as the flavor requires", "CUSTOM_OLD"};
	struct labels labels;

	assert_true(labels_init(&labels, &host, 1, false));
	for (size_t i = 0; i < 2; i++) {
		_cleanup_(strbuf_finish) struct strbuf out = {0};
		struct host_count count;

		host_explain(&host, &flavors[i], &count);
		explain_host(&out, &labels, &flavors[i], &count, NULL);
		assert_non_null(strstr(out.data, reasons[i]));
	}
	labels_finish(&labels);
}

static void expect_flavor(const struct snapshot_flavor *flavor, const char *reason)
{
	struct gpubroker_host host = HOST(.gpus = two_v100, .n_gpus = 1);
	const struct snapshot s = {.hosts = &host, .n_hosts = 1};
	_cleanup_(strbuf_finish) struct strbuf out = {0};

	explain_flavor(&out, &s, flavor);
	assert_string_equal(out.data ? out.data : "", reason);
}

static void test_flavors(void **state)
{
	const struct gpubroker_need a100 = {.type = "A100", .count = 1};
	struct snapshot_flavor f = {.count = {.limited_by = LIMIT_GPU}};

	expect_flavor(&f, "");
	f.count.limited_by = LIMIT_NONE;
	expect_flavor(&f, "it asks for nothing that is counted");
	f.count.limited_by = LIMIT_NO_HOST;
	expect_flavor(&f, "no host in service has all that it asks for");
	f.flavor.gpus = &a100;
	f.flavor.n_gpus = 1;
	expect_flavor(&f, "no host of the region has A100");
	f.flavor.invalid = "alias 'V100' has no count";
	expect_flavor(&f, "it cannot be started: alias 'V100' has no count");
}

static void test_numbers(void **state)
{
	static const struct {
		int64_t number;
		const char *text;
	} numbers[] = {
		{0,         "0"			 },
		{999,       "999"                       },
		{1000,      "1,000"                     },
		{-1000,     "-1,000"                    },
		{-100,      "-100"                      },
		{12288,     "12,288"                    },
		{1234567,   "1,234,567"                 },
		{INT64_MIN, "-9,223,372,036,854,775,808"},
	};

	for (size_t i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++) {
		_cleanup_(strbuf_finish) struct strbuf out = {0};

		explain_add_number(&out, numbers[i].number);
		assert_string_equal(out.data, numbers[i].text);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_hosts),
		cmocka_unit_test(test_words_of_devices),
		cmocka_unit_test(test_flavors),
		cmocka_unit_test(test_numbers),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
