/* SPDX-License-Identifier: Apache-2.0 */
/* What there is to tell about plugins: see pluglist.h. */
#include "plugin/pluglist.h"

#include "base/option.h"
#include "plugin/plugload.h"

#include <dirent.h>
#include <errno.h>
#include <string.h>
#include <unistd.h>

static int is_plugin_file(const struct dirent *entry)
{
	size_t n = strlen(entry->d_name);

	return entry->d_name[0] != '.' && n > 3 && strcmp(entry->d_name + n - 3, ".so") == 0;
}

static int by_bytes(const struct dirent **a, const struct dirent **b)
{
	return strcmp((*a)->d_name, (*b)->d_name);
}

static bool print_line(const char *plugin_dir, char *file, FILE *f)
{
	const struct gpubroker_plugin *plugin;
	struct gpubroker_error why = {0};

	file[strlen(file) - strlen(".so")] = '\0';
	if (plugin_load(plugin_dir, file, &plugin, &why) < 0) {
		fprintf(f, "%-16s %-10s %s\n", file, "-", why.text);
		return false;
	}
	fprintf(f, "%-16s %-10s %s\n", plugin->name, plugin->version, plugin->summary);
	return true;
}

int plugin_print_list(const char *plugin_dir, FILE *f, struct gpubroker_error *reterr)
{
	struct dirent **entries = NULL;
	int n = scandir(plugin_dir, &entries, is_plugin_file, by_bytes), unusable = 0;

	if (n < 0) {
		return gpubroker_fail(reterr, GPUBROKER_E_CONFIG,
			"plugin_dir \"%.200s\" cannot be read: %s", plugin_dir, strerror(errno));
	}
	for (int i = 0; i < n; i++) {
		unusable += !print_line(plugin_dir, entries[i]->d_name, f);
		free(entries[i]);
	}
	free(entries);
	return unusable;
}

int plugin_print_help(
	const char *plugin_dir, const char *name, FILE *f, struct gpubroker_error *reterr)
{
	const struct gpubroker_plugin *plugin;
	int r = plugin_load(plugin_dir, name, &plugin, reterr);

	if (r < 0) {
		return r;
	}
	fprintf(f, "%s %s – %s\n\n", plugin->name, plugin->version, plugin->summary);
	if (!plugin->options || !plugin->options->key) {
		fputs("It has no options.\n", f);
		return 0;
	}
	fputs("Options, in the options group of a region:\n\n", f);
	option_print_help(plugin->options, 2, f);
	return 0;
}

const char *plugin_build_folder(char path[static PATH_MAX])
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
