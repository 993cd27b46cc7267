/* SPDX-License-Identifier: Apache-2.0 */
/* core/model/snapshot_json.c: what was written is read, and nothing that is broken gets in. */
#include "base/str.h"
#include "failing_alloc.h"
#include "sample.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

static struct snapshot *read_back(const char *data, size_t n, struct gpubroker_error *reterr)
{
	struct snapshot *s = NULL;

	return snapshot_read_json(&s, data, n, reterr) < 0 ? NULL : s;
}

static void assert_goes_there_and_back(const struct snapshot *s)
{
	_cleanup_(strbuf_finish) struct strbuf once = {0}, twice = {0};
	_cleanup_(snapshot_unrefp) struct snapshot *back = NULL;
	struct gpubroker_error error = {0};

	snapshot_write_json(s, &once);
	assert_false(once.failed);
	back = read_back(once.data, once.len, &error);
	if (!back) {
		fail_msg("%s: %s", error.text, once.data);
	}
	assert_true(snapshot_same_content(s, back));
	assert_int_equal(back->observed_at_ms, s->observed_at_ms);
	assert_int_equal(back->n_pools, s->n_pools);
	snapshot_write_json(back, &twice);
	assert_string_equal(once.data, twice.data);
}

static void test_random_regions(void **state)
{
	uint64_t seed = 17;
	struct random_region region;

	for (int round = 0; round < 300; round++) {
		_cleanup_(snapshot_unrefp) struct snapshot *s = NULL;

		random_rich_region(&seed, &region);
		s = sample_snapshot("here", 1 + round, &region);
		assert_goes_there_and_back(s);
	}
}

static void test_odd_text(void **state)
{
	struct random_region region = {.n_hosts = 1, .n_flavors = 1};
	_cleanup_(snapshot_unrefp) struct snapshot *s = NULL;

	region.hosts[0] = (struct gpubroker_host){
		.name = "h\"\\/", .reason = "\xc3\xa4\x01", .state = GPUBROKER_HOST_DISABLED};
	region.flavors[0] = (struct gpubroker_flavor){.id = "gpu/1 \xc3\xa4",
		.name = "\xf0\x9f\x98\x80<&>",
		.invalid = "alias 'x' has no count",
		.wants_no_gpus = true};
	s = sample_snapshot("here", 253402300799999, &region);
	assert_goes_there_and_back(s);
}

static void test_counted_elsewhere(void **state)
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

	assert_goes_there_and_back(s);
}

/* ---- documents that are refused ---- */

#define HEAD                                                                                       \
	"{\"format\":1,\"region\":\"r\",\"broker\":\"b\",\"observed_at\":5,\"capacity_model\":\"nova\","
#define AMOUNT "{\"total\":8,\"used\":2}"
#define HOST                                                                                       \
	"{\"name\":\"h\",\"state\":\"up\",\"vcpus\":" AMOUNT ",\"ram_mib\":" AMOUNT                \
	",\"disk_gib\":" AMOUNT ",\"gpus\":[{\"type\":\"V\",\"total\":2,\"used\":1}]}"
#define FLAVOR                                                                                       \
	"{\"id\":\"f\",\"name\":\"n\",\"vcpus\":1,\"ram_mib\":1,\"disk_gib\":0,\"ephemeral_gib\":0," \
	"\"swap_mib\":0,\"is_public\":true,\"gpus\":[{\"type\":\"V\",\"count\":1}],\"total\":2,"     \
	"\"available\":1,\"limited_by\":\"gpu\"}"
#define POOL                                                                                           \
	"{\"type\":\"V\",\"total\":2,\"used\":1,\"free\":1,\"stranded\":0,\"disabled\":0,\"hosts\":1," \
	"\"configurations\":{\"1\":1,\"2\":0,\"4\":0,\"8\":0}}"
#define DOCUMENT HEAD "\"hosts\":[" HOST "],\"flavors\":[" FLAVOR "],\"gpus\":[" POOL "]}"

