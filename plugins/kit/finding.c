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
		.command = command && *command ? command : NULL});
}

struct command {
	char *text; /* of COMMAND_MAX bytes */
	size_t n;
	bool is_cut;
};

static void add(struct command *c, const char *text, size_t len)
{
	if (c->is_cut || len > COMMAND_MAX - 1 - c->n) {
		c->is_cut = true;
		return;
	}
	memcpy(c->text + c->n, text, len);
	c->n += len;
	c->text[c->n] = '\0';
}

static void add_quoted(struct command *c, const char *word)
{
	static const char plain[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
				    "0123456789_-.,:=/@%+";

	if (*word && word[strspn(word, plain)] == '\0') {
		add(c, word, strlen(word));
		return;
	}
	add(c, "'", 1);
	for (; *word; word++) {
		if (*word == '\'') {
			add(c, "'\\''", 4);
		} else {
			add(c, word, 1);
		}
	}
	add(c, "'", 1);
}

const char *finding_command(char out[static COMMAND_MAX], const char *command, ...)
{
	struct command c = {.text = out};
	const char *word;
	va_list ap;

	add(&c, command, strlen(command));
	va_start(ap, command);
	while ((word = va_arg(ap, const char *))) {
		add(&c, " ", 1);
		add_quoted(&c, word);
	}
	va_end(ap);
	return c.is_cut ? NULL : out;
}
