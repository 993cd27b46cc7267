/* SPDX-License-Identifier: Apache-2.0 */
/* The rules of a configuration that no table can say: see conf.h. */
#include "conf/conf.h"

#include "base/str.h"
#include "conf/hostport.h"

#include <string.h>

#ifndef HAVE_MEMCACHED
#error "the build defines HAVE_MEMCACHED as 0 or 1"
#endif

enum {
	TEXT_MAX_BYTES = 500,  /* a title, a sentence; they stand in every answer */
	PREFIX_MAX_BYTES = 64, /* memcached's keys have 250 bytes, a region's name up to 63 */
};

struct checker {
	const struct value *tree;
	char *plugin_dir;
	conf_plugin_options_fn *options_of;
	void *context;
	struct complaints *complaints;
};

/* The value if it is a string and there is nothing wrong with it that was said already. */
static const struct value *string_at(const struct value *group, const char *key)
{
	const struct value *v = value_get(group, key);

	return v && v->type == VALUE_STRING && !option_has_credentials(v->string) ? v : NULL;
}

static const struct value *group_at(const struct value *tree, const char *key)
{
	const struct value *v = value_get(tree, key);

	return v && v->type == VALUE_GROUP ? v : NULL;
}

static const struct value *list_at(const struct value *group, const char *key)
{
	const struct value *v = value_get(group, key);

	return v && v->type == VALUE_LIST ? v : NULL;
}

static const char *text_of(const struct value *v)
{
	return v->type == VALUE_STRING && !option_has_credentials(v->string) ? v->string : NULL;
}

static void check_sections(struct checker *k)
{
	static const struct {
		const char *key;
		const struct gpubroker_option *rows;
	} sections[] = {
		{"rest",  conf_rest_keys },
                {"cache", conf_cache_keys},
                {"poll",  conf_poll_keys }
        };
	static const char *const also[] = {"rest", "cache", "poll", "regions", NULL};
	const struct gpubroker_option *tables[] = {conf_main_keys, NULL};
	const struct option_tables root = {.tables = tables, .also = also};

	option_check_tables(&root, k->tree, "key", NULL, k->complaints);
	for (size_t i = 0; i < ARRAY_SIZE(sections); i++) {
		const struct value *v = value_get(k->tree, sections[i].key);

		if (v && v->type != VALUE_GROUP) {
			complain(
				k->complaints, v, "%s must be a group: %s: { … };", v->key, v->key);
		} else if (v) {
			option_check(sections[i].rows, v, "key", k->complaints);
		}
	}
}

static void check_hostport(struct checker *k, const char *key, const struct value *v, bool any_port)
{
	const char *text = text_of(v);
	struct gpubroker_error why = {0};
	struct hostport e;

	if (!text) {
		return;
	}
	if (hostport_parse(text, &e, &why) < 0) {
		complain(k->complaints, v, "%s: %s", key, why.text);
	} else if (!any_port && !e.is_unix && e.port == 0) {
		complain(k->complaints, v,
			"%s: \"%s\" has the port 0, to which nothing can connect", key, text);
	}
}

static void check_hostports(struct checker *k, const struct value *list, bool any_port)
{
	if (!list) {
		return;
	}
	if (list->n_items == 0) {
		complain(k->complaints, list, "%s must not be empty", list->key);
	}
	for (size_t i = 0; i < list->n_items; i++) {
		const char *text = text_of(list->items[i]);

		check_hostport(k, list->key, list->items[i], any_port);
		for (size_t j = 0; text && j < i; j++) {
			if (str_equal(text_of(list->items[j]), text)) {
				complain(k->complaints, list->items[i],
					"%s: \"%s\" stands there twice", list->key, text);
				break;
			}
		}
	}
}

static void check_proxies(struct checker *k, const struct value *list)
{
	for (size_t i = 0; list && i < list->n_items; i++) {
		const char *text = text_of(list->items[i]);

		if (text && !network_is_valid(text)) {
			complain(k->complaints, list->items[i],
				"%s: \"%s\" is neither an address nor a network such as 10.0.0.0/8",
				list->key, text);
		}
	}
}

