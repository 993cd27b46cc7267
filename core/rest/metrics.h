/* SPDX-License-Identifier: Apache-2.0 */
/* /metrics in Prometheus's text format and in OpenMetrics. metrics.def is the table of families.
 *
 * What the rest of the daemon counts comes as one value group through rest_set_metrics(); a key that is absent
 * is left out of the answer:
 *
 *   regions: list of groups
 *     name             string
 *     restarts         integer: of its worker
 *     bytes            integer: received from the cloud
 *     last_success_ms  integer: wall clock; 0 or absent: never (then the snapshot's time is taken, if any)
 *     failures         list of {code: string (error word), count: integer}
 *     requests         list of {service: string, code: integer (HTTP status, 0: no answer), count: integer}
 *   durations: group, of all readings of all regions
 *     buckets          list of {le_ms: integer, count: integer}: ascending, count cumulative, without +Inf
 *     sum_ms           integer
 *     count            integer
 *   cache: list of {op: string, result: string, count: integer} */
#ifndef REST_METRICS_H
#define REST_METRICS_H

#include "base/str.h"
#include "model/view.h"

struct httpd;

#define METRICS_TEXT        "text/plain; version=0.0.4; charset=utf-8"
#define METRICS_OPENMETRICS "application/openmetrics-text; version=1.0.0; charset=utf-8"

struct metrics_source {
	const struct view *view;
	const struct value *counters; /* as above; NULL: none yet */
	const struct httpd *httpd;    /* NULL: none */
	const char *version;
	int64_t now_wall_ms;
};

void metrics_write(struct strbuf *, const struct metrics_source *, bool openmetrics);

#endif
