/* SPDX-License-Identifier: Apache-2.0 */
/* What the plugins of this folder have in common: functions that do nothing, and a table of one option. */
#ifndef TESTS_BASE_PLUGIN_H
#define TESTS_BASE_PLUGIN_H

#include <gpubroker/plugin.h>

#include <stddef.h>

struct self {
	int64_t number;
	char *word;
};

static inline int base_open(
	void *self, const struct gpubroker_core *core, struct gpubroker_error *reterr)
{
	return 0;
}

static inline int base_collect(
	void *self, struct gpubroker_inventory *out, struct gpubroker_error *reterr)
{
	return 0;
}

static inline void base_close(void *self)
{
}

/* clang-format off */
static const struct gpubroker_option base_options[] __attribute__((unused)) = {
	{.type = GPUBROKER_INTEGER, .key = "number", .offset = offsetof(struct self, number), .def = "3",
		.min = 1, .max = 5, .doc = "A number."},
	{0}};
/* clang-format on */

#define BASE_FUNCTIONS .open = base_open, .collect = base_collect, .close = base_close
#define BASE_SELF      .self_size = sizeof(struct self), .options = base_options
#define BASE_TEXTS     .version = "1.2", .summary = "does nothing"

#endif
