/* SPDX-License-Identifier: Apache-2.0 */
/* Lacks the function close. */
#include "base_plugin.h"

GPUBROKER_PLUGIN(.name = "p-no-close", BASE_TEXTS, .open = base_open, .collect = base_collect,
	BASE_SELF);
