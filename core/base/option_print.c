/* SPDX-License-Identifier: Apache-2.0 */
/* Tables of options as a manual, and trees of values as libconfig reads them: see option.h. */
#include "base/option.h"

#include "base/str.h"

#include <inttypes.h>
#include <math.h>
#include <string.h>

enum { HELP_COLUMNS = 78 };

static void print_indent(unsigned indent, FILE *f)
{
	fprintf(f, "%*s", (int)indent, "");
}

/* Columns, not bytes: continuation bytes of UTF-8 take no room. */
static unsigned columns(const char *s, size_t n)
{
	unsigned width = 0;

	for (size_t i = 0; i < n; i++) {
		width += ((unsigned char)s[i] & 0xc0) != 0x80;
	}
	return width;
}

static void print_wrapped(const char *text, unsigned indent, FILE *f)
{
	unsigned column = 0;

	while (*text) {
		size_t n = strcspn(text, " ");
		unsigned width = columns(text, n);

		if (column == 0 || column + 1 + width > HELP_COLUMNS) {
			fprintf(f, "%s%*s", column == 0 ? "" : "\n", (int)indent, "");
			column = indent + width;
		} else {
			fputc(' ', f);
			column += 1 + width;
		}
		fwrite(text, 1, n, f);
		text += n + strspn(text + n, " ");
	}
	fputc('\n', f);
}

static void print_string(const char *s, FILE *f)
{
	static const char short_for[][2] = {
		{'"',  '"' },
                {'\\', '\\'},
                {'\n', 'n' },
                {'\r', 'r' },
                {'\t', 't' },
                {'\f', 'f' }
        };

	if (option_has_credentials(s)) {
		s = "(hidden: a URL with a password)";
	}
	fputc('"', f);
	for (; *s; s++) {
		size_t i = 0;

		while (i < ARRAY_SIZE(short_for) && short_for[i][0] != *s) {
			i++;
		}
		if (i < ARRAY_SIZE(short_for)) {
			fprintf(f, "\\%c", short_for[i][1]);
		} else if ((unsigned char)*s < 0x20 || *s == 0x7f) {
			fprintf(f, "\\x%02x", (unsigned)(unsigned char)*s);
		} else {
			fputc(*s, f);
		}
	}
	fputc('"', f);
}

/* The shortest digits that are read back as the same number; libconfig wants a point in them. */
static void print_real(double real, FILE *f)
{
	char digits[40], *exponent;

	snprintf(digits, sizeof(digits), "%.15g", real);
	if (fabs(strtod(digits, NULL) - real) > 0) {
		snprintf(digits, sizeof(digits), "%.17g", real);
	}
	exponent = strchr(digits, 'e');
	if (strchr(digits, '.')) {
		fputs(digits, f);
	} else if (exponent) {
		fprintf(f, "%.*s.0%s", (int)(exponent - digits), digits, exponent);
	} else {
		fprintf(f, "%s.0", digits);
	}
}

static void print_value(
	const struct gpubroker_option *row, const struct value *v, unsigned indent, FILE *f);

static void print_groups(
	const struct gpubroker_option *row, const struct value *list, unsigned indent, FILE *f)
{
	fputs("(", f);
	for (size_t i = 0; i < list->n_items; i++) {
		fputs(i == 0 ? " {\n" : ", {\n", f);
		option_print_values(row->members, list->items[i], indent + 2, f);
		print_indent(indent, f);
		fputs("}", f);
	}
	fputs(" )", f);
}

static void print_strings(const struct value *list, FILE *f)
{
	fputs("[", f);
	for (size_t i = 0; i < list->n_items; i++) {
		fputs(i == 0 ? " " : ", ", f);
		print_string(list->items[i]->type == VALUE_STRING ? list->items[i]->string : "", f);
	}
	fputs(" ]", f);
}

static void print_value(
	const struct gpubroker_option *row, const struct value *v, unsigned indent, FILE *f)
{
	switch (v->type) {
	case VALUE_BOOLEAN:
		fputs(v->boolean ? "true" : "false", f);
		break;
	case VALUE_INTEGER:
		fprintf(f, "%" PRId64, v->integer);
		break;
	case VALUE_REAL:
		print_real(v->real, f);
		break;
	case VALUE_STRING:
		print_string(v->string, f);
		break;
	case VALUE_LIST:
		if (row->type == GPUBROKER_GROUP_LIST) {
			print_groups(row, v, indent, f);
		} else {
			print_strings(v, f);
		}
		break;
	case VALUE_GROUP: /* no option is a group */
		fputs("{ }", f);
		break;
	}
}

void option_print_values(
	const struct gpubroker_option *rows, const struct value *group, unsigned indent, FILE *f)
{
	for (const struct gpubroker_option *row = rows; row->key; row++) {
		const struct value *given = value_get(group, row->key);
		_cleanup_(value_freep) struct value *def = NULL;

		if (!given && (option_default(row, &def, NULL) < 0 || !def)) {
			continue;
		}
		print_indent(indent, f);
		fprintf(f, "%s = ", row->key);
		print_value(row, given ? given : def, indent, f);
		fputs(";\n", f);
	}
}

static const char *type_text(enum gpubroker_option_type type)
{
	static const char *const texts[] = {
		[GPUBROKER_STRING] = "string",
		[GPUBROKER_SECRET] = "path of a file whose first line is the secret",
		[GPUBROKER_INTEGER] = "integer",
		[GPUBROKER_REAL] = "number",
		[GPUBROKER_BOOLEAN] = "true or false",
		[GPUBROKER_STRING_LIST] = "list of strings",
		[GPUBROKER_GROUP_LIST] = "list of groups",
	};

	return texts[type];
}

static void print_range(const struct gpubroker_option *row, FILE *f)
{
	bool number = row->type == GPUBROKER_INTEGER || row->type == GPUBROKER_REAL;

	if (!number || !(row->min < 0 || row->max > 0)) {
		return;
	}
	if (isinf(row->max)) {
		fprintf(f, ", at least %.10g", row->min);
	} else {
		fprintf(f, ", %.10g to %.10g", row->min, row->max);
	}
}

static void print_facts(const struct gpubroker_option *row, FILE *f)
{
	_cleanup_(value_freep) struct value *def = NULL;

	fputs(type_text(row->type), f);
	for (size_t i = 0; row->words && row->words[i]; i++) {
		fprintf(f, "%s\"%s\"",
			i == 0              ? ": "
			: row->words[i + 1] ? ", "
					    : " or ",
			row->words[i]);
	}
	print_range(row, f);
	if (row->required) {
		fputs(", required", f);
	} else if (row->def && option_default(row, &def, NULL) == 0 && def) {
		fputs(", default ", f);
		print_value(row, def, 0, f);
	}
}

void option_print_help(const struct gpubroker_option *rows, unsigned indent, FILE *f)
{
	for (const struct gpubroker_option *row = rows; row->key; row++) {
		print_indent(indent, f);
		fprintf(f, "%s (", row->key);
		print_facts(row, f);
		fputs(")\n", f);
		print_wrapped(row->doc ? row->doc : "", indent + 4, f);
		if (row->type == GPUBROKER_GROUP_LIST) {
			option_print_help(row->members, indent + 4, f);
		}
	}
}
