/* SPDX-License-Identifier: Apache-2.0 */
/* core/model/snapshot_write.c: the document, byte by byte. */
#include "base/str.h"
#include "sample.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

static void test_hosts_and_flavors(void **state)
{
	struct random_region region = {.n_hosts = 2, .n_flavors = 2};
	_cleanup_(snapshot_unrefp) struct snapshot *s = NULL;
	_cleanup_(strbuf_finish) struct strbuf out = {0};

	region.gpus[0][0] = (struct gpubroker_gpus){"V100", 2, 3};
	region.needs[0][0] = (struct gpubroker_need){"V100", 1};
	region.hosts[0] = (struct gpubroker_host){
		.name = "h1",
		.vcpus = {28,   14, 2, 28, 4000000},
		.ram_mib = {1000, -5, 0, 0,  0      },
		.gpus = region.gpus[0],
		.n_gpus = 1
        };
	region.hosts[1] = (struct gpubroker_host){.name = "h2",
		.state = GPUBROKER_HOST_DOWN,
		.reason = "l\xc3\xbc"
			  "fter \"2\""};
	region.flavors[0] = (struct gpubroker_flavor){.id = "1",
		.name = "m",
		.vcpus = 14,
		.ram_mib = 100,
		.swap_mib = 1,
		.is_public = true,
		.gpus = region.needs[0],
		.n_gpus = 1};
	region.flavors[1] = (struct gpubroker_flavor){.id = "2", .name = "", .invalid = "no count"};
	s = sample_snapshot("here", 1763820000000, &region);
	snapshot_write_json(s, &out);
	assert_string_equal(out.data,
		"{\"format\":1,\"region\":\"here\",\"broker\":\"broker-1\",\"observed_at\":1763820000000,"
		"\"duration_ms\":250,\"capacity_model\":\"nova\",\"hosts\":["
		"{\"name\":\"h1\",\"state\":\"up\",\"vcpus\":{\"total\":28,\"used\":14,\"reserved\":2,"
		"\"max_unit\":28,\"ratio_micro\":4000000},\"ram_mib\":{\"total\":1000,\"used\":-5},"
		"\"disk_gib\":{\"total\":0,\"used\":0},\"gpus\":[{\"type\":\"V100\",\"total\":2,\"used\":3,\"stranded\":0}]},"
		"{\"name\":\"h2\",\"state\":\"down\",\"reason\":\"l\xc3\xbc"
		"fter \\\"2\\\"\","
		"\"vcpus\":{\"total\":0,\"used\":0},\"ram_mib\":{\"total\":0,\"used\":0},"
		"\"disk_gib\":{\"total\":0,\"used\":0},\"gpus\":[]}],\"flavors\":["
		"{\"id\":\"1\",\"name\":\"m\",\"vcpus\":14,\"ram_mib\":100,\"disk_gib\":0,\"ephemeral_gib\":0,"
		"\"swap_mib\":1,\"is_public\":true,\"gpus\":[{\"type\":\"V100\",\"count\":1}],\"total\":0,"
		"\"available\":0,\"available_exclusive\":0,\"limited_by\":\"gpu\"},"
		"{\"id\":\"2\",\"name\":\"\",\"vcpus\":0,\"ram_mib\":0,\"disk_gib\":0,\"ephemeral_gib\":0,"
		"\"swap_mib\":0,\"is_public\":false,\"gpus\":[],\"invalid\":\"no count\",\"total\":0,"
		"\"available\":0,\"available_exclusive\":0,\"limited_by\":\"no-host\"}],\"gpus\":["
		"{\"type\":\"V100\",\"total\":2,\"used\":2,\"free\":0,\"stranded\":0,\"disabled\":0,\"hosts\":1,"
		"\"configurations\":{\"1\":0,\"2\":0,\"4\":0,\"8\":0}}]}");
}

