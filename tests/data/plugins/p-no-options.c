/* SPDX-License-Identifier: Apache-2.0 */
/* Right, and without options. */
#include "base_plugin.h"

GPUBROKER_PLUGIN(.name = "p-no-options", BASE_TEXTS, BASE_FUNCTIONS);
