/* SPDX-License-Identifier: Apache-2.0 */
/* Which region `collect` and `doctor` read, and with what: a configuration file, a cloud of clouds.yaml, or the OS_*
 * variables; its plugin, loaded and opened into this process. */
#ifndef CLI_SOURCE_H
#define CLI_SOURCE_H

#include "cli/cli.h"
#include "conf/conf.h"

#include <gpubroker/plugin.h>

struct source {
	struct conf *conf;
	const struct conf_region *region; /* of conf */
	char **environment;               /* of the process; with OS_REGION_NAME as --region says. Owned array */
	char *region_variable;
	const struct gpubroker_plugin *plugin;
	const char *file; /* where the region stands; NULL: in no configuration file */
};

/* enum cli_exit; what is wrong is said. */
int source_open(struct source *ret, const struct cli_program *, const struct cli_args *);
void source_finish(struct source *);

/* An OS_* variable for the plugin: as struct gpubroker_core says. */
const char *source_variable(const struct source *, const char *name);

#endif
