/* SPDX-License-Identifier: Apache-2.0 */
/* Nova's (and Placement's) documents with a case's edits, as a region. A case is an object that may have
 *   "replace": {"CUSTOM_PCI_10DE_1DB6": "CUSTOM_GPU"} (text, wherever it stands)
 *   "set": {"hypervisors/2/state": "down"}   "remove": ["flavors/5"]
 *   "add": {"servers": {…}} (to an array; or several: [{…}, …])    "reverse": ["flavors"]
 * done in this order; paths begin with the document's name. */
#ifndef EDITED_DOCS_H
#define EDITED_DOCS_H

#include "kit/join.h"

#include <jansson.h>

/* The documents of tests/data/<folder>, unedited: {"flavors": […], …}. */
json_t *docs_load(const char *folder);
/* The same from one file, tests/data/<name>. It may have more: "migrations" and, where Placement is read,
 * "resource_providers" with "inventories", "usages", "traits" (each by uuid) and "allocations" (by consumer). */
json_t *docs_load_file(const char *name);
json_t *docs_edited(const json_t *docs, const json_t *the_case);
/* 0, or what a parser said. */
int docs_to_region(const json_t *docs, struct nova_region *ret, struct gpubroker_error *reterr);

#endif
