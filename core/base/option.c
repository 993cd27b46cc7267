/* SPDX-License-Identifier: Apache-2.0 */
/* Checking a tree of values against a table of options: see option.h. Filling is in option_fill.c,
 * printing in option_print.c, the sanity of a table itself in option_table.c. */
#include "base/option.h"

#include "base/str.h"

#include <inttypes.h>
#include <math.h>
#include <stdarg.h>
#include <string.h>

void complaints_finish(struct complaints *c)
{
	for (size_t i = 0; i < c->n; i++) {
		free(c->lines[i]);
	}
	free(c->lines);
	*c = (struct complaints){0};
}

void complain(struct complaints *c, const struct value *at, const char *format, ...)
{
	_cleanup_(strbuf_finish) struct strbuf line = {0};
	_cleanup_(freep) char *text = NULL;
	va_list ap;
	int n;

	va_start(ap, format);
	n = vasprintf(&text, format, ap);
	va_end(ap);
	if (n < 0) {
		text = NULL;
		c->failed = true;
		return;
	}
	if (at && at->file && at->line > 0) {
		strbuf_addf(&line, "%s:%u: ", at->file, at->line);
	} else if (at && at->file) {
		strbuf_addf(&line, "%s: ", at->file);
	}
	strbuf_adds(&line, text);
	if (line.failed || !GROW(c->lines, c->n, c->room)) {
		c->failed = true;
		return;
	}
	c->lines[c->n++] = strbuf_take(&line, NULL);
}

bool option_has_credentials(const char *text)
{
	const char *colon = strstr(text, "://"), *authority = colon ? colon + 3 : NULL;
	size_t n, user;

	if (!authority) {
		return false;
	}
	n = strcspn(authority, "/?#");
	while (n > 0 && authority[n - 1] != '@') {
		n--;
	}
	user = strcspn(authority, ":");
	return n > 0 && user < n;
}

static const char *const type_words[] = {
	[VALUE_BOOLEAN] = "true or false",
	[VALUE_INTEGER] = "an integer",
	[VALUE_REAL] = "a real number",
	[VALUE_STRING] = "a string",
	[VALUE_LIST] = "a list",
	[VALUE_GROUP] = "a group",
};

static void complain_type(
	const struct value *v, const char *key, const char *wanted, struct complaints *c)
{
	complain(c, v, "%s must be %s, not %s", key, wanted, type_words[v->type]);
}

static void check_number(
	const struct gpubroker_option *row, const struct value *v, struct complaints *c)
{
	double number = v->type == VALUE_REAL ? v->real : (double)v->integer;
	_cleanup_(strbuf_finish) struct strbuf got = {0};

	if (!isfinite(number)) {
		complain(c, v, "%s must be a finite number", row->key);
		return;
	}
	/* 0 and 0: any. An infinite bound is no bound. */
	if ((number >= row->min && number <= row->max) || !(row->min < 0 || row->max > 0)) {
		return;
	}
	if (v->type == VALUE_INTEGER) {
		strbuf_add_int(&got, v->integer);
	} else {
		strbuf_addf(&got, "%g", number);
	}
	if (got.failed) {
		c->failed = true;
	} else if (isinf(row->max)) {
		complain(c, v, "%s must be at least %.10g, not %s", row->key, row->min, got.data);
	} else {
		complain(c, v, "%s must be between %.10g and %.10g, not %s", row->key, row->min,
			row->max, got.data);
	}
}

static void check_words(
	const struct gpubroker_option *row, const struct value *v, struct complaints *c)
{
	_cleanup_(strbuf_finish) struct strbuf list = {0};
	size_t n = 0;

	for (; row->words[n]; n++) {
		if (str_equal(row->words[n], v->string)) {
			return;
		}
		strbuf_addf(&list, "%s\"%s\"",
			n == 0              ? ""
			: row->words[n + 1] ? ", "
					    : " or ",
			row->words[n]);
	}
	if (list.failed) {
		c->failed = true;
		return;
	}
	complain(c, v, "%s must be %s, not \"%s\"", row->key, list.data ? list.data : "absent",
		v->string);
}

static void check_string(
	const struct gpubroker_option *row, const struct value *v, struct complaints *c)
{
	if (option_has_credentials(v->string)) {
		complain(c, v,
			"%s is a URL with user:password@; give the user by an option of its own and the "
			"password by a file",
			row->key);
	} else if (row->required && v->string[0] == '\0') {
		complain(c, v, "%s must not be empty", row->key);
	} else if (row->words && row->type == GPUBROKER_STRING) {
		check_words(row, v, c);
	}
}

static void check_string_list(
	const struct gpubroker_option *row, const struct value *v, struct complaints *c)
{
	if (v->type != VALUE_LIST) {
		complain_type(v, row->key, "a list of strings, as in [ \"one\", \"two\" ]", c);
		return;
	}
	if (row->required && v->n_items == 0) {
		complain(c, v, "%s must not be empty", row->key);
	}
	for (size_t i = 0; i < v->n_items; i++) {
		if (v->items[i]->type != VALUE_STRING) {
			complain(c, v->items[i], "%s must hold strings only, not %s", row->key,
				type_words[v->items[i]->type]);
		} else {
			check_string(row, v->items[i], c);
		}
	}
}