static void check_default_region(struct checker *k, const struct value *rest)
{
	const struct value *wanted = string_at(rest, "default_region");
	const struct value *regions = list_at(k->tree, "regions");
	_cleanup_(freep) const char **names = NULL;
	const char *nearest;
	size_t n = 0;

	if (!wanted || !wanted->string[0]) {
		return;
	}
	names = calloc(regions ? regions->n_items + 1 : 1, sizeof(*names));
	for (size_t i = 0; names && regions && i < regions->n_items; i++) {
		const struct value *name = string_at(regions->items[i], "name");

		if (name && str_equal(name->string, wanted->string)) {
			return;
		}
		if (name) {
			names[n++] = name->string;
		}
	}
	nearest = names ? str_nearest(wanted->string, names, n) : NULL;
	if (nearest) {
		complain(k->complaints, wanted,
			"default_region: there is no region \"%s\"; did you mean \"%s\"?",
			wanted->string, nearest);
	} else {
		complain(k->complaints, wanted, "default_region: there is no region \"%s\"",
			wanted->string);
	}
}

static void check_cache(struct checker *k, const struct value *cache)
{
	const struct value *backend = string_at(cache, "backend"),
			   *prefix = string_at(cache, "prefix");

	if (!HAVE_MEMCACHED && backend && str_equal(backend->string, "memcached")) {
		complain(k->complaints, backend,
			"backend: this gpubrokerd was built without memcached; \"embedded\" works always");
	}
	check_hostports(k, list_at(cache, "servers"), false);
	if (prefix &&
		(!prefix->string[0] || strlen(prefix->string) > PREFIX_MAX_BYTES ||
			prefix->string[strspn(prefix->string,
				"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-")])) {
		complain(k->complaints, prefix,
			"prefix must be 1 to %d letters, digits, \".\", \"_\" or \"-\"",
			PREFIX_MAX_BYTES);
	}
}

static void check_path(struct checker *k, const char *key, bool may_be_empty)
{
	const struct value *v = string_at(k->tree, key);

	if (v && !v->string[0] && !may_be_empty) {
		complain(k->complaints, v, "%s must not be empty", key);
	}
}

/* Written anywhere, it must hold; the default alone gives way to a short interval_s. */
static void check_intervals(struct checker *k, const struct value *region, const char *where)
{
	const struct value *poll = group_at(k->tree, "poll");
	const struct value *least = value_get(region, "min_interval_s");
	const struct value *interval = value_get(region, "interval_s");
	const struct value *at = least ? least : interval;

	least = least ? least : value_get(poll, "min_interval_s");
	interval = interval ? interval : value_get(poll, "interval_s");
	if (at && least && least->type == VALUE_INTEGER &&
		(!interval || interval->type == VALUE_INTEGER)) {
		int64_t s = interval ? interval->integer : 30;

		if (least->integer > s) {
			complain(k->complaints, at,
				"min_interval_s (%lld) is above interval_s (%lld)%s%s",
				(long long)least->integer, (long long)s, where ? " in " : "",
				where ? where : "");
		}
	}
}

static void check_text(struct checker *k, const struct value *region, const char *key)
{
	const struct value *v = string_at(region, key);

	for (const char *s = v ? v->string : ""; *s; s++) {
		if ((unsigned char)*s < 0x20 || *s == 0x7f) {
			complain(k->complaints, v, "%s must not hold control characters", key);
			return;
		}
	}
	if (v && strlen(v->string) > TEXT_MAX_BYTES) {
		complain(k->complaints, v, "%s must not be longer than %d bytes", key,
			TEXT_MAX_BYTES);
	}
}