/* clang-format off */
/* The good document with the first `from` replaced by `to`. */
static const struct {
	const char *from, *to, *text;
} replacements[] = {
	{"{\"format\"",             "{\"format",                            "snapshot: it is no JSON object"                    },
	{"\"format\":1",            "\"format\":2",                         "snapshot: format is out of range"                  },
	{"\"format\":1,",           "",				     "snapshot: format is no integer"                    },
	{"\"region\":\"r\"",        "\"region\":\"\"",                      "snapshot: region is no name"                       },
	{"\"broker\":\"b\"",        "\"broker\":\"b\\n\"",                  "snapshot: broker is no name"                       },
	{"\"broker\":\"b\"",        "\"broker\":7",                         "snapshot: broker is no string"                     },
	{"\"observed_at\":5",       "\"observed_at\":0",                    "snapshot: observed_at is out of range"             },
	{"\"observed_at\":5",       "\"observed_at\":5.0",                  "snapshot: observed_at is no integer"               },
	{"\"observed_at\":5",       "\"observed_at\":99999999999999999999",
         "snapshot: it is no JSON object"										       },
	{"\"nova\"",                "\"guess\"",                            "snapshot: capacity_model is no capacity model"     },
	{"\"nova\"",                "\"counted\"",
         "snapshot: hosts are there although the flavors were counted elsewhere"                                                },
	{"\"hosts\":[",             "\"hosts\":7,\"x\":[",                  "snapshot: hosts is no list"                        },
	{"\"hosts\":[",             "\"hosts\":[7,",                        "snapshot: hosts[0].it is no object"                },
	{"\"hosts\":[",             "\"hosts\":[" HOST ",",                 "host 'h' is there twice"                           },
	{"\"state\":\"up\"",        "\"state\":\"UP\"",                     "snapshot: hosts[0].state is no state of a host"    },
	{"\"state\":\"up\"",        "\"state\":\"up\",\"reason\":1",
         "snapshot: hosts[0].reason is no string"									       },
	{"\"ram_mib\":{",           "\"ram_mib\":7,\"x\":{",                "snapshot: hosts[0].ram_mib is no object"           },
	{"\"total\":8",             "\"total\":-8",                         "snapshot: hosts[0].vcpus.total is out of range"    },
	{"\"total\":8",             "\"total\":\"8\"",                      "snapshot: hosts[0].vcpus.total is no integer"      },
	{"\"used\":2}",             "\"used\":2,\"ratio_micro\":-1}",
         "snapshot: hosts[0].vcpus.ratio_micro is out of range"                                                                 },
	{"\"used\":2}",             "\"used\":2,\"max_unit\":null}",
         "snapshot: hosts[0].vcpus.max_unit is no integer"								      },
	{"\"used\":1}",             "\"used\":-1}",                         "snapshot: hosts[0].gpus[0].used is out of range"   },
	{"\"name\":\"n\"",          "\"name\":null",                        "snapshot: flavors[0].name is no string"            },
	{"\"is_public\":true",      "\"is_public\":1",
         "snapshot: flavors[0].is_public is neither true nor false"                                                             },
	{"\"swap_mib\":0,",         "",				     "snapshot: flavors[0].swap_mib is no integer"       },
	{"\"count\":1",             "\"count\":-1",                         "snapshot: flavors[0].gpus[0].count is out of range"},
	{"\"available\":1",         "\"available\":3",
         "snapshot: flavors[0].available is more than the total"                                                                },
	{"\"available\":1",         "\"available\":-1",                     "snapshot: flavors[0].available is out of range"    },
	{"\"limited_by\":\"gpu\"",  "\"limited_by\":\"luck\"",
         "snapshot: flavors[0].limited_by is no limit"									  },
	{",\"limited_by\":\"gpu\"", "",                                     "snapshot: flavors[0].limited_by is no string"      },
	{"\"flavors\":[",           "\"flavors\":[" FLAVOR ",",             "flavor id 'f' is there twice"                      },
	{"\"used\":2}", "\"used\":2,\"min_unit\":-1}", "snapshot: hosts[0].vcpus.min_unit is out of range"},
	{"\"used\":2}", "\"used\":2,\"step_size\":0.5}", "snapshot: hosts[0].vcpus.step_size is no integer"},
	{"\"ram_mib\":{", "\"pcpus\":{},\"ram_mib\":{", "snapshot: hosts[0].pcpus.total is no integer"},
	{"\"used\":1}", "\"used\":1,\"devices\":{}}", "snapshot: hosts[0].gpus[0].devices is no list"},
	{"\"used\":1}", "\"used\":1,\"devices\":[{\"total\":1}]}", "snapshot: hosts[0].gpus[0].devices[0].used is no integer"},
	{"\"used\":1}", "\"used\":1,\"stranded\":-1}", "snapshot: hosts[0].gpus[0].stranded is out of range"},
	{"\"state\":\"up\"", "\"state\":\"up\",\"words\":[1]", "snapshot: hosts[0].words holds something that is no string"},
	{"\"state\":\"up\"", "\"state\":\"up\",\"words\":\"A\"", "snapshot: hosts[0].words is no list"},
	{"\"count\":1", "\"count\":1,\"unit\":-2", "snapshot: flavors[0].gpus[0].unit is out of range"},
	{"\"count\":1", "\"count\":1,\"required\":[\"\"]", "a word of a need is empty"},
	{"\"is_public\":true", "\"is_public\":true,\"isolate\":1", "snapshot: flavors[0].isolate is neither true nor false"},
	{"\"is_public\":true", "\"is_public\":true,\"demand\":{\"vcpus\":1}", "snapshot: flavors[0].demand.pcpus is no integer"},
	{"\"is_public\":true", "\"is_public\":true,\"available_exclusive\":2", "snapshot: flavors[0].available_exclusive is more than what is available"},
	{"\"is_public\":true", "\"is_public\":true,\"available_exclusive\":-1", "snapshot: flavors[0].available_exclusive is out of range"},
	{"\"free\":1",              "\"free\":2",
         "snapshot: gpus[0].total is not what is used and free together"                                                        },
	{"\"stranded\":0",          "\"stranded\":2",
         "snapshot: gpus[0].stranded is more than what is free"                                                                 },
	{"\"8\":0",                 "\"16\":0",                             "snapshot: gpus[0].configurations.8 is no integer"  },
	{"\"gpus\":[" POOL,         "\"gpus\":[" POOL "," POOL,             "snapshot: gpus[1].type is out of order"            },
	{"\"format\":1",            "\"format\":1,\"format\":1",            "snapshot: it is no JSON object"                    },
	{HEAD,		      "[]{",				  "snapshot: it is no JSON object"                    },
};
/* clang-format on */

