/* SPDX-License-Identifier: Apache-2.0 */
/* The log: see log.h. */
#include "base/log.h"

#include "base/mem.h"
#include "base/mono.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define PROGRAM "gpubrokerd"

static struct {
	char who[96];
	enum log_level most;
	bool journal;
} state = {.who = PROGRAM, .most = LOG_LEVEL_INFO};

static const struct {
	const char *word;
	enum log_level level;
} levels[] = {
	{"error", LOG_LEVEL_ERROR},
	{"warn",  LOG_LEVEL_WARN },
	{"info",  LOG_LEVEL_INFO },
	{"debug", LOG_LEVEL_DEBUG},
};

/* stream: "device:inode" of the journal's end. What is inherited by a daemon whose stderr goes elsewhere is not meant. */
static bool is_journal(const char *stream)
{
	char here[64];
	struct stat st;

	if (!stream || fstat(STDERR_FILENO, &st) < 0) {
		return false;
	}
	snprintf(here, sizeof(here), "%ju:%ju", (uintmax_t)st.st_dev, (uintmax_t)st.st_ino);
	return strcmp(stream, here) == 0;
}

void log_init(const char *who, enum log_level most)
{
	snprintf(state.who, sizeof(state.who), "%s", who);
	state.most = most;
	state.journal = is_journal(getenv("JOURNAL_STREAM"));
}

bool log_level_parse(const char *word, enum log_level *ret)
{
	for (size_t i = 0; i < ARRAY_SIZE(levels); i++) {
		if (strcmp(levels[i].word, word) == 0) {
			*ret = levels[i].level;
			return true;
		}
	}
	return false;
}

const char *log_level_word(enum log_level level)
{
	for (size_t i = 0; i < ARRAY_SIZE(levels); i++) {
		if (levels[i].level == level) {
			return levels[i].word;
		}
	}
	return "info";
}

enum log_level log_level_now(void)
{
	return state.most;
}

bool log_to_journal(void)
{
	return state.journal;
}

void log_at(enum log_level level, const char *format, ...)
{
	char line[2048], now[TIME_TEXT_SIZE];
	size_t n;
	va_list ap;

	if (level > state.most) {
		return;
	}
	if (state.journal) {
		/* the journal has the time and the program's name already */
		bool program = strcmp(state.who, PROGRAM) == 0;

		n = (size_t)snprintf(line, sizeof(line), "<%d>%s%s", (int)level,
			program ? "" : state.who, program ? "" : ": ");
	} else {
		time_rfc3339(now, wall_ms());
		n = (size_t)snprintf(
			line, sizeof(line), "%s %-5s %s: ", now, log_level_word(level), state.who);
	}
	va_start(ap, format);
	vsnprintf(line + n, sizeof(line) - n - 1, format, ap);
	va_end(ap);
	for (n = 0; line[n] != '\0'; n++) {
		if ((unsigned char)line[n] < 0x20 || line[n] == 0x7f) {
			line[n] = ' ';
		}
	}
	line[n++] = '\n';
	if (write(STDERR_FILENO, line, n) < 0) {
		return; /* nobody to tell */
	}
}
