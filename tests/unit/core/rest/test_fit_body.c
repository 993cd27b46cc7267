/* SPDX-License-Identifier: Apache-2.0 */
/* Tests of core/rest/fit_body.c. */
#include "rest/fit_body.h"

#include "base/str.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static void test_good(void **state)
{
	static const char text[] =
		" {\"flavors\": {\"b\": 2, \"a\": 1000000, \"\xc3\xa4\": 1}, \"region\": \"x\"} ";
	struct fit_body b;

	assert_int_equal(fit_body_parse(&b, text, strlen(text), NULL), 0);
	assert_int_equal(b.n_wishes, 3);
	assert_string_equal(b.wishes[0].flavor, "b");
	assert_int_equal(b.wishes[0].count, 2);
	assert_int_equal(b.wishes[1].count, FIT_MAX_COUNT);
	assert_string_equal(b.region, "x");
	fit_body_finish(&b);
	assert_int_equal(fit_body_parse(&b, "{\"flavors\":{\"a\":1}}", 19, NULL), 0);
	assert_null(b.region);
	fit_body_finish(&b);
}

static void expect(const char *text, size_t n, const char *part)
{
	struct gpubroker_error error = {0};
	struct fit_body b;

	assert_int_equal(fit_body_parse(&b, text, n, &error), GPUBROKER_E_BAD_REPLY);
	if (!strstr(error.text, part)) {
		fail_msg("%s: %s", text, error.text);
	}
}

static void test_bad(void **state)
{
	static const struct {
		const char *text, *part;
	} cases[] = {
		{"",					   "no JSON: line 1"        },
		{"{\"flavors\":\n{\"a\":1}",                   "no JSON: line 2"        },
		{"{\"flavors\":{\"a\":1}} x",                  "no JSON"                },
		{"{\"flavors\":{\"a\":1,\"a\":1}}",            "a key twice: line 1"    },
		{"[1]",					"has to be a JSON object"},
		{"{}",					 "'flavors' has to be"    },
		{"{\"flavors\":[]}",                           "'flavors' has to be"    },
		{"{\"flavors\":{}}",                           "not empty"              },
		{"{\"flavors\":{\"a b\":\"1\"}}",              "count of 'a b'"         },
		{"{\"flavors\":{\"a\":0}}",                    "count of 'a'"           },
		{"{\"flavors\":{\"a\":-1}}",                   "count of 'a'"           },
		{"{\"flavors\":{\"a\":1.0}}",                  "count of 'a'"           },
		{"{\"flavors\":{\"a\":null}}",                 "count of 'a'"           },
		{"{\"flavors\":{\"a\":1000001}}",              "from 1 to 1000000"      },
		{"{\"flavors\":{\"a\":1},\"region\":3}",       "'region' has to be"     },
		{"{\"flavors\":{\"a\":1},\"regio\":\"x\"}",    "no key 'regio'"         },
		{"{\"flavors\":{\"a\":99999999999999999999}}", "too large: line 1"      },
		{"{\"flavors\":{\"\xff\":1}}",                 "not in UTF-8: line 1"   },
		{"null",				       "has to be a JSON object"},
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		expect(cases[i].text, strlen(cases[i].text), cases[i].part);
	}
	expect("{\"flavors\":{\"a\0b\":1}}", 21, "no JSON");
	expect("{\"flavors\":{\"a\\u0000\":1}}", 25, "the character 0");
}

static void test_many(void **state)
{
	_cleanup_(strbuf_finish) struct strbuf text = {0};
	struct fit_body b;

	strbuf_adds(&text, "{\"flavors\":{");
	for (int i = 0; i < FIT_MAX_ASKS; i++) {
		strbuf_addf(&text, "%s\"f%d\":1", i == 0 ? "" : ",", i);
	}
	strbuf_adds(&text, "}}");
	assert_int_equal(fit_body_parse(&b, text.data, text.len, NULL), 0);
	assert_int_equal(b.n_wishes, FIT_MAX_ASKS);
	fit_body_finish(&b);
	text.len -= 2;
	strbuf_adds(&text, ",\"more\":1}}");
	expect(text.data, text.len, "more than 64");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_good),
		cmocka_unit_test(test_bad),
		cmocka_unit_test(test_many),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
