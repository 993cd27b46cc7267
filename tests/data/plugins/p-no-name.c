/* SPDX-License-Identifier: Apache-2.0 */
/* Has no name. */
#include "base_plugin.h"

GPUBROKER_PLUGIN(BASE_TEXTS, BASE_SELF, BASE_FUNCTIONS);
