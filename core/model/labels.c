/* SPDX-License-Identifier: Apache-2.0 */
/* What hosts are called in answers: see labels.h. */
#include "model/labels.h"

#include "base/str.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

enum { LABEL_SIZE = 32 };

struct label_word {
	const char *text;
	size_t n;
	const char *label;
};

static int compare_names(const void *a, const void *b, void *context)
{
	const struct gpubroker_host *hosts = context;

	return strcmp(hosts[*(const size_t *)a].name, hosts[*(const size_t *)b].name);
}

/* Shorter ones first where one begins the other; letters of either case are the same. */
static int compare_words(const void *a, const void *b)
{
	const struct label_word *x = a, *y = b;
	int r = strncasecmp(x->text, y->text, MIN(x->n, y->n));

	return r != 0 ? r : (x->n > y->n) - (x->n < y->n);
}

static bool has_letter(const char *text, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		if (isalpha((unsigned char)text[i])) {
			return true;
		}
	}
	return false;
}

static void add_word(struct labels *l, const char *text, size_t n, const char *label)
{
	l->words[l->n_words++] = (struct label_word){text, n, label};
	l->longest = MAX(l->longest, n);
}

/* "gpu01.cloud.example" is known as "gpu01" too; the first number of an address says nothing. */
static void add_words(struct labels *l, const char *name, const char *label)
{
	const size_t n = strcspn(name, ".");

	add_word(l, name, strlen(name), label);
	if (n > 0 && name[n] && has_letter(name, n)) {
		add_word(l, name, n, label);
	}
}

static bool hide_names(struct labels *l)
{
	l->words = arena_alloc(&l->arena, 2 * l->n * sizeof(*l->words));
	for (size_t i = 0; l->words && i < l->n; i++) {
		char *label = arena_alloc(&l->arena, LABEL_SIZE);

		if (!label) {
			return false;
		}
		snprintf(label, LABEL_SIZE, "host-%zu", i + 1);
		l->texts[l->by_name[i]] = label;
		add_words(l, l->hosts[l->by_name[i]].name, label);
	}
	if (l->words && l->n_words > 0) {
		qsort(l->words, l->n_words, sizeof(*l->words), compare_words);
	}
	return l->words;
}

bool labels_init(struct labels *l, const struct gpubroker_host hosts[], size_t n, bool show_names)
{
	bool good;

	*l = (struct labels){.hosts = hosts, .n = n};
	l->by_name = arena_alloc(&l->arena, n * sizeof(*l->by_name));
	l->texts = arena_alloc(&l->arena, n * sizeof(*l->texts));
	good = l->by_name && l->texts;
	for (size_t i = 0; good && i < n; i++) {
		l->by_name[i] = i;
		l->texts[i] = hosts[i].name;
	}
	if (good && n > 0) {
		qsort_r(l->by_name, n, sizeof(*l->by_name), compare_names, (void *)hosts);
	}
	good = good && (show_names || hide_names(l));
	if (!good) {
		labels_finish(l);
	}
	return good;
}

void labels_finish(struct labels *l)
{
	arena_finish(&l->arena);
	*l = (struct labels){0};
}

static bool in_one_word(char a, char b)
{
	return isalnum((unsigned char)a) && isalnum((unsigned char)b);
}

/* The longest name that stands at `at`, a whole word. NULL: none. */
static const struct label_word *find_name(const struct labels *l, const char *at)
{
	const size_t most = strnlen(at, l->longest);

	for (size_t n = most; n > 0; n--) {
		const struct label_word key = {.text = at, .n = n};
		const struct label_word *found = NULL;

		if (!in_one_word(at[n - 1], at[n])) {
			found = bsearch(&key, l->words, l->n_words, sizeof(key), compare_words);
		}
		if (found) {
			return found;
		}
	}
	return NULL;
}

/* ".cloud.example" */
static size_t domain_length(const char *at)
{
	size_t n = 0;

	while (at[n] == '.' && isalnum((unsigned char)at[n + 1])) {
		n++;
		while (isalnum((unsigned char)at[n]) || at[n] == '-') {
			n++;
		}
	}
	return n;
}

void labels_add_text(const struct labels *l, struct strbuf *out, const char *text)
{
	for (const char *at = text; *at;) {
		const bool begins = at == text || !in_one_word(at[-1], at[0]);
		const struct label_word *name = begins && l->n_words > 0 ? find_name(l, at) : NULL;

		if (name) {
			strbuf_adds(out, name->label);
			at += name->n;
			at += domain_length(at);
		} else {
			strbuf_addc(out, *at++);
		}
	}
}
