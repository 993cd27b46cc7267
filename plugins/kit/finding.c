/* SPDX-License-Identifier: Apache-2.0 */
/* Findings for `gpubroker doctor`: see finding.h. */
#include "kit/finding.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

void finding_add(const struct gpubroker_core *core, enum gpubroker_level severity,
	const char *check, const char *subject, const char *command, const char *format, ...)
{
	char text[1024];
	va_list ap;

	if (!core->finding) {
		return;
	}
	va_start(ap, format);
	vsnprintf(text, sizeof(text), format, ap);
	va_end(ap);
	core->finding(&(struct gpubroker_finding){.severity = severity,
		.check = check,
		.subject = subject,
		.text = text,
		.command = command});
}

static void add(char out[static COMMAND_MAX], size_t *n, const char *text, size_t len)
{
	for (size_t i = 0; i < len && *n < COMMAND_MAX - 1; i++) {
		out[(*n)++] = text[i];
	}
	out[*n] = '\0';
}

static void add_quoted(char out[static COMMAND_MAX], size_t *n, const char *word)
{
	static const char plain[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
				    "0123456789_-.,:=/@%+";

	if (*word && word[strspn(word, plain)] == '\0') {
		add(out, n, word, strlen(word));
		return;
	}
	add(out, n, "'", 1);
	for (; *word; word++) {
		if (*word == '\'') {
			add(out, n, "'\\''", 4);
		} else {
			add(out, n, word, 1);
		}
	}
	add(out, n, "'", 1);
}

const char *finding_command(char out[static COMMAND_MAX], const char *command, ...)
{
	const char *word;
	size_t n = 0;
	va_list ap;

	add(out, &n, command, strlen(command));
	va_start(ap, command);
	while ((word = va_arg(ap, const char *))) {
		add(out, &n, " ", 1);
		add_quoted(out, &n, word);
	}
	va_end(ap);
	return out;
}
