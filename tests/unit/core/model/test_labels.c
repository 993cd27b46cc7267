/* SPDX-License-Identifier: Apache-2.0 */
/* core/model/labels.c: hosts are called in the order of their names, and no name is seen where it should not be. */
#include "base/str.h"
#include "model/labels.h"

#include "failing_alloc.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static const struct gpubroker_host hosts[] = {
	{.name = "gpu10"},
	{.name = "gpu02.cloud.example"},
	{.name = "gpu1"},
	{.name = "10.0.0.7"},
};

enum { N_HOSTS = sizeof(hosts) / sizeof(hosts[0]) };

static void test_order(void **state)
{
	struct labels l;

	assert_true(labels_init(&l, hosts, N_HOSTS, false));
	assert_int_equal(l.n, N_HOSTS);
	assert_int_equal(l.by_name[0], 3);
	assert_string_equal(l.texts[3], "host-1");
	assert_string_equal(l.texts[1], "host-2");
	assert_string_equal(l.texts[2], "host-3");
	assert_string_equal(l.texts[0], "host-4");
	labels_finish(&l);
	assert_true(labels_init(&l, hosts, N_HOSTS, true));
	assert_int_equal(l.by_name[0], 3);
	assert_string_equal(l.texts[0], "gpu10");
	labels_finish(&l);
	assert_true(labels_init(&l, hosts, 0, false));
	labels_finish(&l);
}

static void expect_text(bool show_names, const char *text, const char *expected)
{
	_cleanup_(strbuf_finish) struct strbuf out = {0};
	struct labels l;

	assert_true(labels_init(&l, hosts, N_HOSTS, show_names));
	strbuf_adds(&out, "");
	labels_add_text(&l, &out, text);
	assert_string_equal(out.data ? out.data : "", expected);
	labels_finish(&l);
}

static void test_names_in_texts(void **state)
{
	expect_text(false, "fan of gpu1 is broken", "fan of host-3 is broken");
	expect_text(false, "gpu10", "host-4");
	expect_text(false, "GPU10: see gpu1's log, Gpu02", "host-4: see host-3's log, host-2");
	expect_text(false, "gpu02.cloud.example has moved", "host-2 has moved");
	expect_text(false, "gpu1.cloud.example.org.", "host-3.");
	expect_text(false, "ssh gpu1-ipmi _gpu1_ 10.0.0.7", "ssh host-3-ipmi _host-3_ host-1");
	expect_text(false, "gpu100 mygpu1 10 gpu", "gpu100 mygpu1 10 gpu");
	expect_text(false, "", "");
	expect_text(false, "Lüfter von gpu1", "Lüfter von host-3");
	expect_text(true, "fan of gpu1", "fan of gpu1");
}

static bool make_once(void)
{
	struct labels l;
	const bool good = labels_init(&l, hosts, N_HOSTS, false);

	labels_finish(&l);
	return good;
}

static void test_no_memory(void **state)
{
	failing_alloc_try_all(make_once);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_order),
		cmocka_unit_test(test_names_in_texts),
		cmocka_unit_test(test_no_memory),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
