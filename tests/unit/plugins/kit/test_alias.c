/* SPDX-License-Identifier: Apache-2.0 */
/* The grammar of pci_passthrough:alias. */
#include "kit/alias.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

/* "V100=1,A100=2", or the error in angle brackets; before them what a server's text still gave. */
static void describe(const char *text, bool held, char ret[static 512])
{
	struct alias_requests requests = {0};
	struct gpubroker_error error = {0};
	int r = held ? alias_parse_held(text, &requests, &error)
		     : alias_parse(text, &requests, &error);
	size_t n = 0;

	ret[0] = '\0';
	for (size_t i = 0; i < requests.n; i++) {
		n += (size_t)snprintf(ret + n, 512 - n, "%s%s=%lld", i ? "," : "",
			requests.items[i].alias, (long long)requests.items[i].count);
	}
	if (r != 0) {
		assert_int_equal(r, held ? ALIAS_PARTLY : GPUBROKER_E_CONFIG);
		snprintf(ret + n, 512 - n, "<%s>", error.text);
	}
	alias_requests_finish(&requests);
}

struct row {
	const char *text, *expect;
};

static void check_rows(const struct row *rows, size_t n, bool held)
{
	char found[512];

	for (size_t i = 0; i < n; i++) {
		describe(rows[i].text, held, found);
		if (strcmp(found, rows[i].expect) != 0) {
			fail_msg("'%s': %s", rows[i].text, found);
		}
	}
}

static void test_grammar(void **state)
{
	static const struct row rows[] = {
		{"V100:1",                        "V100=1"					   },
		{"V100:1,A100:2",                 "V100=1,A100=2"                                    },
		{"V100:1 , A100:2",               "V100=1,A100=2"                                    },
		{"V100:1,V100:2",                 "V100=3"					   },
		{" V100 : 1 ",                    "V100=1"					   },
		{"V 100:1",                       "V 100=1"					  },
		{"V100:+1",                       "V100=1"					   },
		{"V100:1_0",                      "V100=10"					  },
		{"V100:007",                      "V100=7"					   },
		{"V100:0",                        "V100=0"					   },
		{"V100:-0",                       "V100=0"					   },
		{"V100:99999999999999999999",     "V100=1000000000"                                  },
		{"V100:999999999,V100:999999999", "V100=1000000000"                                  },
		{"",			      "<an alias has no name>"                           },
		{":1",			    "<an alias has no name>"                           },
		{"V100:1,",                       "<an alias has no name>"                           },
		{"V100",			  "<alias 'V100' has no count>"                      },
		{"V100:",                         "<the count of alias 'V100' is not a whole number>"},
		{"V100:one",                      "<the count of alias 'V100' is not a whole number>"},
		{"V100:1.0",                      "<the count of alias 'V100' is not a whole number>"},
		{"V100:_1",                       "<the count of alias 'V100' is not a whole number>"},
		{"V100:1_",                       "<the count of alias 'V100' is not a whole number>"},
		{"V100:1__0",                     "<the count of alias 'V100' is not a whole number>"},
		{"V100:- 1",                      "<the count of alias 'V100' is not a whole number>"},
		{"V100:+",                        "<the count of alias 'V100' is not a whole number>"},
		{"V100:-1",                       "<the count of alias 'V100' is negative>"          },
		{"V100:1:2",                      "<alias 'V100' has a second colon>"                },
		{"V1\n00:1",                      "<an alias's name holds a control character>"      },
	};

	check_rows(rows, sizeof(rows) / sizeof(rows[0]), false);
}

static void test_what_a_server_holds(void **state)
{
	static const struct row rows[] = {
		{"V100:1,A100:2",  "V100=1,A100=2"                                },
		{"V100:1:junk",    "V100=1"                                       },
		{"V100,A100:2",    "A100=2<alias 'V100' has no count>"            },
		{"V100:-1,A100:1", "A100=1<the count of alias 'V100' is negative>"},
		{"",               "<an alias has no name>"                       },
	};

	check_rows(rows, sizeof(rows) / sizeof(rows[0]), true);
}

static void test_limits(void **state)
{
	char text[1024] = "", found[512];

	for (int i = 0; i < ALIAS_MAX_ENTRIES; i++) {
		snprintf(text + strlen(text), sizeof(text) - strlen(text), "%sA%d:1", i ? "," : "",
			i);
	}
	describe(text, false, found);
	assert_null(strchr(found, '<'));
	snprintf(text + strlen(text), sizeof(text) - strlen(text), ",B:1");
	describe(text, false, found);
	assert_string_equal(found, "<more than 64 aliases>");
	memset(text, 'x', 300);
	snprintf(text + 300, sizeof(text) - 300, ":1");
	describe(text, false, found);
	assert_string_equal(found, "<an alias's name is too long>");
}

static void test_types(void **state)
{
	struct alias_rule rules[] = {
		{(char *)(uintptr_t) "A100.40", (char *)(uintptr_t) "A100"},
		{(char *)(uintptr_t) "old",     (char *)(uintptr_t) "V100"},
	};
	const struct gpubroker_groups map = {.n = 2, .items = rules}, none = {0};

	assert_string_equal(alias_gpu_type(&map, "A100.40"), "A100");
	assert_string_equal(alias_gpu_type(&map, "old"), "V100");
	assert_string_equal(alias_gpu_type(&map, "Old"), "Old");
	assert_string_equal(alias_gpu_type(&none, "old"), "old");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_grammar),
		cmocka_unit_test(test_what_a_server_holds),
		cmocka_unit_test(test_limits),
		cmocka_unit_test(test_types),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
