/* SPDX-License-Identifier: Apache-2.0 */
/* The service manager's end of the notification protocol: what arrives, and what of the environment is believed. */
#include "proc/notify.h"

#include "base/mem.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

static int manager_fd;
static char received[4096];

/* A manager at a name of its own: in the abstract name space nothing is left behind. */
static int start_manager(void **state)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	char name[64];

	snprintf(name, sizeof(name), "@test-notify-%d", (int)getpid());
	setenv("NOTIFY_SOCKET", name, 1);
	unsetenv("WATCHDOG_USEC");
	unsetenv("WATCHDOG_PID");
	memcpy(address.sun_path, name, strlen(name));
	address.sun_path[0] = '\0';
	manager_fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	return bind(manager_fd, (const struct sockaddr *)&address,
		(socklen_t)(offsetof(struct sockaddr_un, sun_path) + strlen(name)));
}

static int stop_manager(void **state)
{
	return close(manager_fd);
}

static const char *receive(void)
{
	ssize_t n = recv(manager_fd, received, sizeof(received) - 1, 0);

	received[MAX(n, 0)] = '\0';
	return received;
}

static void what_is_said_arrives(void **state)
{
	struct notify n;

	assert_int_equal(notify_begin(&n), 0);
	assert_true(notify_send(&n, "READY=1\nSTATUS=%d regions", 3));
	assert_string_equal(receive(), "READY=1\nSTATUS=3 regions");
	assert_string_equal(receive(), "");
	assert_int_equal(n.watchdog_ms, 0);
	notify_finish(&n);
	assert_true(notify_send(&n, "STOPPING=1"));
	assert_string_equal(receive(), "");
}

static void the_variables_are_taken_out_of_the_environment(void **state)
{
	struct notify n;

	setenv("WATCHDOG_USEC", "60000000", 1);
	assert_int_equal(notify_begin(&n), 0);
	assert_int_equal(n.watchdog_ms, 60000);
	assert_null(getenv("NOTIFY_SOCKET"));
	assert_null(getenv("WATCHDOG_USEC"));
	notify_finish(&n);
}

static int64_t watchdog(const char *usec, int pid)
{
	struct notify n;
	char text[16];

	assert_int_equal(stop_manager(NULL), 0);
	assert_int_equal(start_manager(NULL), 0);
	snprintf(text, sizeof(text), "%d", pid);
	setenv("WATCHDOG_USEC", usec, 1);
	setenv("WATCHDOG_PID", text, 1);
	assert_int_equal(notify_begin(&n), 0);
	assert_null(getenv("WATCHDOG_PID"));
	notify_finish(&n);
	return n.watchdog_ms;
}

static void a_watchdog_of_another_process_is_not_ours(void **state)
{
	assert_int_equal(watchdog("2000000", getpid()), 2000);
	assert_int_equal(watchdog("2000000", getpid() + 1), 0);
	assert_int_equal(watchdog("10", getpid()), 1); /* shorter than a millisecond is not none */
	assert_int_equal(watchdog("-5", getpid()), 0);
	assert_int_equal(watchdog("soon", getpid()), 0);
}

static void nobody_listens(void **state)
{
	struct notify n;

	assert_int_equal(notify_begin(&n), 0);
	stop_manager(NULL);
	assert_false(notify_send(&n, "READY=1"));
	notify_finish(&n);
	assert_int_equal(start_manager(NULL), 0);
}

static void an_address_that_is_none(void **state)
{
	char text[200];
	struct notify n;

	setenv("NOTIFY_SOCKET", "relative", 1);
	assert_true(notify_begin(&n) < 0);
	setenv("NOTIFY_SOCKET", "@", 1);
	assert_true(notify_begin(&n) < 0);
	memset(text, '/', sizeof(text) - 1);
	text[sizeof(text) - 1] = '\0';
	setenv("NOTIFY_SOCKET", text, 1);
	assert_true(notify_begin(&n) < 0);
	assert_true(notify_send(&n, "READY=1")); /* to nobody */
	unsetenv("NOTIFY_SOCKET");
	assert_int_equal(notify_begin(&n), 0);
	assert_int_equal(n.fd, -1);
}

static void a_line_stays_one(void **state)
{
	char text[] = "jena\nREADY=1\x7f";

	notify_line(text);
	assert_string_equal(text, "jena READY=1 ");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(what_is_said_arrives, start_manager, stop_manager),
		cmocka_unit_test_setup_teardown(the_variables_are_taken_out_of_the_environment,
			start_manager, stop_manager),
		cmocka_unit_test_setup_teardown(
			a_watchdog_of_another_process_is_not_ours, start_manager, stop_manager),
		cmocka_unit_test_setup_teardown(nobody_listens, start_manager, stop_manager),
		cmocka_unit_test(an_address_that_is_none),
		cmocka_unit_test(a_line_stays_one),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
