/* SPDX-License-Identifier: Apache-2.0 */
/* JSON from anywhere as a tree of values. */
#ifndef CLI_JSON_TREE_H
#define CLI_JSON_TREE_H

#include "base/value.h"

#include <gpubroker/error.h>

/* Objects are groups, arrays are lists. null is a VALUE_STRING whose string is NULL, so that value_string() and its
 * like take it for absent. < 0: BAD_REPLY (no JSON, or deeper than VALUE_MAX_DEPTH), INTERNAL (no memory). */
int json_tree_read(const char *text, size_t n, struct value **ret, struct gpubroker_error *reterr);

/* A member by its path, "gpus.free". NULL: absent or null. */
const struct value *json_tree_at(const struct value *, const char *path);

#endif
