/* SPDX-License-Identifier: Apache-2.0 */
/* The log: see log.h. */
#include "base/log.h"

#include "base/mem.h"
#include "base/mono.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static struct {
	char who[96];
	enum log_level most;
	bool journal;
} state = {.who = "gpubrokerd", .most = LOG_LEVEL_INFO};

static const struct {
	const char *word;
	enum log_level level;
} levels[] = {
	{"error", LOG_LEVEL_ERROR},
	{"warn",  LOG_LEVEL_WARN },
	{"info",  LOG_LEVEL_INFO },
	{"debug", LOG_LEVEL_DEBUG},
};

void log_init(const char *who, enum log_level most)
{
	snprintf(state.who, sizeof(state.who), "%s", who);
	state.most = most;
	state.journal = getenv("JOURNAL_STREAM") != NULL;
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

void log_at(enum log_level level, const char *format, ...)
{
	char line[2048], now[TIME_TEXT_SIZE];
	size_t n;
	va_list ap;

	if (level > state.most) {
		return;
	}
	if (state.journal) {
		n = (size_t)snprintf(line, sizeof(line), "<%d>%s: ", (int)level, state.who);
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
