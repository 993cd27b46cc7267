/* SPDX-License-Identifier: Apache-2.0 */
/* What the two halves of a recording share: JSON as it is written, document after document. Only record*.c include
 * it. */
#ifndef KIT_RECORD_JSON_H
#define KIT_RECORD_JSON_H

#include "kit/join.h"
#include "kit/record/record_names.h"
#include "kit/text.h"

struct record { /* one call of record_region() */
	const struct gpubroker_core *core;
	const struct nova_region *region;
	const struct gpubroker_groups *alias_map;
	struct record_names names;
	struct text json; /* the document being written */
	bool comma;       /* the next member needs one before it */
	bool failed;      /* a document could not be written */
};
void record_finish(struct record *);

/* Members of an object, or items of a list where key is NULL. */
void record_open(struct record *, const char *key, char bracket);
void record_close(struct record *, char bracket);
void record_string(struct record *, const char *key, const char *value); /* NULL: null */
void record_integer(struct record *, const char *key, int64_t value);
void record_boolean(struct record *, const char *key, bool value);
void record_ratio(struct record *, const char *key, int64_t micro); /* 1500000: 1.5 */

/* Hands the document over; the next one begins empty. */
void record_done(struct record *, const char *name);
/* The document KEY.json: {"KEY": [{…}, …]}; add writes the members of item i. */
void record_list(struct record *, const char *key, size_t n, void (*add)(struct record *, size_t i));

void record_placement(struct record *); /* record_placement.c */
/* Whether the counting looks at a trait; others may be called after somebody. */
bool record_trait_counts(const struct record *, const char *trait);

#endif
