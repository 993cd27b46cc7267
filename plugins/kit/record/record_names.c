/* SPDX-License-Identifier: Apache-2.0 */
/* Invented names for real ones: see record_names.h. */
#include "kit/record/record_names.h"

#include "kit/cleanup.h"

#include <search.h>
#include <stdio.h>
#include <string.h>

enum { MADE_MAX = 48 };

struct made_name {
	char made[MADE_MAX];
	char real[];
};

static int compare(const void *a, const void *b)
{
	return strcmp(((const struct made_name *)a)->real, ((const struct made_name *)b)->real);
}

void record_names_finish(struct record_names *names)
{
	for (size_t i = 0; i < RECORD_N_KINDS; i++) {
		tdestroy(names->trees[i], free);
	}
	*names = (struct record_names){0};
}

static struct made_name *made_name_new(const char *real)
{
	size_t n = strlen(real) + 1;
	struct made_name *e = calloc(1, sizeof(*e) + n);

	if (e) {
		memcpy(e->real, real, n);
	}
	return e;
}

static void invent(char made[static MADE_MAX], enum record_kind kind, size_t number)
{
	static const char *const prefixes[] = {[RECORD_HOST] = "host-",
		[RECORD_NODE] = "node-",
		[RECORD_PROJECT] = "project-",
		[RECORD_AGGREGATE] = "aggregate-",
		[RECORD_DEVICE] = "device-",
		[RECORD_CLASS] = "CUSTOM_RECORDED_"};

	if (kind == RECORD_ID) {
		snprintf(made, MADE_MAX, "%08zx-0000-4000-8000-%012zx", number, number);
	} else {
		snprintf(made, MADE_MAX, "%s%05zu", prefixes[kind], number);
	}
}

const char *record_name(struct record_names *names, enum record_kind kind, const char *real)
{
	_cleanup_(freep) struct made_name *e = real ? made_name_new(real) : NULL;
	struct made_name *const *found;

	if (!real) {
		return NULL;
	}
	found = e ? tsearch(e, &names->trees[kind], compare) : NULL;
	if (!found) {
		names->failed = true;
		return "";
	}
	if (*found == e) {
		invent(e->made, kind, ++names->n[kind]);
		e = NULL;
	}
	return (*found)->made;
}

static int compare_reals(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

void record_name_all(
	struct record_names *names, enum record_kind kind, const char *reals[], size_t n)
{
	if (n > 0) {
		qsort(reals, n, sizeof(*reals), compare_reals);
	}
	for (size_t i = 0; i < n; i++) {
		record_name(names, kind, reals[i]);
	}
}

bool record_knows(const struct record_names *names, enum record_kind kind, const char *real)
{
	_cleanup_(freep) struct made_name *e = made_name_new(real);

	return e && tfind(e, &names->trees[kind], compare) != NULL;
}
