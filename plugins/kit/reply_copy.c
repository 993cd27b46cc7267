/* SPDX-License-Identifier: Apache-2.0 */
/* Members of a reply as the caller's copies: see reply_copy.h. */
#include "kit/reply_copy.h"

#include "kit/cleanup.h"

#include <stdio.h>
#include <string.h>

static int no_memory(struct gpubroker_error *reterr)
{
	return gpubroker_fail(reterr, GPUBROKER_E_INTERNAL, "no memory for a reply");
}

int reply_copy_string(
	const struct reply_at *at, const char *key, char **ret, struct gpubroker_error *reterr)
{
	const char *value = NULL;
	int r = reply_find_string(at, key, &value, reterr);

	if (r < 0 || !value) {
		return MIN(r, 0);
	}
	*ret = strdup(value);
	return *ret ? 0 : no_memory(reterr);
}

int reply_copy_needed(
	const struct reply_at *at, const char *key, char **ret, struct gpubroker_error *reterr)
{
	const char *value;
	int r = reply_need_string(at, key, &value, reterr);

	if (r < 0) {
		return r;
	}
	*ret = strdup(value);
	return *ret ? 0 : no_memory(reterr);
}

int reply_copy_id(
	const struct reply_at *at, const char *key, char **ret, struct gpubroker_error *reterr)
{
	char digits[24];
	int64_t number;
	int r;

	if (reply_is_string(at, key)) {
		return reply_copy_needed(at, key, ret, reterr);
	}
	r = reply_need_integer(at, key, &number, reterr);
	if (r < 0) {
		return r;
	}
	snprintf(digits, sizeof(digits), "%lld", (long long)number);
	*ret = strdup(digits);
	return *ret ? 0 : no_memory(reterr);
}

int reply_copy_strings(const struct reply_at *at, const char *key, char ***ret, size_t *ret_n,
	struct gpubroker_error *reterr)
{
	struct reply_at array;
	const char *value;
	int r = reply_find_array(at, key, &array, reterr);

	if (r != 0) {
		return MIN(r, 0);
	}
	*ret = calloc(reply_count(&array) + 1, sizeof(**ret));
	if (!*ret) {
		return no_memory(reterr);
	}
	for (size_t i = 0; i < reply_count(&array); i++) {
		r = reply_item_string(&array, i, &value, reterr);
		if (r < 0) {
			return r;
		}
		(*ret)[*ret_n] = strdup(value);
		if (!(*ret)[(*ret_n)++]) {
			return no_memory(reterr);
		}
	}
	return 0;
}

int reply_copy_rows(const struct reply_at *at, const struct reply_row *rows, size_t n, void *item,
	struct gpubroker_error *reterr)
{
	for (size_t i = 0; i < n; i++) {
		int r = reply_copy_string(
			at, rows[i].key, (char **)(void *)((char *)item + rows[i].offset), reterr);

		if (r < 0) {
			return r;
		}
	}
	return 0;
}
