/* SPDX-License-Identifier: Apache-2.0 */
/* What becomes of Nova's answers; for the table of calls.c. */
#ifndef OPENSTACK_NOVA_CALLS_H
#define OPENSTACK_NOVA_CALLS_H

#include "openstack/calls.h"

int take_services(struct found *, struct page *, struct gpubroker_error *reterr);
int take_aggregates(struct found *, struct page *, struct gpubroker_error *reterr);
int take_hypervisors(struct found *, struct page *, struct gpubroker_error *reterr);
int take_flavors(struct found *, struct page *, struct gpubroker_error *reterr);
int take_extra_specs(struct found *, struct page *, struct gpubroker_error *reterr);
int take_private_flavors(struct found *, struct page *, struct gpubroker_error *reterr);
int take_servers(struct found *, struct page *, struct gpubroker_error *reterr);
int take_server(struct found *, struct page *, struct gpubroker_error *reterr);
int take_migrations(struct found *, struct page *, struct gpubroker_error *reterr);

#endif
