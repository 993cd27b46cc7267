/* SPDX-License-Identifier: Apache-2.0 */
/* What a doctor has found: the plugin's findings and those that follow from a counted snapshot. */
#ifndef CLI_FINDINGS_H
#define CLI_FINDINGS_H

#include "base/value.h"
#include "model/snapshot.h"

#include <gpubroker/plugin.h>

/* A list of {severity, check, subject?, text, command?} in the order found. */
struct findings {
	struct value *list;
	bool failed; /* no memory: it is not complete */
};

void findings_finish(struct findings *);
void findings_add(struct findings *, const struct gpubroker_finding *);
size_t findings_count(const struct findings *, const char *severity); /* "error" "warning" "info" */

/* Flavors that can never start, hosts that do not count, GPUs that no flavor reaches. */
void findings_of_snapshot(struct findings *, const struct snapshot *);

#endif
