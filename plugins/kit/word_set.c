/* SPDX-License-Identifier: Apache-2.0 */
/* Sets of words: see word_set.h. */
#include "kit/word_set.h"

#include "kit/cleanup.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

void word_set_finish(struct word_set *s)
{
	for (size_t i = 0; i < s->n; i++) {
		free(s->items[i]);
	}
	free(s->items);
	*s = (struct word_set){0};
}

/* Where a word is or would be. */
static size_t place_of(const struct word_set *s, const char *word, bool *ret_there)
{
	size_t low = 0, high = s->n;

	*ret_there = false;
	while (low < high) {
		size_t middle = low + (high - low) / 2;
		int order = strcmp(s->items[middle], word);

		if (order == 0) {
			*ret_there = true;
			return middle;
		}
		if (order < 0) {
			low = middle + 1;
		} else {
			high = middle;
		}
	}
	return low;
}

void word_set_add(struct word_set *s, const char *word)
{
	bool there;
	size_t at = place_of(s, word, &there);
	char *copy;

	if (there || s->failed) {
		return;
	}
	copy = strdup(word);
	if (!copy || !GROW(s->items, s->n, s->room)) {
		free(copy);
		s->failed = true;
		return;
	}
	memmove(s->items + at + 1, s->items + at, (s->n - at) * sizeof(*s->items));
	s->items[at] = copy;
	s->n++;
}

void word_set_addf(struct word_set *s, const char *format, ...)
{
	_cleanup_(freep) char *word = NULL;
	va_list ap;
	int n;

	va_start(ap, format);
	n = vasprintf(&word, format, ap);
	va_end(ap);
	if (n < 0) {
		word = NULL; /* undefined then */
		s->failed = true;
		return;
	}
	word_set_add(s, word);
}

void word_set_add_all(struct word_set *s, const struct word_set *more)
{
	for (size_t i = 0; i < more->n; i++) {
		word_set_add(s, more->items[i]);
	}
}

bool word_set_has(const struct word_set *s, const char *word)
{
	bool there;

	place_of(s, word, &there);
	return there;
}

struct gpubroker_words word_set_view(const struct word_set *s)
{
	return (struct gpubroker_words){(const char *const *)s->items, s->n};
}
