/* SPDX-License-Identifier: Apache-2.0 */
/* What doctor is told about a cloud: each thing that was tried, what its failure costs, what mends it. */
#ifndef OPENSTACK_EXAMINE_H
#define OPENSTACK_EXAMINE_H

#include "openstack/nova.h"

/* Logs in and reads what can be read into *ret, going on after failures; each is a finding. < 0: the first error;
 * where it is the login's, nothing was read. core->finding must be there. */
int examine_read(struct nova *, struct nova_region *ret, struct gpubroker_error *reterr);
/* Whether enough was read for the numbers to be joined. */
bool examine_is_enough(const struct nova_region *);

#endif
