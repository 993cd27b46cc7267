/* SPDX-License-Identifier: Apache-2.0 */
/* Names seen so far, to refuse the second of two equal ones without comparing each with each. */
#ifndef MODEL_NAMESET_H
#define MODEL_NAMESET_H

#include "base/mem.h"

struct nameset;

/* *set may be NULL at first. name is borrowed and must outlive the set; names of different kinds never
 * meet. 1: new, 0: it was there already, < 0: no memory. */
int nameset_add(struct nameset **set, char kind, const char *name);
void nameset_free(struct nameset *);
DEFINE_CLEANUP(struct nameset *, nameset_free);

#endif
