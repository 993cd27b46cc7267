/* SPDX-License-Identifier: Apache-2.0 */
/* The core as a plugin sees it: see fake_core.h. */
#include "fake_core.h"

#include "model/inventory.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

static char lines[64 * 1024];

const char *fake_core_log(void)
{
	return lines;
}

void fake_core_clear_log(void)
{
	lines[0] = '\0';
}

__attribute__((format(printf, 2, 3))) static void keep(
	enum gpubroker_level level, const char *format, ...)
{
	size_t n = strlen(lines);
	va_list ap;

	va_start(ap, format);
	vsnprintf(lines + n, sizeof(lines) - n, format, ap);
	va_end(ap);
	n = strlen(lines);
	snprintf(lines + n, sizeof(lines) - n, "\n");
}

const struct gpubroker_core fake_core = {
	.abi = GPUBROKER_PLUGIN_ABI,
	.size = sizeof(struct gpubroker_core),
	.region = "test",
	.broker_version = "test",
	.log = keep,
	.add_host = inventory_add_host,
	.add_flavor = inventory_add_flavor,
	.add_counted_flavor = inventory_add_counted_flavor,
};
