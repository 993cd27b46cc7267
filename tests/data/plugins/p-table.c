/* SPDX-License-Identifier: Apache-2.0 */
/* Its option lies outside of its struct. */
#include "base_plugin.h"

/* clang-format off */
static const struct gpubroker_option options[] = {
	{.type = GPUBROKER_STRING, .key = "word", .offset = sizeof(struct self), .doc = "Outside."},
	{0}};
/* clang-format on */

GPUBROKER_PLUGIN(.name = "p-table", BASE_TEXTS, .self_size = sizeof(struct self),
	.options = options, BASE_FUNCTIONS);
