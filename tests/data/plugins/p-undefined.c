/* SPDX-License-Identifier: Apache-2.0 */
/* Calls a function that nobody has; linked without --no-undefined. */
#include "base_plugin.h"

int nobody_has_this(void);

static int open_undefined(
	void *self, const struct gpubroker_core *core, struct gpubroker_error *reterr)
{
	return nobody_has_this();
}

GPUBROKER_PLUGIN(.name = "p-undefined", BASE_TEXTS, BASE_SELF, .open = open_undefined,
	.collect = base_collect, .close = base_close);
