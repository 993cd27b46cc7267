/* SPDX-License-Identifier: Apache-2.0 */
/* Lists of flavors: how they are asked for, and their columns. Shared by `flavor list`, `watch` and `collect`. */
#ifndef CLI_FLAVORS_H
#define CLI_FLAVORS_H

#include "cli/api.h"
#include "cli/output/table.h"

extern const struct column flavor_columns[];

/* "/v1/flavors?…" with the filters of the command line that the broker knows. */
void flavors_add_path(struct strbuf *, const struct cli_args *);
/* What --gpu, --region, --name and --min-available mean, for rows from wherever. Unknown counts are not enough. */
bool flavors_wants(const struct cli_args *, const struct value *row);
/* --gpu TYPE[:N] with a wrong N, or a missing type. CLI_USAGE. */
int flavors_check_filters(const struct cli_args *, struct gpubroker_error *reterr);

/* The rows of a list that are wanted, as a table of the flavor columns. CLI_FAILED: no memory. The caller frees
 * ret->rows. */
int flavors_table(const struct cli_args *, const struct value *list, struct table *ret);

#endif
