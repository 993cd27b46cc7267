/* SPDX-License-Identifier: Apache-2.0 */
/* Single requests against real servers that die, freeze, return and lie. */
#include "memcached_server.h"

#include "base/mem.h"
#include "base/mono.h"
#include "store/cache_pool.h"

#include <poll.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#define GREETING "VERSION 1.6.18\r\n"

enum { TIMEOUT_MS = 300, SLACK_MS = 250, PAUSE_MS = 60 };

struct fixture {
	struct memcached_server server[3];
	struct cache_pool *pool;
	struct gpubroker_error error;
};

static struct fixture fixture;

static int start_nothing(void **state)
{
	fixture = (struct fixture){0};
	*state = &fixture;
	return 0;
}

static int stop_all(void **state)
{
	struct fixture *f = *state;

	cache_pool_free(f->pool);
	for (size_t i = 0; i < ARRAY_SIZE(f->server); i++) {
		memcached_server_kill(&f->server[i]);
	}
	return 0;
}

static void connect_to(struct fixture *f, size_t n, int64_t expire_s)
{
	const char *servers[ARRAY_SIZE(f->server)];
	struct memcached_settings settings = {.servers = servers,
		.n_servers = n,
		.prefix = "test",
		.expire_s = expire_s,
		.connect_timeout_ms = TIMEOUT_MS,
		.operation_timeout_ms = TIMEOUT_MS,
		.left_alone_ms = PAUSE_MS};

	for (size_t i = 0; i < n; i++) {
		servers[i] = f->server[i].where;
	}
	assert_int_equal(cache_pool_new(&f->pool, &settings, &f->error), 0);
}

static enum store_result set(struct fixture *f, const char *key, const char *data, size_t n)
{
	struct cache_request r = {.op = STORE_SET, .key = key, .data = data, .n = n, .flags = 2};

	cache_pool_request(f->pool, cache_pool_server_of(f->pool, key), &r, &f->error);
	return r.result;
}

static enum store_result set_text(struct fixture *f, const char *key, const char *text)
{
	return set(f, key, text, strlen(text));
}

/* text: what is expected, or NULL. */
static enum store_result get(struct fixture *f, const char *key, const char *text)
{
	struct cache_request r = {.op = STORE_GET, .key = key};

	cache_pool_request(f->pool, cache_pool_server_of(f->pool, key), &r, &f->error);
	if (text) {
		assert_int_equal(r.result, STORE_OK);
		assert_int_equal(r.got_n, strlen(text));
		assert_memory_equal(r.got, text, r.got_n);
		assert_int_equal(r.flags, 2);
	} else {
		assert_null(r.got);
	}
	free(r.got);
	return r.result;
}

static enum store_result delete_key(struct fixture *f, const char *key)
{
	struct cache_request r = {.op = STORE_DELETE, .key = key};

	cache_pool_request(f->pool, cache_pool_server_of(f->pool, key), &r, &f->error);
	return r.result;
}

/* Until the server is no longer left alone and answers. */
static void await_set(struct fixture *f, const char *key, const char *text)
{
	for (int i = 0; i < 1000 && set_text(f, key, text) != STORE_OK; i++) {
		poll(NULL, 0, 10);
	}
	get(f, key, text);
}

static void check_basics(struct fixture *f, const char *listen)
{
	memcached_server_start(&f->server[0], listen, NULL);
	connect_to(f, 1, 300);
	assert_int_equal(get(f, "k", NULL), STORE_MISS);
	assert_int_equal(delete_key(f, "k"), STORE_MISS);
	assert_int_equal(set_text(f, "k", "one"), STORE_OK);
	get(f, "k", "one");
	assert_int_equal(delete_key(f, "k"), STORE_OK);
	assert_int_equal(get(f, "k", NULL), STORE_MISS);
}

static void talks_over_ipv4(void **state)
{
	check_basics(*state, "127.0.0.1");
}

static void talks_over_ipv6(void **state)
{
	check_basics(*state, "::1");
}

static void talks_over_a_unix_socket(void **state)
{
	char path[100];

	snprintf(path, sizeof(path), "/tmp/test-store-memcached-%d.sock", (int)getpid());
	check_basics(*state, path);
	unlink(path);
}