static void check_name(struct checker *k, const struct value *regions, size_t index)
{
	const struct value *name = string_at(regions->items[index], "name");

	if (!name || !name->string[0]) {
		return;
	}
	if (!str_is_name(name->string, "")) {
		complain(k->complaints, name,
			"the region name \"%s\" is not made of lower case letters, digits and \"-\", beginning "
			"with a letter or digit, at most 63",
			name->string);
	}
	for (size_t i = 0; i < index; i++) {
		const struct value *other = string_at(regions->items[i], "name");

		if (other && str_equal(other->string, name->string)) {
			complain(k->complaints, name, "there is a region \"%s\" already, at %s:%u",
				name->string, other->file ? other->file : "-", other->line);
			return;
		}
	}
}

/* Without a table nothing of an option is known, but this is wrong in any string. */
static void check_credentials(struct checker *k, const struct value *v)
{
	if (v->type == VALUE_STRING && option_has_credentials(v->string)) {
		complain(k->complaints, v, "a URL with user:password@ is refused");
	}
	for (size_t i = 0; i < v->n_items; i++) {
		check_credentials(k, v->items[i]);
	}
}

static void check_options(struct checker *k, const struct value *region, const char *where)
{
	const struct value *plugin = string_at(region, "plugin");
	const struct value *options = value_get(region, "options");
	const struct gpubroker_option *rows = NULL;

	if (options && options->type != VALUE_GROUP) {
		complain(k->complaints, options, "options must be a group: options: { … };");
		return;
	}
	if (plugin && plugin->string[0] && !str_is_name(plugin->string, "_")) {
		complain(k->complaints, plugin,
			"the plugin name \"%s\" is not made of lower case letters, digits, \"-\" and \"_\"",
			plugin->string);
	} else if (plugin && plugin->string[0] && k->options_of) {
		rows = k->options_of(
			k->context, k->plugin_dir, plugin->string, plugin, k->complaints);
	}
	if (rows && !value_boolean(region, CONF_KEY_FROM_ENVIRONMENT, false)) {
		const struct gpubroker_option *tables[] = {rows, NULL};
		const struct option_tables t = {.tables = tables};
		struct value none = {
			.type = VALUE_GROUP, .file = region->file, .line = region->line};

		option_check_tables(&t, options ? options : &none, "option", where, k->complaints);
	} else if (options) {
		check_credentials(k, options);
	}
}

static void check_region(struct checker *k, const struct value *regions, size_t index)
{
	static const char *const also[] = {"options", CONF_KEY_FROM_ENVIRONMENT, NULL};
	const struct gpubroker_option *tables[] = {conf_region_keys, conf_poll_keys, NULL};
	const struct option_tables t = {.tables = tables, .also = also};
	const struct value *region = regions->items[index], *name = string_at(region, "name");
	char where[96] = "regions";

	if (region->type != VALUE_GROUP) {
		complain(k->complaints, region,
			"regions must hold groups only: ( { name = \"…\"; … } )");
		return;
	}
	if (name && str_is_name(name->string, "")) {
		snprintf(where, sizeof(where), "region %s", name->string);
	}
	option_check_tables(&t, region, "key", where, k->complaints);
	check_name(k, regions, index);
	check_text(k, region, "title");
	check_text(k, region, "site");
	check_text(k, region, "maintenance");
	check_intervals(k, region, where);
	check_options(k, region, where);
}

void conf_check(const struct value *tree, conf_plugin_options_fn *options_of, void *context,
	struct complaints *c)
{
	_cleanup_(freep) char *plugin_dir = conf_path(tree, "plugin_dir");
	struct checker k = {tree, plugin_dir, options_of, context, c};
	const struct value *rest = group_at(tree, "rest"), *cache = group_at(tree, "cache");
	const struct value *poll = group_at(tree, "poll"), *regions = list_at(tree, "regions");

	if (!plugin_dir) {
		c->failed = true;
		return;
	}
	check_sections(&k);
	check_path(&k, "plugin_dir", false);
	check_hostports(&k, list_at(rest, "listen"), true);
	check_proxies(&k, list_at(rest, "trusted_proxies"));
	check_default_region(&k, rest);
	check_cache(&k, cache);
	check_intervals(&k, poll, NULL);
	for (size_t i = 0; regions && i < regions->n_items; i++) {
		check_region(&k, regions, i);
	}
}
