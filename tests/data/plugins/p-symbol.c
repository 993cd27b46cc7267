/* SPDX-License-Identifier: Apache-2.0 */
/* Exports another symbol. */
#include "base_plugin.h"

__attribute__((visibility("default"))) extern const struct gpubroker_plugin other_plugin;
const struct gpubroker_plugin other_plugin = {.abi = GPUBROKER_PLUGIN_ABI,
	.size = sizeof(struct gpubroker_plugin),
	.name = "p-symbol",
	BASE_TEXTS,
	BASE_SELF,
	BASE_FUNCTIONS};
