/* SPDX-License-Identifier: Apache-2.0 */
/* core/model/fit/fit_verify.c: what is no placement is found out. */
#include "base/mem.h"
#include "model/fit/fit.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static const char *const words[] = {"BIG"};
static const struct gpubroker_device cards[] = {
	{.total = 2          },
        { .total = 2, .words = {words, 1}}
};
static const struct gpubroker_gpus two[] = {
	{"V100", 2, 0, NULL, 0}
};
static const struct gpubroker_gpus four[] = {
	{"V100", 4, 0, cards, 2}
};
/* clang-format off */
static const struct gpubroker_host hosts[] = {
	{.name = "a", .ram_mib = {.total = 100}, .gpus = two, .n_gpus = 1},
	{.name = "b", .ram_mib = {.total = 50}, .gpus = two, .n_gpus = 1},
	{.name = "c", .ram_mib = {.total = 100}, .gpus = two, .n_gpus = 1, .state = GPUBROKER_HOST_DISABLED},
	{.name = "d", .ram_mib = {.total = 500}, .gpus = four, .n_gpus = 1},
};
/* clang-format on */
static const struct gpubroker_need one = {.type = "V100", .count = 1};
static const struct gpubroker_need any = {.type = "V100", .count = 2};
static const struct gpubroker_need big = {
	"V100", 2, 2, {words, 1},
           {0    }
};
static const struct gpubroker_flavor flavors[] = {
	{.id = "small", .ram_mib = 40, .gpus = &one, .n_gpus = 1},
	{.id = "large",             .ram_mib = 90,              .gpus = &one, .n_gpus = 1},
	{.id = "any",  .gpus = &any,               .n_gpus = 1                },
	{.id = "big",  .gpus = &big, .n_gpus = 1},
};
static const struct fit_ask asks[] = {
	{&flavors[0], "small", 2},
        {&flavors[1], "large", 1}
};

static void expect(const struct fit_placement p[], size_t n, bool right)
{
	assert_int_equal(fit_verify(hosts, ARRAY_SIZE(hosts), asks, 2, p, n), right);
}

static void test_placements(void **state)
{
	const struct fit_placement good[] = {
		{0, 1, 1},
                {1, 0, 1},
                {3, 0, 1}
        };
	const struct fit_placement too_full[] = {
		{0, 0, 2},
                {0, 1, 1}
        };
	const struct fit_placement too_many_there[] = {
		{0, 1, 1},
                {1, 0, 2}
        };
	const struct fit_placement one_missing[] = {
		{0, 1, 1},
                {1, 0, 1}
        };
	const struct fit_placement one_more[] = {
		{0, 1, 1},
                {1, 0, 1},
                {3, 0, 2}
        };
	const struct fit_placement out_of_service[] = {
		{2, 1, 1},
                {3, 0, 2}
        };
	const struct fit_placement no_such_host[] = {
		{0, 1, 1},
                {9, 0, 2}
        };
	const struct fit_placement no_such_ask[] = {
		{0, 1, 1},
                {3, 0, 2},
                {3, 7, 1}
        };
	const struct fit_placement nothing[] = {
		{0, 1, 1},
                {3, 0, 2},
                {3, 0, 0}
        };
	const struct fit_placement twice[] = {
		{0, 1, 1},
                {3, 0, 1},
                {1, 0, 1}
        };

	expect(good, 3, true);
	expect(too_full, 2, false);
	expect(too_many_there, 2, false);
	expect(one_missing, 2, false);
	expect(one_more, 3, false);
	expect(out_of_service, 2, false);
	expect(no_such_host, 2, false);
	expect(no_such_ask, 3, false);
	expect(nothing, 3, false);
	expect(twice, 3, false); /* hosts are in order, so that each is looked at once */
	expect(NULL, 0, false);
}

/* The choosy flavor has to come first, wherever it stands. */
static void test_order(void **state)
{
	for (int i = 0; i < 2; i++) {
		const struct fit_ask both[] = {
			{&flavors[i ? 2 : 3], "x", 1},
                        {&flavors[i ? 3 : 2], "y", 1}
                };
		const struct fit_placement p[] = {
			{3, 0, 1},
                        {3, 1, 1}
                };

		assert_true(fit_verify(hosts, ARRAY_SIZE(hosts), both, 2, p, 2));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_placements),
		cmocka_unit_test(test_order),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
