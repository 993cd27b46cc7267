/* SPDX-License-Identifier: Apache-2.0 */
/* What failed once: see fit_memo.h. */
#include "model/fit/fit_memo.h"

#include <string.h>

enum {
	ROOM = 1 << 16, /* places; three quarters are used */
	FULL = ROOM / 4 * 3,
};

bool fit_memo_init(struct fit_memo *m, size_t n_items)
{
	*m = (struct fit_memo){.n_items = n_items};
	m->places = calloc(ROOM, (n_items + 1) * sizeof(*m->places));
	m->key = calloc(n_items + 1, sizeof(*m->key));
	return m->places && m->key;
}

void fit_memo_finish(struct fit_memo *m)
{
	free(m->places);
	free(m->key);
	*m = (struct fit_memo){0};
}

/* The place of the key, or a free one. */
static int32_t *find(const struct fit_memo *m, size_t hosts, const int64_t left[])
{
	const size_t width = m->n_items + 1;
	uint64_t h = UINT64_C(0x9e3779b97f4a7c15);

	m->key[0] = (int32_t)hosts;
	for (size_t i = 0; i < m->n_items; i++) {
		m->key[i + 1] = (int32_t)left[i];
	}
	for (size_t i = 0; i < width; i++) {
		h = (h ^ (uint64_t)m->key[i]) * UINT64_C(0x100000001b3);
		h ^= h >> 29;
	}
	for (size_t at = (size_t)h % ROOM;; at = (at + 1) % ROOM) {
		int32_t *place = m->places + at * width;

		if (place[0] == 0 || memcmp(place, m->key, width * sizeof(*place)) == 0) {
			return place;
		}
	}
}

bool fit_memo_has(const struct fit_memo *m, size_t hosts, const int64_t left[])
{
	return find(m, hosts, left)[0] != 0;
}

void fit_memo_add(struct fit_memo *m, size_t hosts, const int64_t left[])
{
	int32_t *place = find(m, hosts, left);

	if (place[0] == 0 && m->n < FULL) {
		memcpy(place, m->key, (m->n_items + 1) * sizeof(*place));
		m->n++;
	}
}
