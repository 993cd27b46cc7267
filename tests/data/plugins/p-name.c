/* SPDX-License-Identifier: Apache-2.0 */
/* Calls itself something else. */
#include "base_plugin.h"

GPUBROKER_PLUGIN(.name = "other", BASE_TEXTS, BASE_SELF, BASE_FUNCTIONS);
