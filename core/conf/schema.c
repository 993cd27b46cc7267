/* SPDX-License-Identifier: Apache-2.0 */
/* THE tables of configuration keys: what --check accepts, what the manual lists, what the defaults are.
 * Rules that concern more than one key or the form of a text are in check.c. */
#include "conf/conf.h"

#include <stddef.h>

#ifndef PLUGIN_DIR
#error "the build defines PLUGIN_DIR, where plugins are installed"
#endif

/* Upper bounds are there to catch slips of the keyboard and wrong units, not to ration. */
enum {
	DAY_S = 24 * 60 * 60,
	EXPIRE_MAX_S = 30 * DAY_S, /* memcached reads a longer time as a date */
	CONNECTIONS_MAX = 1000 * 1000,
};

static const char *const backends[] = {"embedded", "memcached", NULL};

/* clang-format off */
#define KEY(type_, struct_, member, ...)                                                           \
	{.type = (type_), .key = #member, .offset = offsetof(struct struct_, member), __VA_ARGS__}
#define MAIN_KEY(type, member, ...)   KEY(GPUBROKER_##type, conf, member, __VA_ARGS__)
#define REST_KEY(type, member, ...)   KEY(GPUBROKER_##type, conf_rest, member, __VA_ARGS__)
#define CACHE_KEY(type, member, ...)  KEY(GPUBROKER_##type, conf_cache, member, __VA_ARGS__)
#define POLL_KEY(member, ...)         KEY(GPUBROKER_INTEGER, conf_poll, member, __VA_ARGS__)
#define REGION_KEY(type, member, ...) KEY(GPUBROKER_##type, conf_region, member, __VA_ARGS__)

const struct gpubroker_option conf_main_keys[] = {
	MAIN_KEY(STRING, plugin_dir, .def = PLUGIN_DIR,
		.doc = "The folder of the plugins. It and they must belong to root or to the daemon's user and "
		       "be writable by nobody else. A relative path is relative to this file."),
	MAIN_KEY(STRING, sites_dir, .def = "sites.d",
		.doc = "The folder whose *.conf files, sorted by bytes, hold further regions. A relative path is "
		       "relative to this file; \"\" means none, and a folder that does not exist is empty."),
	MAIN_KEY(STRING, state_dir, .def = "/var/lib/gpubroker",
		.doc = "The folder for the last reading of each region, from which a restarted daemon answers "
		       "before its first poll. \"\" keeps nothing on disk."),
	{0}};

const struct gpubroker_option conf_rest_keys[] = {
	REST_KEY(STRING_LIST, listen, .def = "127.0.0.1:8080, [::1]:8080",
		.doc = "Where requests are answered: HOST:PORT, [v6]:PORT or unix:/path. Names are resolved "
		       "once, at the start."),
	REST_KEY(INTEGER, threads, .def = "0", .min = 0, .max = 256,
		.doc = "Threads that answer requests; 0 is one for each CPU."),
	REST_KEY(STRING, default_region, .def = "",
		.doc = "The region that wins where the same flavor id exists in several; \"\" is the first in "
		       "configuration order."),
	REST_KEY(INTEGER, max_connections, .def = "20000", .min = 1, .max = CONNECTIONS_MAX,
		.doc = "Connections at a time; further ones wait to be accepted."),
	REST_KEY(INTEGER, max_connections_per_address, .def = "0", .min = 0, .max = CONNECTIONS_MAX,
		.doc = "Connections at a time from one address; 0 is any number."),
	REST_KEY(INTEGER, requests_per_s_per_address, .def = "0", .min = 0, .max = CONNECTIONS_MAX,
		.doc = "Requests a second from one address before it is answered 429; 0 is any number."),
	REST_KEY(INTEGER, idle_timeout_s, .def = "60", .min = 1, .max = DAY_S,
		.doc = "Seconds after which a connection that says nothing is closed."),
	REST_KEY(STRING_LIST, trusted_proxies, .def = "",
		.doc = "Addresses or networks (10.0.0.0/8) of proxies whose word about the caller's address is "
		       "believed."),
	REST_KEY(BOOLEAN, show_host_names, .def = "false",
		.doc = "Show the names of hosts to everybody; false: they are called host-1, host-2, … in the order of "
		       "their names."),
	REST_KEY(BOOLEAN, access_log, .def = "false",
		.doc = "Log a line for each request."),
	{0}};

const struct gpubroker_option conf_cache_keys[] = {
	CACHE_KEY(STRING, backend, .def = "embedded", .words = backends,
		.doc = "Where readings are kept for others: in the daemon alone, or in memcached too."),
	CACHE_KEY(STRING_LIST, servers, .def = "127.0.0.1:11211",
		.doc = "The memcached servers: HOST:PORT, [v6]:PORT or unix:/path."),
	CACHE_KEY(INTEGER, expire_s, .def = "300", .min = 1, .max = EXPIRE_MAX_S,
		.doc = "Seconds after which memcached forgets a reading that is not renewed."),
	CACHE_KEY(STRING, prefix, .def = "gpubroker",
		.doc = "What the keys in memcached begin with: at most 64 letters, digits and \"._-\"."),
	CACHE_KEY(BOOLEAN, legacy_keys, .def = "true",
		.doc = "Write the predecessor's keys too, for programs that read them from memcached."),
	{0}};

const struct gpubroker_option conf_poll_keys[] = {
	POLL_KEY(interval_s, .def = "30", .min = 1, .max = DAY_S,
		.doc = "Seconds between two readings of a region."),
	POLL_KEY(min_interval_s, .def = "2", .min = 1, .max = DAY_S,
		.doc = "Seconds that lie between two readings at least, whoever asks for one; not above "
		       "interval_s."),
	POLL_KEY(deadline_s, .def = "180", .min = 1, .max = DAY_S,
		.doc = "Seconds after which a reading is given up and the process that reads is killed. A cloud "
		       "with a cell that is down may need 120 and more."),
	POLL_KEY(cold_wait_s, .def = "25", .min = 0, .max = 300,
		.doc = "Seconds that a request waits for a region that has not been read yet."),
	POLL_KEY(stale_after_s, .def = "120", .min = 1, .max = 30 * DAY_S,
		.doc = "Seconds after which numbers that could not be renewed are called stale."),
	{0}};

const struct gpubroker_option conf_region_keys[] = {
	REGION_KEY(STRING, name, .required = true,
		.doc = "The region's name in addresses and metrics: lower case letters, digits and \"-\", at "
		       "most 63, only once in the configuration."),
	REGION_KEY(STRING, title,
		.doc = "The region's name for people; default: the name."),
	REGION_KEY(STRING, site,
		.doc = "The site that runs it; several regions may share one. Default: the name."),
	REGION_KEY(STRING, plugin, .required = true,
		.doc = "The plugin that reads the region; its options are listed by --plugin-help."),
	REGION_KEY(BOOLEAN, enabled, .def = "true",
		.doc = "false: the region is listed but not read."),
	REGION_KEY(STRING, maintenance, .def = "",
		.doc = "A sentence that is shown instead of an error; \"\" is none."),
	{0}};
