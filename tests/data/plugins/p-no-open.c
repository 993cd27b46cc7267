/* SPDX-License-Identifier: Apache-2.0 */
/* Lacks the function open. */
#include "base_plugin.h"

GPUBROKER_PLUGIN(.name = "p-no-open", BASE_TEXTS, .collect = base_collect, .close = base_close,
	BASE_SELF);
