/* SPDX-License-Identifier: Apache-2.0 */
/* What is built without libyaml: clouds.json is still read. */
#include "openstack/clouds/tree.h"

int tree_from_yaml(struct tree **ret, const char *data, size_t n, const char *what,
	struct gpubroker_error *reterr)
{
	return gpubroker_fail(reterr, GPUBROKER_E_CONFIG,
		"%s: this gpubroker was built without libyaml; a clouds.json with the same content is read",
		what);
}
