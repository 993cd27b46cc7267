/* SPDX-License-Identifier: Apache-2.0 */
/* Tokens of a configuration file, cut as libconfig's scanner cuts them: see scan.h. */
#include "conf/scan.h"

#include "base/str.h"

#include <ctype.h>
#include <errno.h>
#include <limits.h>
#include <string.h>

enum { NESTING_MAX = VALUE_MAX_DEPTH - 4 }; /* what carries the tree needs some levels of its own */

struct scan {
	const char *at, *end;
	struct value here; /* file and line for complaints */
	struct complaints *complaints;
	unsigned depth;
	bool clean;
};

#define REFUSE(s, ...)                                                                             \
	do {                                                                                       \
		complain((s)->complaints, &(s)->here, __VA_ARGS__);                                \
		(s)->clean = false;                                                                \
	} while (0)

static char peek(const struct scan *s, size_t ahead)
{
	return (size_t)(s->end - s->at) > ahead ? s->at[ahead] : '\0';
}

static void step(struct scan *s)
{
	if (s->at < s->end && *s->at++ == '\n') {
		s->here.line++;
	}
}

static void skip_line(struct scan *s)
{
	while (s->at < s->end && *s->at != '\n') {
		step(s);
	}
}

static void refuse_unclosed(struct scan *s, unsigned line, const char *what)
{
	struct value start = s->here;

	start.line = line;
	complain(s->complaints, &start, "this %s does not end", what);
	s->clean = false;
}

/* libconfig takes the end of the file for the end of a comment. */
static void skip_comment(struct scan *s)
{
	unsigned line = s->here.line;

	step(s);
	step(s);
	while (s->at < s->end && !(peek(s, 0) == '*' && peek(s, 1) == '/')) {
		step(s);
	}
	if (s->at == s->end) {
		refuse_unclosed(s, line, "comment");
	}
	step(s);
	step(s);
}

static void skip_string(struct scan *s)
{
	unsigned line = s->here.line;

	step(s);
	while (s->at < s->end && *s->at != '"') {
		if (*s->at == '\\') {
			if ((peek(s, 1) | 0x20) == 'x' && peek(s, 2) == '0' && peek(s, 3) == '0') {
				REFUSE(s, "\\x00 cannot stand in a string");
			}
			step(s);
		}
		step(s);
	}
	if (s->at == s->end) {
		refuse_unclosed(s, line, "string");
	}
	step(s);
}

static void skip_name(struct scan *s)
{
	while (isalnum((unsigned char)peek(s, 0)) || (peek(s, 0) && strchr("-_*", peek(s, 0)))) {
		step(s);
	}
}

static bool is_number(const struct scan *s)
{
	char c = peek(s, 0);
	bool sign = c == '+' || c == '-';

	return isdigit((unsigned char)c) || (sign && isdigit((unsigned char)peek(s, 1))) ||
	       ((sign ? peek(s, 1) : c) == '.');
}

/* With the digits read: does a fraction or an exponent follow? */
static bool is_float_tail(const struct scan *s)
{
	char e = (char)(peek(s, 0) | 0x20), next = peek(s, 1);

	return peek(s, 0) == '.' ||
	       (e == 'e' && (isdigit((unsigned char)next) ||
				    ((next == '+' || next == '-') &&
					    isdigit((unsigned char)peek(s, 2)))));
}

static void skip_float_tail(struct scan *s)
{
	if (peek(s, 0) == '.') {
		step(s);
	}
	while (isdigit((unsigned char)peek(s, 0))) {
		step(s);
	}
	if (peek(s, 0) != '.' && is_float_tail(s)) {
		step(s);
		step(s);
		while (isdigit((unsigned char)peek(s, 0))) {
			step(s);
		}
	}
}

/* Digits of an integer, n bytes from its sign on. Hexadecimal ones have no sign in libconfig. */
static bool within_32_bits(const char *digits, size_t n, int base)
{
	char text[32];
	long long value;

	while (n > 1 && digits[0] == '0' && isxdigit((unsigned char)digits[1])) {
		digits++;
		n--;
	}
	if (n >= sizeof(text)) {
		return false;
	}
	memcpy(text, digits, n);
	text[n] = '\0';
	errno = 0;
	value = strtoll(text, NULL, base);
	return errno == 0 && value >= INT32_MIN && value <= INT32_MAX;
}

static void check_number(struct scan *s)
{
	const char *start = s->at, *digits = s->at;
	bool hex = peek(s, 0) == '0' && (peek(s, 1) | 0x20) == 'x' &&
		   isxdigit((unsigned char)peek(s, 2));

	if (hex) {
		digits += 2;
		step(s);
	}
	do { /* the sign, the first digit, or the x */
		step(s);
	} while (hex ? isxdigit((unsigned char)peek(s, 0)) : isdigit((unsigned char)peek(s, 0)));
	if (!hex && (*start == '.' || is_float_tail(s))) {
		skip_float_tail(s);
		return;
	}
	if (!within_32_bits(digits, (size_t)(s->at - digits), hex ? 16 : 10)) {
		REFUSE(s, "the integer %.*s does not fit into 32 bits (%d to %d)",
			(int)MIN(s->at - start, 40), start, INT32_MIN, INT32_MAX);
	}
	while (peek(s, 0) == 'L') {
		step(s);
	}
}

static void nest(struct scan *s, char c)
{
	if (strchr("({[", c)) {
		s->depth++;
		if (s->depth == NESTING_MAX + 1) {
			REFUSE(s, "groups and lists are nested more than %d deep", NESTING_MAX);
		}
	} else if (strchr(")}]", c) && s->depth > 0) {
		s->depth--;
	}
}

static void scan_token(struct scan *s)
{
	char c = peek(s, 0);

	if (c == '#' || (c == '/' && peek(s, 1) == '/')) {
		skip_line(s);
	} else if (c == '/' && peek(s, 1) == '*') {
		skip_comment(s);
	} else if (c == '"') {
		skip_string(s);
	} else if (isalpha((unsigned char)c) || c == '*') {
		skip_name(s);
	} else if (is_number(s)) {
		check_number(s);
	} else if (c == '@') {
		REFUSE(s,
			"@include is refused; further regions are read from the files of sites_dir");
		skip_line(s);
	} else {
		nest(s, c);
		step(s);
	}
}

bool scan_text(const char *file, const char *text, size_t n, struct complaints *complaints)
{
	struct scan s = {.at = text, .end = text + n, .complaints = complaints, .clean = true};

	s.here.file = (char *)file; /* only read */
	s.here.line = 1;
	if (memchr(text, '\0', n)) {
		s.here.line = 0;
		REFUSE(&s, "not a text file: it holds a zero byte");
		return false;
	}
	while (s.at < s.end) {
		scan_token(&s);
	}
	return s.clean;
}
