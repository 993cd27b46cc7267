/* SPDX-License-Identifier: Apache-2.0 */
/* Rows as the API gives them, and the columns that people see of them; one writer a format. */
#ifndef CLI_TABLE_H
#define CLI_TABLE_H

#include "cli/cli.h"
#include "cli/json_tree.h"

struct cell {
	struct strbuf text; /* may be anything a stranger sent: the writer cleans it */
	enum style style;
};

typedef void cell_fn(const struct ui *, const struct value *row, const char *key, struct cell *);

enum column_flags {
	COLUMN_RIGHT = 1 << 0,   /* numbers */
	COLUMN_SHRINKS = 1 << 1, /* its texts may be cut where the window is narrow */
	COLUMN_ID = 1 << 2,      /* … but only after the others, and the first characters are of use still */
	COLUMN_KEEPS = 1 << 9,   /* … but only once there is nothing left to leave out: the rows are told apart by it */
	COLUMN_LONG = 1 << 3,    /* with --long only; csv has all */
	COLUMN_PLAIN = 1 << 4,   /* for machines: in tables only where it is asked for */
	COLUMN_VISUAL = 1 << 5,  /* for people: never in csv and value */
	COLUMN_IF_ANY = 1 << 6,  /* in tables only where some row has something in it */
	COLUMN_WRAPS = 1 << 8,   /* the last column, of sentences: continued below itself */
	COLUMN_DROPS = 1 << 7,   /* left out, from the right, where the window is too narrow for all */
};

struct column {
	const char *key;     /* of the row, a path: "gpus.free" */
	const char *heading; /* for people */
	cell_fn *cell;       /* NULL: the value as it is, "?" for a number (COLUMN_RIGHT) that is absent */
	unsigned flags;
};

struct table {
	const struct column *columns; /* all that there are, ends with a NULL key */
	const struct value **rows;    /* groups, borrowed */
	size_t n_rows;
	bool long_;
	bool single; /* one object: fields below each other, no list around it */
	const char *if_empty; /* said on stderr instead of a table without rows; NULL: headings alone */
};

/* table.c. Sorts, chooses columns and writes in the format that was asked for. enum cli_exit; what is wrong has been
 * said. */
int table_write(const struct ui *, const struct cli_args *, struct table *);
/* The items of a list as the rows of a table; the caller frees the array. NULL: no memory. */
const struct value **table_rows(const struct value *list, size_t *ret_n);

/* Of use to the writers. */
struct chosen { /* columns that are written */
	const struct column **columns;
	size_t n;
	bool all; /* nobody has chosen: json and yaml give the whole row */
};
/* NULL: nothing. Needs as "V100:1", other lists and groups as JSON. */
void table_add_plain(struct strbuf *, const struct value *);
void table_add_cell(const struct ui *, const struct column *, const struct value *row, struct cell *);

/* The writers: table_text.c, table_json.c, table_csv.c (also value), table_yaml.c. Into a strbuf; a line end at its
 * end. */
typedef void table_writer_fn(const struct ui *, const struct table *, const struct chosen *, struct strbuf *);
table_writer_fn table_text, table_json, table_csv, table_value, table_yaml;

/* table_json.c: one value, compact. */
void table_add_json(struct strbuf *, const struct value *);

#endif
