/* SPDX-License-Identifier: Apache-2.0 */
/* The role `loader`: reads and checks the configuration, reports, ends. libconfig and the plugins' option tables
 * are looked at in here, so that whatever they do ends a process that is about to end anyway.
 *
 * MSG_CONFIG: {log_level, file | tree (group), bind?, memcached?, workers?, timeout?,
 *             plugin_dir? (of a build tree, where the configuration names none),
 *             print: the effective configuration goes to stdout (--check -v)}
 * MSG_LOADED: {config (group)?, complaints (list)} – config is there only where there is no complaint */
#include "base/log.h"
#include "conf/conf.h"
#include "plugin/plugload.h"
#include "proc/chan.h"
#include "proc/role.h"

#include <string.h>

static const struct gpubroker_option no_options[] = {{.key = NULL}};

static const struct gpubroker_option *find_options(void *context, const char *plugin_dir,
	const char *name, const struct value *at, struct complaints *complaints)
{
	const struct gpubroker_plugin *plugin;
	struct gpubroker_error error = {0};

	if (plugin_load(plugin_dir, name, &plugin, &error) < 0) {
		complain(complaints, at, "%s", error.text);
		return NULL;
	}
	return plugin->options ? plugin->options : no_options;
}

static struct value *load(const struct value *request, struct complaints *complaints)
{
	_cleanup_(value_freep) struct value *tree = NULL;
	const struct value *given = value_get(request, "tree");
	const struct conf_overrides overrides = {.bind = value_string(request, "bind"),
		.memcached = value_string(request, "memcached"),
		.workers = value_string(request, "workers"),
		.timeout = value_string(request, "timeout")};

	tree = given ? value_copy(given) : conf_load(value_string(request, "file"), complaints);
	if (!tree) {
		return NULL;
	}
	if (value_string(request, "plugin_dir") && !value_get(tree, "plugin_dir")) {
		value_add_string(tree, "plugin_dir", value_string(request, "plugin_dir"));
	}
	conf_override(tree, &overrides, complaints);
	conf_check(tree, find_options, NULL, complaints);
	if (complaints->n > 0 || complaints->failed) {
		return NULL;
	}
	if (value_boolean(request, "print", false)) {
		conf_print(tree, find_options, NULL, stdout);
		fflush(stdout);
	}
	return TAKE_PTR(tree);
}

int loader_main(const char *name)
{
	_cleanup_(frame_reader_finish) struct frame_reader reader = {0};
	_cleanup_(complaints_finish) struct complaints complaints = {0};
	_cleanup_(value_freep) struct value *request = NULL, *tree = NULL,
					    *answer = value_new(VALUE_GROUP, NULL);
	struct value *list = answer ? value_add_list(answer, "complaints") : NULL;

	request = role_begin("loader", CONFINE_LOADER, &reader);
	if (!request || !list) {
		return 1;
	}
	tree = load(request, &complaints);
	for (size_t i = 0; i < complaints.n; i++) {
		value_add_string(list, NULL, complaints.lines[i]);
	}
	if (complaints.failed || (!tree && complaints.n == 0)) {
		value_add_string(list, NULL, "the configuration could not be read: no memory");
	}
	if (tree) {
		free(tree->key);
		tree->key = strdup("config");
		if (!tree->key || !value_append(answer, TAKE_PTR(tree))) {
			return 1;
		}
	}
	return peer_send_value(CHILD_CHANNEL_FD, MSG_LOADED, answer) < 0 ? 1 : 0;
}
