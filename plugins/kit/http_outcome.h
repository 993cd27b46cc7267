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

#endif