static void long_expiry_is_not_taken_for_a_date(void **state)
{
	struct fixture *f = *state;
	struct cache_item item;

	memcached_server_start(&f->server[0], "127.0.0.1", NULL);
	connect_to(f, 1, 90 * 86400);
	assert_int_equal(set_text(f, "k", "one"), STORE_OK);
	assert_true(cache_look(&f->server[0], "k", &item));
	assert_in_range(item.expires_in_s, 90 * 86400 - 60, 90 * 86400 + 1);
	free(item.data);
}

static void too_big_is_said_and_the_connection_lives(void **state)
{
	struct fixture *f = *state;
	size_t n = 3 * 1024 * 1024;
	_cleanup_(freep) char *large = calloc(1, n);

	memcached_server_start(&f->server[0], "127.0.0.1", NULL);
	connect_to(f, 1, 300);
	assert_int_equal(set(f, "large", large, n), STORE_TOO_BIG);
	assert_int_equal(f->error.code, GPUBROKER_E_LIMIT);
	assert_non_null(strstr(f->error.text, "large"));
	assert_int_equal(set_text(f, "k", "one"), STORE_OK);
	get(f, "k", "one");
}

static void larger_items_are_the_servers_choice(void **state)
{
	struct fixture *f = *state;
	size_t n = 3 * 1024 * 1024;
	_cleanup_(freep) char *large = malloc(n);

	assert_non_null(large);
	memset(large, 'x', n);
	memcached_server_start(&f->server[0], "127.0.0.1", "4m");
	connect_to(f, 1, 300);
	assert_int_equal(set(f, "large", large, n), STORE_OK);
}

static void nobody_there_is_quick(void **state)
{
	struct fixture *f = *state;
	int64_t start = mono_ms();

	snprintf(f->server[0].where, sizeof(f->server[0].where), "127.0.0.1:%d", free_port());
	connect_to(f, 1, 300);
	assert_int_equal(set_text(f, "k", "one"), STORE_ERROR);
	assert_int_equal(f->error.code, GPUBROKER_E_NETWORK);
	assert_non_null(strstr(f->error.text, f->server[0].where));
	assert_non_null(strstr(f->error.text, "no connection"));
	assert_int_equal(get(f, "k", NULL), STORE_ERROR);
	assert_non_null(
		strstr(f->error.text, "no connection")); /* still the reason while left alone */
	assert_in_range(mono_ms() - start, 0, SLACK_MS);
}

static void restarted_server_is_found_at_once(void **state)
{
	struct fixture *f = *state;

	memcached_server_start(&f->server[0], "127.0.0.1", NULL);
	connect_to(f, 1, 300);
	assert_int_equal(set_text(f, "k", "one"), STORE_OK);
	memcached_server_kill(&f->server[0]);
	memcached_server_again(&f->server[0]);
	assert_int_equal(set_text(f, "k", "two"), STORE_OK);
	get(f, "k", "two");
}

static void server_that_comes_back_is_used_again(void **state)
{
	struct fixture *f = *state;
	int64_t back;

	memcached_server_start(&f->server[0], "127.0.0.1", NULL);
	connect_to(f, 1, 300);
	assert_int_equal(set_text(f, "k", "one"), STORE_OK);
	memcached_server_kill(&f->server[0]);
	assert_int_equal(set_text(f, "k", "two"), STORE_ERROR);
	assert_int_equal(get(f, "k", NULL), STORE_ERROR);
	memcached_server_again(&f->server[0]);
	back = mono_ms();
	await_set(f, "k", "three");
	assert_in_range(
		mono_ms() - back, 0, 1000); /* our pause counts, not the library's two seconds */
}

static int64_t timed(
	struct fixture *f, const char *key, const char *data, size_t n, enum store_result expected)
{
	int64_t start = mono_ms();
	enum store_result result = data ? set(f, key, data, n) : get(f, key, NULL);

	assert_int_equal(result, expected);
	return mono_ms() - start;
}

static void check_frozen(struct fixture *f, const char *listen, size_t n)
{
	_cleanup_(freep) char *data = malloc(n);

	assert_non_null(data);
	memset(data, 'x', n);
	memcached_server_start(&f->server[0], listen, NULL);
	connect_to(f, 1, 300);
	assert_int_equal(set_text(f, "k", "one"), STORE_OK);
	memcached_server_freeze(&f->server[0]);
	assert_in_range(
		timed(f, "large", data, n, STORE_TIMEOUT), TIMEOUT_MS - 10, TIMEOUT_MS + SLACK_MS);
	assert_int_equal(f->error.code, GPUBROKER_E_TIMEOUT);
	assert_in_range(timed(f, "k", NULL, 0, STORE_ERROR), 0, PAUSE_MS); /* left alone */
	memcached_server_thaw(&f->server[0]);
	await_set(f, "k", "two");
}

