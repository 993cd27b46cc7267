/* SPDX-License-Identifier: Apache-2.0 */
/* Is a table of options itself sound? Plugins bring theirs, so it is looked at before it is used. */
#include "base/option.h"

#include "base/str.h"

#include <string.h>

enum {
	TABLE_MAX_ROWS = 256, /* nobody writes so many; a table without its last row has them */
	TABLE_MAX_DEPTH = 4,  /* of groups in groups; trees are at most VALUE_MAX_DEPTH deep */
};

static const struct {
	size_t size, align;
} members[] = {
	[GPUBROKER_STRING] = {sizeof(char *),                   _Alignof(char *) },
	[GPUBROKER_SECRET] = {sizeof(char *),                   _Alignof(char *) },
	[GPUBROKER_INTEGER] = {sizeof(int64_t),                  _Alignof(int64_t)},
	[GPUBROKER_REAL] = {sizeof(double),                   _Alignof(double) },
	[GPUBROKER_BOOLEAN] = {sizeof(bool),                     _Alignof(bool)   },
	[GPUBROKER_STRING_LIST] = {sizeof(struct gpubroker_strings),
			      _Alignof(struct gpubroker_strings)                 },
	[GPUBROKER_GROUP_LIST] = {sizeof(struct gpubroker_groups),
			      _Alignof(struct gpubroker_groups)                  },
};

static bool key_is_well_formed(const char *key)
{
	size_t n = strlen(key);

	return key[0] >= 'a' && key[0] <= 'z' && n <= 63 &&
	       strspn(key, "abcdefghijklmnopqrstuvwxyz0123456789_") == n;
}

static int check_default(const struct gpubroker_option *row, struct gpubroker_error *reterr)
{
	const struct gpubroker_option table[] = {*row, {0}};
	_cleanup_(complaints_finish) struct complaints c = {0};
	_cleanup_(value_freep) struct value *def = NULL, *group = NULL;
	int r = option_default(row, &def, reterr);

	if (r < 0 || !row->def) {
		return r;
	}
	group = value_new(VALUE_GROUP, NULL);
	if (!group || !value_append(group, TAKE_PTR(def))) {
		return gpubroker_fail(reterr, GPUBROKER_E_INTERNAL, "no memory for a default");
	}
	option_check(table, group, "option", &c);
	if (c.failed) {
		return gpubroker_fail(reterr, GPUBROKER_E_INTERNAL, "no memory for a default");
	}
	if (c.n > 0) {
		return gpubroker_fail(reterr, GPUBROKER_E_CONFIG, "the default of \"%s\": %s",
			row->key, c.lines[0]);
	}
	return 0;
}

static int check_row(
	const struct gpubroker_option *row, size_t self_size, struct gpubroker_error *reterr)
{
	if (!key_is_well_formed(row->key)) {
		return gpubroker_fail(reterr, GPUBROKER_E_CONFIG,
			"the key \"%.80s\" is not made of lower case letters, digits and \"_\"",
			row->key);
	}
	if ((unsigned)row->type < GPUBROKER_STRING || (unsigned)row->type > GPUBROKER_GROUP_LIST) {
		return gpubroker_fail(reterr, GPUBROKER_E_CONFIG, "\"%s\" has the unknown type %u",
			row->key, (unsigned)row->type);
	}
	if (row->offset > self_size || members[row->type].size > self_size - row->offset ||
		row->offset % members[row->type].align != 0) {
		return gpubroker_fail(reterr, GPUBROKER_E_CONFIG,
			"\"%s\" lies at %zu, outside of the struct of %zu bytes or not aligned",
			row->key, row->offset, self_size);
	}
	if (!row->doc || !row->doc[0]) {
		return gpubroker_fail(
			reterr, GPUBROKER_E_CONFIG, "\"%s\" has no description", row->key);
	}
	if (row->type == GPUBROKER_GROUP_LIST && (!row->members || row->member_size == 0)) {
		return gpubroker_fail(reterr, GPUBROKER_E_CONFIG,
			"\"%s\" does not say what its groups hold", row->key);
	}
	if (row->min > row->max) {
		return gpubroker_fail(reterr, GPUBROKER_E_CONFIG,
			"the least value of \"%s\" is above the greatest", row->key);
	}
	return check_default(row, reterr);
}

static bool is_repeated(const struct gpubroker_option *rows, const struct gpubroker_option *row)
{
	for (; rows < row; rows++) {
		if (str_equal(rows->key, row->key)) {
			return true;
		}
	}
	return false;
}

static int check_rows(const struct gpubroker_option *rows, size_t self_size, unsigned depth,
	struct gpubroker_error *reterr)
{
	if (depth > TABLE_MAX_DEPTH) {
		return gpubroker_fail(reterr, GPUBROKER_E_CONFIG,
			"groups are nested more than %d deep", TABLE_MAX_DEPTH);
	}
	for (const struct gpubroker_option *row = rows; row->key; row++) {
		int r;

		if (row - rows >= TABLE_MAX_ROWS) {
			return gpubroker_fail(reterr, GPUBROKER_E_CONFIG,
				"there are more than %d options", TABLE_MAX_ROWS);
		}
		r = check_row(row, self_size, reterr);
		if (r < 0) {
			return r;
		}
		if (is_repeated(rows, row)) {
			return gpubroker_fail(
				reterr, GPUBROKER_E_CONFIG, "\"%s\" stands there twice", row->key);
		}
		if (row->type == GPUBROKER_GROUP_LIST) {
			r = check_rows(row->members, row->member_size, depth + 1, reterr);
		}
		if (r < 0) {
			return r;
		}
	}
	return 0;
}

int option_check_table(
	const struct gpubroker_option *rows, size_t self_size, struct gpubroker_error *reterr)
{
	return check_rows(rows, self_size, 1, reterr);
}
