/* SPDX-License-Identifier: Apache-2.0 */
/* Tests of core/rest/httpd.c: what a client sees on the wire. */
#include "rest_fixture.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <cmocka.h>

static void set_two_regions(struct front *front)
{
	struct region_status statuses[] = {fixture_status("alpha"), fixture_failed("beta")};
	struct snapshot *snapshots[] = {fixture_snapshot("alpha", FIXTURE_NOW_MS - 5000, 1),
		fixture_snapshot("beta", FIXTURE_NOW_MS - 90000, 2)};

	fixture_set_regions(front, statuses, snapshots, 2);
}

static struct front start(void)
{
	struct rest_settings settings = fixture_settings();
	struct front front = fixture_front(&settings);

	set_two_regions(&front);
	return front;
}

static void expect_status(
	int port, const char *method, const char *target, const char *headers, int status)
{
	struct reply r = client_get(port, method, target, headers);

	if (r.status != status) {
		print_error("%s %s: %d\n", method, target, r.status);
	}
	assert_int_equal(r.status, status);
	reply_finish(&r);
}

static void test_many_requests_on_one_connection(void **state)
{
	struct front front = start();
	int fd = client_connect(front.port);

	for (int i = 0; i < 20; i++) {
		struct reply r;

		client_send(fd, "GET /gpus/flavors HTTP/1.1\r\nHost: x\r\n\r\n");
		r = client_read(fd, false);
		assert_int_equal(r.status, 200);
		assert_true(r.keeps_alive);
		assert_string_equal(reply_header(&r, "Content-Type"), "application/json");
		reply_finish(&r);
	}
	close(fd);
	fixture_end(&front);
}

static void test_pipelined_requests_are_all_answered(void **state)
{
	struct front front = start();
	int fd = client_connect(front.port);

	client_send(fd, "GET /v1 HTTP/1.1\r\nHost: x\r\n\r\nGET /nope HTTP/1.1\r\nHost: x\r\n\r\n"
			"GET /livez HTTP/1.1\r\nHost: x\r\n\r\n");
	static const int expected[] = {200, 404, 200};
	for (size_t i = 0; i < 3; i++) {
		struct reply r = client_read(fd, false);

		assert_int_equal(r.status, expected[i]);
		reply_finish(&r);
	}
	close(fd);
	fixture_end(&front);
}

static void test_head_has_the_length_and_no_body(void **state)
{
	struct front front = start();
	struct reply get = client_get(front.port, "GET", "/gpus/flavors", "");
	struct reply head = client_get(front.port, "HEAD", "/gpus/flavors", "");
	char length[32];

	assert_int_equal(head.status, 200);
	snprintf(length, sizeof(length), "%zu", get.body_length);
	assert_string_equal(reply_header(&head, "Content-Length"), length);
	assert_int_equal(head.body_length, 0);
	reply_finish(&get);
	reply_finish(&head);
	fixture_end(&front);
}

static void test_page_headers(void **state)
{
	struct front front = start();
	struct reply r = client_get(front.port, "GET", "/gpus/flavors", "");

	assert_string_equal(reply_header(&r, "Vary"), "Accept-Encoding");
	assert_string_equal(reply_header(&r, "Last-Modified"), "Sun, 22 Nov 2026 14:04:06 GMT");
	assert_string_equal(reply_header(&r, "Expires"), "Sun, 22 Nov 2026 14:04:35 GMT");
	assert_string_equal(
		reply_header(&r, "X-Region-Status"), "beta=stale;since=2026-11-22T14:03:05Z");
	assert_int_equal(reply_header(&r, "ETag")[0], '"');
	assert_null(reply_header(&r, "Server"));
	reply_finish(&r);
	r = client_get(front.port, "GET", "/gpus/flavors?region=alpha", "");
	assert_null(reply_header(&r, "X-Region-Status"));
	reply_finish(&r);
	fixture_end(&front);
}

/* A request with a body on a connection of its own; chunked where there is no length. */
static struct reply post(int port, const char *method, const char *body, size_t n, bool chunked)
{
	_cleanup_(strbuf_finish) struct strbuf text = {0};
	int fd = client_connect(port);
	struct reply reply;

	strbuf_addf(&text, "%s /v1/fit HTTP/1.1\r\nHost: x\r\n", method);
	if (chunked) {
		strbuf_addf(&text, "Transfer-Encoding: chunked\r\n\r\n%zx\r\n", n);
	} else {
		strbuf_addf(&text, "Content-Length: %zu\r\n\r\n", n);
	}
	strbuf_add(&text, body, n);
	strbuf_adds(&text, chunked ? "\r\n0\r\n\r\n" : "");
	client_send(fd, text.data);
	reply = client_read(fd, false);
	close(fd);
	return reply;
}