static void check_group_list(const struct gpubroker_option *row, const struct value *v,
	const char *what, struct complaints *c)
{
	const struct gpubroker_option *tables[] = {row->members, NULL};
	const struct option_tables members = {.tables = tables};

	if (v->type != VALUE_LIST) {
		complain_type(v, row->key, "a list of groups, as in ( { … }, { … } )", c);
		return;
	}
	if (row->required && v->n_items == 0) {
		complain(c, v, "%s must not be empty", row->key);
	}
	for (size_t i = 0; i < v->n_items; i++) {
		if (v->items[i]->type != VALUE_GROUP) {
			complain(c, v->items[i], "%s must hold groups only, not %s", row->key,
				type_words[v->items[i]->type]);
		} else {
			option_check_tables(&members, v->items[i], what, row->key, c);
		}
	}
}

static void check_value(const struct gpubroker_option *row, const struct value *v, const char *what,
	struct complaints *c)
{
	bool whole = v->type == VALUE_INTEGER;

	switch (row->type) {
	case GPUBROKER_STRING:
	case GPUBROKER_SECRET:
		if (v->type != VALUE_STRING) {
			complain_type(v, row->key,
				row->type == GPUBROKER_SECRET ? "the path of a file" : "a string",
				c);
		} else {
			check_string(row, v, c);
		}
		break;
	case GPUBROKER_INTEGER:
	case GPUBROKER_REAL:
		if (whole || (v->type == VALUE_REAL && row->type == GPUBROKER_REAL)) {
			check_number(row, v, c);
		} else {
			complain_type(v, row->key,
				row->type == GPUBROKER_REAL ? "a number" : "an integer", c);
		}
		break;
	case GPUBROKER_BOOLEAN:
		if (v->type != VALUE_BOOLEAN) {
			complain_type(v, row->key, "true or false", c);
		}
		break;
	case GPUBROKER_STRING_LIST:
		check_string_list(row, v, c);
		break;
	case GPUBROKER_GROUP_LIST:
		check_group_list(row, v, what, c);
		break;
	}
}

static const struct gpubroker_option *find_row(const struct option_tables *t, const char *key)
{
	for (size_t i = 0; t->tables[i]; i++) {
		for (const struct gpubroker_option *row = t->tables[i]; row->key; row++) {
			if (str_equal(row->key, key)) {
				return row;
			}
		}
	}
	return NULL;
}

static bool is_also(const struct option_tables *t, const char *key)
{
	for (size_t i = 0; t->also && t->also[i]; i++) {
		if (str_equal(t->also[i], key)) {
			return true;
		}
	}
	return false;
}

static bool add_name(const char ***names, size_t *n, size_t *room, const char *name)
{
	if (!GROW(*names, *n, *room)) {
		return false;
	}
	(*names)[(*n)++] = name;
	return true;
}

static const char *nearest_key(const struct option_tables *t, const char *key, struct complaints *c)
{
	_cleanup_(freep) const char **names = NULL;
	size_t n = 0, room = 0;
	bool ok = true;

	for (size_t i = 0; t->tables[i]; i++) {
		for (const struct gpubroker_option *row = t->tables[i]; row->key; row++) {
			ok = ok && add_name(&names, &n, &room, row->key);
		}
	}
	for (size_t i = 0; t->also && t->also[i]; i++) {
		/* a key that no file can hold is not for people */
		ok = ok && (t->also[i][0] == '.' || add_name(&names, &n, &room, t->also[i]));
	}
	if (!ok) {
		c->failed = true;
	}
	return str_nearest(key, names, n);
}

static void complain_unknown(const struct option_tables *t, const struct value *v, const char *what,
	const char *where, struct complaints *c)
{
	const char *nearest = nearest_key(t, v->key, c);
	const char *in = where ? " in " : "", *place = where ? where : "";

	if (nearest) {
		complain(c, v, "unknown %s \"%s\"%s%s; did you mean \"%s\"?", what, v->key, in,
			place, nearest);
	} else {
		complain(c, v, "unknown %s \"%s\"%s%s", what, v->key, in, place);
	}
}

void option_check_tables(const struct option_tables *t, const struct value *group, const char *what,
	const char *where, struct complaints *c)
{
	for (size_t i = 0; i < group->n_items; i++) {
		const struct value *v = group->items[i];
		const struct gpubroker_option *row = find_row(t, v->key);

		if (row) {
			check_value(row, v, what, c);
		} else if (!is_also(t, v->key)) {
			complain_unknown(t, v, what, where, c);
		}
	}
	for (size_t i = 0; t->tables[i]; i++) {
		for (const struct gpubroker_option *row = t->tables[i]; row->key; row++) {
			if (row->required && !value_get(group, row->key)) {
				complain(c, group, "required %s \"%s\" is missing%s%s", what,
					row->key, where ? " in " : "", where ? where : "");
			}
		}
	}
}

void option_check(const struct gpubroker_option *rows, const struct value *group, const char *what,
	struct complaints *c)
{
	const struct gpubroker_option *tables[] = {rows, NULL};
	const struct option_tables t = {.tables = tables};

	option_check_tables(
		&t, group, what, str_equal(group->key, "options") ? NULL : group->key, c);
}
