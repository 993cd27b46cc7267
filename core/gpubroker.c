/* SPDX-License-Identifier: Apache-2.0 */
/* main() of the client: finds the plugins, and hands over to cli/. */
#include "cli/cli.h"
#include "plugin/pluglist.h"

#include <limits.h>
#include <unistd.h>

extern char **environ;

int main(int argc, char *argv[])
{
	struct cli_program program = {.environment = environ};
	char path[PATH_MAX];

	program.plugin_dir = plugin_build_folder(path);
	program.is_build_tree = program.plugin_dir != NULL;
	if (!program.plugin_dir) {
		program.plugin_dir = PLUGIN_DIR;
	}
	return cli_main(&program, argc, argv);
}
