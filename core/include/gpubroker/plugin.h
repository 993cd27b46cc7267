/* SPDX-License-Identifier: Apache-2.0 */
/* All that a plugin sees of the daemon.
 *
 * A plugin runs alone in a process of its own, one process a region, in one thread. collect() may
 * block; if it does not return before the region's deadline, the process is killed and started again.
 * There is nothing to lock and nothing to poll. Whatever it leaks goes with the process.
 *
 * A plugin is a shared object NAME.so that exports one symbol, `gpubroker_plugin`, made by
 * GPUBROKER_PLUGIN(…), and links with -Wl,--no-undefined against nothing of the core.
 *
 * GPUBROKER_PLUGIN_ABI changes:
 *   1  2026-11  first
 *   2  2026-11  devices, words, dedicated CPUs; set_capacity_model, finding, record; examine */
#ifndef GPUBROKER_PLUGIN_H
#define GPUBROKER_PLUGIN_H

#include <gpubroker/error.h>
#include <gpubroker/inventory.h>

#define GPUBROKER_PLUGIN_ABI    2u
#define GPUBROKER_PLUGIN_SYMBOL "gpubroker_plugin"

enum gpubroker_option_type {
	GPUBROKER_STRING = 1,  /* char *                     NULL if absent and without default */
	GPUBROKER_SECRET,      /* char *                     the configuration names a file, the struct
				*                            gets its first line; wiped before free */
	GPUBROKER_INTEGER,     /* int64_t                    */
	GPUBROKER_REAL,        /* double                     an integer is accepted */
	GPUBROKER_BOOLEAN,     /* bool                       */
	GPUBROKER_STRING_LIST, /* struct gpubroker_strings   */
	GPUBROKER_GROUP_LIST,  /* struct gpubroker_groups    of structs that `members` describes */
};

struct gpubroker_strings {
	size_t n;
	char **items;
};

struct gpubroker_groups {
	size_t n;
	void *items; /* n structs of member_size bytes each */
};

/* One row a key of the region's `options` group. The core parses, checks, fills and documents.
 * A table ends with a row whose key is NULL. */
struct gpubroker_option {
	enum gpubroker_option_type type;
	const char *key;
	size_t offset;   /* of the member in the plugin's own struct */
	const char *def; /* default as it would be written in the file, a list's items separated by
			  * ", "; NULL: none (zero, NULL or an empty list) */
	bool required;
	double min, max;          /* INTEGER and REAL; both 0: any */
	const char *const *words; /* STRING: the values that are allowed, NULL-terminated; NULL: any */
	const struct gpubroker_option *members; /* GROUP_LIST */
	size_t member_size;                     /* GROUP_LIST */
	const char *doc;                        /* a sentence for --plugin-help and the manual */
};

enum gpubroker_level { GPUBROKER_ERROR = 3, GPUBROKER_WARN = 4, GPUBROKER_INFO = 6, GPUBROKER_DEBUG = 7 };

/* Where the numbers of an inventory's hosts come from; /v1/regions shows it as capacity_model. */
enum gpubroker_capacity_model {
	GPUBROKER_CAPACITY_NOVA = 1,  /* Nova's hypervisors and servers */
	GPUBROKER_CAPACITY_PLACEMENT, /* Placement's inventories and usages */
};

/* Something that an operator should know or mend, for `gpubroker doctor`. Strings are borrowed for the call. */
struct gpubroker_finding {
	enum gpubroker_level severity; /* ERROR: numbers are missing or wrong; WARN; INFO: checked and found good */
	const char *check;   /* what was looked at, a word or two with '-': "role", "gpu-aggregate" */
	const char *subject; /* the name of the thing; NULL: the region */
	const char *text;    /* a sentence */
	const char *command; /* a command line that mends it; NULL: there is none */
};

