/* SPDX-License-Identifier: Apache-2.0 */
/* Configuration that comes from no file: OS_* variables, and the flags of the command line, which are the
 * predecessor's. See conf.h. */
#include "conf/conf.h"

#include "base/str.h"

#include <string.h>

enum { NAME_MAX_BYTES = 63 };

/* NULL: unset or empty, which is the same to OpenStack's tools. */
static const char *variable(char *const env[], const char *name)
{
	size_t n = strlen(name);

	for (; env && *env; env++) {
		if (strncmp(*env, name, n) == 0 && (*env)[n] == '=') {
			return (*env)[n + 1] ? *env + n + 1 : NULL;
		}
	}
	return NULL;
}

/* The cloud's name of the region as one of ours. */
static void region_name(char ret[static NAME_MAX_BYTES + 1], const char *theirs)
{
	size_t n = 0;

	for (; theirs && *theirs && n < NAME_MAX_BYTES; theirs++) {
		char c = *theirs >= 'A' && *theirs <= 'Z' ? (char)(*theirs | 0x20) : *theirs;
		bool plain = (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');

		if (plain || n > 0) {
			ret[n++] = plain ? c : '-';
		}
	}
	ret[n] = '\0';
	if (n == 0) {
		snprintf(ret, NAME_MAX_BYTES + 1, "default");
	}
}

static bool add_region(struct value *tree, const char *region)
{
	struct value *regions = value_add_list(tree, "regions");
	struct value *group = regions ? value_add_group(regions, NULL) : NULL;
	char name[NAME_MAX_BYTES + 1];

	region_name(name, region);
	return group && value_set_origin(group, "environment", 0) &&
	       value_add_string(group, "name", name) &&
	       value_add_string(group, "title", region ? region : name) &&
	       value_add_string(group, "plugin", "openstack") &&
	       value_add_boolean(group, CONF_KEY_FROM_ENVIRONMENT, true) &&
	       value_add_group(group, "options");
}

static struct value *tree_from(const char *region)
{
	_cleanup_(value_freep) struct value *tree = value_new(VALUE_GROUP, NULL);
	struct value *cache = tree ? value_add_group(tree, "cache") : NULL;

	if (!cache || !value_set_origin(tree, "environment", 0) ||
		!value_add_string(cache, "backend", HAVE_MEMCACHED ? "memcached" : "embedded") ||
		!value_add_string(tree, "state_dir", "") || !add_region(tree, region)) {
		return NULL;
	}
	return TAKE_PTR(tree);
}

struct value *conf_from_environment(char *const env[], struct complaints *c)
{
	const char *url = variable(env, "OS_AUTH_URL");
	struct value *tree;

	if (!url && !variable(env, "OS_CLOUD")) {
		complain(c, NULL,
			"there is no configuration file, and neither OS_CLOUD nor OS_AUTH_URL is in the environment");
		return NULL;
	}
	if (url && option_has_credentials(url)) {
		complain(c, NULL, "OS_AUTH_URL is a URL with user:password@, which is refused");
		return NULL;
	}
	tree = tree_from(variable(env, "OS_REGION_NAME"));
	c->failed = c->failed || !tree;
	return tree;
}

/* Puts v (taken; NULL: no memory) in the place of the item with its key. */
static bool put(struct value *group, struct value *v)
{
	for (size_t i = 0; v && i < group->n_items; i++) {
		if (str_equal(group->items[i]->key, v->key)) {
			value_free(group->items[i]);
			group->items[i] = v;
			return true;
		}
	}
	return value_append(group, v);
}

/* The group of that name, made if it is not there. NULL: no memory. One of a wrong type is left to
 * conf_check(): *ret_wrong. */
static struct value *section(struct value *tree, const char *key, bool *ret_wrong)
{
	for (size_t i = 0; i < tree->n_items; i++) {
		if (str_equal(tree->items[i]->key, key)) {
			*ret_wrong = tree->items[i]->type != VALUE_GROUP;
			return *ret_wrong ? NULL : tree->items[i];
		}
	}
	*ret_wrong = false;
	return value_add_group(tree, key);
}

/* A list of one string, or the string itself. flag: its origin. NULL: no memory. */
static struct value *flag_value(const char *key, const char *text, const char *flag, bool list)
{
	_cleanup_(value_freep) struct value *v = value_new(list ? VALUE_LIST : VALUE_STRING, key);
	struct value *item = v;

	if (v && list) {
		item = value_add_string(v, NULL, text);
	} else if (v) {
		v->string = strdup(text);
		item = v->string ? v : NULL;
	}
	if (!item || !value_set_origin(v, flag, 0) || !value_set_origin(item, flag, 0)) {
		return NULL;
	}
	return TAKE_PTR(v);
}

static void put_flag(struct value *tree, const char *group, struct value *v, struct complaints *c)
{
	bool wrong = false;
	struct value *to = section(tree, group, &wrong);

	if (!to) {
		value_free(v);
		c->failed = c->failed || !wrong;
		return;
	}
	if (!put(to, v)) {
		c->failed = true;
	}
}

static void put_number(struct value *tree, const char *key, const char *text, const char *flag,
	struct complaints *c)
{
	_cleanup_(value_freep) struct value *v = value_new(VALUE_INTEGER, key);

	if (!v || !value_set_origin(v, flag, 0)) {
		c->failed = true;
		return;
	}
	if (!str_to_int64(text, &v->integer)) {
		complain(c, v, "\"%s\" is not a whole number", text);
		return;
	}
	put_flag(tree, "rest", TAKE_PTR(v), c);
}

void conf_override(struct value *tree, const struct conf_overrides *o, struct complaints *c)
{
	if (o->bind) {
		put_flag(tree, "rest", flag_value("listen", o->bind, "--bind", true), c);
	}
	if (o->memcached) {
		put_flag(tree, "cache",
			flag_value("servers", o->memcached, "--memcachedHost", true), c);
		put_flag(tree, "cache",
			flag_value("backend", "memcached", "--memcachedHost", false), c);
	}
	if (o->workers) {
		put_number(tree, "threads", o->workers, "--workers", c);
	}
	if (o->timeout) {
		put_number(tree, "idle_timeout_s", o->timeout, "--timeout", c);
	}
}
