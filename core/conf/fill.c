/* SPDX-License-Identifier: Apache-2.0 */
/* From a checked tree to struct conf: see conf.h. */
#include "conf/conf.h"

#include "base/str.h"

#include <string.h>
#include <unistd.h>

static int no_memory(struct gpubroker_error *reterr)
{
	return gpubroker_fail(reterr, GPUBROKER_E_INTERNAL, "no memory for the configuration");
}

static const struct gpubroker_option *main_row(const char *key)
{
	const struct gpubroker_option *row = conf_main_keys;

	while (row->key && !str_equal(row->key, key)) {
		row++;
	}
	return row;
}

char *conf_path(const struct value *tree, const char *key)
{
	const struct value *v = value_get(tree, key);
	bool given = v && v->type == VALUE_STRING;
	const char *path = given ? v->string : main_row(key)->def;
	const char *file = given ? v->file : tree->file;
	const char *slash = file ? strrchr(file, '/') : NULL;
	_cleanup_(strbuf_finish) struct strbuf whole = {0};

	/* --plugin-dir and the like come from no file: as they are */
	if (path[0] && path[0] != '/' && slash) {
		strbuf_add(&whole, file, (size_t)(slash + 1 - file));
	}
	strbuf_adds(&whole, path);
	return strbuf_take(&whole, NULL);
}

/* Without a look at the disk. NULL: no memory, or the working directory is gone. */
static char *absolute(const char *path)
{
	_cleanup_(freep) char *here = NULL;
	_cleanup_(strbuf_finish) struct strbuf whole = {0};

	if (path[0] && path[0] != '/') {
		here = getcwd(NULL, 0);
		if (!here) {
			return NULL;
		}
		strbuf_adds(&whole, here);
		strbuf_addc(&whole, '/');
	}
	strbuf_adds(&whole, path);
	return strbuf_take(&whole, NULL);
}

static bool set_absolute(char **path, const struct value *tree, const char *key)
{
	_cleanup_(freep) char *found = conf_path(tree, key);

	free(*path);
	*path = found ? absolute(found) : NULL;
	return *path;
}

static void override_poll(struct conf_poll *poll, const struct value *region)
{
	for (const struct gpubroker_option *row = conf_poll_keys; row->key; row++) {
		void *at = (char *)poll + row->offset;
		int64_t *member = at;

		*member = value_integer(region, row->key, *member);
	}
	/* check.c has refused a min_interval_s that somebody wrote; this is the default's */
	poll->min_interval_s = MIN(poll->min_interval_s, poll->interval_s);
}

static bool default_to(char **text, const char *fallback)
{
	if (!*text) {
		*text = strdup(fallback);
	}
	return *text;
}

static int fill_region(struct conf_region *region, const struct value *from,
	const struct conf_poll *poll, struct gpubroker_error *reterr)
{
	const struct value *options = value_get(from, "options");
	int r = option_fill(conf_region_keys, from, region, NULL, reterr);

	if (r < 0) {
		return r;
	}
	region->poll = *poll;
	override_poll(&region->poll, from);
	region->from_environment = value_boolean(from, CONF_KEY_FROM_ENVIRONMENT, false);
	region->options = options ? value_copy(options) : value_new(VALUE_GROUP, "options");
	if (!region->options || !default_to(&region->title, region->name) ||
		!default_to(&region->site, region->name)) {
		return no_memory(reterr);
	}
	return 0;
}

static int fill_regions(
	struct conf *conf, const struct value *regions, struct gpubroker_error *reterr)
{
	if (!regions || regions->n_items == 0) {
		return 0;
	}
	conf->regions = calloc(regions->n_items, sizeof(*conf->regions));
	if (!conf->regions) {
		return no_memory(reterr);
	}
	conf->n_regions = regions->n_items;
	for (size_t i = 0; i < conf->n_regions; i++) {
		int r = fill_region(conf->regions + i, regions->items[i], &conf->poll, reterr);

		if (r < 0) {
			return r;
		}
	}
	return 0;
}

static int fill_groups(struct conf *conf, const struct value *tree, struct gpubroker_error *reterr)
{
	int r = option_fill(conf_main_keys, tree, conf, NULL, reterr);

	if (r == 0) {
		r = option_fill(conf_rest_keys, value_get(tree, "rest"), &conf->rest, NULL, reterr);
	}
	if (r == 0) {
		r = option_fill(
			conf_cache_keys, value_get(tree, "cache"), &conf->cache, NULL, reterr);
	}
	if (r == 0) {
		r = option_fill(conf_poll_keys, value_get(tree, "poll"), &conf->poll, NULL, reterr);
	}
	if (r == 0) {
		r = fill_regions(conf, value_get(tree, "regions"), reterr);
	}
	return r;
}

int conf_fill(struct conf **ret, const struct value *tree, const char *file,
	struct gpubroker_error *reterr)
{
	_cleanup_(conf_freep) struct conf *conf = calloc(1, sizeof(*conf));
	int r;

	if (!conf) {
		return no_memory(reterr);
	}
	r = fill_groups(conf, tree, reterr);
	if (r < 0) {
		return r;
	}
	conf->poll.min_interval_s = MIN(conf->poll.min_interval_s, conf->poll.interval_s);
	conf->file = file ? absolute(file) : NULL;
	if ((file && !conf->file) || !set_absolute(&conf->plugin_dir, tree, "plugin_dir") ||
		!set_absolute(&conf->state_dir, tree, "state_dir")) {
		return no_memory(reterr);
	}
	*ret = TAKE_PTR(conf);
	return 0;
}

static void region_finish(struct conf_region *region)
{
	option_free(conf_region_keys, region);
	value_free(region->options);
	region->options = NULL;
}

void conf_free(struct conf *conf)
{
	if (!conf) {
		return;
	}
	for (size_t i = 0; i < conf->n_regions; i++) {
		region_finish(conf->regions + i);
	}
	free(conf->regions);
	option_free(conf_main_keys, conf);
	option_free(conf_rest_keys, &conf->rest);
	option_free(conf_cache_keys, &conf->cache);
	free(conf->file);
	free(conf);
}
