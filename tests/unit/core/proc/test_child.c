/* SPDX-License-Identifier: Apache-2.0 */
/* Children, with this test itself as the binary: what it is started with, what it says before it ends, how it ends. */
#include "proc/child.h"

#include "base/mem.h"

#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

extern char **environ;

struct seen {
	struct loop *loop;
	struct child_host host;
	int frames;
	char text[512], how[128];
};

static void on_frame(void *context, struct child *child, const struct frame *frame)
{
	struct seen *s = context;

	s->frames++;
	snprintf(s->text, sizeof(s->text), "%.*s", (int)frame->n, frame->data);
}

static void on_ended(void *context, struct child *child, const char *how)
{
	struct seen *s = context;

	snprintf(s->how, sizeof(s->how), "%s", how);
	child_free(child);
	loop_stop(s->loop);
}

static const struct child_calls calls = {.frame = on_frame, .ended = on_ended};

static void run(struct seen *s, const char *role, const char *name, const int fds[], size_t n_fds)
{
	const struct child_spec spec = {.role = role, .name = name, .fds = fds, .n_fds = n_fds};
	struct child *child;

	*s = (struct seen){0};
	assert_int_equal(loop_new(&s->loop), 0);
	s->host = (struct child_host){
		.loop = s->loop, .self_fd = open("/proc/self/exe", O_PATH | O_CLOEXEC)};
	assert_int_equal(child_start(&child, &s->host, &spec, &calls, s), 0);
	if (str_equal(role, "wait")) {
		child_kill(child);
	}
	loop_run(s->loop);
	loop_free(s->loop);
	close(s->host.self_fd);
}

static void what_it_said_last_is_delivered(void **state)
{
	struct seen s;

	run(&s, "talk", "bielefeld", NULL, 0);
	assert_int_equal(s.frames, 50);
	assert_string_equal(s.text, "bielefeld");
	assert_string_equal(s.how, "exit status 3");
}

static void how_it_ended_is_told(void **state)
{
	struct seen s;

	run(&s, "wait", NULL, NULL, 0);
	assert_non_null(strstr(s.how, "signal 9"));
	run(&s, "babble", NULL, NULL, 0);
	assert_non_null(strstr(s.how, "no message"));
}

static void it_has_its_descriptors_and_little_of_the_environment(void **state)
{
	struct seen s;
	int pair[2];

	assert_int_equal(pipe(pair), 0);
	assert_int_equal(write(pair[1], "through the pipe", 16), 16);
	setenv("OS_PASSWORD", "correct horse", 1);
	setenv("TZ", "Europe/Berlin", 1);
	run(&s, "look", NULL, (const int[]){pair[1], pair[0]}, 2);
	assert_string_equal(s.text, "through the pipe TZ=Europe/Berlin OS_PASSWORD=- fd6=closed");
	close(pair[0]);
	close(pair[1]);
}

/* --- the child ------------------------------------------------------------------------------------------------ */

static int look(void)
{
	char read_there[17] = "", text[256];
	const char *tz = getenv("TZ"), *password = getenv("OS_PASSWORD");

	if (read(CHILD_CHANNEL_FD + 2, read_there, 16) != 16) {
		return 1;
	}
	snprintf(text, sizeof(text), "%s TZ=%s OS_PASSWORD=%s fd6=%s", read_there, tz ? tz : "-",
		password ? password : "-",
		fcntl(CHILD_CHANNEL_FD + 3, F_GETFD) < 0 ? "closed" : "open");
	return peer_send(CHILD_CHANNEL_FD, MSG_HELLO, text, strlen(text)) < 0;
}

static int be_the_child(const char *role, const char *name)
{
	if (strcmp(role, "talk") == 0) {
		for (int i = 0; i < 50; i++) {
			peer_send(CHILD_CHANNEL_FD, MSG_HELLO, name, strlen(name));
		}
		return 3;
	}
	if (strcmp(role, "look") == 0) {
		return look();
	}
	if (strcmp(role, "babble") == 0) {
		if (write(CHILD_CHANNEL_FD, "this is no frame at all", 23) != 23) {
			return 1;
		}
	}
	for (;;) {
		pause();
	}
}

int main(int argc, char *argv[])
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(what_it_said_last_is_delivered),
		cmocka_unit_test(how_it_ended_is_told),
		cmocka_unit_test(it_has_its_descriptors_and_little_of_the_environment)};

	if (argc > 2 && strcmp(argv[1], "--role") == 0) {
		return be_the_child(argv[2], argv[3]);
	}
	return cmocka_run_group_tests(tests, NULL, NULL);
}
