/* SPDX-License-Identifier: Apache-2.0 */
/* Step 2 of the straight line: HTTP replies → typed arrays. */
#ifndef OPENSTACK_NOVA_H
#define OPENSTACK_NOVA_H

#include "kit/join.h"
#include "openstack/keystone.h"

struct nova {
	struct keystone *keystone;
	struct http *http;
	const struct gpubroker_core *core;
	struct microversions versions; /* asked once; forgotten after an error */
};

/* One complete reading into *ret, which is empty before and finished by the caller in any case. */
int nova_read(struct nova *, struct nova_region *ret, struct gpubroker_error *reterr);

#endif
