/* SPDX-License-Identifier: Apache-2.0 */
/* Built for the next ABI: its texts are not to be believed, nor even read. */
#include "base_plugin.h"

__attribute__((visibility("default"))) extern const struct gpubroker_plugin gpubroker_plugin;
const struct gpubroker_plugin gpubroker_plugin = {.abi = GPUBROKER_PLUGIN_ABI + 1,
	.size = sizeof(struct gpubroker_plugin),
	.name = (const char *)8,
	.options = (const struct gpubroker_option *)8};