/* Lent to the plugin until close() returns. All functions are for the plugin's one thread. */
struct gpubroker_core {
	uint32_t abi;
	uint32_t size;
	const char *region; /* the region's name in the configuration */
	const char *broker_version;
	int64_t deadline_ms; /* what one collect() may take; then the process is killed. 0: any time */

	/* One event a line, without newline and without secrets: "aggregate skipped name=… reason=…". */
	__attribute__((format(printf, 2, 3))) void (*log)(
		enum gpubroker_level level, const char *format, ...);
	int64_t (*mono_ms)(void); /* monotonic clock */
	int64_t (*wall_ms)(void); /* since the epoch, UTC */

	/* An OS_* variable of the environment that this region was made from; NULL where the variable is
	 * unset or empty, and always for a region that was configured by file. */
	const char *(*environment)(const char *name);

	/* Add to the inventory that collect() was given. < 0: *reterr says what is wrong (a duplicate, a
	 * number out of range, one too many) and collect() should return that code. An inventory has
	 * either hosts and flavors, or flavors counted elsewhere; mixing them is an error. Of a flavor counted
	 * elsewhere, total, available and what it needs are -1 where the other service does not tell. */
	int (*add_host)(struct gpubroker_inventory *, const struct gpubroker_host *,
		struct gpubroker_error *reterr);
	int (*add_flavor)(struct gpubroker_inventory *, const struct gpubroker_flavor *,
		struct gpubroker_error *reterr);
	int (*add_counted_flavor)(struct gpubroker_inventory *, const struct gpubroker_flavor *,
		int64_t total, int64_t available, struct gpubroker_error *reterr);

	/* One request to the cloud is over: for gpubroker_upstream_requests_total{service,code} and
	 * …_received_bytes_total. http_status 0: no answer came. */
	void (*count_request)(const char *service, int http_status, uint64_t received_bytes);

	/* Which model the hosts' numbers follow; without this call, Nova's. */
	void (*set_capacity_model)(struct gpubroker_inventory *, enum gpubroker_capacity_model);

	/* NULL unless somebody listens (doctor). A plugin reports what it also logs, and more. */
	void (*finding)(const struct gpubroker_finding *);

	/* NULL unless a recording is made (collect --record). After a reading that went well: one call a document
	 * that the plugin `replay` can read, name "servers.json". Anonymous: no names, ids or addresses of projects,
	 * servers and hosts that were not made up. */
	void (*record)(const char *name, const char *body, size_t n);
};

struct gpubroker_plugin {
	uint32_t abi;  /* first: read before anything else is believed */
	uint32_t size; /* sizeof(struct gpubroker_plugin) */
	const char *name; /* the file's name without .so */
	const char *version;
	const char *summary; /* one line for --list-plugins */
	size_t self_size;    /* of the plugin's own struct: zeroed and filled by the core from `options` */
	const struct gpubroker_option *options;

	/* Once, before the first collect(): check what the table cannot. No network. */
	int (*open)(void *self, const struct gpubroker_core *, struct gpubroker_error *reterr);
	/* One complete reading into an empty inventory, or < 0 and nothing: a partial reading is an error
	 * (GPUBROKER_E_INCOMPLETE). The plugin keeps connections and tokens in *self between readings. */
	int (*collect)(void *self, struct gpubroker_inventory *out, struct gpubroker_error *reterr);
	/* collect() for doctor: goes on where it can after a failure, tries each call, and says what it finds
	 * through core->finding(). NULL: doctor calls collect(). */
	int (*examine)(void *self, struct gpubroker_inventory *out, struct gpubroker_error *reterr);
	/* Also after a failed open(). Frees what open() and collect() made, not the options. */
	void (*close)(void *self);
};

#define GPUBROKER_PLUGIN(...)                                                                      \
	__attribute__((visibility("default"))) extern const struct gpubroker_plugin gpubroker_plugin; \
	const struct gpubroker_plugin gpubroker_plugin = {                                         \
		.abi = GPUBROKER_PLUGIN_ABI, .size = sizeof(struct gpubroker_plugin), __VA_ARGS__}

#endif
