/* SPDX-License-Identifier: Apache-2.0 */
/* Tests of core/rest/rest.c: publishing, waiting while cold, swapping views under load, ending. */
#include "rest_fixture.h"

#include "base/mono.h"

#include <poll.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

static struct front start(void)
{
	struct rest_settings settings = fixture_settings();

	return fixture_front(&settings);
}

static void set_alpha(struct front *front, int64_t free_gpus)
{
	struct region_status status = fixture_status("alpha");
	struct snapshot *snapshot = fixture_snapshot("alpha", fixture_wall_ms(), free_gpus);

	fixture_set_regions(front, &status, &snapshot, 1);
}

static void send_get(int fd, const char *target)
{
	char text[256];

	snprintf(text, sizeof(text), "GET %s HTTP/1.1\r\nHost: x\r\n\r\n", target);
	client_send(fd, text);
}

static bool answers_within(int fd, int ms)
{
	struct pollfd p = {.fd = fd, .events = POLLIN};

	return poll(&p, 1, ms) > 0;
}

static void expect(int fd, int status, const char *part)
{
	struct reply r = client_read(fd, false);

	assert_int_equal(r.status, status);
	assert_non_null(strstr(r.body, part));
	reply_finish(&r);
}

static void test_a_publication_changes_pages(void **state)
{
	struct front front = start();
	struct reply before, after;

	set_alpha(&front, 1);
	before = client_get(front.port, "GET", "/v1/gpus", "");
	assert_non_null(strstr(before.body, "\"free\":3"));
	assert_int_equal(
		rest_set_snapshot(front.rest, fixture_snapshot("alpha", fixture_wall_ms(), 0)), 0);
	after = client_get(front.port, "GET", "/v1/gpus", "");
	assert_string_equal(after.body, before.body);
	reply_finish(&after);
	fixture_publish(&front);
	after = client_get(front.port, "GET", "/v1/gpus", "");
	assert_non_null(strstr(after.body, "\"free\":2"));
	reply_finish(&before);
	reply_finish(&after);
	fixture_end(&front);
}

/* /v1/gpus shows no times: a reading that found the same leaves tag and date, and moves Expires. */
static void test_the_same_bytes_stay_the_same_page(void **state)
{
	struct front front = start();
	struct region_status status = fixture_status("alpha");
	struct reply before, after;
	char tag[64], modified[64];

	set_alpha(&front, 1);
	before = client_get(front.port, "GET", "/v1/gpus", "Accept-Encoding: gzip\r\n");
	snprintf(tag, sizeof(tag), "%s", reply_header(&before, "ETag"));
	snprintf(modified, sizeof(modified), "%s", reply_header(&before, "Last-Modified"));
	assert_int_equal(
		rest_set_snapshot(front.rest, fixture_snapshot("alpha", fixture_wall_ms(), 1)), 0);
	status.next_refresh_ms += 30000;
	assert_int_equal(rest_set_region(front.rest, &status), 0);
	fixture_advance_ms(30000);
	fixture_publish(&front);
	after = client_get(front.port, "GET", "/v1/gpus", "Accept-Encoding: gzip\r\n");
	assert_string_equal(reply_header(&after, "ETag"), tag);
	assert_string_equal(reply_header(&after, "Last-Modified"), modified);
	assert_string_equal(reply_header(&after, "Expires"), "Sun, 22 Nov 2026 14:05:05 GMT");
	reply_finish(&before);
	reply_finish(&after);
	region_status_finish(&status);
	fixture_end(&front);
}

static void test_at_most_ten_publications_a_second(void **state)
{
	struct front front = start();
	struct reply r;
	int64_t wait_ms;

	set_alpha(&front, 1);
	rest_set_snapshot(front.rest, fixture_snapshot("alpha", fixture_wall_ms(), 0));
	wait_ms = rest_publish(front.rest);
	assert_in_range(wait_ms, 1, 100);
	r = client_get(front.port, "GET", "/v1/gpus", "");
	assert_non_null(strstr(r.body, "\"free\":3"));
	reply_finish(&r);
	fixture_advance_ms(wait_ms);
	rest_publish(front.rest);
	r = client_get(front.port, "GET", "/v1/gpus", "");
	assert_non_null(strstr(r.body, "\"free\":2"));
	reply_finish(&r);
	fixture_end(&front);
}

static void test_going_stale_by_the_clock_is_published(void **state)
{
	struct front front = start();
	struct reply r;
	int64_t wait_ms;

	set_alpha(&front, 1);
	wait_ms = rest_publish(front.rest);
	assert_in_range(wait_ms, 100000, 130000);
	fixture_advance_ms(wait_ms);
	rest_publish(front.rest);
	r = client_get(front.port, "GET", "/v1/regions/alpha", "");
	assert_non_null(strstr(r.body, "\"state\":\"stale\""));
	reply_finish(&r);
	fixture_end(&front);
}

