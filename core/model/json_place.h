/* SPDX-License-Identifier: Apache-2.0 */
/* A JSON document from anywhere, read with a check at each step: what is wrong is said with the path that leads to
 * it, "snapshot: hosts[3].vcpus.total is no integer". The functions return 0, or < 0 with *place->reterr set. */
#ifndef MODEL_JSON_PLACE_H
#define MODEL_JSON_PLACE_H

#include <gpubroker/error.h>

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct json_t;

/* Where the reader is: an object and how one comes to it. */
struct place {
	const struct place *parent;
	const char *key; /* in the parent; NULL: the document */
	size_t index;    /* in the parent's list `key`; PLACE_NO_INDEX: it is in no list */
	const struct json_t *json;
	struct gpubroker_error *reterr;
};
#define PLACE_NO_INDEX SIZE_MAX

/* most_values: the document has no more values than commas and opening brackets; that is known before memory is
 * spent on it. ret: strings live until place_close(). */
int place_open(struct place *ret, const char *data, size_t n, size_t most_values, struct gpubroker_error *reterr);
void place_close(struct place *); /* also one of zeroes */

int place_bad(const struct place *, const char *key, const char *what);

int place_text(const struct place *, const char *key, bool needed, const char **ret); /* absent: NULL */
int place_name(const struct place *, const char *key, const char **ret); /* text that identifies something */
int place_bool(const struct place *, const char *key, bool needed, bool *ret); /* absent: false */
bool place_has(const struct place *, const char *key);

/* A key, where it goes and what is accepted. An absent one is `absent`, or an error with PLACE_NEEDED. */
struct place_number {
	const char *key;
	int64_t *ret;
	int64_t least, most, absent;
};
#define PLACE_NEEDED INT64_MIN
int place_numbers(const struct place *, const struct place_number numbers[], size_t n);

int place_object(const struct place *, const char *key, struct place *ret);

/* How many items a list has; 0 where there is none. */
size_t place_count(const struct place *, const char *key);
/* Calls each() for the objects of a list, which has at most `most` of them. An absent one is an error if needed. */
typedef int place_item_fn(const struct place *item, void *context);
int place_list(const struct place *, const char *key, bool needed, size_t most, place_item_fn *each, void *context);
/* The strings of a list: items has room for place_count(). */
int place_texts(const struct place *, const char *key, size_t most, const char *items[]);

#endif
