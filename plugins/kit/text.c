/* SPDX-License-Identifier: Apache-2.0 */
/* Growing text: see text.h. */
#include "kit/text.h"

#include "kit/cleanup.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

void text_finish(struct text *t)
{
	if (t->data) {
		explicit_bzero(t->data, t->room);
	}
	free(t->data);
	*t = (struct text){0};
}

/* Room for `more` bytes and the terminator. Not realloc(): that leaves copies behind. */
static bool text_reserve(struct text *t, size_t more)
{
	size_t wanted;
	char *bigger;

	if (t->failed || more > SIZE_MAX / 4 - t->len) {
		t->failed = true;
		return false;
	}
	if (t->room > t->len + more) {
		return true;
	}
	wanted = MAX(t->len + more + 1, MAX(t->room * 2, (size_t)64));
	bigger = malloc(wanted);
	if (!bigger) {
		t->failed = true;
		return false;
	}
	if (t->data) {
		memcpy(bigger, t->data, t->len + 1);
		explicit_bzero(t->data, t->room);
		free(t->data);
	} else {
		bigger[0] = '\0';
	}
	t->data = bigger;
	t->room = wanted;
	return true;
}

char *text_take(struct text *t)
{
	char *data;

	if (!text_reserve(t, 0)) {
		text_finish(t);
		return NULL;
	}
	data = t->data;
	*t = (struct text){0};
	return data;
}

void text_add_n(struct text *t, const char *s, size_t n)
{
	if (!text_reserve(t, n)) {
		return;
	}
	memcpy(t->data + t->len, s, n);
	t->len += n;
	t->data[t->len] = '\0';
}

void text_add(struct text *t, const char *s)
{
	text_add_n(t, s, strlen(s));
}

void text_addf(struct text *t, const char *format, ...)
{
	va_list ap;
	int n;

	va_start(ap, format);
	n = vsnprintf(NULL, 0, format, ap);
	va_end(ap);
	if (n < 0 || !text_reserve(t, (size_t)n)) {
		t->failed = true;
		return;
	}
	va_start(ap, format);
	vsnprintf(t->data + t->len, (size_t)n + 1, format, ap);
	va_end(ap);
	t->len += (size_t)n;
}

void text_add_json(struct text *t, const char *s)
{
	text_add_n(t, "\"", 1);
	for (; *s; s++) {
		unsigned char c = (unsigned char)*s;

		if (c == '"' || c == '\\') {
			text_add_n(t, "\\", 1);
			text_add_n(t, s, 1);
		} else if (c < 0x20 || c == 0x7f) {
			text_addf(t, "\\u%04x", c);
		} else {
			text_add_n(t, s, 1);
		}
	}
	text_add_n(t, "\"", 1);
}

void text_add_url(struct text *t, const char *s)
{
	static const char unreserved[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
					 "abcdefghijklmnopqrstuvwxyz0123456789-._~";

	for (; *s; s++) {
		if (strchr(unreserved, *s)) {
			text_add_n(t, s, 1);
		} else {
			text_addf(t, "%%%02X", (unsigned char)*s);
		}
	}
}

bool text_has_controls(const char *s)
{
	for (; *s; s++) {
		unsigned char c = (unsigned char)s[0], next = (unsigned char)s[1];

		if (c < 0x20 || c == 0x7f || (c == 0xc2 && next >= 0x80 && next < 0xa0)) {
			return true;
		}
	}
	return false;
}

bool text_is_name(const char *s)
{
	enum { NAME_MAX_BYTES = 255 };
	const size_t n = strlen(s);

	return n > 0 && n <= NAME_MAX_BYTES && !text_has_controls(s);
}

bool text_is_blank(char c)
{
	return c == ' ' || (c >= '\t' && c <= '\r') || (c >= 0x1c && c <= 0x1f);
}

void text_strip(const char **s, size_t *n)
{
	while (*n > 0 && text_is_blank(**s)) {
		(*s)++;
		(*n)--;
	}
	while (*n > 0 && text_is_blank((*s)[*n - 1])) {
		(*n)--;
	}
}

bool text_is_true(const char *word)
{
	static const char *const words[] = {"1", "t", "true", "on", "y", "yes"};
	size_t n = strlen(word);

	text_strip(&word, &n);
	for (size_t i = 0; i < ARRAY_SIZE(words); i++) {
		if (strlen(words[i]) == n && strncasecmp(words[i], word, n) == 0) {
			return true;
		}
	}
	return false;
}
