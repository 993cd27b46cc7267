/* SPDX-License-Identifier: Apache-2.0 */
/* Growing byte strings and small text helpers: see str.h. */
#include "base/str.h"

#include "base/mem.h"

#include <errno.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

void strbuf_finish(struct strbuf *b)
{
	free(b->data);
	*b = (struct strbuf){0};
}

void strbuf_clear(struct strbuf *b)
{
	b->len = 0;
	b->failed = false;
	if (b->data) {
		b->data[0] = '\0';
	}
}

static bool strbuf_reserve(struct strbuf *b, size_t more)
{
	size_t wanted;
	char *bigger;

	if (b->failed || more > SIZE_MAX / 4 - b->len) {
		b->failed = true;
		return false;
	}
	if (b->room - b->len > more) {
		return true;
	}
	wanted = MAX(b->len + more + 1, MAX(b->room * 2, (size_t)64));
	bigger = realloc(b->data, wanted);
	if (!bigger) {
		b->failed = true;
		return false;
	}
	b->data = bigger;
	b->room = wanted;
	return true;
}

char *strbuf_take(struct strbuf *b, size_t *ret_len)
{
	char *data;

	if (b->failed || !strbuf_reserve(b, 0)) {
		strbuf_finish(b);
		return NULL;
	}
	b->data[b->len] = '\0';
	data = b->data;
	if (ret_len) {
		*ret_len = b->len;
	}
	*b = (struct strbuf){0};
	return data;
}

void strbuf_add(struct strbuf *b, const void *data, size_t n)
{
	if (n == 0 || !strbuf_reserve(b, n)) {
		return;
	}
	memcpy(b->data + b->len, data, n);
	b->len += n;
	b->data[b->len] = '\0';
}

void strbuf_adds(struct strbuf *b, const char *s)
{
	strbuf_add(b, s, strlen(s));
}

void strbuf_addc(struct strbuf *b, char c)
{
	strbuf_add(b, &c, 1);
}

void strbuf_add_int(struct strbuf *b, int64_t value)
{
	char digits[24], *end = digits + sizeof(digits), *p = end;
	uint64_t rest = value < 0 ? 0 - (uint64_t)value : (uint64_t)value;

	do {
		*--p = (char)('0' + rest % 10);
		rest /= 10;
	} while (rest > 0);
	if (value < 0) {
		*--p = '-';
	}
	strbuf_add(b, p, (size_t)(end - p));
}

void strbuf_addf(struct strbuf *b, const char *format, ...)
{
	va_list ap;
	int n;

	va_start(ap, format);
	n = vsnprintf(NULL, 0, format, ap);
	va_end(ap);
	if (n < 0 || !strbuf_reserve(b, (size_t)n)) {
		b->failed = true;
		return;
	}
	va_start(ap, format);
	vsnprintf(b->data + b->len, (size_t)n + 1, format, ap);
	va_end(ap);
	b->len += (size_t)n;
}

uint32_t utf8_next(const char *text, size_t *ret_len)
{
	const unsigned char *s = (const unsigned char *)text;
	static const uint32_t least[] = {0, 0, 0x80, 0x800, 0x10000};
	size_t n = s[0] < 0x80                   ? 1
		   : s[0] >= 0xf0 && s[0] < 0xf5 ? 4
		   : s[0] >= 0xe0 && s[0] < 0xf0 ? 3
		   : s[0] >= 0xc2 && s[0] < 0xe0 ? 2
						 : 0;
	uint32_t c = n == 1 ? s[0] : s[0] & (0x7fu >> n);

	*ret_len = 1;
	for (size_t i = 1; i < n; i++) {
		if ((s[i] & 0xc0) != 0x80) {
			return 0xfffd;
		}
		c = c << 6 | (s[i] & 0x3f);
	}
	if (n == 0 || c < least[n] || c > 0x10ffff || (c >= 0xd800 && c < 0xe000)) {
		return 0xfffd;
	}
	*ret_len = n;
	return c;
}

static void add_escaped(struct strbuf *b, uint32_t c)
{
	if (c >= 0x10000) {
		c -= 0x10000;
		strbuf_addf(b, "\\u%04x\\u%04x", 0xd800 + (unsigned)(c >> 10),
			0xdc00 + (unsigned)(c & 0x3ff));
	} else {
		strbuf_addf(b, "\\u%04x", (unsigned)c);
	}
}