static void replace(struct strbuf *out, const char *text, const char *from, const char *to)
{
	const char *at = strstr(text, from);

	assert_non_null(at);
	strbuf_add(out, text, (size_t)(at - text));
	strbuf_adds(out, to);
	strbuf_adds(out, at + strlen(from));
}

static void test_what_is_refused(void **state)
{
	_cleanup_(snapshot_unrefp) struct snapshot *good =
		read_back(DOCUMENT, strlen(DOCUMENT), NULL);

	assert_non_null(good);
	for (size_t i = 0; i < ARRAY_SIZE(replacements); i++) {
		_cleanup_(strbuf_finish) struct strbuf out = {0};
		struct gpubroker_error error = {0};
		struct snapshot *s;

		replace(&out, DOCUMENT, replacements[i].from, replacements[i].to);
		s = read_back(out.data, out.len, &error);
		assert_null(s);
		assert_int_equal(error.code, GPUBROKER_E_BAD_REPLY);
		assert_string_equal(error.text, replacements[i].text);
	}
}

static void test_keys_of_newer_writers_are_left_alone(void **state)
{
	_cleanup_(strbuf_finish) struct strbuf out = {0};
	_cleanup_(snapshot_unrefp) struct snapshot *s = NULL;

	replace(&out, DOCUMENT, "\"used\":2}", "\"used\":2,\"colour\":[{}]}");
	s = read_back(out.data, out.len, NULL);
	assert_non_null(s);
}

/* Documents of brokers that knew nothing of them have no stranded GPUs and no exclusive counts, which is not 0. */
static void test_older_documents(void **state)
{
	_cleanup_(snapshot_unrefp) struct snapshot *s = read_back(DOCUMENT, strlen(DOCUMENT), NULL);

	assert_int_equal(s->stranded[0][0], COUNT_UNKNOWN);
	assert_int_equal(s->flavors[0].available_exclusive, COUNT_UNKNOWN);
	assert_int_equal(s->hosts[0].gpus[0].n_devices, 0);
	assert_null(s->flavors[0].flavor.demand);
}

