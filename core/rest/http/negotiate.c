/* SPDX-License-Identifier: Apache-2.0 */
/* What a client's headers ask for: see negotiate.h. */
#include "rest/http/negotiate.h"

#include "base/mono.h"

#include <stddef.h>
#include <string.h>
#include <strings.h>

enum { Q_ONE = 1000, Q_UNSET = -1 };

struct element { /* of a comma list: its first word and its q */
	const char *word;
	size_t n;
	int q; /* thousandths */
};

static const char *skip_blanks(const char *s)
{
	return s + strspn(s, " \t");
}

/* "1", "0.5", "0.123": thousandths. Anything else is 0: better not sent than sent against the wish. */
static int parse_q(const char *s)
{
	int q = 0, digit = Q_ONE;

	if (*s != '0' && *s != '1') {
		return 0;
	}
	q = *s == '1' ? Q_ONE : 0;
	if (s[1] == '.') {
		for (s += 2; *s >= '0' && *s <= '9' && digit > 1; s++) {
			digit /= 10;
			q += (*s - '0') * digit;
		}
	}
	return q > Q_ONE ? Q_ONE : q;
}

/* Takes the next element; NULL: there is none. Quoted strings do not occur in what we read. */
static const char *next_element(const char *at, struct element *ret)
{
	const char *end;

	at += strspn(at, " \t,");
	if (!*at) {
		return NULL;
	}
	end = at + strcspn(at, ",");
	*ret = (struct element){.word = at, .n = strcspn(at, " \t,;"), .q = Q_ONE};
	for (at += strcspn(at, ",;"); at < end && *at == ';'; at += strcspn(at, ",;")) {
		at = skip_blanks(at + 1);
		if (strncasecmp(at, "q=", 2) == 0) {
			ret->q = parse_q(at + 2);
		}
	}
	return end;
}

static bool element_is(const struct element *e, const char *word)
{
	return strlen(word) == e->n && strncasecmp(e->word, word, e->n) == 0;
}

bool accepts_gzip(const char *accept_encoding)
{
	int gzip = Q_UNSET, identity = Q_UNSET, any = Q_UNSET;
	struct element e;

	for (const char *at = accept_encoding; at && (at = next_element(at, &e));) {
		if (element_is(&e, "gzip") || element_is(&e, "x-gzip")) {
			gzip = e.q;
		} else if (element_is(&e, "identity")) {
			identity = e.q;
		} else if (element_is(&e, "*")) {
			any = e.q;
		}
	}
	if (gzip == Q_UNSET) {
		gzip = any;
	}
	return gzip > 0 && gzip >= identity;
}

bool prefers_openmetrics(const char *accept)
{
	int open = 0, text = 0;
	struct element e;

	for (const char *at = accept; at && (at = next_element(at, &e));) {
		if (element_is(&e, "application/openmetrics-text")) {
			open = e.q > open ? e.q : open;
		} else if (element_is(&e, "text/plain")) {
			text = e.q > text ? e.q : text;
		}
	}
	return open > 0 && open >= text;
}

bool etag_matches(const char *if_none_match, const char *etag)
{
	size_t n = strlen(etag);
	const char *s = if_none_match;

	if (!s) {
		return false;
	}
	s = skip_blanks(s);
	if (*s == '*') {
		return *skip_blanks(s + 1) == '\0';
	}
	while (*s) {
		const char *end;

		s += strspn(s, " \t,");
		if (strncmp(s, "W/", 2) == 0) {
			s += 2;
		}
		end = *s == '"' ? strchr(s + 1, '"') : NULL;
		if (!end) {
			return false;
		}
		if ((size_t)(end + 1 - s) == n && memcmp(s, etag, n) == 0) {
			return true;
		}
		s = end + 1;
	}
	return false;
}

bool not_modified_since(const char *if_modified_since, int64_t modified_ms)
{
	int64_t since_ms;

	return if_modified_since && time_parse_http(if_modified_since, &since_ms) &&
	       modified_ms / 1000 <= since_ms / 1000;
}
