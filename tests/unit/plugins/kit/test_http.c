/* SPDX-License-Identifier: Apache-2.0 */
/* plugins/kit/http.c: requests over real sockets. */
#include "kit/http.h"

#include "canned_http.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

static struct gpubroker_core core;
static struct http *http;
static struct http_limits limits_before;
static unsigned counted;
static int counted_status;

static void count(const char *service, int status, uint64_t bytes)
{
	counted++;
	counted_status = status;
}

static int setup(void **state)
{
	static const struct http_settings settings = {0};

	limits_before = http_limits;
	core = canned_core();
	core.count_request = count;
	counted = 0;
	return http_new(&settings, &core, &http, NULL);
}

static int teardown(void **state)
{
	http_free(http);
	http_limits = limits_before;
	return 0;
}

static void run_one(struct http_exchange *x, const char *url)
{
	x->service = "svc";
	x->url = url;
	http_start(http, x);
	assert_ptr_equal(http_next(http), x);
	assert_null(http_next(http));
}

static void test_sends_what_is_asked_for(void **state)
{
	static const struct canned answers[] = {
		{"POST /x", 201, "X-Subject-Token: t0ken\r\nX-OpenStack-Request-ID: req-7\r\n",
                 "{\"a\":1}"}
        };
	struct canned_server *server = canned_start(answers, 1);
	struct http_exchange x = {.token = "old", .api_version = "compute 2.53", .body = "{}"};
	char url[100];

	snprintf(url, sizeof(url), "%s/x", canned_url(server));
	run_one(&x, url);
	assert_int_equal(x.r, 0);
	assert_int_equal(x.status, 201);
	assert_string_equal(x.reply, "{\"a\":1}");
	assert_string_equal(x.subject_token, "t0ken");
	assert_string_equal(x.request_id, "req-7");
	assert_non_null(strstr(canned_request(server, 0), "X-Auth-Token: old\r\n"));
	assert_non_null(
		strstr(canned_request(server, 0), "OpenStack-API-Version: compute 2.53\r\n"));
	assert_non_null(strstr(canned_request(server, 0), "Content-Type: application/json\r\n"));
	assert_non_null(strstr(canned_request(server, 0), "\r\n\r\n{}"));
	assert_null(strstr(canned_request(server, 0), "Expect:"));
	assert_int_equal(counted, 1);
	assert_int_equal(counted_status, 201);
	http_exchange_finish(&x);
	canned_stop(server);
}

static void test_a_get_after_a_post_has_nothing_of_it(void **state)
{
	static const struct canned answers[] = {
		{"POST /x", 200},
                {"GET /x",  200}
        };
	struct canned_server *server = canned_start(answers, 2);
	struct http_exchange x = {.token = "old", .body = "{}"}, y = {0};
	char url[100];

	snprintf(url, sizeof(url), "%s/x", canned_url(server));
	run_one(&x, url);
	run_one(&y, url);
	assert_int_equal(y.status, 200);
	assert_null(strstr(canned_request(server, 1), "X-Auth-Token"));
	assert_null(strstr(canned_request(server, 1), "Content-"));
	assert_int_equal(canned_connections(server), 1);
	http_exchange_finish(&x);
	http_exchange_finish(&y);
	canned_stop(server);
}

static void test_many_at_a_time(void **state)
{
	struct canned answers[20];
	struct http_exchange x[20] = {0};
	struct canned_server *server;
	size_t i, n = 0;

	for (i = 0; i < 20; i++) {
		answers[i] = (struct canned){"GET", 200, NULL, "ok"};
	}
	server = canned_start(answers, 20);
	for (i = 0; i < 20; i++) {
		x[i].service = "svc";
		x[i].url = canned_url(server);
		http_start(http, &x[i]);
	}
	while (http_next(http)) {
		n++;
	}
	assert_int_equal(n, 20);
	assert_in_range(canned_connections(server), 1, HTTP_MAX_PARALLEL);
	for (i = 0; i < 20; i++) {
		assert_string_equal(x[i].reply, "ok");
		http_exchange_finish(&x[i]);
	}
	canned_stop(server);
}

