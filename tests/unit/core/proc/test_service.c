/* SPDX-License-Identifier: Apache-2.0 */
/* What the service manager hears and when: not before rest serves, not while a configuration is read. */
#include "proc/parent.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

enum { NOW_MS = 1000000 };

static int manager_fd;
static char received[4096];
static struct region regions[100];
static struct region *list[100];
static struct parent parent;

/* One datagram, or "". */
static const char *receive(void)
{
	ssize_t n = recv(manager_fd, received, sizeof(received) - 1, 0);

	received[MAX(n, 0)] = '\0';
	return received;
}

static int start_manager(void **state)
{
	const struct sockaddr_un address = {.sun_family = AF_UNIX};
	socklen_t n = sizeof(parent.service.notify.address);

	manager_fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	memset(regions, 0, sizeof(regions));
	parent = (struct parent){.regions = list,
		.service = {.notify = {.fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0)}}};
	/* The kernel chooses a name. */
	if (bind(manager_fd, (const struct sockaddr *)&address, sizeof(sa_family_t)) < 0 ||
		getsockname(manager_fd, (struct sockaddr *)&parent.service.notify.address, &n) <
			0) {
		return -1;
	}
	parent.service.notify.address_size = n;
	return 0;
}

static int stop_manager(void **state)
{
	service_finish(&parent);
	return close(manager_fd);
}

static struct region *add(const char *name, int64_t observed_at_ms)
{
	struct region *r = &regions[parent.n_regions];

	r->status = (struct region_status){
		.name = (char *)name, .enabled = true, .stale_after_ms = 120000};
	r->observed_at_ms = observed_at_ms;
	list[parent.n_regions++] = r;
	return r;
}

static const char *status(void)
{
	static char text[SERVICE_STATUS_SIZE];

	service_status_text(&parent, NOW_MS, text);
	return text;
}

static void regions_that_are_not_well_are_named(void **state)
{
	assert_string_equal(status(), "no region is configured");
	add("bielefeld", NOW_MS);
	assert_string_equal(status(), "1 of 1 regions ok");
	add("tuebingen", NOW_MS - 500000);
	add("off", 0)->status.enabled = false;
	assert_string_equal(status(), "1 of 2 regions ok; tuebingen stale");
	add("jena", 0)->status.code = GPUBROKER_E_AUTH;
	regions[3].status.attempted = true;
	assert_string_equal(status(), "1 of 3 regions ok; tuebingen stale, jena error");
	parent.service.refused = true;
	assert_string_equal(status(),
		"1 of 3 regions ok; tuebingen stale, jena error (the new configuration was refused)");
}

static void a_long_list_says_how_many_more(void **state)
{
	static char names[100][20];
	size_t commas = 0, more = 0;

	for (size_t i = 0; i < 100; i++) {
		snprintf(names[i], sizeof(names[i]), "region-%zu", i);
		add(names[i], 0);
	}
	assert_true(strlen(status()) < SERVICE_STATUS_SIZE - 1);
	for (const char *c = status(); *c; c++) {
		commas += *c == ',';
	}
	assert_int_equal(sscanf(strstr(status(), ", and "), ", and %zu more", &more), 1);
	assert_int_equal(commas + more, 100); /* each comma is in front of one more name */
	parent.service.refused = true;
	assert_true(strlen(status()) < SERVICE_STATUS_SIZE);
}

static void ready_is_said_once_rest_serves(void **state)
{
	service_settle(&parent);
	assert_string_equal(receive(), "");
	parent.sinks[SINK_REST].ready = true;
	service_settle(&parent);
	assert_string_equal(receive(), "READY=1\nSTATUS=no region is configured");
	service_settle(&parent);
	assert_string_equal(receive(), "");
}

static void ready_is_said_again_after_a_reload(void **state)
{
	long long usec = 0;

	parent.started = parent.sinks[SINK_REST].ready = true;
	service_settle(&parent);
	receive();
	service_loading(&parent);
	assert_int_equal(sscanf(receive(), "RELOADING=1\nMONOTONIC_USEC=%lld\n", &usec), 1);
	assert_true(usec > 0);
	service_alive(&parent);
	assert_string_equal(receive(), ""); /* not yet */
	parent.sinks[SINK_REST].ready = false;
	service_loaded(&parent, true);
	assert_string_equal(receive(), ""); /* a new rest is on its way */
	parent.sinks[SINK_REST].ready = true;
	service_settle(&parent);
	assert_string_equal(receive(),
		"READY=1\nSTATUS=no region is configured (the new configuration was refused)");
}

static void two_reloads_end_together(void **state)
{
	parent.started = parent.sinks[SINK_REST].ready = true;
	service_loading(&parent);
	receive();
	parent.load_again = true;
	service_loaded(&parent, false);
	assert_string_equal(receive(), "");
	parent.load_again = false;
	service_loading(&parent);
	receive();
	service_loaded(&parent, false);
	assert_string_equal(receive(), "READY=1\nSTATUS=no region is configured");
}

static void the_watchdog_is_fed_when_rest_asks(void **state)
{
	parent.service.notify.watchdog_ms = 60000;
	parent.service.fed_ms = -60000; /* mono_ms() may be small after a boot */
	parent.sinks[SINK_REST].ready = true;
	service_settle(&parent);
	receive();
	assert_string_equal(receive(), "");
	service_alive(&parent);
	assert_string_equal(receive(), "WATCHDOG=1");
	service_alive(&parent); /* not at every question */
	assert_string_equal(receive(), "");
	add("bielefeld", 0);
	service_alive(&parent);
	assert_string_equal(receive(), "STATUS=0 of 1 regions ok; bielefeld pending");
}

static void the_end_is_announced(void **state)
{
	parent.sinks[SINK_REST].ready = parent.ending = true;
	service_ending(&parent);
	assert_string_equal(receive(), "STOPPING=1\nSTATUS=finishing what is being answered");
	service_settle(&parent);
	assert_string_equal(receive(), "");
	service_complain(&parent, "gpubroker.conf:3:\nwhat?");
	assert_string_equal(receive(), "STATUS=gpubroker.conf:3: what?");
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, start_manager, stop_manager)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(regions_that_are_not_well_are_named),
		TEST(a_long_list_says_how_many_more),
		TEST(ready_is_said_once_rest_serves),
		TEST(ready_is_said_again_after_a_reload),
		TEST(two_reloads_end_together),
		TEST(the_watchdog_is_fed_when_rest_asks),
		TEST(the_end_is_announced),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
