/* SPDX-License-Identifier: Apache-2.0 */
/* Ready-made snapshots and statuses for tests of what is made of them. */
#ifndef SAMPLE_H
#define SAMPLE_H

#include "model/inventory.h"
#include "model/view.h"
#include "random_region.h"

/* Of hosts and flavors, as a worker makes one. NULL: no memory. */
struct snapshot *sample_snapshot(const char *region, int64_t observed_at_ms, const struct random_region *);

/* Of flavors that were counted elsewhere: counts[i] of flavors[i]. NULL: no memory. */
struct snapshot *sample_counted(const char *region, int64_t observed_at_ms,
	const struct gpubroker_flavor flavors[], const struct counted counts[], size_t n);

/* Enabled and attempted; all text is constant and never freed. */
struct region_status sample_status(const char *name);

#endif
