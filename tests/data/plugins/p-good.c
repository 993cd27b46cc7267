/* SPDX-License-Identifier: Apache-2.0 */
/* Nothing is wrong with it. */
#include "base_plugin.h"

GPUBROKER_PLUGIN(.name = "p-good", BASE_TEXTS, BASE_SELF, BASE_FUNCTIONS);
