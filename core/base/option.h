/* SPDX-License-Identifier: Apache-2.0 */
/* Tables of options (struct gpubroker_option) against a tree of values: the one engine behind the keys
 * of the configuration file and the options of plugins. It checks, fills a struct, frees and prints. */
#ifndef BASE_OPTION_H
#define BASE_OPTION_H

#include "base/value.h"

#include <gpubroker/plugin.h>

#include <stdio.h>

/* What is wrong with a configuration: "FILE:LINE: sentence", in the order found. */
struct complaints {
	char **lines;
	size_t n, room;
	bool failed; /* no memory: the list is not complete */
};

void complaints_finish(struct complaints *);
/* at: whose file and line are named; NULL: none. */
__attribute__((format(printf, 3, 4))) void complain(
	struct complaints *, const struct value *at, const char *format, ...);

/* Complains of every key that the table does not have (with the nearest that it has), of wrong types,
 * numbers out of range, words that are not allowed, URLs with user:password@, required options that are
 * missing (named at the group's own line). what: for the sentences, "option" or "key". */
void option_check(const struct gpubroker_option *rows, const struct value *group, const char *what,
	struct complaints *);

/* The same for a group whose keys stand in several tables. Both lists end with NULL. */
struct option_tables {
	const struct gpubroker_option *const *tables;
	const char *const *also; /* keys that are known too; the caller looks at their values itself */
};
/* where: the group's name in the sentences ("rest", "region bielefeld"); NULL: none. */
void option_check_tables(const struct option_tables *, const struct value *group, const char *what,
	const char *where, struct complaints *);

/* True of a URL with user:password@. Such a text is never printed. */
bool option_has_credentials(const char *text);

/* Is the table itself as it should be: known types, keys of the right form and only once, members inside
 * a struct of self_size bytes, defaults that are values of their type and within their range, a doc
 * sentence in every row? Trusted for its pointers only. < 0: CONFIG, naming the row. */
int option_check_table(
	const struct gpubroker_option *rows, size_t self_size, struct gpubroker_error *reterr);

/* Reads a secret's file: its first line without the line end. Passed in for tests; the default is
 * option_read_secret: at most 64 KiB, a regular file; a relative path is looked up in
 * $CREDENTIALS_DIRECTORY. *ret is the caller's, wiped when freed by option_free(). NULL where a function
 * of this type is asked for means option_read_secret. An empty path is no secret: NULL in the struct. */
typedef int option_secret_fn(const char *path, char **ret, struct gpubroker_error *reterr);
option_secret_fn option_read_secret;

/* Fills self from a group that option_check() found right (NULL: defaults only). < 0: CONFIG (a secret
 * could not be read) or INTERNAL (no memory); what was filled is freed by option_free() all the same. */
int option_fill(const struct gpubroker_option *rows, const struct value *group, void *self,
	option_secret_fn *, struct gpubroker_error *reterr);
void option_free(const struct gpubroker_option *rows, void *self); /* zeroes the members too */
/* Do two filled structs hold the same? */
bool option_equal(const struct gpubroker_option *rows, const void *a, const void *b);

/* The value that a row's default stands for. *ret is NULL where there is none (the lists: an empty one).
 * < 0: CONFIG (it is not of the row's type) or INTERNAL. */
int option_default(
	const struct gpubroker_option *row, struct value **ret, struct gpubroker_error *reterr);

/* The manual: a paragraph a row – key, type, default or "required", range, words, doc. */
void option_print_help(const struct gpubroker_option *rows, unsigned indent, FILE *);
/* `key = value;` lines as libconfig reads them; a secret shows its file's path, never its text: group
 * (may be NULL) and defaults are printed, not a filled struct. */
void option_print_values(const struct gpubroker_option *rows, const struct value *group, unsigned indent,
	FILE *);

#endif