static void test_older_and_foreign_snapshots_are_ignored(void **state)
{
	struct front front = start();
	struct reply r;

	set_alpha(&front, 1);
	rest_set_snapshot(front.rest, fixture_snapshot("alpha", FIXTURE_NOW_MS - 60000, 0));
	rest_set_snapshot(front.rest, fixture_snapshot("nowhere", FIXTURE_NOW_MS, 0));
	fixture_publish(&front);
	r = client_get(front.port, "GET", "/v1/gpus", "");
	assert_non_null(strstr(r.body, "\"free\":3"));
	assert_null(strstr(r.body, "nowhere"));
	reply_finish(&r);
	fixture_end(&front);
}

static void test_regions_that_stay_keep_their_data(void **state)
{
	struct front front = start();
	struct region_status statuses[] = {fixture_pending("beta"), fixture_status("alpha")};
	struct snapshot *snapshots[] = {NULL, NULL};
	struct reply r;

	set_alpha(&front, 1);
	fixture_set_regions(&front, statuses, snapshots, 2);
	r = client_get(front.port, "GET", "/v1/flavors", "");
	assert_non_null(strstr(r.body, "alpha-medium"));
	assert_non_null(strstr(r.body, "{\"name\":\"beta\",\"state\":\"pending\"}"));
	reply_finish(&r);
	fixture_end(&front);
}

static void test_nothing_is_said_before_the_regions_are_known(void **state)
{
	struct front front = start();
	int fd = client_connect(front.port);

	send_get(fd, "/v1/flavors");
	assert_false(answers_within(fd, 100));
	set_alpha(&front, 1);
	expect(fd, 200, "alpha-medium");
	close(fd);
	fixture_end(&front);
}

static void test_a_cold_request_waits_for_every_region(void **state)
{
	struct front front = start();
	struct region_status statuses[] = {fixture_pending("alpha"), fixture_pending("beta")};
	struct region_status status;
	struct snapshot *snapshots[] = {NULL, NULL};
	int all = client_connect(front.port), alpha = client_connect(front.port);
	int v1 = client_connect(front.port);

	fixture_set_regions(&front, statuses, snapshots, 2);
	send_get(all, "/gpus/flavors");
	send_get(alpha, "/v2/flavors/?region=alpha");
	send_get(v1, "/v1/flavors");
	expect(v1, 200, "\"flavors\":[]");
	assert_false(answers_within(all, 100));
	status = fixture_status("alpha");
	rest_set_region(front.rest, &status);
	region_status_finish(&status);
	rest_set_snapshot(front.rest, fixture_snapshot("alpha", fixture_wall_ms(), 1));
	fixture_publish(&front);
	expect(alpha, 200, "alpha-medium");
	assert_false(answers_within(all, 100));
	status = fixture_failed("beta");
	rest_set_region(front.rest, &status);
	region_status_finish(&status);
	fixture_publish(&front);
	expect(all, 200, "alpha-medium");
	close(all);
	close(alpha);
	close(v1);
	fixture_end(&front);
}

static void test_waiting_has_an_end(void **state)
{
	struct front front = start();
	struct region_status statuses[] = {fixture_status("alpha"), fixture_pending("beta")};
	struct snapshot *snapshots[] = {fixture_snapshot("alpha", FIXTURE_NOW_MS, 1), NULL};
	int all = client_connect(front.port), beta = client_connect(front.port);
	struct reply r;

	fixture_set_regions(&front, statuses, snapshots, 2);
	send_get(all, "/gpus/flavors");
	send_get(beta, "/gpus/flavors/x?region=beta");
	assert_false(answers_within(all, 100));
	assert_false(answers_within(beta, 100));
	assert_in_range(rest_publish(front.rest), 0, 200);
	fixture_advance_ms(25000);
	rest_publish(front.rest);
	expect(all, 200, "alpha-medium");
	r = client_read(beta, false);
	assert_int_equal(r.status, 503);
	assert_non_null(reply_header(&r, "Retry-After"));
	reply_finish(&r);
	close(all);
	close(beta);
	fixture_end(&front);
}

static void test_a_waiting_client_may_go(void **state)
{
	struct front front = start();
	int fd = client_connect(front.port);

	send_get(fd, "/gpus/flavors");
	assert_false(answers_within(fd, 50));
	close(fd);
	set_alpha(&front, 1);
	fixture_end(&front);
}

