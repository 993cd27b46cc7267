/* SPDX-License-Identifier: Apache-2.0 */
/* Percent-encoding of URLs: see percent.h. A `+` stays a `+`: what it means depends on where it stands. */
#include "rest/http/percent.h"

#include <stdint.h>

static int hex_digit(char c)
{
	if (c >= '0' && c <= '9') {
		return c - '0';
	}
	if (c >= 'a' && c <= 'f') {
		return c - 'a' + 10;
	}
	return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

static size_t utf8_length(unsigned char first)
{
	if (first < 0x80) {
		return 1;
	}
	if (first >= 0xc2 && first < 0xe0) {
		return 2;
	}
	if (first >= 0xe0 && first < 0xf0) {
		return 3;
	}
	return first >= 0xf0 && first < 0xf5 ? 4 : 0;
}

bool utf8_valid(const char *text, size_t n)
{
	const unsigned char *s = (const unsigned char *)text;
	size_t len;

	for (size_t i = 0; i < n; i += len) {
		len = utf8_length(s[i]);
		if (len == 0 || len > n - i) {
			return false;
		}
		for (size_t j = 1; j < len; j++) {
			if ((s[i + j] & 0xc0) != 0x80) {
				return false;
			}
		}
		if ((s[i] == 0xe0 && s[i + 1] < 0xa0) || (s[i] == 0xed && s[i + 1] >= 0xa0) ||
			(s[i] == 0xf0 && s[i + 1] < 0x90) || (s[i] == 0xf4 && s[i + 1] >= 0x90)) {
			return false;
		}
	}
	return true;
}

/* One byte of what is meant; -1: a broken escape or a NUL. */
static int decode_one(const char *from, size_t n, size_t *ret_used)
{
	int high, low;

	*ret_used = 1;
	if (from[0] != '%') {
		return from[0] ? (unsigned char)from[0] : -1;
	}
	if (n < 3) {
		return -1;
	}
	high = hex_digit(from[1]);
	low = hex_digit(from[2]);
	if (high < 0 || low < 0 || high + low == 0) {
		return -1;
	}
	*ret_used = 3;
	return high << 4 | low;
}

bool percent_decode(const char *from, size_t n, char *to, size_t room, size_t *ret_len)
{
	size_t len = 0, used;
	bool fine = room > 0;

	for (size_t i = 0; fine && i < n; i += used) {
		int c = decode_one(from + i, n - i, &used);

		fine = c >= 0 && len + 1 < room;
		if (fine) {
			to[len++] = (char)c;
		}
	}
	if (room > 0) {
		to[len] = '\0';
	}
	*ret_len = len;
	return fine && utf8_valid(to, len);
}
