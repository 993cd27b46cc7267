/* SPDX-License-Identifier: Apache-2.0 */
/* How the API's values look to people. All but the functions at the end are cell_fn for columns (output/table.h). */
#ifndef CLI_CELLS_H
#define CLI_CELLS_H

#include "cli/output/table.h"

cell_fn cell_available; /* "3 of 4", "?" where nobody knows; "*" behind what is stale. Key: `available` */
cell_fn cell_gpus;      /* a list of {type,count}: "1 V100 + 2 A100" */
cell_fn cell_gib;       /* MiB as "60 GiB" */
cell_fn cell_disk;      /* GiB as "60 GiB" */
cell_fn cell_limit;     /* "GPU", "RAM", "no host" */
cell_fn cell_state;     /* of a region or host, in its colour */
cell_fn cell_age;       /* a time as "12 s ago" */
cell_fn cell_yes_no;    /* a boolean */
cell_fn cell_fits;      /* fit's three answers: "yes", "no", "unknown" */
cell_fn cell_error;     /* {code,detail} of a region, or its maintenance sentence */

/* What cell_available shows, for sentences: "3 of 4", "3 of 4*" */
void add_available(struct strbuf *, const struct value *row);
/* "12 s", "7 min", "3 h", "2 d" */
void add_duration(struct strbuf *, int64_t s);
/* A part of a whole as a bar that many columns wide; "" where there is no whole. */
void add_bar(const struct ui *, struct strbuf *, int64_t part, int64_t whole, size_t width);

#endif