static void test_redirects_stay_where_they_are(void **state)
{
	static const struct canned answers[] = {
		{"GET /x", 302, "Location: /elsewhere\r\n"}
        };
	struct canned_server *server = canned_start(answers, 1);
	struct gpubroker_error error;
	struct http_exchange x = {0};
	char url[100];

	snprintf(url, sizeof(url), "%s/x", canned_url(server));
	run_one(&x, url);
	assert_int_equal(http_check(&x, &error), GPUBROKER_E_BAD_REPLY);
	assert_non_null(strstr(error.text, "'/elsewhere'"));
	assert_int_equal(canned_requests(server), 1);
	http_exchange_finish(&x);
	canned_stop(server);
}

static void test_waits_when_asked_to_once(void **state)
{
	static const struct canned answers[] = {
		{"GET",                 503, "Retry-After: 0\r\n", "no"},
                {"GET",                     200,                    NULL,                 "yes"},
		{"GET",                429,                   "Retry-After: 0\r\n"                  },
                {"GET", 429,"Retry-After: 0\r\n"},
		{"GET", 503,                   "Retry-After: 31\r\n"						   }
        };
	struct canned_server *server = canned_start(answers, 5);
	struct http_exchange x = {0};

	run_one(&x, canned_url(server));
	assert_int_equal(x.status, 200);
	assert_string_equal(x.reply, "yes");
	run_one(&x, canned_url(server));
	assert_int_equal(x.status, 429);
	assert_int_equal(canned_requests(server), 4);
	run_one(&x, canned_url(server));
	assert_int_equal(x.status, 503);
	assert_int_equal(x.retry_after_s, 31);
	assert_int_equal(canned_requests(server), 5);
	http_exchange_finish(&x);
	canned_stop(server);
}

static void test_too_much_is_a_limit(void **state)
{
	static const struct canned answers[] = {
		{"GET", 200, NULL, "0123456789"},
                {"GET", 200, NULL, "01234567"  }
        };
	struct canned_server *server = canned_start(answers, 2);
	struct gpubroker_error error;
	struct http_exchange x = {0};

	http_limits.reply_bytes = 8;
	run_one(&x, canned_url(server));
	assert_int_equal(http_check(&x, &error), GPUBROKER_E_LIMIT);
	run_one(&x, canned_url(server));
	assert_int_equal(http_check(&x, &error), 0);
	http_exchange_finish(&x);
	canned_stop(server);
}

static void test_silence_is_a_timeout(void **state)
{
	static const struct canned answers[] = {
		{"GET", -1},
                {"GET", -1}
        };
	struct canned_server *server = canned_start(answers, 2);
	struct gpubroker_error error;
	struct http_exchange x = {0};

	http_limits.total_ms = 100;
	run_one(&x, canned_url(server));
	assert_int_equal(http_check(&x, &error), GPUBROKER_E_TIMEOUT);
	http_limits.total_ms = 600 * 1000;
	x.timeout_ms = 100;
	run_one(&x, canned_url(server));
	assert_int_equal(http_check(&x, &error), GPUBROKER_E_TIMEOUT);
	assert_int_equal(counted_status, 0);
	http_exchange_finish(&x);
	canned_stop(server);
}

