/* SPDX-License-Identifier: Apache-2.0 */
/* main() of the client: finds the plugins, and hands over to cli/. */
#include "base/mem.h"
#include "cli/cli.h"

#include <limits.h>
#include <string.h>
#include <unistd.h>

extern char **environ;

/* The folder `plugins` beside the binary, as a build makes it; NULL: there is none. */
static const char *build_tree_plugins(char path[static PATH_MAX])
{
	static const char name[] = "/plugins";
	ssize_t n = readlink("/proc/self/exe", path, PATH_MAX - sizeof(name));
	char *slash;

	if (n <= 0) {
		return NULL;
	}
	path[n] = '\0';
	slash = strrchr(path, '/');
	if (!slash) {
		return NULL;
	}
	memcpy(slash, name, sizeof(name));
	return access(path, X_OK) == 0 ? path : NULL;
}

int main(int argc, char *argv[])
{
	struct cli_program program = {.environment = environ};
	char path[PATH_MAX];

	program.plugin_dir = build_tree_plugins(path);
	program.is_build_tree = program.plugin_dir != NULL;
	if (!program.plugin_dir) {
		program.plugin_dir = PLUGIN_DIR;
	}
	return cli_main(&program, argc, argv);
}