static void test_limits(void **state)
{
	_cleanup_(freep) char *blanks = malloc(SNAPSHOT_MAX_BYTES + 1);
	struct snapshot *s = NULL;

	memset(blanks, ' ', SNAPSHOT_MAX_BYTES + 1);
	assert_int_equal(
		snapshot_read_json(&s, blanks, SNAPSHOT_MAX_BYTES + 1, NULL), GPUBROKER_E_LIMIT);
	memset(blanks, '[', 5000000); /* would cost a hundred times its size */
	assert_int_equal(snapshot_read_json(&s, blanks, 5000000, NULL), GPUBROKER_E_LIMIT);
	memset(blanks, '[', 100000);
	assert_int_equal(snapshot_read_json(&s, blanks, 100000, NULL), GPUBROKER_E_BAD_REPLY);
	assert_int_equal(snapshot_read_json(&s, "", 0, NULL), GPUBROKER_E_BAD_REPLY);
	assert_null(s);
}

/* A document of every kind of thing. */
static void write_rich_document(struct strbuf *out)
{
	uint64_t seed = 3;
	struct random_region region;
	_cleanup_(snapshot_unrefp) struct snapshot *s = NULL;

	do {
		random_rich_region(&seed, &region);
	} while (region.n_hosts < RANDOM_HOSTS || region.n_flavors < RANDOM_FLAVORS);
	region.hosts[0].reason = "\xc3\xa4";
	s = sample_snapshot("here", 1763820000000, &region);
	snapshot_write_json(s, out);
}

/* Copies of exactly the right size, so that a sanitizer sees each byte read too far. */
static void read_exactly(const char *data, size_t n)
{
	_cleanup_(freep) char *copy = malloc(n ? n : 1);
	_cleanup_(snapshot_unrefp) struct snapshot *s = NULL;

	memcpy(copy, data, n);
	s = read_back(copy, n, NULL);
	if (s) {
		assert_goes_there_and_back(s);
	}
}

static void test_truncated(void **state)
{
	_cleanup_(strbuf_finish) struct strbuf out = {0};

	write_rich_document(&out);
	for (size_t n = 0; n < out.len; n++) {
		read_exactly(out.data, n);
	}
}

/* Bytes replaced at random by those that JSON is made of: what is still read must be whole. */
static void test_mutated(void **state)
{
	static const char bytes[] = "0123456789-\"{}[],:.eE\\ truefalsn\x01\x7f\xc3\xff";
	_cleanup_(strbuf_finish) struct strbuf out = {0};
	uint64_t seed = 5;

	write_rich_document(&out);
	for (int round = 0; round < 5000; round++) {
		_cleanup_(freep) char *copy = malloc(out.len);
		int64_t mutations = 1 + random_below(&seed, 3);

		memcpy(copy, out.data, out.len);
		for (; mutations > 0; mutations--) {
			copy[random_below(&seed, (int64_t)out.len)] =
				bytes[random_below(&seed, sizeof(bytes) - 1)];
		}
		read_exactly(copy, out.len);
	}
}

static bool write_and_read(void)
{
	_cleanup_(strbuf_finish) struct strbuf out = {0};
	_cleanup_(snapshot_unrefp) struct snapshot *s = NULL;
	struct gpubroker_error error = {0};

	s = read_back(DOCUMENT, strlen(DOCUMENT), &error);
	if (!s) {
		/* the latter where jansson takes it for an error of syntax */
		assert_true(
			error.code == GPUBROKER_E_INTERNAL || error.code == GPUBROKER_E_BAD_REPLY);
		return false;
	}
	snapshot_write_json(s, &out);
	return !out.failed;
}

static void test_no_memory(void **state)
{
	failing_alloc_try_all(write_and_read);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_random_regions),
		cmocka_unit_test(test_odd_text),
		cmocka_unit_test(test_counted_elsewhere),
		cmocka_unit_test(test_what_is_refused),
		cmocka_unit_test(test_keys_of_newer_writers_are_left_alone),
		cmocka_unit_test(test_older_documents),
		cmocka_unit_test(test_limits),
		cmocka_unit_test(test_truncated),
		cmocka_unit_test(test_mutated),
		cmocka_unit_test(test_no_memory),
	};

	return cmocka_run_group_tests_name("snapshot_json", tests, NULL, NULL);
}