static void test_a_reading_has_an_end(void **state)
{
	static const struct canned answers[] = {
		{"GET /a",              200},
		{        "GET /b",                   -1   },
		{ "GET /d", 429,    "Retry-After: 5\r\n"},
	};
	struct canned_server *server = canned_start(answers, 3);
	struct gpubroker_error error;
	struct http_exchange x = {0};
	char url[100];

	http_limits.total_ms = 1000;
	http_begin(http);
	snprintf(url, sizeof(url), "%s/a", canned_url(server));
	run_one(&x, url);
	assert_int_equal(x.status, 200);
	canned_ahead_ms += 900;
	snprintf(url, sizeof(url), "%s/b",
		canned_url(server)); /* what is left, not another second */
	run_one(&x, url);
	assert_int_equal(http_check(&x, &error), GPUBROKER_E_TIMEOUT);
	canned_ahead_ms += 100;
	snprintf(url, sizeof(url), "%s/c", canned_url(server));
	run_one(&x, url);
	assert_int_equal(http_check(&x, &error), GPUBROKER_E_TIMEOUT);
	assert_non_null(strstr(error.text, "/c"));
	assert_int_equal(canned_requests(server), 2); /* it was not even asked */
	http_begin(http);
	snprintf(url, sizeof(url), "%s/d", canned_url(server)); /* to wait would take longer */
	run_one(&x, url);
	assert_int_equal(x.status, 429);
	assert_int_equal(canned_requests(server), 3);
	core.deadline_ms = 100; /* nine tenths of it */
	http_begin(http);
	canned_ahead_ms += 91;
	run_one(&x, url);
	assert_int_equal(http_check(&x, &error), GPUBROKER_E_TIMEOUT);
	assert_int_equal(canned_requests(server), 3);
	core.deadline_ms = 0;
	http_exchange_finish(&x);
	canned_stop(server);
}

static void test_a_closed_connection_is_the_network(void **state)
{
	static const struct canned answers[] = {
		{"GET", 0}
        };
	struct canned_server *server = canned_start(answers, 1);
	struct gpubroker_error error;
	struct http_exchange x = {0};

	run_one(&x, canned_url(server));
	assert_int_equal(http_check(&x, &error), GPUBROKER_E_NETWORK);
	run_one(&x, "http://127.0.0.1:1/");
	assert_int_equal(http_check(&x, &error), GPUBROKER_E_NETWORK);
	run_one(&x, "file:///etc/passwd");
	assert_true(http_check(&x, &error) < 0);
	assert_null(x.reply);
	http_exchange_finish(&x);
	canned_stop(server);
}

static void test_cancel_leaves_nothing(void **state)
{
	static const struct canned answers[] = {
		{"GET /a", -1 },
                {"GET /b", 200}
        };
	struct canned_server *server = canned_start(answers, 2);
	struct http_exchange x[8] = {0};
	char a[100], b[100];
	size_t i;

	snprintf(a, sizeof(a), "%s/a", canned_url(server));
	snprintf(b, sizeof(b), "%s/b", canned_url(server));
	for (i = 0; i < 8; i++) {
		x[i].service = "svc";
		x[i].url = i == 1 ? b : a;
		http_start(http, &x[i]);
	}
	while (canned_requests(server) == 0) {
		assert_ptr_equal(http_next(http), &x[1]);
	}
	http_cancel(http);
	assert_null(http_next(http));
	for (i = 0; i < 8; i++) {
		http_exchange_finish(&x[i]);
	}
	canned_stop(server);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_sends_what_is_asked_for, setup, teardown),
		cmocka_unit_test_setup_teardown(
			test_a_get_after_a_post_has_nothing_of_it, setup, teardown),
		cmocka_unit_test_setup_teardown(test_many_at_a_time, setup, teardown),
		cmocka_unit_test_setup_teardown(
			test_redirects_stay_where_they_are, setup, teardown),
		cmocka_unit_test_setup_teardown(test_waits_when_asked_to_once, setup, teardown),
		cmocka_unit_test_setup_teardown(test_too_much_is_a_limit, setup, teardown),
		cmocka_unit_test_setup_teardown(test_silence_is_a_timeout, setup, teardown),
		cmocka_unit_test_setup_teardown(test_a_reading_has_an_end, setup, teardown),
		cmocka_unit_test_setup_teardown(
			test_a_closed_connection_is_the_network, setup, teardown),
		cmocka_unit_test_setup_teardown(test_cancel_leaves_nothing, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
