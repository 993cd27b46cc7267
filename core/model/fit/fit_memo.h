/* SPDX-License-Identifier: Apache-2.0 */
/* What failed once: servers that are left, for so many hosts that are left. A fixed number of them is remembered. */
#ifndef MODEL_FIT_MEMO_H
#define MODEL_FIT_MEMO_H

#include "base/mem.h"

struct fit_memo {
	int32_t *places; /* [place]: a key; the first number of a free place is 0 */
	int32_t *key;    /* hosts, then left */
	size_t n_items, n;
};

bool fit_memo_init(struct fit_memo *, size_t n_items); /* false: no memory */
void fit_memo_finish(struct fit_memo *);

/* hosts: more than 0. left: [item]. */
bool fit_memo_has(const struct fit_memo *, size_t hosts, const int64_t left[]);
void fit_memo_add(struct fit_memo *, size_t hosts, const int64_t left[]);

#endif
