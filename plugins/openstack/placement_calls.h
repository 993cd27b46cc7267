/* SPDX-License-Identifier: Apache-2.0 */
/* What becomes of Placement's answers; for the table of calls.c. */
#ifndef OPENSTACK_PLACEMENT_CALLS_H
#define OPENSTACK_PLACEMENT_CALLS_H

#include "openstack/calls.h"

int take_candidates(struct found *, struct page *, struct gpubroker_error *reterr);
int take_providers(struct found *, struct page *, struct gpubroker_error *reterr);
int take_inventories(struct found *, struct page *, struct gpubroker_error *reterr);
int take_usages(struct found *, struct page *, struct gpubroker_error *reterr);
int take_traits(struct found *, struct page *, struct gpubroker_error *reterr);
int take_allocations(struct found *, struct page *, struct gpubroker_error *reterr);

#endif
