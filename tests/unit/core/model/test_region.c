/* SPDX-License-Identifier: Apache-2.0 */
/* core/model/region.c: states, when they change, the table of codes, and a status as a message. */
#include "base/str.h"
#include "failing_alloc.h"
#include "model/region.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

enum { NOW = 1000000, STALE_AFTER = 120000 };

static const struct {
	const char *rule;
	struct region_status status;
	int64_t observed_at_ms;
	enum region_state want;
	int64_t changes_at_ms;
} rows[] = {
	{"never tried",			     {.enabled = true},					      0,                     REGION_PENDING,     0                          },
	{"tried, and neither failed nor succeeded", {.enabled = true, .attempted = true},                           0,
         REGION_PENDING,																       0                          },
	{"never succeeded",                         {.enabled = true, .attempted = true, .code = GPUBROKER_E_AUTH}, 0,
         REGION_ERROR,																	 0                          },
	{"fresh",				   {.enabled = true, .attempted = true},                           NOW - 1,               REGION_OK,          NOW + STALE_AFTER          },
	{"as old as it may be",                     {.enabled = true},                                              NOW - STALE_AFTER,     REGION_OK,          NOW + 1                    },
	{"too old",				 {.enabled = true},					      NOW - STALE_AFTER - 1, REGION_STALE,       0                          },
	{"the last poll failed",                    {.enabled = true, .code = GPUBROKER_E_NETWORK},                 NOW - 1,
         REGION_STALE,																	 0                          },
	{"from the future",                         {.enabled = true},                                              NOW + 500,             REGION_OK,          NOW + 500 + STALE_AFTER + 1},
	{"maintenance hides errors",
         {.enabled = true,
			.maintenance = (char *)"later",
			.code = GPUBROKER_E_AUTH,
			.attempted = true},
         0,																REGION_MAINTENANCE, 0                          },
	{"and age",				 {.enabled = true, .maintenance = (char *)"later"},              1,                     REGION_MAINTENANCE, 0                          },
	{"an empty sentence is none",               {.enabled = true, .maintenance = (char *)""},                   0,
         REGION_PENDING,																       0                          },
	{"disabled comes first",                    {.maintenance = (char *)"later"},                               NOW,                   REGION_DISABLED,    0                          },
};

static void test_states(void **state)
{
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct region_status status = rows[i].status;
		enum region_state got;

		status.stale_after_ms = STALE_AFTER;
		got = region_state_at(&status, rows[i].observed_at_ms, NOW);
		if (got != rows[i].want) {
			fail_msg("%s: %s", rows[i].rule, region_state_word(got));
		}
		assert_int_equal(region_state_changes_at(&status, rows[i].observed_at_ms, NOW),
			rows[i].changes_at_ms);
	}
}

/* At the moment that changes_at names the state is another one, just before it is not. */
static void test_change_comes_when_it_was_said(void **state)
{
	const struct region_status status = {.enabled = true, .stale_after_ms = STALE_AFTER};
	const int64_t at = region_state_changes_at(&status, NOW - 7, NOW);

	assert_int_equal(region_state_at(&status, NOW - 7, at - 1), REGION_OK);
	assert_int_equal(region_state_at(&status, NOW - 7, at), REGION_STALE);
}

