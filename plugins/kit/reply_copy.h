/* SPDX-License-Identifier: Apache-2.0 */
/* Members of a reply as the caller's copies: what the typed arrays of nova_reply.h and placement_reply.h are made
 * with. */
#ifndef KIT_REPLY_COPY_H
#define KIT_REPLY_COPY_H

#include "kit/reply.h"

/* *ret stays as it was (NULL) where the member is absent or null. */
int reply_copy_string(
	const struct reply_at *at, const char *key, char **ret, struct gpubroker_error *reterr);
/* Absent or null is BAD_REPLY. */
int reply_copy_needed(
	const struct reply_at *at, const char *key, char **ret, struct gpubroker_error *reterr);
/* An id that was a number before some microversion. */
int reply_copy_id(
	const struct reply_at *at, const char *key, char **ret, struct gpubroker_error *reterr);
/* An array of strings; absent or null is an empty one. */
int reply_copy_strings(const struct reply_at *at, const char *key, char ***ret, size_t *ret_n,
	struct gpubroker_error *reterr);

/* A row of a table: a string member, and where its copy goes in a struct. */
struct reply_row {
	const char *key;
	size_t offset;
};
int reply_copy_rows(const struct reply_at *at, const struct reply_row *rows, size_t n, void *item,
	struct gpubroker_error *reterr);

#endif
