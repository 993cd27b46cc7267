/* SPDX-License-Identifier: Apache-2.0 */
/* Describes itself in another number of bytes. */
#include "base_plugin.h"

__attribute__((visibility("default"))) extern const struct gpubroker_plugin gpubroker_plugin;
const struct gpubroker_plugin gpubroker_plugin = {
	.abi = GPUBROKER_PLUGIN_ABI, .size = 7, .name = (const char *)8};