static void test_codes(void **state)
{
	enum gpubroker_code code = GPUBROKER_OK;

	assert_string_equal(gpubroker_code_word(GPUBROKER_E_BAD_REPLY), "bad-reply");
	assert_string_equal(
		gpubroker_code_detail(GPUBROKER_E_TIMEOUT), "The cloud did not answer in time.");
	assert_true(gpubroker_code_retry(GPUBROKER_E_NETWORK));
	assert_false(gpubroker_code_retry(GPUBROKER_E_AUTH));
	assert_string_equal(gpubroker_code_word(GPUBROKER_OK), "ok");
	assert_string_equal(gpubroker_code_detail(GPUBROKER_OK), "");
#define X(name, value, word, retry, detail)                                                        \
	assert_true(gpubroker_code_parse(word, &code));                                            \
	assert_int_equal(code, GPUBROKER_E_##name);                                                \
	assert_string_equal(gpubroker_code_word(code), word);
	GPUBROKER_CODES(X)
#undef X
	assert_true(gpubroker_code_parse("ok", &code));
	assert_int_equal(code, GPUBROKER_OK);
	assert_false(gpubroker_code_parse("AUTH", &code));
}

static const struct region_status full = {.name = (char *)"bielefeld",
	.title = (char *)"Universität Bielefeld",
	.site = (char *)"bi",
	.plugin = (char *)"openstack",
	.maintenance = (char *)"moving",
	.enabled = true,
	.interval_ms = 30000,
	.stale_after_ms = 120000,
	.next_refresh_ms = 1763820000000,
	.failed_since_ms = 7,
	.code = GPUBROKER_E_DENIED,
	.error_text = (char *)"403",
	.attempted = true};

static void assert_is_full(const struct region_status *s)
{
	assert_string_equal(s->name, full.name);
	assert_string_equal(s->title, full.title);
	assert_string_equal(s->site, full.site);
	assert_string_equal(s->plugin, full.plugin);
	assert_string_equal(s->maintenance, full.maintenance);
	assert_string_equal(s->error_text, full.error_text);
	assert_true(s->enabled && s->attempted);
	assert_int_equal(s->interval_ms, full.interval_ms);
	assert_int_equal(s->stale_after_ms, full.stale_after_ms);
	assert_int_equal(s->next_refresh_ms, full.next_refresh_ms);
	assert_int_equal(s->failed_since_ms, full.failed_since_ms);
	assert_int_equal(s->code, full.code);
}

static void test_message(void **state)
{
	_cleanup_(value_freep) struct value *v = region_status_to_value(&full);
	_cleanup_(region_status_finish) struct region_status got = {0}, copy = {0};

	assert_true(region_status_from_value(v, &got));
	assert_is_full(&got);
	assert_true(region_status_copy(&got, &copy));
	assert_is_full(&copy);
	assert_ptr_not_equal(copy.name, got.name);
}

static void test_message_without_what_may_lack(void **state)
{
	struct region_status status = full;
	_cleanup_(region_status_finish) struct region_status got = {0};
	_cleanup_(value_freep) struct value *v = NULL;

	status.maintenance = status.error_text = NULL;
	status.code = GPUBROKER_OK;
	v = region_status_to_value(&status);
	assert_true(region_status_from_value(v, &got));
	assert_null(got.maintenance);
	assert_null(got.error_text);
	assert_int_equal(got.code, GPUBROKER_OK);
}

/* Each member gone, and each of a wrong type. */
static void test_malformed_messages(void **state)
{
	_cleanup_(value_freep) struct value *good = region_status_to_value(&full);

	for (size_t i = 0; i < good->n_items; i++) {
		_cleanup_(value_freep) struct value *gone = value_copy(good),
						    *wrong = value_copy(good);
		_cleanup_(region_status_finish) struct region_status got = {0};
		const char *key = good->items[i]->key;
		const bool may_lack = str_equal(key, "maintenance") || str_equal(key, "error_text");

		gone->items[i]->key[0] = 'x';
		wrong->items[i]->type = VALUE_LIST;
		assert_int_equal(region_status_from_value(gone, &got), may_lack);
		assert_false(region_status_from_value(wrong, &got));
	}
}

static bool there_and_back(void)
{
	_cleanup_(value_freep) struct value *v = region_status_to_value(&full);
	_cleanup_(region_status_finish) struct region_status got = {0}, copy = {0};

	return v && region_status_from_value(v, &got) && region_status_copy(&got, &copy);
}

static void test_no_memory(void **state)
{
	failing_alloc_try_all(there_and_back);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_states),
		cmocka_unit_test(test_change_comes_when_it_was_said),
		cmocka_unit_test(test_codes),
		cmocka_unit_test(test_message),
		cmocka_unit_test(test_message_without_what_may_lack),
		cmocka_unit_test(test_malformed_messages),
		cmocka_unit_test(test_no_memory),
	};

	return cmocka_run_group_tests_name("region", tests, NULL, NULL);
}
