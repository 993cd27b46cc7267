/* SPDX-License-Identifier: Apache-2.0 */
/* One cloud of clouds.yaml, resolved as openstacksdk does it: defaults, profile, the cloud itself, its region, and
 * every old name of a key. Where it differs, and why, is in README.md. */
#ifndef OPENSTACK_CLOUDS_H
#define OPENSTACK_CLOUDS_H

#include "openstack/cloud.h"
#include "openstack/clouds/clouds_files.h"

/* The cloud with all keys as they finally are, `auth` a map in it. region NULL: the first that is known.
 * < 0: CONFIG, INTERNAL. */
int clouds_resolve(const struct clouds_files *, const char *name, const char *region, struct tree **ret,
	struct gpubroker_error *reterr);

/* The files of `search`, and what of the resolved cloud a login needs. Strings in *ret are copies, for
 * cloud_finish(), also after a failure. */
int cloud_from_files(const struct clouds_search *search, const char *name, const char *region,
	struct cloud *ret, struct gpubroker_error *reterr);

/* The same with what the process' environment and the region's OS_* variables say of where to look. */
int cloud_named(const struct gpubroker_core *, const char *name, const char *region, struct cloud *ret,
	struct gpubroker_error *reterr);

#endif
