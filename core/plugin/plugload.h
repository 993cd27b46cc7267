/* SPDX-License-Identifier: Apache-2.0 */
/* Loading a plugin: dlopen and all that is checked before a word of it is believed. */
#ifndef PLUGIN_PLUGLOAD_H
#define PLUGIN_PLUGLOAD_H

#include <gpubroker/plugin.h>

/* Opens plugin_dir/NAME.so and checks what needs no code of it: the name's form, that the file lies in the
 * directory, is a regular file that belongs to root or to us and is writable by nobody else.
 * The descriptor is for plugin_load_fd(), here or in a child. < 0: CONFIG with the sentence. */
int plugin_open_file(
	const char *plugin_dir, const char *name, int *ret_fd, struct gpubroker_error *reterr);

/* dlopen by descriptor, then symbol, ABI, size, name, functions, option table – in this order, each with its
 * own sentence. The plugin stays loaded for good. fd remains the caller's. */
int plugin_load_fd(int fd, const char *name, const struct gpubroker_plugin **ret,
	struct gpubroker_error *reterr);

int plugin_load(const char *plugin_dir, const char *name, const struct gpubroker_plugin **ret,
	struct gpubroker_error *reterr);

#endif
