/* SPDX-License-Identifier: Apache-2.0 */
/* The configuration as the daemon uses it: typed, checked, complete. */
#ifndef CONF_CONF_H
#define CONF_CONF_H

#include "base/option.h"
#include "base/value.h"

#include <gpubroker/error.h>

struct conf_rest {
	struct gpubroker_strings listen;
	int64_t threads; /* 0: one per CPU */
	char *default_region;
	int64_t max_connections, max_connections_per_address, requests_per_s_per_address;
	int64_t idle_timeout_s;
	struct gpubroker_strings trusted_proxies;
	bool show_host_names, access_log;
};

struct conf_cache {
	char *backend; /* "embedded" or "memcached" */
	struct gpubroker_strings servers;
	int64_t expire_s;
	char *prefix;
	bool legacy_keys;
};

struct conf_poll {
	int64_t interval_s, min_interval_s, deadline_s, cold_wait_s, stale_after_s;
};

struct conf_region {
	char *name, *title, *site, *plugin; /* title and site default to the name */
	char *maintenance;                  /* "": none */
	bool enabled;
	struct conf_poll poll; /* the region's own keys, else the poll group's */
	struct value *options; /* the plugin's, checked against its table; never NULL (an empty group) */
	bool from_environment; /* made from OS_*; its worker gets these */
};

struct conf {
	char *file; /* absolute; NULL: made from the environment */
	char *plugin_dir, *sites_dir, *state_dir; /* plugin_dir, state_dir: absolute; state_dir "": none */
	struct conf_rest rest;
	struct conf_cache cache;
	struct conf_poll poll;
	struct conf_region *regions; /* configuration order */
	size_t n_regions;
};

/* schema.c: THE tables of keys. Each ends with a NULL key. */
extern const struct gpubroker_option conf_main_keys[];   /* into struct conf */
extern const struct gpubroker_option conf_rest_keys[];   /* into struct conf_rest */
extern const struct gpubroker_option conf_cache_keys[];  /* into struct conf_cache */
extern const struct gpubroker_option conf_poll_keys[];   /* into struct conf_poll */
extern const struct gpubroker_option conf_region_keys[]; /* into struct conf_region, without poll's */
/* Set in a region made from the environment; no file can hold a key that begins with a point. */
#define CONF_KEY_FROM_ENVIRONMENT ".from_environment"

/* load.c (the only file that includes libconfig): FILE and its sites_dir into one tree, in configuration
 * order, with origins: a group with the keys of the main file and `regions` as a list of groups.
 * Complaints: syntax, unreadable files, @include, integers outside 32 bits. Keys are not looked at.
 * NULL: nothing usable was read (there are complaints then). */
struct value *conf_load(const char *file, struct complaints *);

/* check.c: a tree against the tables (unknown and misspelt keys, types, ranges, words), region names
 * (rule, unique), addresses, URLs with credentials. Options of plugins are checked through the callback,
 * which finds the plugin's table or complains; NULL: options are not checked. */
typedef const struct gpubroker_option *conf_plugin_options_fn(
	void *context, const char *plugin_dir, const char *plugin, const struct value *at, struct complaints *);
void conf_check(const struct value *tree, conf_plugin_options_fn *, void *context, struct complaints *);

/* plugin_dir or state_dir as written in the tree; a relative path is relative to its file. NULL: no memory. */
char *conf_path(const struct value *tree, const char *key);

/* A checked tree into a struct. < 0: INTERNAL (no memory). */
int conf_fill(struct conf **ret, const struct value *tree, const char *file, struct gpubroker_error *reterr);
void conf_free(struct conf *);
DEFINE_CLEANUP(struct conf *, conf_free);

/* conf_env.c: the tree for a start without a file, from OS_* variables (contract §2). env: a NULL-terminated
 * "NAME=value" array. NULL and a complaint: neither OS_AUTH_URL nor OS_CLOUD is there. */
struct value *conf_from_environment(char *const env[], struct complaints *);

/* Command line overrides (the predecessor's flags) put into the tree before it is checked; NULL: not given. */
struct conf_overrides {
	const char *bind;         /* HOST:PORT, replaces rest.listen */
	const char *memcached;    /* HOST:PORT, replaces cache.servers and sets backend */
	const char *workers, *timeout; /* decimal; rest.threads, rest.idle_timeout_s */
};
void conf_override(struct value *tree, const struct conf_overrides *, struct complaints *);

/* print.c: the effective configuration as libconfig reads it, defaults included, secrets left out
 * (--check -v). The tree must have been found right. Options of plugins are printed by their tables, which
 * the callback finds; where it finds none, they are left out. */
void conf_print(const struct value *tree, conf_plugin_options_fn *, void *context, FILE *);

/* diff.c: what a reload has to do. */
enum conf_change { CONF_SAME = 0, CONF_ADDED, CONF_REMOVED, CONF_CHANGED };
struct conf_region_change {
	enum conf_change change;
	size_t old_index, new_index; /* SIZE_MAX where there is none */
	bool needs_worker_restart;   /* CHANGED: plugin, options, enabled, the plugin_dir of all; not title,
				      * interval … */
};
struct conf_diff {
	struct conf_region_change *regions; /* the new ones in order, then the removed */
	size_t n_regions;
	bool order_changed; /* the list of names is another one */
	bool rest_changed;  /* anything in rest, listen included */
	bool listen_changed, cache_changed, state_dir_changed;
};
int conf_diff(const struct conf *old, const struct conf *new_, struct conf_diff *ret);
void conf_diff_finish(struct conf_diff *);

#endif