static void test_bodies(void **state)
{
	static char long_body[70000], just_fits[64 * 1024];
	static const char body[] = "{\"flavors\":{\"alpha-medium\":1},\"region\":\"alpha\"}";
	struct front front = start();

	memset(long_body, ' ', sizeof(long_body));
	memset(just_fits, ' ', sizeof(just_fits));
	memcpy(just_fits, body, strlen(body));
	for (int chunked = 0; chunked < 2; chunked++) {
		struct reply r = post(front.port, "POST", body, strlen(body), chunked);

		assert_int_equal(r.status, 200);
		assert_true(r.keeps_alive);
		assert_non_null(strstr(r.body, "\"fits\":true"));
		assert_string_equal(reply_header(&r, "Cache-Control"), "no-store");
		reply_finish(&r);
		r = post(front.port, "POST", just_fits, sizeof(just_fits), chunked);
		assert_int_equal(r.status, 200);
		reply_finish(&r);
		r = post(front.port, "POST", long_body, sizeof(long_body), chunked);
		assert_int_equal(r.status, 413);
		assert_false(r.keeps_alive);
		reply_finish(&r);
		r = post(front.port, "PUT", body, strlen(body), chunked);
		assert_int_equal(r.status, 405);
		assert_string_equal(reply_header(&r, "Allow"), "POST, OPTIONS");
		reply_finish(&r);
	}
	expect_status(front.port, "POST", "/v1/fit", "Content-Length: 0\r\n", 400);
	expect_status(front.port, "POST", "/v1/fit?x=1", "Content-Length: 0\r\n", 400);
	expect_status(front.port, "GET", "/v1/fit", "", 405);
	expect_status(front.port, "POST", "/v1/flavors", "Content-Length: 0\r\n", 405);
	fixture_end(&front);
}

/* Before the regions are named, a question with a body waits like any other. */
static void test_a_body_is_kept_while_it_waits(void **state)
{
	static const char text[] = "POST /v1/fit HTTP/1.1\r\nHost: x\r\nContent-Length: 32\r\n\r\n"
				   "{\"flavors\":{\"alpha-medium\":  1}}";
	struct rest_settings settings = fixture_settings();
	struct front front = fixture_front(&settings);
	int fd = client_connect(front.port);
	struct reply r;

	client_send(fd, text);
	set_two_regions(&front);
	r = client_read(fd, false);
	assert_int_equal(r.status, 200);
	assert_non_null(strstr(r.body, "\"fits\":true"));
	reply_finish(&r);
	close(fd);
	fixture_end(&front);
}

/* A byte now and then: the connection is never idle, and ends all the same. */
static void test_a_body_in_drops_ends(void **state)
{
	struct front front = start();
	int fd = client_connect(front.port);
	bool open = true;
	char c;

	client_send(fd, "POST /v1/fit HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n");
	for (int i = 0; open && i < 16000; i++) {
		open = send(fd, "1\r\n \r\n", 6, MSG_NOSIGNAL) == 6 &&
		       (recv(fd, &c, 1, MSG_DONTWAIT) < 0 && errno == EAGAIN);
		fixture_advance_ms(31000);
	}
	assert_false(open);
	close(fd);
	fixture_end(&front);
}

static void test_conditional_requests(void **state)
{
	struct front front = start();
	struct reply r = client_get(front.port, "GET", "/v1/flavors", "");
	char headers[256], tag[64];

	snprintf(tag, sizeof(tag), "%s", reply_header(&r, "ETag"));
	reply_finish(&r);
	snprintf(headers, sizeof(headers), "If-None-Match: \"x\", W/%s\r\n", tag);
	r = client_get(front.port, "GET", "/v1/flavors", headers);
	assert_int_equal(r.status, 304);
	assert_string_equal(reply_header(&r, "ETag"), tag);
	assert_non_null(reply_header(&r, "Expires"));
	assert_true(!reply_header(&r, "Content-Length") ||
		    strcmp(reply_header(&r, "Content-Length"), "0") != 0);
	reply_finish(&r);
	expect_status(front.port, "GET", "/v1/flavors", "If-None-Match: *\r\n", 304);
	expect_status(front.port, "HEAD", "/v1/flavors", headers, 304);
	expect_status(front.port, "GET", "/v1/flavors", "If-None-Match: \"x\"\r\n", 200);
	expect_status(front.port, "GET", "/v1/flavors",
		"If-Modified-Since: Sun, 22 Nov 2026 14:04:06 GMT\r\n", 304);
	expect_status(front.port, "GET", "/v1/flavors",
		"If-Modified-Since: Sun, 22 Nov 2026 14:04:05 GMT\r\n", 200);
	fixture_end(&front);
}

