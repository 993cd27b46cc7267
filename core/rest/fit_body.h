/* SPDX-License-Identifier: Apache-2.0 */
/* The body of POST /v1/fit: {"flavors":{"<id or name>":count…},"region"?}. */
#ifndef REST_FIT_BODY_H
#define REST_FIT_BODY_H

#include "base/mem.h"
#include "model/fit/fit.h"

#include <gpubroker/error.h>

struct fit_body {
	struct arena arena;
	struct fit_wish {
		const char *flavor; /* an id or a name */
		int64_t count;
	} wishes[FIT_MAX_ASKS]; /* in the order of the body */
	size_t n_wishes; /* > 0 */
	const char *region; /* NULL: any */
};

/* < 0: BAD_REPLY with a sentence that names the place, INTERNAL (no memory). */
int fit_body_parse(struct fit_body *ret, const char *data, size_t n, struct gpubroker_error *reterr);
void fit_body_finish(struct fit_body *);

#endif