/* All that is absent where it has its default. */
static void test_devices_words_and_demands(void **state)
{
	static const char *const gold[] = {"GOLD", "SSD"};
	const struct gpubroker_words words = {gold, 2}, one = {gold, 1};
	struct random_region region = {.n_hosts = 1, .n_flavors = 1};
	_cleanup_(snapshot_unrefp) struct snapshot *s = NULL;
	_cleanup_(strbuf_finish) struct strbuf out = {0};

	region.devices[0][0][0] = (struct gpubroker_device){4, 1, 2, words};
	region.devices[0][0][1] =
		(struct gpubroker_device){.total = 1, .used = 5, .min_unit = 3, .step_size = 7};
	region.gpus[0][0] = (struct gpubroker_gpus){"S", 5, 2, region.devices[0][0], 2};
	region.needs[0][0] = (struct gpubroker_need){"S", 2, 2, one, words};
	region.demands[0] = (struct gpubroker_demand){.pcpus = 3};
	region.hosts[0] = (struct gpubroker_host){
		.name = "h",
		.pcpus = {.total = 8, .min_unit = 2, .step_size = 4},
		.gpus = region.gpus[0],
		.n_gpus = 1,
		.words = words
        };
	region.flavors[0] = (struct gpubroker_flavor){.id = "1",
		.name = "m",
		.gpus = region.needs[0],
		.n_gpus = 1,
		.demand = &region.demands[0],
		.isolate = true,
		.required = one,
		.forbidden = words,
		.remarks = one};
	s = sample_snapshot("here", 1, &region);
	snapshot_write_json(s, &out);
	assert_non_null(strstr(out.data,
		"\"vcpus\":{\"total\":0,\"used\":0},"
		"\"pcpus\":{\"total\":8,\"used\":0,\"min_unit\":2,\"step_size\":4},"));
	assert_non_null(strstr(out.data,
		"\"words\":[\"GOLD\",\"SSD\"],\"gpus\":[{\"type\":\"S\",\"total\":5,\"used\":2,\"stranded\":3,"
		"\"devices\":[{\"total\":4,\"used\":1,\"max_unit\":2,\"words\":[\"GOLD\",\"SSD\"]},"
		"{\"total\":1,\"used\":5,\"min_unit\":3,\"step_size\":7}]}]}]"));
	assert_non_null(strstr(out.data,
		"\"gpus\":[{\"type\":\"S\",\"count\":2,\"unit\":2,\"required\":[\"GOLD\"],"
		"\"forbidden\":[\"GOLD\",\"SSD\"]}],"
		"\"demand\":{\"vcpus\":0,\"pcpus\":3,\"ram_mib\":0,\"disk_gib\":0},\"isolate\":true,"
		"\"required\":[\"GOLD\"],\"forbidden\":[\"GOLD\",\"SSD\"],\"remarks\":[\"GOLD\"],\"total\":0"));
}

static void test_what_is_not_known_is_absent(void **state)
{
	const struct gpubroker_flavor flavors[] = {
		{.id = "1",      .name = "x", .vcpus = 4},
		{ .id = "2",
                 .name = "y",
                 .vcpus = -1,
                 .ram_mib = -1,
                 .disk_gib = -1,
                 .ephemeral_gib = -1,
                 .swap_mib = -1},
	};
	const struct counted counts[] = {
		{7,             3            },
                {COUNT_UNKNOWN, COUNT_UNKNOWN}
        };
	_cleanup_(snapshot_unrefp) struct snapshot *s =
		sample_counted("far", 5, flavors, counts, 2);
	_cleanup_(strbuf_finish) struct strbuf out = {0};

	snapshot_write_json(s, &out);
	assert_string_equal(out.data,
		"{\"format\":1,\"region\":\"far\",\"broker\":\"broker-1\",\"observed_at\":5,"
		"\"duration_ms\":250,\"capacity_model\":\"counted\",\"hosts\":[],\"flavors\":["
		"{\"id\":\"1\",\"name\":\"x\",\"vcpus\":4,\"ram_mib\":0,\"disk_gib\":0,\"ephemeral_gib\":0,"
		"\"swap_mib\":0,\"is_public\":false,\"gpus\":[],\"total\":7,\"available\":3},"
		"{\"id\":\"2\",\"name\":\"y\",\"is_public\":false,\"gpus\":[]}],\"gpus\":[]}");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_hosts_and_flavors),
		cmocka_unit_test(test_devices_words_and_demands),
		cmocka_unit_test(test_what_is_not_known_is_absent),
	};

	return cmocka_run_group_tests_name("snapshot_write", tests, NULL, NULL);
}
