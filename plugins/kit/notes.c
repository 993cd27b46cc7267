/* SPDX-License-Identifier: Apache-2.0 */
/* Log lines that are said once: see notes.h. */
#include "kit/notes.h"

#include "kit/cleanup.h"

#include <stdarg.h>
#include <stdio.h>

void notes_finish(struct notes *n)
{
	free(n->before);
	free(n->now);
	*n = (struct notes){0};
}

static int compare_hashes(const void *a, const void *b)
{
	uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

	return (x > y) - (x < y);
}

void notes_begin(struct notes *n)
{
	uint64_t *spare = n->before;
	size_t room = n->room_before;

	n->before = n->now;
	n->n_before = n->n_now;
	n->room_before = n->room_now;
	if (n->n_before > 0) {
		qsort(n->before, n->n_before, sizeof(*n->before), compare_hashes);
	}
	n->now = spare;
	n->room_now = room;
	n->n_now = 0;
	n->full = false;
}

static uint64_t hash(const char *s) /* FNV-1a */
{
	uint64_t h = UINT64_C(14695981039346656037);

	for (; *s; s++) {
		h = (h ^ (unsigned char)*s) * UINT64_C(1099511628211);
	}
	return h;
}

static bool was_said(const struct notes *n, uint64_t h)
{
	return n->n_before > 0 &&
	       bsearch(&h, n->before, n->n_before, sizeof(*n->before), compare_hashes) != NULL;
}

void note(struct notes *n, const struct gpubroker_core *core, const char *format, ...)
{
	char line[1024];
	va_list ap;
	uint64_t h;

	if (n->n_now >= NOTES_MAX || !GROW(n->now, n->n_now, n->room_now)) {
		if (!n->full) {
			core->log(
				GPUBROKER_WARN, "more is wrong than is logged lines=%zu", n->n_now);
		}
		n->full = true;
		return;
	}
	va_start(ap, format);
	vsnprintf(line, sizeof(line), format, ap);
	va_end(ap);
	h = hash(line);
	n->now[n->n_now++] = h;
	if (!was_said(n, h)) {
		core->log(GPUBROKER_WARN, "%s", line);
	}
}
