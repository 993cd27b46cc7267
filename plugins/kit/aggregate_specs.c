/* SPDX-License-Identifier: Apache-2.0 */
/* What flavors demand of the metadata of a host's aggregates: see aggregate_specs.h. */
#include "kit/aggregate_specs.h"

#include "kit/cleanup.h"
#include "kit/text.h"

#include <string.h>

/* ---- one value against one requirement ---- */

struct piece { /* of a longer text */
	const char *text;
	size_t n;
};

static bool equal(struct piece a, struct piece b)
{
	return a.n == b.n && memcmp(a.text, b.text, a.n) == 0;
}

static int order(struct piece a, struct piece b)
{
	int by_bytes = memcmp(a.text, b.text, MIN(a.n, b.n));

	return by_bytes != 0 ? by_bytes : (a.n > b.n) - (a.n < b.n);
}

static bool contains(struct piece whole, struct piece part)
{
	return part.n == 0 || memmem(whole.text, whole.n, part.text, part.n) != NULL;
}

static struct piece next_word(const char **rest)
{
	struct piece word;

	while (text_is_blank(**rest)) {
		(*rest)++;
	}
	word = (struct piece){.text = *rest};
	while (**rest && !text_is_blank(**rest)) {
		(*rest)++;
		word.n++;
	}
	return word;
}

/* As Python's float() reads text: blanks around it, "1_0", "1e3", "inf"; no hexadecimal. */
static bool number(struct piece p, double *ret)
{
	char digits[64];
	size_t n = 0;
	char *end;

	text_strip(&p.text, &p.n);
	for (size_t i = 0; i < p.n && n < sizeof(digits) - 1; i++) {
		const char c = p.text[i];
		const bool between_digits = i > 0 && i + 1 < p.n && p.text[i - 1] >= '0' &&
					    p.text[i - 1] <= '9' && p.text[i + 1] >= '0' &&
					    p.text[i + 1] <= '9';

		if (c == '_' && between_digits) {
			continue;
		}
		if (strchr("xXpP(_", c) || c == '\0') {
			return false;
		}
		digits[n++] = c;
	}
	digits[n] = '\0';
	*ret = strtod(digits, &end);
	return n > 0 && n < sizeof(digits) - 1 && *end == '\0' && !text_is_blank(digits[0]);
}

enum operation { AT_LEAST, AT_MOST, EQUAL, UNEQUAL, BEFORE, AFTER };

static bool compares(enum operation what, double difference)
{
	switch (what) {
	case AT_LEAST:
		return difference >= 0;
	case AT_MOST:
		return difference <= 0;
	case EQUAL:
		return difference == 0;
	case UNEQUAL:
		return difference != 0;
	case BEFORE:
		return difference < 0;
	case AFTER:
		return difference > 0;
	}
	return false;
}

/* "=" is "at least" for Nova. Infinities are compared as such, not by their difference. */
static bool compare_numbers(enum operation what, struct piece value, struct piece operand)
{
	double x, y;

	if (!number(value, &x) || !number(operand, &y)) {
		return false; /* Nova's scheduler fails */
	}
	if (x != x || y != y) { /* nan */
		return what == UNEQUAL;
	}
	return compares(what, x < y ? -1 : x > y ? 1 : 0);
}

static const struct {
	const char *word;
	bool numbers;
	enum operation what;
} operations[] = {
	{"=",   true,  AT_LEAST},
	{"==",  true,  EQUAL   },
	{"!=",  true,  UNEQUAL },
	{">=",  true,  AT_LEAST},
	{"<=",  true,  AT_MOST },
	{"s==", false, EQUAL   },
	{"s!=", false, UNEQUAL },
	{"s<",  false, BEFORE  },
	{"s<=", false, AT_MOST },
	{"s>",  false, AFTER   },
	{"s>=", false, AT_LEAST},
};

static bool is_word(struct piece p, const char *word)
{
	return equal(p, (struct piece){word, strlen(word)});
}

/* "<or> a <or> b": every second word counts, whatever stands between. */
static bool matches_one(struct piece value, const char *rest)
{
	for (struct piece word = next_word(&rest); word.n > 0; word = next_word(&rest)) {
		if (equal(value, word)) {
			return true;
		}
		next_word(&rest);
	}
	return false;
}

static bool contains_all(struct piece value, const char *rest)
{
	struct piece word = next_word(&rest);

	if (word.n == 0) {
		return false;
	}
	for (; word.n > 0; word = next_word(&rest)) {
		if (!contains(value, word)) {
			return false;
		}
	}
	return true;
}

static bool piece_matches(struct piece value, const char *requirement)
{
	const char *rest = requirement;
	const struct piece first = next_word(&rest);
	const char *operands = rest;
	const struct piece operand = next_word(&rest);

	if (is_word(first, "<or>")) {
		return matches_one(value, operands);
	}
	if (is_word(first, "<all-in>")) {
		return contains_all(value, operands);
	}
	if (is_word(first, "<in>")) {
		return operand.n > 0 && contains(value, operand);
	}
	for (size_t i = 0; i < ARRAY_SIZE(operations); i++) {
		const enum operation what = operations[i].what;

		if (is_word(first, operations[i].word)) {
			return operand.n > 0 &&
			       (operations[i].numbers ? compare_numbers(what, value, operand)
						      : compares(what, order(value, operand)));
		}
	}
	return is_word(value, requirement); /* no operator: the whole of it, blanks and all */
}

bool aggregate_spec_matches(const char *value, const char *requirement)
{
	return piece_matches((struct piece){value, strlen(value)}, requirement);
}

/* ---- a host's aggregates ---- */

bool aggregate_spec_is_word(const char *word)
{
	return strncmp(word, AGGREGATE_SPEC_SCOPE, strlen(AGGREGATE_SPEC_SCOPE)) == 0;
}

/* Metadata may list several values: "ssd, nvme". */
static bool some_value_matches(const char *values, const char *requirement)
{
	for (const char *s = values, *end; s; s = *end ? end + 1 : NULL) {
		struct piece p = {.text = s};

		end = strchrnul(s, ',');
		p.n = (size_t)(end - s);
		text_strip(&p.text, &p.n);
		if (piece_matches(p, requirement)) {
			return true;
		}
	}
	return false;
}

static bool aggregate_satisfies(
	const struct nova_aggregate *a, struct piece key, const char *requirement)
{
	for (size_t i = 0; i < a->n_metadata; i++) {
		const struct nova_pair *pair = &a->metadata[i];

		if (pair->value && is_word(key, pair->key) &&
			some_value_matches(pair->value, requirement)) {
			return true;
		}
	}
	return false;
}

bool aggregate_spec_holds(
	const char *word, const struct nova_aggregate *const *aggregates, size_t n)
{
	struct piece key;
	const char *equals;

	if (!aggregate_spec_is_word(word)) {
		return false;
	}
	key.text = word + strlen(AGGREGATE_SPEC_SCOPE);
	equals = strchr(key.text, '='); /* no key of Nova's has one */
	if (!equals) {
		return false;
	}
	key.n = (size_t)(equals - key.text);
	for (size_t i = 0; i < n; i++) {
		if (aggregate_satisfies(aggregates[i], key, equals + 1)) {
			return true;
		}
	}
	return false;
}