static void frozen_server_costs_one_timeout(void **state)
{
	check_frozen(*state, "127.0.0.1", 10);
}

static void frozen_server_costs_one_timeout_for_a_large_value(void **state)
{
	check_frozen(*state, "127.0.0.1", 1000 * 1000);
}

static void frozen_unix_socket_costs_one_timeout_for_a_large_value(void **state)
{
	char path[100];

	snprintf(path, sizeof(path), "/tmp/test-store-memcached-%d.sock", (int)getpid());
	check_frozen(*state, path, 1000 * 1000);
	unlink(path);
}

/* The first connection ever meets a frozen server: the kernel accepts it. */
static void frozen_server_costs_one_timeout_at_the_start(void **state)
{
	struct fixture *f = *state;

	memcached_server_start(&f->server[0], "127.0.0.1", NULL);
	connect_to(f, 1, 300);
	memcached_server_freeze(&f->server[0]);
	assert_in_range(timed(f, "k", NULL, 0, STORE_TIMEOUT), 0, TIMEOUT_MS + SLACK_MS);
	memcached_server_thaw(&f->server[0]);
	await_set(f, "k", "one");
}

/* "STORED" arrives after all, and must not be read as the answer to what is asked next. */
static void late_answer_is_not_taken_for_the_next(void **state)
{
	struct fixture *f = *state;
	enum store_result result = STORE_ERROR;

	memcached_server_start(&f->server[0], "127.0.0.1", NULL);
	connect_to(f, 1, 300);
	assert_int_equal(set_text(f, "a", "old"), STORE_OK);
	memcached_server_freeze(&f->server[0]);
	assert_int_equal(set_text(f, "a", "new"), STORE_TIMEOUT);
	memcached_server_thaw(&f->server[0]);
	for (int i = 0; i < 1000 && result == STORE_ERROR; i++) { /* while it is left alone */
		poll(NULL, 0, 10);
		result = delete_key(f, "missing");
	}
	assert_int_equal(result, STORE_MISS);
}

static void each_server_holds_its_keys(void **state)
{
	struct fixture *f = *state;
	char key[20];
	size_t count[3] = {0};

	for (size_t i = 0; i < 3; i++) {
		memcached_server_start(&f->server[i], "127.0.0.1", NULL);
	}
	connect_to(f, 3, 300);
	for (int i = 0; i < 60; i++) {
		struct cache_item item;
		size_t owner;

		snprintf(key, sizeof(key), "key-%d", i);
		assert_int_equal(set_text(f, key, key), STORE_OK);
		owner = cache_pool_server_of(f->pool, key);
		assert_true(cache_look(&f->server[owner], key, &item));
		free(item.data);
		count[owner]++;
	}
	for (size_t i = 0; i < 3; i++) {
		assert_in_range(count[i], 5, 50);
	}
}

static void dead_server_costs_the_others_nothing(void **state)
{
	struct fixture *f = *state;
	const char *of[2] = {NULL, NULL};
	static const char *const keys[] = {
		"a", "b", "c", "d", "e", "f", "g", "h", "i", "j", "k", "l"};

	for (size_t i = 0; i < 2; i++) {
		memcached_server_start(&f->server[i], "127.0.0.1", NULL);
	}
	connect_to(f, 2, 300);
	for (size_t i = 0; i < ARRAY_SIZE(keys); i++) {
		of[cache_pool_server_of(f->pool, keys[i])] = keys[i];
	}
	assert_true(of[0] && of[1]);
	memcached_server_kill(&f->server[0]);
	assert_int_equal(set_text(f, of[0], "one"), STORE_ERROR);
	assert_int_equal(set_text(f, of[1], "one"), STORE_OK);
	assert_int_equal(cache_pool_server_of(f->pool, of[0]), 0); /* its keys do not move */
	memcached_server_again(&f->server[0]);
	await_set(f, of[0], "two");
	get(f, of[1], "one");
}

