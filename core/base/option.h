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
 * numbers out of range, words that are not allowed, required options that are missing (named at the
 * group's own line). what: for the sentences, "option" or "key". */
void option_check(const struct gpubroker_option *rows, const struct value *group, const char *what,
	struct complaints *);

/* Reads a secret's file: its first line without the line end. Passed in for tests; the default is
 * option_read_secret: at most 64 KiB, a regular file; a relative path is looked up in
 * $CREDENTIALS_DIRECTORY. *ret is the caller's, wiped when freed by option_free(). */
typedef int option_secret_fn(const char *path, char **ret, struct gpubroker_error *reterr);
option_secret_fn option_read_secret;

/* Fills self from a group that option_check() found right (NULL: defaults only). < 0: CONFIG (a secret
 * could not be read) or INTERNAL (no memory); what was filled is freed by option_free() all the same. */
int option_fill(const struct gpubroker_option *rows, const struct value *group, void *self,
	option_secret_fn *, struct gpubroker_error *reterr);
void option_free(const struct gpubroker_option *rows, void *self); /* zeroes the members too */

/* The manual: a paragraph a row – key, type, default or "required", range, words, doc. */
void option_print_help(const struct gpubroker_option *rows, unsigned indent, FILE *);
/* `key = value;` lines as libconfig reads them; a secret shows its file's path, never its text: group
 * (may be NULL) and defaults are printed, not a filled struct. */
void option_print_values(const struct gpubroker_option *rows, const struct value *group, unsigned indent,
	FILE *);

#endif