static void test_304_keeps_the_connection(void **state)
{
	struct front front = start();
	int fd = client_connect(front.port);

	for (int i = 0; i < 3; i++) {
		struct reply r;

		client_send(fd, "GET /v1/flavors HTTP/1.1\r\nHost: x\r\nIf-None-Match: *\r\n\r\n");
		r = client_read(fd, false);
		assert_int_equal(r.status, 304);
		reply_finish(&r);
	}
	close(fd);
	fixture_end(&front);
}

static void test_gzip_has_its_own_tag(void **state)
{
	struct front front = start();
	struct reply plain = client_get(front.port, "GET", "/gpus/flavors", "");
	struct reply gzip =
		client_get(front.port, "GET", "/gpus/flavors", "Accept-Encoding: gzip\r\n");
	char tag[64], headers[128];

	assert_string_equal(reply_header(&gzip, "Content-Encoding"), "gzip");
	assert_string_equal(reply_header(&gzip, "Vary"), "Accept-Encoding");
	assert_true(gzip.body_length < plain.body_length);
	assert_memory_equal(gzip.body, "\x1f\x8b", 2);
	snprintf(tag, sizeof(tag), "%s", reply_header(&gzip, "ETag"));
	assert_string_not_equal(tag, reply_header(&plain, "ETag"));
	snprintf(headers, sizeof(headers), "If-None-Match: %s\r\nAccept-Encoding: gzip\r\n", tag);
	expect_status(front.port, "GET", "/gpus/flavors", headers, 304);
	reply_finish(&plain);
	reply_finish(&gzip);
	fixture_end(&front);
}

static void test_methods(void **state)
{
	struct front front = start();
	struct reply r = client_get(front.port, "POST", "/gpus/flavors", "Content-Length: 0\r\n");

	assert_int_equal(r.status, 405);
	assert_string_equal(reply_header(&r, "Allow"), "GET, HEAD, OPTIONS");
	assert_string_equal(reply_header(&r, "Content-Type"), "application/problem+json");
	reply_finish(&r);
	r = client_get(front.port, "OPTIONS", "/v1/flavors", "");
	assert_int_equal(r.status, 200);
	assert_string_equal(reply_header(&r, "Allow"), "GET, HEAD, OPTIONS");
	assert_int_equal(r.body_length, 0);
	reply_finish(&r);
	expect_status(front.port, "OPTIONS", "/nope", "", 404);
	expect_status(front.port, "DELETE", "/nope", "", 404);
	expect_status(front.port, "get", "/v1/flavors", "", 405);
	fixture_end(&front);
}

static void test_bodies_do_no_harm(void **state)
{
	struct front front = start();
	int fd = client_connect(front.port);
	struct reply r;

	client_send(fd, "POST /v1/flavors HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n\r\nhello"
			"GET /livez HTTP/1.1\r\nHost: x\r\n\r\n");
	r = client_read(fd, false);
	assert_int_equal(r.status, 405);
	reply_finish(&r);
	r = client_read(fd, false);
	assert_int_equal(r.status, 200);
	reply_finish(&r);
	close(fd);
	expect_status(front.port, "POST", "/v1/flavors", "Content-Length: 1000000000\r\n", 405);
	expect_status(front.port, "POST", "/v1/flavors", "Transfer-Encoding: chunked\r\n", 405);
	fixture_end(&front);
}

static void test_paths_are_split_before_they_are_decoded(void **state)
{
	struct front front = start();

	expect_status(front.port, "GET", "/gpus/%66lavors", "", 200);
	expect_status(front.port, "GET", "/gpus%2fflavors", "", 404);
	expect_status(front.port, "GET", "/gpus/flavors/alpha%2Dmedium", "", 200);
	expect_status(front.port, "GET", "/gpus/flavors?region=%61lpha", "", 200);
	expect_status(front.port, "GET", "/v1/flavors?name=gr%C3%B6%C3%9Fer+medium", "", 200);
	expect_status(front.port, "GET", "/v1/flavors?name=%zz", "", 400);
	expect_status(front.port, "GET", "/v1/flavors?name=%00", "", 400);
	expect_status(front.port, "GET", "/v1/regions/%00", "", 400);
	expect_status(front.port, "GET", "/v1/regions/%ff", "", 400);
	expect_status(front.port, "GET", "/livez%00", "", 404);
	expect_status(front.port, "GET", "/gpus/flavors/%zz", "", 404);
	expect_status(front.port, "GET", "//gpus/flavors", "", 404);
	expect_status(front.port, "GET", "/v1/", "", 404);
	expect_status(front.port, "GET", "/v2/flavors", "", 200);
	expect_status(front.port, "GET", "/v2/flavors/", "", 200);
	expect_status(front.port, "GET", "http://elsewhere/v1/flavors", "", 200);
	fixture_end(&front);
}

