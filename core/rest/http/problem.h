/* SPDX-License-Identifier: Apache-2.0 */
/* Errors as RFC 9457 problem documents. */
#ifndef REST_PROBLEM_H
#define REST_PROBLEM_H

#include "base/str.h"

#define PROBLEM_CONTENT_TYPE "application/problem+json"

const char *http_reason(unsigned status); /* "Not Found" */
/* What a problem's type begins with where programs may want to tell it from others of its status. */
#define PROBLEM_TYPE_PREFIX "urn:problem-type:gpubroker:"

/* {type,title,status,detail,instance}. kind: what the type ends with, NULL: it is about:blank. detail NULL: the
 * status's own sentence. instance: the path as sent; what no URI may have is escaped. */
void problem_write(struct strbuf *, unsigned status, const char *kind, const char *detail, const char *instance);

#endif
