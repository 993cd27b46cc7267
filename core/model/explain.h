/* SPDX-License-Identifier: Apache-2.0 */
/* Why no more servers of a flavor fit, in words. Pure; the numbers are capacity.h's. A reason is a part of a
 * sentence, without a full stop: "1 GPU free, RAM short by 12,288 MiB". */
#ifndef MODEL_EXPLAIN_H
#define MODEL_EXPLAIN_H

#include "base/str.h"
#include "model/labels.h"
#include "model/snapshot.h"

/* 12288 as "12,288" */
void explain_add_number(struct strbuf *, int64_t);

/* Of one host: what keeps the next server off it – the first one where none fits, else the one after those that
 * fit. count: host_explain() of host and flavor. stranded: one number for each GPU type of the host; NULL: none. */
void explain_host(struct strbuf *, const struct labels *, const struct gpubroker_flavor *,
	const struct host_count *count, const int64_t stranded[]);

/* Of the flavor in its region, where no host decides. Nothing is added where hosts do. */
void explain_flavor(struct strbuf *, const struct snapshot *, const struct snapshot_flavor *);

#endif
