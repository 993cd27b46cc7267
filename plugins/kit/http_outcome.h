/* SPDX-License-Identifier: Apache-2.0 */
/* What http.c, which runs exchanges, needs of http_outcome.c, which judges them. */
#ifndef KIT_HTTP_OUTCOME_H
#define KIT_HTTP_OUTCOME_H

#include "kit/http.h"

void http_wipe(char *secret); /* NULL is fine */
/* Back to an exchange without an answer. */
void http_outcome_clear(struct http_exchange *);
/* Keeps what matters of a header of the answer. false: no memory. */
bool http_take_header(struct http_exchange *, const char *name, const char *value, int64_t wall_ms);

/* How long an exchange may take from now on; <= 0: the reading that ends at end_ms (0: never) is over. */
int64_t http_time_ms(const struct http_exchange *, int64_t now_ms, int64_t end_ms);
void http_fail_late(struct http_exchange *);
/* Whether the cloud asked to come again soon and that is within the reading; once an exchange. */
bool http_take_repeat(struct http_exchange *, int64_t now_ms, int64_t end_ms);

#endif
