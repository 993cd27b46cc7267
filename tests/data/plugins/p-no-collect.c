/* SPDX-License-Identifier: Apache-2.0 */
/* Lacks the function collect. */
#include "base_plugin.h"

GPUBROKER_PLUGIN(.name = "p-no-collect", BASE_TEXTS, .open = base_open, .close = base_close,
	BASE_SELF);