static void test_ending_with_open_and_waiting_connections(void **state)
{
	struct front front = start();
	int idle = client_connect(front.port), waits = client_connect(front.port);
	int listener = dup(front.fd), later;
	struct reply r;

	send_get(idle, "/livez");
	expect(idle, 200, "alive");
	send_get(waits, "/gpus/flavors");
	assert_false(answers_within(waits, 100));
	rest_free(front.rest, 5000);
	r = client_read(waits, false);
	assert_int_equal(r.status, 503);
	assert_false(r.keeps_alive);
	reply_finish(&r);
	r = client_read(idle, false);
	assert_int_equal(r.status, 0);

	/* The inherited socket still listens: whoever comes next finds the connection there. */
	later = client_connect(front.port);
	assert_true(answers_within(listener, 2000));
	close(later);
	close(listener);
	close(idle);
	close(waits);
	close(front.fd);
}

static void test_a_second_front_serves_the_same_socket(void **state)
{
	struct rest_settings settings = fixture_settings();
	struct front front = fixture_front(&settings);

	rest_free(front.rest, 1000);
	assert_int_equal(rest_new(&front.rest, &settings, &front.fd, 1, NULL), 0);
	set_alpha(&front, 1);
	struct reply r = client_get(front.port, "GET", "/gpus/flavors", "");
	assert_int_equal(r.status, 200);
	reply_finish(&r);
	fixture_end(&front);
}

static void test_wrong_proxies_are_refused(void **state)
{
	static const char *const proxies[] = {"10.0.0.0/33"};
	struct rest_settings settings = fixture_settings();
	struct gpubroker_error error = {0};
	struct rest *rest = NULL;

	settings.trusted_proxies = proxies;
	settings.n_trusted_proxies = 1;
	assert_int_equal(rest_new(&rest, &settings, NULL, 0, &error), GPUBROKER_E_CONFIG);
	assert_non_null(strstr(error.text, "10.0.0.0/33"));
	assert_null(rest);
}

struct load {
	int port;
	atomic_bool stop;
	atomic_size_t n_answers, n_wrong;
};

static void load_once(struct load *load, int fd, size_t i)
{
	static const char *const targets[] = {"/gpus/flavors", "/v1/flavors",
		"/gpus/flavors/alpha-medium", "/v1/flavors?sort=-available", "/metrics",
		"/v1/regions/alpha/flavors/alpha-large", "/readyz"};
	struct reply r;

	send_get(fd, targets[i % ARRAY_SIZE(targets)]);
	r = client_read(fd, false);
	atomic_fetch_add(&load->n_answers, 1);
	if (r.status != 200) {
		atomic_fetch_add(&load->n_wrong, 1);
	}
	reply_finish(&r);
}

static void *load_thread(void *context)
{
	struct load *load = context;
	int fd = client_connect(load->port);

	for (size_t i = 0; !atomic_load(&load->stop); i++) {
		load_once(load, fd, i);
	}
	close(fd);
	return NULL;
}

static void test_views_are_swapped_under_load(void **state)
{
	enum { N_THREADS = 4, N_SWAPS = 60 };
	struct front front = start();
	struct load load = {.port = front.port};
	pthread_t threads[N_THREADS];

	set_alpha(&front, 1);
	for (size_t i = 0; i < N_THREADS; i++) {
		pthread_create(&threads[i], NULL, load_thread, &load);
	}
	for (int64_t i = 0; i < N_SWAPS; i++) {
		size_t before = atomic_load(&load.n_answers);

		rest_set_snapshot(front.rest, fixture_snapshot("alpha", fixture_wall_ms(), i % 3));
		fixture_publish(&front);
		while (atomic_load(&load.n_answers) < before + 8) {
			sched_yield();
		}
	}
	atomic_store(&load.stop, true);
	for (size_t i = 0; i < N_THREADS; i++) {
		pthread_join(threads[i], NULL);
	}
	assert_int_equal(load.n_wrong, 0);
	fixture_end(&front);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_a_publication_changes_pages),
		cmocka_unit_test(test_the_same_bytes_stay_the_same_page),
		cmocka_unit_test(test_at_most_ten_publications_a_second),
		cmocka_unit_test(test_going_stale_by_the_clock_is_published),
		cmocka_unit_test(test_older_and_foreign_snapshots_are_ignored),
		cmocka_unit_test(test_regions_that_stay_keep_their_data),
		cmocka_unit_test(test_nothing_is_said_before_the_regions_are_known),
		cmocka_unit_test(test_a_cold_request_waits_for_every_region),
		cmocka_unit_test(test_waiting_has_an_end),
		cmocka_unit_test(test_a_waiting_client_may_go),
		cmocka_unit_test(test_ending_with_open_and_waiting_connections),
		cmocka_unit_test(test_a_second_front_serves_the_same_socket),
		cmocka_unit_test(test_wrong_proxies_are_refused),
		cmocka_unit_test(test_views_are_swapped_under_load),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
