/* SPDX-License-Identifier: Apache-2.0 */
/* The tables of configuration keys as --plugin-help prints those of plugins, each below a line "[GROUP]":
 * contrib/man/tables makes gpubroker.conf(5) from them. */
#include "base/mem.h"
#include "base/option.h"
#include "conf/conf.h"

#include <stdio.h>

int main(void)
{
	static const struct {
		const char *group;
		const struct gpubroker_option *rows;
	} tables[] = {
		{"main",   conf_main_keys  },
		{"rest",   conf_rest_keys  },
		{"cache",  conf_cache_keys },
		{"poll",   conf_poll_keys  },
		{"region", conf_region_keys},
	};

	for (size_t i = 0; i < ARRAY_SIZE(tables); i++) {
		printf("[%s]\n", tables[i].group);
		option_print_help(tables[i].rows, 2, stdout);
	}
	return 0;
}
