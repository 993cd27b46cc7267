/* SPDX-License-Identifier: Apache-2.0 */
/* Nova's reply bodies as typed arrays: what `openstack` fetches page by page and `replay` reads from files.
 * Parsers append, so that pages add up; strings are owned by the list. Every error names the path in the
 * document: "servers.json: servers[17].flavor.extra_specs is not an object". What Nova's schema promises but
 * one odd row of a database could break (a flavor's name) is NULL here, and join.c leaves that row out; what
 * would make the whole document doubtful is an error. */
#ifndef KIT_NOVA_REPLY_H
#define KIT_NOVA_REPLY_H

#include <gpubroker/error.h>

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct nova_pair {
	char *key;
	char *value; /* NULL: null in the reply */
};
/* The value of a key; NULL: there is none, or it is null. */
const char *nova_pair_value(const struct nova_pair *, size_t n, const char *key);

struct nova_aggregate {
	int64_t id;
	char *name;   /* never NULL */
	char *uuid;   /* of its mirror in Placement; NULL: not said (before 2.41) */
	char **hosts; /* service hosts; null in the reply is an empty list */
	size_t n_hosts;
	struct nova_pair *metadata;
	size_t n_metadata;
};

struct nova_hypervisor {
	char *id;       /* uuid (2.53+) or a number as text; the marker for paging */
	char *hostname; /* hypervisor_hostname */
	char *host;     /* service.host: what aggregates and servers name; NULL: none */
	char *state, *status, *disabled_reason; /* any may be NULL */
	int64_t vcpus, vcpus_used, memory_mb, memory_mb_used, local_gb, local_gb_used;
	int64_t free_ram_mb, free_disk_gb, disk_available_least;
	/* null or absent in the reply (no_vcpus: either of the two numbers): */
	bool no_vcpus, no_memory, no_disk, no_free_ram, no_free_disk, no_disk_available_least;
};

struct nova_flavor {
	char *id, *name; /* NULL: null or absent */
	int64_t vcpus, ram_mib, disk_gib;
	int64_t ephemeral_gib, swap_mib; /* 0: also where absent, null or "" (before 2.75) */
	bool is_public;                  /* also where the reply does not say */
	bool has_extra_specs; /* the key was in the reply (it is absent where the policy denies it) */
	struct nova_pair *extra_specs; /* null in the reply is an empty list */
	size_t n_extra_specs;
};

struct nova_server {
	char *id, *status, *vm_state, *task_state; /* NULL: absent or null */
	char *host;                                /* OS-EXT-SRV-ATTR:host; NULL: null */
	char *node; /* OS-EXT-SRV-ATTR:hypervisor_hostname; may be NULL */
	char *project_id, *host_id;
	bool has_host_key;    /* absent where the policy hides it: then host is unknown, not null */
	bool is_stub;         /* a minimal record of a down cell: status UNKNOWN, no flavor */
	bool has_flavor;      /* false: its flavor's record is lost ("flavor": {}) */
	bool has_extra_specs; /* flavor.extra_specs was in the reply */
	struct nova_pair *extra_specs; /* of its flavor, as they were when it got it */
	size_t n_extra_specs;
	const char *alias; /* of them "pci_passthrough:alias"; NULL: none */
	char *flavor_name;    /* original_name */
};

struct nova_service {
	char *host, *status, *state;
	bool forced_down;
	bool is_stub; /* status UNKNOWN: its cell is down */
};

struct nova_migration {             /* os-migrations, 2.59 or later */
	char *uuid;          /* of the migration: in Placement the consumer of what the source holds */
	char *server;        /* instance_uuid */
	char *status, *type; /* may be NULL, as the next four */
	char *source, *dest; /* source_compute, dest_compute: service hosts */
	char *source_node, *dest_node; /* hypervisor_hostname */
	char *updated_at;            /* or created_at; NULL: neither */
	int64_t old_type, new_type;  /* Nova's internal numbers of the flavors, not their ids; -1: not said */
};

/* seen: the ids in the list, a tree of <search.h>, where a list drops what it has already. */
#define NOVA_LIST(name, type)                                                                      \
	struct name {                                                                              \
		struct type *items;                                                                \
		size_t n, room;                                                                    \
		void *seen;                                                                        \
	};
NOVA_LIST(nova_aggregates, nova_aggregate)
NOVA_LIST(nova_hypervisors, nova_hypervisor)
NOVA_LIST(nova_flavors, nova_flavor)
NOVA_LIST(nova_servers, nova_server)
NOVA_LIST(nova_services, nova_service)
NOVA_LIST(nova_migrations, nova_migration)

void nova_aggregates_finish(struct nova_aggregates *);
void nova_hypervisors_finish(struct nova_hypervisors *);
void nova_flavors_finish(struct nova_flavors *);
void nova_servers_finish(struct nova_servers *);
void nova_services_finish(struct nova_services *);
void nova_migrations_finish(struct nova_migrations *);
/* Forgets the servers of a host; any case, as a database may have listed them. */
void nova_servers_drop(struct nova_servers *, const char *host);

/* body: the reply; what: how errors call it, "os-aggregates" or a file name. *ret_n: items in this body (may
 * be NULL). < 0: BAD_REPLY, LIMIT or INTERNAL; the list keeps what was there before. A server, hypervisor or
 * flavor whose id is in the list already is dropped (a cross-cell resize shows a server twice): it is not in
 * the list, but counted in *ret_n. */
int nova_parse_aggregates(struct nova_aggregates *, const char *body, size_t n, const char *what,
	size_t *ret_n, struct gpubroker_error *reterr);
int nova_parse_hypervisors(struct nova_hypervisors *, const char *body, size_t n, const char *what,
	size_t *ret_n, struct gpubroker_error *reterr);
int nova_parse_flavors(struct nova_flavors *, const char *body, size_t n, const char *what,
	size_t *ret_n, struct gpubroker_error *reterr);
int nova_parse_servers(struct nova_servers *, const char *body, size_t n, const char *what,
	size_t *ret_n, struct gpubroker_error *reterr);
int nova_parse_services(struct nova_services *, const char *body, size_t n, const char *what,
	size_t *ret_n, struct gpubroker_error *reterr);
int nova_parse_migrations(struct nova_migrations *, const char *body, size_t n, const char *what,
	size_t *ret_n, struct gpubroker_error *reterr);
/* GET /servers/{id}: one more server, unless it is in the list. */
int nova_parse_server(struct nova_servers *, const char *body, size_t n, const char *what,
	struct gpubroker_error *reterr);

#endif
