/* SPDX-License-Identifier: Apache-2.0 */
/* The log: what stands in a line, and that an event is one line whatever it says. */
#include "base/log.h"

#include "base/mem.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

static char said[4096];

/* Standard error goes into a pipe; what has been written is in `said` after end_capture(). */
static int saved_fd, pipe_fd;

static void begin_capture(void)
{
	int fds[2];

	assert_int_equal(pipe(fds), 0);
	saved_fd = dup(STDERR_FILENO);
	assert_true(saved_fd >= 0);
	assert_int_equal(dup2(fds[1], STDERR_FILENO), STDERR_FILENO);
	close(fds[1]);
	pipe_fd = fds[0];
}

static void end_capture(void)
{
	ssize_t n;
	size_t have = 0;

	dup2(saved_fd, STDERR_FILENO);
	close(saved_fd);
	while ((n = read(pipe_fd, said + have, sizeof(said) - 1 - have)) > 0) {
		have += (size_t)n;
	}
	said[have] = '\0';
	close(pipe_fd);
}

static size_t count_lines(void)
{
	size_t n = 0;

	for (const char *p = said; *p; p++) {
		n += *p == '\n';
	}
	return n;
}

static void says_time_level_and_who(void **state)
{
	unsetenv("JOURNAL_STREAM");
	log_init("worker bielefeld", LOG_LEVEL_INFO);
	begin_capture();
	log_warn("token refused code=%d", 401);
	end_capture();
	assert_int_equal(said[4], '-');
	assert_int_equal(said[19], 'Z');
	assert_string_equal(
		strstr(said, " warn "), " warn  worker bielefeld: token refused code=401\n");
}

/* JOURNAL_STREAM names the stream that standard error is, or (off by one) is not. */
static void init_in_journal(const char *who, int off)
{
	char stream[64];
	struct stat st;

	assert_int_equal(fstat(STDERR_FILENO, &st), 0);
	snprintf(stream, sizeof(stream), "%ju:%ju", (uintmax_t)st.st_dev,
		(uintmax_t)st.st_ino + off);
	setenv("JOURNAL_STREAM", stream, 1);
	log_init(who, LOG_LEVEL_INFO);
	unsetenv("JOURNAL_STREAM");
}

static void journald_gets_the_level(void **state)
{
	begin_capture();
	init_in_journal("worker jena", 0);
	assert_true(log_to_journal());
	log_error("gone");
	init_in_journal("gpubrokerd", 0);
	log_info("started regions=%d", 3); /* the journal knows that name and the time */
	end_capture();
	assert_string_equal(said, "<3>worker jena: gone\n<6>started regions=3\n");
}

static void another_stream_is_not_the_journal(void **state)
{
	begin_capture();
	init_in_journal("rest", 1);
	log_info("here");
	end_capture();
	assert_non_null(strstr(said, " info  rest: here\n"));
	assert_false(log_to_journal());
}

static void less_important_lines_are_left_out(void **state)
{
	log_init("parent", LOG_LEVEL_WARN);
	begin_capture();
	log_debug("a");
	log_info("b");
	log_warn("c");
	log_error("d");
	end_capture();
	assert_int_equal(count_lines(), 2);
	assert_null(strstr(said, ": a\n"));
	assert_non_null(strstr(said, ": d\n"));
	assert_int_equal(log_level_now(), LOG_LEVEL_WARN);
}

static void an_event_is_one_line(void **state)
{
	log_init("parent", LOG_LEVEL_INFO);
	begin_capture();
	log_info("%s", "one\r\ntwo\033[31m\x7f");
	end_capture();
	assert_int_equal(count_lines(), 1);
	assert_non_null(strstr(said, "one  two [31m \n"));
}

static void a_long_line_is_cut(void **state)
{
	char text[8000];

	memset(text, 'x', sizeof(text) - 1);
	text[sizeof(text) - 1] = '\0';
	log_init("parent", LOG_LEVEL_INFO);
	begin_capture();
	log_info("%s", text);
	end_capture();
	assert_int_equal(count_lines(), 1);
	assert_in_range(strlen(said), 1000, 2048);
	assert_int_equal(said[strlen(said) - 1], '\n');
}

static void words_of_levels(void **state)
{
	static const char *const words[] = {"error", "warn", "info", "debug"};
	enum log_level level;

	for (size_t i = 0; i < ARRAY_SIZE(words); i++) {
		assert_true(log_level_parse(words[i], &level));
		assert_string_equal(log_level_word(level), words[i]);
	}
	assert_false(log_level_parse("loud", &level));
	assert_false(log_level_parse("", &level));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(says_time_level_and_who),
		cmocka_unit_test(journald_gets_the_level),
		cmocka_unit_test(another_stream_is_not_the_journal),
		cmocka_unit_test(less_important_lines_are_left_out),
		cmocka_unit_test(an_event_is_one_line),
		cmocka_unit_test(a_long_line_is_cut),
		cmocka_unit_test(words_of_levels),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
