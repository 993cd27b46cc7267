/* SPDX-License-Identifier: Apache-2.0 */
/* What hosts are called in answers: their names, or host-1, host-2, … in the order of their names where these are
 * nobody's business. */
#ifndef MODEL_LABELS_H
#define MODEL_LABELS_H

#include "base/mem.h"

#include <gpubroker/inventory.h>

struct strbuf;
struct label_word;

struct labels {
	struct arena arena;
	const struct gpubroker_host *hosts; /* borrowed */
	size_t n;
	size_t *by_name;    /* indexes into hosts, sorted by name */
	const char **texts; /* one a host: what it is called */
	struct label_word *words; /* what must not be seen of names: themselves, and what is before their first point */
	size_t n_words, longest; /* bytes of the longest word */
};

/* false: no memory. */
bool labels_init(struct labels *, const struct gpubroker_host hosts[], size_t n, bool show_names);
void labels_finish(struct labels *);

/* A sentence that the cloud or its operator wrote. Hosts' names in it become labels, whatever their case and with
 * the domain behind them; parts of longer words do not count. */
void labels_add_text(const struct labels *, struct strbuf *out, const char *text);

#endif
