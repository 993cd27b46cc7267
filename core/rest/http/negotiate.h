/* SPDX-License-Identifier: Apache-2.0 */
/* What a client's headers ask for: encodings, formats, conditions. Headers may be NULL (not sent). */
#ifndef REST_NEGOTIATE_H
#define REST_NEGOTIATE_H

#include <stdbool.h>
#include <stdint.h>

/* Whether gzip is accepted and not less welcome than the plain body (RFC 9110 §12.5.3). */
bool accepts_gzip(const char *accept_encoding);
/* Whether OpenMetrics is preferred to Prometheus's text format. */
bool prefers_openmetrics(const char *accept);
/* Whether one of the tags of If-None-Match is etag ("…" with its quotes), or `*`. Weak comparison. */
bool etag_matches(const char *if_none_match, const char *etag);
/* Whether nothing has changed since the date of If-Modified-Since; an unreadable date is ignored. */
bool not_modified_since(const char *if_modified_since, int64_t modified_ms);

#endif