/* Adding a server moves some keys, not all: that is what ketama is for. */
static void adding_a_server_moves_few_keys(void **state)
{
	struct fixture *f = *state;
	size_t before[300], moved = 0;
	char key[20];

	for (int i = 0; i < 3; i++) {
		snprintf(f->server[i].where, sizeof(f->server[i].where), "127.0.0.1:%d", 20001 + i);
	}
	connect_to(f, 2, 300);
	for (int i = 0; i < 300; i++) {
		snprintf(key, sizeof(key), "key-%d", i);
		before[i] = cache_pool_server_of(f->pool, key);
	}
	cache_pool_free(TAKE_PTR(f->pool));
	connect_to(f, 3, 300);
	for (int i = 0; i < 300; i++) {
		size_t now;

		snprintf(key, sizeof(key), "key-%d", i);
		now = cache_pool_server_of(f->pool, key);
		assert_true(now == before[i] || now == 2);
		moved += now == 2;
	}
	assert_in_range(moved, 30, 200);
}

static void announced_length_is_not_believed(void **state)
{
	struct fixture *f = *state;

	fake_server_start(&f->server[0], GREETING, "VALUE k 2 100000000\r\nabc");
	connect_to(f, 1, 300);
	assert_int_equal(get(f, "k", NULL), STORE_BAD_VALUE);
}

static void empty_value_is_a_bad_value(void **state)
{
	struct fixture *f = *state;

	fake_server_start(&f->server[0], GREETING, "VALUE k 2 0\r\n\r\nEND\r\n");
	connect_to(f, 1, 300);
	assert_int_equal(get(f, "k", NULL), STORE_BAD_VALUE);
}

static void half_an_answer_is_a_timeout(void **state)
{
	struct fixture *f = *state;

	fake_server_start(&f->server[0], GREETING, "VALUE k 2 10\r\nabc");
	connect_to(f, 1, 300);
	assert_in_range(timed(f, "k", NULL, 0, STORE_TIMEOUT), 0, TIMEOUT_MS + SLACK_MS);
}

/* The library would abort on the first of these. */
static void other_kinds_of_server_are_told_apart(void **state)
{
	static const char *const greetings[] = {"220 mail.example.org ESMTP\r\n",
		"HTTP/1.1 400 Bad Request\r\n\r\n", "END\r\n",
		"ERROR Too many open connections\r\n"};
	struct fixture *f = *state;

	for (size_t i = 0; i < ARRAY_SIZE(greetings); i++) {
		fake_server_start(&f->server[0], greetings[i], greetings[i]);
		connect_to(f, 1, 300);
		assert_int_equal(set_text(f, "k", "one"), STORE_ERROR);
		assert_int_equal(f->error.code, GPUBROKER_E_NETWORK);
		cache_pool_free(TAKE_PTR(f->pool));
		memcached_server_kill(&f->server[0]);
	}
}

static void server_error_does_not_pause(void **state)
{
	struct fixture *f = *state;

	fake_server_start(&f->server[0], GREETING, "SERVER_ERROR out of memory storing object\r\n");
	connect_to(f, 1, 300);
	assert_int_equal(set_text(f, "k", "one"), STORE_ERROR);
	memcached_server_kill(&f->server[0]);
	assert_int_equal(set_text(f, "k", "one"), STORE_ERROR);
	assert_non_null(strstr(f->error.text, "no connection")); /* it was asked again at once */
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, start_nothing, stop_all)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(talks_over_ipv4),
		TEST(talks_over_ipv6),
		TEST(talks_over_a_unix_socket),
		TEST(long_expiry_is_not_taken_for_a_date),
		TEST(too_big_is_said_and_the_connection_lives),
		TEST(larger_items_are_the_servers_choice),
		TEST(nobody_there_is_quick),
		TEST(restarted_server_is_found_at_once),
		TEST(server_that_comes_back_is_used_again),
		TEST(frozen_server_costs_one_timeout),
		TEST(frozen_server_costs_one_timeout_for_a_large_value),
		TEST(frozen_unix_socket_costs_one_timeout_for_a_large_value),
		TEST(frozen_server_costs_one_timeout_at_the_start),
		TEST(late_answer_is_not_taken_for_the_next),
		TEST(each_server_holds_its_keys),
		TEST(dead_server_costs_the_others_nothing),
		TEST(adding_a_server_moves_few_keys),
		TEST(announced_length_is_not_believed),
		TEST(empty_value_is_a_bad_value),
		TEST(other_kinds_of_server_are_told_apart),
		TEST(server_error_does_not_pause),
		TEST(half_an_answer_is_a_timeout),
	};

	if (!memcached_is_installed()) {
		printf("skipped: there is no memcached in PATH\n");
		return 77;
	}
	return cmocka_run_group_tests(tests, NULL, NULL);
}