/* How many bytes from s on stand in JSON as they are. */
static size_t plain_run(const char *s)
{
	size_t n = 0;

	while (s[n] >= 0x20 && s[n] < 0x7f && s[n] != '"' && s[n] != '\\') {
		n++;
	}
	return n;
}

/* The letter of a two-letter escape, or '\0'. */
static char short_escape(uint32_t c)
{
	static const char short_for[][2] = {
		{'"',  '"' },
                {'\\', '\\'},
                {'\n', 'n' },
                {'\r', 'r' },
                {'\t', 't' },
                {'\b', 'b' },
		{'\f', 'f' }
        };

	for (size_t i = 0; i < ARRAY_SIZE(short_for); i++) {
		if ((uint32_t)short_for[i][0] == c) {
			return short_for[i][1];
		}
	}
	return '\0';
}

static size_t add_json_char(struct strbuf *b, const char *s, enum json_escape how)
{
	size_t len;
	uint32_t c = utf8_next(s, &len);

	if (short_escape(c)) {
		strbuf_addc(b, '\\');
		strbuf_addc(b, short_escape(c));
	} else if (c < 0x20 || (how == JSON_ASCII && c >= 0x7f)) {
		add_escaped(b, c);
	} else if (c == 0xfffd) {
		strbuf_adds(b, "\xef\xbf\xbd");
	} else {
		strbuf_add(b, s, len);
	}
	return len;
}

void strbuf_add_json(struct strbuf *b, const char *s, enum json_escape how)
{
	size_t n;

	strbuf_addc(b, '"');
	while (*s) {
		n = plain_run(s);
		strbuf_add(b, s, n);
		s += n;
		if (*s) {
			s += add_json_char(b, s, how);
		}
	}
	strbuf_addc(b, '"');
}

bool str_equal(const char *a, const char *b)
{
	return a && b ? strcmp(a, b) == 0 : a == b;
}

bool str_contains_nocase(const char *haystack, const char *needle)
{
	size_t n = strlen(needle);

	for (; strlen(haystack) >= n; haystack++) {
		if (strncasecmp(haystack, needle, n) == 0) {
			return true;
		}
		if (!*haystack) {
			break;
		}
	}
	return false;
}

enum { NEAREST_MAX_LENGTH = 63 };

static unsigned edit_distance(const char *a, const char *b)
{
	unsigned row[NEAREST_MAX_LENGTH + 2];
	size_t na = strlen(a), nb = strlen(b);

	if (na > NEAREST_MAX_LENGTH || nb > NEAREST_MAX_LENGTH) {
		return UINT32_MAX;
	}
	for (size_t j = 0; j <= nb; j++) {
		row[j] = (unsigned)j;
	}
	for (size_t i = 1; i <= na; i++) {
		unsigned diagonal = row[0];

		row[0] = (unsigned)i;
		for (size_t j = 1; j <= nb; j++) {
			unsigned above = row[j];
			unsigned best = diagonal + (a[i - 1] != b[j - 1]);

			best = MIN(best, above + 1);
			row[j] = MIN(best, row[j - 1] + 1);
			diagonal = above;
		}
	}
	return row[nb];
}

const char *str_nearest(const char *name, const char *const *candidates, size_t n)
{
	unsigned best = (unsigned)strlen(name) / 2 + 1;
	const char *nearest = NULL;

	for (size_t i = 0; i < n; i++) {
		unsigned d = edit_distance(name, candidates[i]);

		if (d < best) {
			best = d;
			nearest = candidates[i];
		}
	}
	return nearest;
}

bool str_is_name(const char *s, const char *also)
{
	size_t n = strlen(s);

	for (size_t i = 0; i < n; i++) {
		bool plain = (s[i] >= 'a' && s[i] <= 'z') || (s[i] >= '0' && s[i] <= '9');

		if (!plain && (i == 0 || (s[i] != '-' && !strchr(also, s[i])))) {
			return false;
		}
	}
	return n >= 1 && n <= 63;
}

bool str_to_int64(const char *s, int64_t *ret)
{
	char *end;
	long long value;

	if (!(s[0] >= '0' && s[0] <= '9') &&
		!((s[0] == '-' || s[0] == '+') && s[1] >= '0' && s[1] <= '9')) {
		return false;
	}
	errno = 0;
	value = strtoll(s, &end, 10);
	if (errno != 0 || *end != '\0') {
		return false;
	}
	*ret = value;
	return true;
}
