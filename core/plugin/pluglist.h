/* SPDX-License-Identifier: Apache-2.0 */
/* What there is to tell about plugins: --list-plugins and --plugin-help. Loads them into this process. */
#ifndef PLUGIN_PLUGLIST_H
#define PLUGIN_PLUGLIST_H

#include <gpubroker/error.h>

#include <limits.h>
#include <stdio.h>

/* A line a *.so of the folder, sorted: name, version, summary – or what is wrong with it.
 * Returns how many cannot be used; < 0: CONFIG, the folder cannot be read. */
int plugin_print_list(const char *plugin_dir, FILE *, struct gpubroker_error *reterr);
/* Name, version, summary and every option. < 0: CONFIG with the sentence of plugin_load(). */
int plugin_print_help(
	const char *plugin_dir, const char *name, FILE *, struct gpubroker_error *reterr);

/* The folder `plugins` beside the binary that runs, as a build makes it; NULL: there is none. */
const char *plugin_build_folder(char path[static PATH_MAX]);

#endif
