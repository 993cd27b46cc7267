/* SPDX-License-Identifier: Apache-2.0 */
/* plugins/kit/http_outcome.c: headers of an answer, and what a status means. */
#include "kit/http_outcome.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#define NOW_MS (INT64_C(1445412480) * 1000) /* Wed, 21 Oct 2015 07:28:00 GMT */

static void test_retry_after(void **state)
{
	assert_int_equal(http_retry_after_s("0", NOW_MS), 0);
	assert_int_equal(http_retry_after_s("30", NOW_MS), 30);
	assert_int_equal(http_retry_after_s("99999999999999999999", NOW_MS), 86400);
	assert_int_equal(http_retry_after_s("Wed, 21 Oct 2015 07:28:10 GMT", NOW_MS), 10);
	assert_int_equal(http_retry_after_s("Wed, 21 Oct 2015 07:27:50 GMT", NOW_MS), 0);
	assert_int_equal(http_retry_after_s("Wed, 21 Oct 2099 07:28:00 GMT", NOW_MS), 86400);
	assert_int_equal(http_retry_after_s("", NOW_MS), -1);
	assert_int_equal(http_retry_after_s("-1", NOW_MS), -1);
	assert_int_equal(http_retry_after_s("1.5", NOW_MS), -1);
	assert_int_equal(http_retry_after_s("soon", NOW_MS), -1);
}

static void test_status_codes(void **state)
{
	static const struct {
		int status;
		int code;
	} rows[] = {
		{200, 0                      },
                {201, 0                      },
                {204, 0                      },
                {300, GPUBROKER_E_BAD_REPLY  },
		{308, GPUBROKER_E_BAD_REPLY  },
                {400, GPUBROKER_E_BAD_REPLY  },
                {401, GPUBROKER_E_AUTH       },
		{403, GPUBROKER_E_DENIED     },
                {404, GPUBROKER_E_BAD_REPLY  },
		{406, GPUBROKER_E_BAD_REPLY  },
                {429, GPUBROKER_E_UNAVAILABLE},
		{500, GPUBROKER_E_UNAVAILABLE},
                {503, GPUBROKER_E_UNAVAILABLE},
		{599, GPUBROKER_E_UNAVAILABLE},
                {600, GPUBROKER_E_BAD_REPLY  },
		{101, GPUBROKER_E_BAD_REPLY  },
                {0,   GPUBROKER_E_BAD_REPLY  }
        };
	struct http_exchange x = {
		.service = "nova", .url = "http://h/os-aggregates", .retry_after_s = -1};
	struct gpubroker_error error;
	size_t i;

	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		x.status = rows[i].status;
		assert_int_equal(http_check(&x, &error), rows[i].code);
		if (rows[i].code < 0) {
			assert_int_equal(error.code, rows[i].code);
			assert_non_null(
				strstr(error.text, "nova: http://h/os-aggregates answered"));
		}
	}
}

static void test_headers_in_texts_are_printable(void **state)
{
	struct http_exchange x = {.service = "s", .url = "u"};
	struct gpubroker_error error;

	http_outcome_clear(&x);
	assert_true(http_take_header(&x, "location", "http://h/\r\x1b[31m\xc3\xa4", NOW_MS));
	assert_true(http_take_header(&x, "X-OPENSTACK-REQUEST-ID", "req-1\n", NOW_MS));
	x.status = 302;
	assert_true(http_check(&x, &error) < 0);
	assert_non_null(strstr(error.text, "'http://h/?\?[31m?\?'"));
	assert_non_null(strstr(error.text, "[req-1?]"));
	http_exchange_finish(&x);
}

static void test_headers_that_are_kept(void **state)
{
	struct http_exchange x = {.service = "s", .url = "u"};

	http_outcome_clear(&x);
	assert_int_equal(x.retry_after_s, -1);
	assert_true(http_take_header(&x, "x-subject-token", "one", NOW_MS));
	assert_true(http_take_header(&x, "X-Subject-Token", "two", NOW_MS));
	assert_true(http_take_header(&x, "openstack-api-version", "compute 2.53", NOW_MS));
	assert_true(http_take_header(&x, "Openstack-Auth-Receipt", "r", NOW_MS));
	assert_true(http_take_header(&x, "Retry-After", "7", NOW_MS));
	assert_true(http_take_header(&x, "X-Other", "7", NOW_MS));
	assert_string_equal(x.subject_token, "two");
	assert_string_equal(x.answered_version, "compute 2.53");
	assert_true(x.auth_receipt);
	assert_int_equal(x.retry_after_s, 7);
	http_outcome_clear(&x);
	assert_null(x.subject_token);
	assert_false(x.auth_receipt);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_retry_after),
		cmocka_unit_test(test_status_codes),
		cmocka_unit_test(test_headers_in_texts_are_printable),
		cmocka_unit_test(test_headers_that_are_kept),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
