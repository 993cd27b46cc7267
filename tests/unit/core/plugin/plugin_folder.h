/* SPDX-License-Identifier: Apache-2.0 */
/* A folder of plugins with known owners and modes, whatever the build's own are. */
#ifndef TESTS_PLUGIN_FOLDER_H
#define TESTS_PLUGIN_FOLDER_H

extern char plugin_folder[]; /* between set-up and tear-down */

int plugin_folder_setup(void **state);
int plugin_folder_teardown(void **state);

/* Copies a plugin to NAME.so; the path of the copy is valid until the next call. */
const char *plugin_folder_add(const char *from, const char *name);
/* A file with this text. */
const char *plugin_folder_write(const char *file, const char *text);

#endif
