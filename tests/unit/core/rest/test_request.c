/* SPDX-License-Identifier: Apache-2.0 */
/* Tests of core/rest/request.c. */
#include "rest_fixture.h"

#include "rest/route.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static void test_taking_apart(void **state)
{
	const struct request *r =
		fixture_request("/v1/regions/a%2Fb/flavors/x%20y?name=a%26b&&fields&=z");

	assert_string_equal(r->route->pattern, "/v1/regions/{region}/flavors/{id}");
	assert_string_equal(r->region, "a/b");
	assert_string_equal(r->flavor_id, "x y");
	assert_true(r->below_v1 && r->path_fine);
	assert_int_equal(r->n_parameters, 3);
	assert_string_equal(request_parameter(r, "name")->value, "a&b");
	assert_string_equal(request_parameter(r, "fields")->value, "");
	assert_string_equal(request_parameter(r, "")->value, "z");
	assert_null(request_parameter(r, "region"));
}

static void test_broken_encodings(void **state)
{
	const struct request *r = fixture_request("/gpus/flavors/%zz?region=%00");

	assert_string_equal(r->route->pattern, "/gpus/flavors/{id}");
	assert_false(r->path_fine);
	assert_false(request_parameter(r, "region")->fine);
	assert_null(fixture_request("/gpus/flavors%zz")->route);
	assert_null(fixture_request("/livez%00")->route);
	assert_null(fixture_request("livez")->route);
	assert_null(fixture_request("")->route);
	assert_null(fixture_request("*")->route);
	assert_null(fixture_request("/a/b/c/d/e/f/g/h/i/j/k")->route);
}

static void test_keys_leave_out_what_is_ignored(void **state)
{
	char key[URL_MAX_BYTES + 1];

	assert_int_equal(request_key(fixture_request("/gpus/flavors"), key), 0);
	assert_int_equal(request_key(fixture_request("/gpus/flavors?_=1&x"), key), 0);
	assert_true(request_key(fixture_request("/gpus/flavors?_=1&region=%61&x"), key) > 0);
	assert_string_equal(key, "/gpus/flavors?region=%61");
	assert_true(request_key(fixture_request("/gpus/flavors/a"), key) > 0);
	assert_string_equal(key, "/gpus/flavors/a");
	assert_true(request_key(fixture_request("/v1/flavors?name=a&sort=id"), key) > 0);
	assert_string_equal(key, "/v1/flavors?name=a&sort=id");
}

static void test_targets(void **state)
{
	struct target t;
	char path[URL_MAX_BYTES + 1];

	target_init(&t);
	target_add_path(&t, "/v1");
	target_add(&t, "a", "b?");
	target_add(&t, "c", NULL);
	assert_string_equal(t.text, "/v1?a=b?&c");
	memset(path, 'x', URL_MAX_BYTES);
	path[URL_MAX_BYTES] = '\0';
	target_init(&t);
	target_add_path(&t, path);
	assert_false(t.too_long);
	target_add(&t, "a", NULL);
	assert_true(t.too_long);
	assert_string_equal(target_path("http://host:1/v1"), "/v1");
	assert_string_equal(target_path("https://host"), "https://host");
	assert_string_equal(target_path("/http://x/"), "/http://x/");
}

static void test_too_many_parameters(void **state)
{
	struct target t;

	target_init(&t);
	target_add_path(&t, "/v1/flavors");
	for (int i = 0; i < MAX_PARAMETERS; i++) {
		target_add(&t, "region", "a");
	}
	assert_false(fixture_request(t.text)->too_many_parameters);
	target_add(&t, "region", "a");
	assert_true(fixture_request(t.text)->too_many_parameters);
}

static void test_the_longest_target_fits(void **state)
{
	char target[URL_MAX_BYTES + 1] = "/v1/flavors?name=";
	size_t n = strlen(target);

	memset(target + n, 'x', sizeof(target) - 1 - n);
	target[URL_MAX_BYTES] = '\0';
	assert_true(request_parameter(fixture_request(target), "name")->fine);
	memset(target, '&', URL_MAX_BYTES);
	memcpy(target, "/?", 2);
	assert_int_equal(fixture_request(target)->n_parameters, 0);
	for (size_t i = 2; i < URL_MAX_BYTES; i += 2) {
		target[i] = '=';
	}
	assert_true(fixture_request(target)->too_many_parameters);
}

static void test_methods(void **state)
{
	assert_int_equal(method_parse("GET"), METHOD_GET);
	assert_int_equal(method_parse("HEAD"), METHOD_HEAD);
	assert_int_equal(method_parse("OPTIONS"), METHOD_OPTIONS);
	assert_int_equal(method_parse("get"), METHOD_OTHER);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_taking_apart),
		cmocka_unit_test(test_broken_encodings),
		cmocka_unit_test(test_keys_leave_out_what_is_ignored),
		cmocka_unit_test(test_targets),
		cmocka_unit_test(test_too_many_parameters),
		cmocka_unit_test(test_the_longest_target_fits),
		cmocka_unit_test(test_methods),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
