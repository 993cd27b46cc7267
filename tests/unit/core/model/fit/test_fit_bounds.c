/* SPDX-License-Identifier: Apache-2.0 */
/* core/model/fit/fit_bounds.c: each proof with its sentence, and none where there is no proof. */
#include "model/fit/fit_problem.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static const struct gpubroker_gpus three[] = {
	{"V100", 3, 0, NULL, 0}
};
/* clang-format off */
static const struct gpubroker_host hosts[] = {
	{.name = "a", .vcpus = {.total = 64}, .ram_mib = {.total = 4000}, .gpus = three, .n_gpus = 1},
	{.name = "b", .vcpus = {.total = 64}, .ram_mib = {.total = 4000}, .gpus = three, .n_gpus = 1},
};
static const struct gpubroker_need needs[] = {{"V100", 1}, {"V100", 2}};
static const struct gpubroker_flavor flavors[] = {
	{.id = "one", .vcpus = 10, .ram_mib = 500, .gpus = &needs[0], .n_gpus = 1},
	{.id = "two", .vcpus = 10, .ram_mib = 1500, .gpus = &needs[1], .n_gpus = 1},
	{.id = "huge", .vcpus = 65, .gpus = &needs[0], .n_gpus = 1},
	{.id = "cpu", .vcpus = 60},
	{.id = "broken", .gpus = &needs[0], .n_gpus = 1, .invalid = "alias 'V100' has no count"},
	{.id = "again", .vcpus = 10, .ram_mib = 500, .gpus = &needs[0], .n_gpus = 1},
	{.id = "ram", .ram_mib = 2500},
};

static const struct {
	struct fit_ask asks[3];
	size_t n;
	const char *reason; /* NULL: not refuted */
} cases[] = {
	{{{&flavors[0], "one", 6}}, 1, NULL},
	{{{&flavors[0], "one", 7}}, 1, "of one 7 are asked for, 6 fit at most"},
	{{{&flavors[1], "two", 3}}, 1, "of two 3 are asked for, 2 fit at most"},
	{{{&flavors[2], "huge", 1}}, 1, "of huge 1 is asked for, none fits"},
	{{{&flavors[4], "broken", 1000}}, 1, "of broken 1,000 are asked for, none fits: alias 'V100' has no count"},
	{{{&flavors[0], "one", 4}, {&flavors[5], "again", 3}}, 2, "of one and again 7 are asked for, 6 fit at most"},
	{{{&flavors[0], "one", 2}, {&flavors[1], "two", 2}}, 2, NULL},
	{{{&flavors[0], "one", 3}, {&flavors[1], "two", 2}}, 2, "7 V100 are needed, 6 can be used"},
	{{{&flavors[0], "one", 1}, {&flavors[3], "cpu", 2}}, 2, "130 vCPUs are needed, 120 can be used"},
	{{{&flavors[1], "two", 2}, {&flavors[6], "ram", 2}, {&flavors[0], "one", 1}}, 3,
		"8,500 MiB of RAM are needed, 8,000 can be used"},
};
/* clang-format on */

static void test_cases(void **state)
{
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		_cleanup_(fit_problem_finish) struct fit_problem p;
		_cleanup_(strbuf_finish) struct strbuf reason = {0};
		int64_t steps = 10000;

		assert_int_equal(
			fit_problem_init(&p, hosts, 2, cases[i].asks, cases[i].n, &steps), 1);
		assert_int_equal(fit_refuted(&p, &reason), cases[i].reason != NULL);
		if (cases[i].reason) {
			assert_string_equal(reason.data, cases[i].reason);
		}
	}
}

/* Hosts with an odd number of GPUs, all flavors in pairs: one GPU of each host is of no use. */
static void test_steps(void **state)
{
	const struct gpubroker_need four = {"V100", 4};
	const struct gpubroker_gpus seven[] = {
		{"V100", 7, 0, NULL, 0}
        };
	const struct gpubroker_host odd[] = {
		{.name = "a", .gpus = seven, .n_gpus = 1},
		{.name = "b", .gpus = seven, .n_gpus = 1}
        };
	const struct gpubroker_flavor f[] = {
		{.id = "x", .gpus = &needs[1], .n_gpus = 1},
		{.id = "y", .gpus = &four,     .n_gpus = 1}
        };
	const struct fit_ask asks[] = {
		{&f[0], "x", 5},
                {&f[1], "y", 1}
        };
	_cleanup_(fit_problem_finish) struct fit_problem p;
	_cleanup_(strbuf_finish) struct strbuf reason = {0};
	int64_t steps = 10000;

	assert_int_equal(fit_problem_init(&p, odd, 2, asks, 2, &steps), 1);
	assert_true(fit_refuted(&p, &reason));
	assert_string_equal(reason.data, "14 V100 are needed, 12 can be used");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_cases),
		cmocka_unit_test(test_steps),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
