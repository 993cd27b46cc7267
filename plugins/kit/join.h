/* SPDX-License-Identifier: Apache-2.0 */
/* Step 3 of the straight line: Nova's typed arrays → hosts with GPUs and flavors with needs. Every aggregate,
 * host, flavor and server that is left out is named in the log. README.md has the rules and their reasons. */
#ifndef KIT_JOIN_H
#define KIT_JOIN_H

#include "kit/alias.h"
#include "kit/notes.h"
#include "kit/nova_reply.h"
#include "kit/placement_reply.h"
#include "kit/flavor_request.h"
#include "kit/word_set.h"

struct nova_region { /* what was read */
	struct nova_aggregates aggregates;
	struct nova_hypervisors hypervisors;
	struct nova_flavors flavors;
	struct nova_servers servers; /* at least those on hosts of join_server_hosts(), and join_wants_server() */
	struct nova_migrations migrations;  /* at least those under way; none where they may not be read */
	struct placement_region *placement; /* its own; NULL: Placement is not asked, model "nova" */
};
void nova_region_finish(struct nova_region *);

struct join_policy { /* the counting options, same in `openstack` and `replay` */
	/* 0: what Placement says of each host, else 4.0, 1.0 and 1.0. Anything else goes for every host. */
	double cpu_allocation_ratio, ram_allocation_ratio, disk_allocation_ratio;
	char *capacity; /* "auto" "nova" "placement"; NULL: auto. Whoever reads decides: join_region() takes
			 * Placement's numbers where region->placement is there */
	struct gpubroker_strings flavor_exclude; /* substrings of the name */
	struct gpubroker_groups alias_map;       /* of struct alias_rule */
	bool include_cpu_flavors;                /* those too that ask for no GPU */
};
/* The rows of an option table that fill a struct join_policy member of a plugin's struct:
 * JOIN_POLICY_OPTIONS(struct self, policy), */
extern const struct gpubroker_option alias_rule_options[];
extern const char *const capacity_words[];
#define JOIN_POLICY_OPTIONS(self_type, policy_)                                                    \
	{.type = GPUBROKER_REAL,                                                                   \
		.key = "cpu_allocation_ratio",                                                     \
		.offset = offsetof(self_type, policy_.cpu_allocation_ratio),                       \
		.min = 0.01,                                                                       \
		.max = 1000,                                                                       \
		.doc = "vCPUs that may be given out for each physical one. Default: what Placement says, else 4.0."}, \
		{.type = GPUBROKER_REAL,                                                           \
			.key = "ram_allocation_ratio",                                             \
			.offset = offsetof(self_type, policy_.ram_allocation_ratio),               \
			.min = 0.01,                                                               \
			.max = 1000,                                                               \
			.doc = "The same for memory. Default: what Placement says, else 1.0."},    \
		{.type = GPUBROKER_REAL,                                                           \
			.key = "disk_allocation_ratio",                                            \
			.offset = offsetof(self_type, policy_.disk_allocation_ratio),              \
			.min = 0.01,                                                               \
			.max = 1000,                                                               \
			.doc = "The same for disk. Default: what Placement says, else 1.0."},      \
		{.type = GPUBROKER_STRING,                                                         \
			.key = "capacity",                                                         \
			.offset = offsetof(self_type, policy_.capacity),                           \
			.def = "auto",                                                             \
			.words = capacity_words,                                                   \
			.doc = "Whose numbers count: Nova's hypervisors, Placement's inventories, or auto: " \
			       "Placement's if they may be read."},                                \
		{.type = GPUBROKER_STRING_LIST,                                                    \
			.key = "flavor_exclude",                                                   \
			.offset = offsetof(self_type, policy_.flavor_exclude),                     \
			.def = "DEPRECATED",                                                       \
			.doc = "Flavors whose name contains one of these are left out."},          \
		{.type = GPUBROKER_BOOLEAN,                                                        \
			.key = "include_cpu_flavors",                                              \
			.offset = offsetof(self_type, policy_.include_cpu_flavors),                \
			.def = "false",                                                            \
			.doc = "Count flavors without GPUs too, over all hosts."},                 \
	{                                                                                          \
		.type = GPUBROKER_GROUP_LIST, .key = "alias_map",                                  \
		.offset = offsetof(self_type, policy_.alias_map), .members = alias_rule_options,   \
		.member_size = sizeof(struct alias_rule),                                          \
		.doc = "GPU type of an alias, or of a resource class, where it is not the same word." \
	}

enum gpus_said { GPUS_NO = 0, GPUS_YES, GPUS_BROKEN };
/* Whether an aggregate's metadata says that each of its hosts has GPUs. BROKEN: it says so, but not of which
 * type or how many; *ret_why, a constant, is set then, the others where it is YES. */
enum gpus_said aggregate_gpus(const struct nova_aggregate *, const char **ret_type,
	int64_t *ret_count, const char **ret_why);
/* Whether a server holds what its flavor asked for on its host. */
bool server_holds(const struct nova_server *);

/* ---- what a reading still has to ask for (plugins/openstack), once everything else is in ---- */

/* Adds the service hosts whose GPUs are counted by servers: those of GPU aggregates, without those where Placement
 * shows the devices of each type. Ask when nothing more is wanted of Placement; servers of no other host count. */
int join_server_hosts(const struct nova_region *, const struct join_policy *, struct word_set *,
	struct gpubroker_error *reterr);
/* Whether the migration is under way and touches one of the hosts (NULL: any of a GPU aggregate), and its server is
 * not in the list: GET /servers/{m->server}, 404 meaning that it is gone. */
bool join_wants_server(const struct nova_region *, const struct word_set *hosts, const struct nova_migration *);
/* Whose GET /allocations/{consumer} tells what the migration's other end holds on one of the hosts (ask it where
 * Placement may be read, after join_wants_server()); NULL: nobody's, it is known or not needed. Lent by the
 * migration. */
const char *join_wants_allocation(const struct nova_region *, const struct word_set *hosts,
	const struct nova_migration *);

/* Whether hosts of no GPU aggregate count too: include_cpu_flavors, or a flavor asks for accelerators by class. */
bool join_wants_every_host(const struct nova_region *, const struct join_policy *);

enum placement_part { PLACEMENT_INVENTORIES = 1, PLACEMENT_USAGES = 2, PLACEMENT_TRAITS = 4 };
/* The parts of a provider that join_region() needs and does not know yet, or'ed; 0: none. Ask after
 * GET /allocation_candidates, and again after usages came: only they show whether there are accelerators in a tree
 * without GPU aggregate. */
unsigned join_wants_parts(const struct nova_region *, const struct join_policy *,
	const struct placement_provider *);

/* What the meaning of the flavors' extra specs depends on; lent by both. */
struct request_rules join_rules(const struct nova_region *, const struct join_policy *);
/* The region's flavors alone; join_region() ends with it. */
int join_flavors(const struct gpubroker_core *, const struct nova_region *,
	const struct join_policy *, struct notes *, struct gpubroker_inventory *out,
	struct gpubroker_error *reterr);

/* Adds hosts and flavors to `out`; then findings and a recording, where the core listens. < 0: INCOMPLETE (a down
 * cell's records; a GPU host in service whose numbers are not known; a server on one whose flavor is lost), DENIED
 * (the role hides what is needed, which is named), or what the core said. */
int join_region(const struct gpubroker_core *, const struct nova_region *,
	const struct join_policy *, struct notes *, struct gpubroker_inventory *out,
	struct gpubroker_error *reterr);

#endif
