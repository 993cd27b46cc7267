/* SPDX-License-Identifier: Apache-2.0 */
/* The JSON of a ROW, a REGION and the predecessor's flavor, for pages and for memcached alike. */
#ifndef MODEL_FRAGMENT_H
#define MODEL_FRAGMENT_H

#include "base/str.h"
#include "model/view.h"

/* Contract §3.3. Keys in the contract's order, compact. fields: NULL for all, else only those that it
 * accepts (for ?fields=). */
typedef bool field_filter_fn(void *context, const char *field);
void fragment_add_row(struct strbuf *, const struct view_row *, field_filter_fn *, void *context);
void fragment_add_region(struct strbuf *, const struct view_region *);

/* The types of what a flavor asks for, each once, joined by '+'; nothing for a CPU flavor. */
void fragment_add_types(struct strbuf *, const struct gpubroker_flavor *);

/* The predecessor's object (contract §3.1), keys sorted. indent: spaces before each key, the closing brace
 * two less; no line end after it. */
void fragment_add_legacy_flavor(struct strbuf *, const struct view_row *, unsigned indent);
/* The value of the memcached key FlavorGPU (contract §4): ", " and ": " as Python's json.dumps. */
void fragment_add_legacy_cache_list(struct strbuf *, const struct view *);
/* The value of <prefix>:v1:view. */
void fragment_add_view(struct strbuf *, const struct view *);

#endif