/* Whatever the size of a request, there is an answer: 200, or one that says what is too large. (In the last
 * bytes before libmicrohttpd's memory ends, around 8000, not even that fits, and the connection just ends.) */
static void test_sizes_of_requests(void **state)
{
	struct front front = start();
	char *target = calloc(1, 16384), *headers = calloc(1, 16384);

	for (size_t n = 0; n < 12000; n += 500) {
		struct reply r;

		snprintf(target, 16384, "/gpus/flavors?x=%0*d", (int)n + 1, 0);
		r = client_get(front.port, "GET", target, "");
		assert_true(r.status == 200 || n > 2000);
		assert_true(
			n < 2500 || n == 7500 || n == 8000 || r.status == 414 || r.status == 431);
		reply_finish(&r);
		snprintf(headers, 16384, "X-Large: %0*d\r\n", (int)n + 1, 0);
		r = client_get(front.port, "GET", "/gpus/flavors", headers);
		assert_true(r.status == (n <= 5500 ? 200 : 431) || n == 7500 || n == 8000);
		reply_finish(&r);
	}
	free(target);
	free(headers);
	fixture_end(&front);
}

static void test_many_small_headers(void **state)
{
	struct front front = start();
	struct strbuf headers = {0};

	for (size_t n = 0; n < 100; n++) {
		struct reply r;

		strbuf_addf(&headers, "X-%zu: a\r\n", n);
		r = client_get(front.port, "GET", "/gpus/flavors", headers.data);
		assert_int_equal(r.status, n < 75 ? 200 : r.status == 200 ? 200 : 431);
		reply_finish(&r);
	}
	strbuf_finish(&headers);
	fixture_end(&front);
}

static void test_request_rate_per_address(void **state)
{
	struct rest_settings settings = fixture_settings();
	struct front front;
	struct reply r;

	settings.requests_per_s_per_address = 3;
	front = fixture_front(&settings);
	set_two_regions(&front);
	for (int i = 0; i < 3; i++) {
		expect_status(front.port, "GET", "/v1/flavors", "", 200);
	}
	r = client_get(front.port, "GET", "/v1/flavors", "");
	assert_int_equal(r.status, 429);
	assert_string_equal(reply_header(&r, "Retry-After"), "1");
	assert_string_equal(reply_header(&r, "Content-Type"), "application/problem+json");
	reply_finish(&r);
	fixture_advance_ms(1000);
	expect_status(front.port, "GET", "/v1/flavors", "", 200);
	fixture_end(&front);
}

static void test_a_trusted_proxy_speaks_for_many(void **state)
{
	static const char *const proxies[] = {"127.0.0.0/8"};
	struct rest_settings settings = fixture_settings();
	struct front front;

	settings.requests_per_s_per_address = 1;
	settings.trusted_proxies = proxies;
	settings.n_trusted_proxies = 1;
	front = fixture_front(&settings);
	set_two_regions(&front);
	expect_status(front.port, "GET", "/v1/flavors", "X-Forwarded-For: 192.0.2.1\r\n", 200);
	expect_status(front.port, "GET", "/v1/flavors", "X-Forwarded-For: 192.0.2.2\r\n", 200);
	expect_status(
		front.port, "GET", "/v1/flavors", "X-Forwarded-For: 9.9.9.9, 192.0.2.1\r\n", 429);
	/* A proxy may add a line of its own behind what the client made up. */
	expect_status(front.port, "GET", "/v1/flavors",
		"X-Forwarded-For: 9.9.9.9\r\nX-Forwarded-For: 192.0.2.1\r\n", 429);
	expect_status(front.port, "GET", "/v1/flavors",
		"X-Forwarded-For: 192.0.2.1\r\nX-Forwarded-For: 127.0.0.3\r\n", 429);
	fixture_end(&front);
}

