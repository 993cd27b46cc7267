/* SPDX-License-Identifier: Apache-2.0 */
/* A row for each rule of counting, and how to write one. */
#ifndef CAPACITY_ROWS_H
#define CAPACITY_ROWS_H

#include "model/capacity.h"

enum { CAPACITY_ROW_HOSTS = 3 };

struct capacity_row {
	const char *rule;
	struct gpubroker_host hosts[CAPACITY_ROW_HOSTS]; /* to the first without a name */
	struct gpubroker_flavor flavor;
	struct flavor_count want;
};

extern const struct capacity_row capacity_rows[];
extern const size_t n_capacity_rows;

#endif
