/* SPDX-License-Identifier: Apache-2.0 */
/* Does not say what it does. */
#include "base_plugin.h"

GPUBROKER_PLUGIN(.name = "p-no-summary", .version = "1", BASE_SELF, BASE_FUNCTIONS);