static void test_connections_per_address(void **state)
{
	struct rest_settings settings = fixture_settings();
	struct front front;
	struct reply r;
	int first;

	settings.max_connections_per_address = 1;
	front = fixture_front(&settings);
	set_two_regions(&front);
	first = client_connect(front.port);
	client_send(first, "GET /livez HTTP/1.1\r\nHost: x\r\n\r\n");
	r = client_read(first, false);
	assert_int_equal(r.status, 200);
	reply_finish(&r);
	r = client_get(front.port, "GET", "/livez", "");
	assert_int_equal(r.status, 429);
	assert_false(r.keeps_alive);
	reply_finish(&r);
	client_send(first, "GET /livez HTTP/1.1\r\nHost: x\r\n\r\n");
	r = client_read(first, false);
	assert_int_equal(r.status, 200);
	reply_finish(&r);
	close(first);
	fixture_end(&front);
}

static void test_connections_altogether(void **state)
{
	struct rest_settings settings = fixture_settings();
	struct front front;
	struct reply r;
	int first;

	settings.max_connections = 1;
	front = fixture_front(&settings);
	set_two_regions(&front);
	first = client_connect(front.port);
	client_send(first, "GET /livez HTTP/1.1\r\nHost: x\r\n\r\n");
	r = client_read(first, false);
	assert_int_equal(r.status, 200);
	reply_finish(&r);
	r = client_get(front.port, "GET", "/livez", "");
	assert_int_equal(r.status, 503);
	assert_false(r.keeps_alive);
	reply_finish(&r);
	close(first);
	fixture_end(&front);
}

static void test_idle_connections_end(void **state)
{
	struct rest_settings settings = fixture_settings();
	struct front front;
	struct reply r;
	int fd;

	settings.idle_timeout_s = 1;
	front = fixture_front(&settings);
	set_two_regions(&front);
	fd = client_connect(front.port);
	client_send(fd, "GET /livez HT");
	r = client_read(fd, false);
	assert_true(r.status == 0 || r.status == 408);
	reply_finish(&r);
	close(fd);
	fixture_end(&front);
}

static void test_unix_socket(void **state)
{
	struct rest_settings settings = fixture_settings();
	struct sockaddr_un a = {.sun_family = AF_UNIX};
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0), client;
	struct rest *rest = NULL;
	struct reply r;

	settings.max_connections_per_address = 1;
	settings.requests_per_s_per_address = 1;
	snprintf(a.sun_path + 1, sizeof(a.sun_path) - 1, "gpubroker-test-%d", (int)getpid());
	assert_int_equal(bind(fd, (struct sockaddr *)&a, sizeof(a)), 0);
	assert_int_equal(listen(fd, 16), 0);
	assert_int_equal(rest_new(&rest, &settings, &fd, 1, NULL), 0);
	client = socket(AF_UNIX, SOCK_STREAM, 0);
	assert_int_equal(connect(client, (struct sockaddr *)&a, sizeof(a)), 0);
	for (int i = 0; i < 3; i++) {
		client_send(client, "GET /livez HTTP/1.1\r\nHost: x\r\n\r\n");
		r = client_read(client, false);
		assert_int_equal(r.status, 200);
		reply_finish(&r);
	}
	close(client);
	rest_free(rest, 1000);
	close(fd);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_many_requests_on_one_connection),
		cmocka_unit_test(test_pipelined_requests_are_all_answered),
		cmocka_unit_test(test_head_has_the_length_and_no_body),
		cmocka_unit_test(test_page_headers),
		cmocka_unit_test(test_bodies),
		cmocka_unit_test(test_a_body_is_kept_while_it_waits),
		cmocka_unit_test(test_a_body_in_drops_ends),
		cmocka_unit_test(test_conditional_requests),
		cmocka_unit_test(test_304_keeps_the_connection),
		cmocka_unit_test(test_gzip_has_its_own_tag),
		cmocka_unit_test(test_methods),
		cmocka_unit_test(test_bodies_do_no_harm),
		cmocka_unit_test(test_paths_are_split_before_they_are_decoded),
		cmocka_unit_test(test_sizes_of_requests),
		cmocka_unit_test(test_many_small_headers),
		cmocka_unit_test(test_request_rate_per_address),
		cmocka_unit_test(test_a_trusted_proxy_speaks_for_many),
		cmocka_unit_test(test_connections_per_address),
		cmocka_unit_test(test_connections_altogether),
		cmocka_unit_test(test_idle_connections_end),
		cmocka_unit_test(test_unix_socket),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
