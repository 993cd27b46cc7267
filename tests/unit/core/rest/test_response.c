/* SPDX-License-Identifier: Apache-2.0 */
/* Tests of core/rest/response.c. */
#include "rest/response.h"

#include "base/mem.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static void test_a_response_keeps_its_body(void **state)
{
	struct blob *body = blob_new(strdup("hello"), 5);
	const struct response_head head = {.content_type = "text/plain",
		.etag = "\"x\"",
		.modified_ms = 1,
		.expires_ms = 2,
		.is_page = true};
	struct MHD_Response *response = response_new(&head, body);

	assert_non_null(response);
	assert_int_equal(atomic_load(&body->references), 2);
	response_free(response);
	assert_int_equal(atomic_load(&body->references), 1);
	blob_unref(body);
	response_free(NULL);
}

static void test_a_draft_gives_its_body_away(void **state)
{
	struct draft d = {.status = 503, .content_type = "text/plain", .retry_after_s = 5};
	struct MHD_Response *response;

	strbuf_adds(&d.body, "hello");
	response = response_of_draft(&d, true);
	assert_non_null(response);
	assert_null(d.body.data);
	response_free(response);
	response = response_of_draft(&d, false); /* an empty one is one, too */
	assert_non_null(response);
	response_free(response);
	d.body.failed = true;
	assert_null(response_of_draft(&d, false));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_a_response_keeps_its_body),
		cmocka_unit_test(test_a_draft_gives_its_body_away),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
