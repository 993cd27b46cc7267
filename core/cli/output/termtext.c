/* SPDX-License-Identifier: Apache-2.0 */
/* Text of strangers on a terminal: see termtext.h. Widths are wcwidth()'s; the client sets a UTF-8 locale for it. */
#include "cli/output/termtext.h"

#include <string.h>
#include <wchar.h>

enum { REPLACEMENT = 0xfffd };
#define REPLACEMENT_UTF8 "\xef\xbf\xbd"

static const struct {
	uint32_t first, last;
} controls[] = {
	{0x00,   0x1f  },
	{0x7f,   0x9f  },
	{0x061c, 0x061c}, /* Arabic letter mark */
	{0x200b, 0x200b},
	{0x200e, 0x200f}, /* left-to-right and right-to-left mark */
	{0x2028, 0x202e}, /* line and paragraph separator, embeddings and overrides */
	{0x2066, 0x2069}, /* isolates */
	{0xfeff, 0xfeff},
	{0xfff9, 0xfffb},
};

bool text_is_control(uint32_t c)
{
	for (size_t i = 0; i < sizeof(controls) / sizeof(controls[0]); i++) {
		if (c >= controls[i].first && c <= controls[i].last) {
			return true;
		}
	}
	return false;
}

void text_add_clean(struct strbuf *out, const char *text)
{
	size_t len;

	for (; *text; text += len) {
		uint32_t c = utf8_next(text, &len);

		if (c == '\n' || c == '\t') {
			strbuf_addc(out, ' ');
		} else if (c == REPLACEMENT || text_is_control(c)) {
			strbuf_adds(out, REPLACEMENT_UTF8);
		} else {
			strbuf_add(out, text, len);
		}
	}
}

void text_add_json(struct strbuf *out, const char *text)
{
	size_t len;

	strbuf_addc(out, '"');
	for (; *text; text += len) {
		uint32_t c = utf8_next(text, &len);

		if (c == '"' || c == '\\') {
			strbuf_addc(out, '\\');
			strbuf_addc(out, (char)c);
		} else if (text_is_control(c)) {
			strbuf_addf(out, "\\u%04x", (unsigned)c);
		} else if (c == REPLACEMENT) {
			strbuf_adds(out, REPLACEMENT_UTF8);
		} else {
			strbuf_add(out, text, len);
		}
	}
	strbuf_addc(out, '"');
}

static size_t width_of(uint32_t c)
{
	int width = wcwidth((wchar_t)c);

	return width >= 0 ? (size_t)width : 1;
}

size_t text_width(const char *clean)
{
	size_t width = 0, len;

	for (; *clean; clean += len) {
		width += width_of(utf8_next(clean, &len));
	}
	return width;
}

/* As many bytes as fit into that many columns; *ret_width: what they take. */
static size_t bytes_within(const char *clean, size_t width, size_t *ret_width)
{
	size_t n = 0, len;

	*ret_width = 0;
	while (clean[n]) {
		size_t next = width_of(utf8_next(clean + n, &len));

		if (*ret_width + next > width) {
			return n;
		}
		*ret_width += next;
		n += len;
	}
	return n;
}

static void add_spaces(struct strbuf *out, size_t n)
{
	while (n-- > 0) {
		strbuf_addc(out, ' ');
	}
}

void text_add_fitted(struct strbuf *out, const char *clean, size_t width, enum text_align align,
	const char *ellipsis)
{
	size_t taken, n = bytes_within(clean, width, &taken);
	bool cut = clean[n] != '\0';

	if (cut && width > 0) {
		n = bytes_within(clean, width - 1, &taken);
		taken++;
	}
	add_spaces(out, align == TEXT_RIGHT ? width - taken : 0);
	strbuf_add(out, clean, n);
	if (cut && width > 0) {
		strbuf_adds(out, ellipsis);
	}
	add_spaces(out, align == TEXT_LEFT ? width - taken : 0);
}

/* Columns of the first n bytes. */
static size_t width_of_word(const char *clean, size_t n)
{
	size_t width = 0, len;

	for (size_t i = 0; i < n; i += len) {
		width += width_of(utf8_next(clean + i, &len));
	}
	return width;
}

void text_add_wrapped(struct strbuf *out, const char *clean, size_t indent, size_t width)
{
	size_t at = indent;

	add_spaces(out, indent);
	while (*clean) {
		size_t n = strcspn(clean, " "), columns = width_of_word(clean, n);

		if (at > indent && width > 0 && at + 1 + columns > width) {
			strbuf_addc(out, '\n');
			add_spaces(out, indent);
			at = indent;
		} else if (at > indent) {
			strbuf_addc(out, ' ');
			at++;
		}
		strbuf_add(out, clean, n);
		at += columns;
		clean += n + (clean[n] == ' ');
	}
}
