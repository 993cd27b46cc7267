/* SPDX-License-Identifier: Apache-2.0 */
/* Sets of words: what hosts and devices have, what flavors require or forbid (struct gpubroker_words). Sorted by
 * bytes, so that two sets of the same words are the same list. */
#ifndef KIT_WORD_SET_H
#define KIT_WORD_SET_H

#include <gpubroker/inventory.h>

/* Zeroes are an empty set. The first failed allocation sets `failed` and everything after it is dropped. */
struct word_set {
	char **items;
	size_t n, room;
	bool failed;
};

void word_set_finish(struct word_set *);
void word_set_add(struct word_set *, const char *word); /* copied; one that is there already is not added */
__attribute__((format(printf, 2, 3))) void word_set_addf(struct word_set *, const char *format, ...);
void word_set_add_all(struct word_set *, const struct word_set *);
bool word_set_has(const struct word_set *, const char *word);
/* Lent until the set changes. */
struct gpubroker_words word_set_view(const struct word_set *);

#endif
