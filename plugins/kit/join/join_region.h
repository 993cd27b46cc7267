/* SPDX-License-Identifier: Apache-2.0 */
/* What the parts of join_region() share while it runs: ../join.c (aggregates), join_placement.c and join_devices.c
 * (Placement), join_servers.c, join_hosts.c, ../join_flavors.c. Nobody else includes it. */
#ifndef KIT_JOIN_REGION_H
#define KIT_JOIN_REGION_H

#include "kit/join.h"
#include "kit/join/placement_classes.h"
#include "kit/flavor_request.h"

enum { JOIN_TYPES_MAX = 64 }; /* GPU types of one host */
#define JOIN_AMOUNT_MAX INT64_C(1000000000000) /* what the core takes; beyond any machine */

struct join_gpus { /* GPUs of one type on one host */
	const char *type;
	bool in_aggregate;
	int64_t count; /* gpu_count of the aggregates */
	int64_t held;  /* by servers, as Nova shows them */
	/* As Placement shows them; only where by_devices: */
	bool by_devices;
	struct gpubroker_device *devices; /* their words' lists are owned too */
	size_t n_devices, room;
	int64_t used_devices, reserved; /* by servers; out of use until an operator resets them */
	bool plain; /* each is one GPU without words: how many there are says it all */
};

struct join_host { /* a hypervisor */
	const struct nova_hypervisor *hypervisor;
	bool shares_service; /* another one has the same service host (bare metal) */
	struct join_gpus *gpus;
	size_t n_gpus, room_gpus;
	const struct nova_aggregate **aggregates; /* all that list it */
	size_t n_aggregates, room_aggregates;
	/* In Placement: itself, and all providers of its tree. NULL: it is not there, or not all of it is known. */
	const struct placement_provider *root;
	struct placement_provider *const *tree;
	size_t n_tree;
	bool mixed_up; /* its PCI devices cannot be told apart by type */
};

struct join_skipped {
	const char *name, *reason;
};

struct join_unmapped { /* servers whose alias means no GPUs of their host */
	char *alias;
	const char *server, *host; /* the first */
	size_t n;
};

struct join { /* one call of join_region() */
	const struct gpubroker_core *core;
	const struct nova_region *region;
	struct join_policy policy; /* the caller's; alias_map: with what was learned of classes */
	struct alias_rule *rules;  /* of that alias_map */
	struct notes *notes;
	struct request_asked asked; /* by some flavor: all that hosts and devices need to say */
	struct join_host *hosts; /* one a hypervisor that has a service host, sorted by it */
	size_t n_hosts;
	struct join_skipped *skipped;
	size_t n_skipped, room_skipped;
	struct join_unmapped *unmapped;
	size_t n_unmapped, room_unmapped;
	struct placement_provider **by_root; /* sorted by root, then name */
	size_t n_by_root;
	struct word_set pci_classes; /* those with names of the operators' own */
	struct class_map classes; /* of PCI devices */
};

int join_no_memory(struct gpubroker_error *);
const char *join_host_name(const struct join_host *);
/* The hypervisors of a service host: the first, and how many there are. Exact, case matters. */
struct join_host *join_hosts_of(struct join *, const char *service_host, size_t *ret_n);
/* The GPUs of a type; NULL: it has none. */
struct join_gpus *join_gpus_of(const struct join_host *, const char *type);
int join_add_gpus(struct join_host *, const char *type, struct join_gpus **ret, struct gpubroker_error *);
enum gpubroker_host_state join_host_state(const struct nova_hypervisor *);
int join_placement(struct join *, struct gpubroker_error *);       /* join_placement.c */
int join_devices(struct join *, struct gpubroker_error *);         /* join_devices.c */
int join_servers(struct join *, struct gpubroker_error *);         /* join_servers.c */
int join_add_hosts(struct join *, struct gpubroker_inventory *, struct gpubroker_error *); /* join_hosts.c */
void join_placement_amounts(const struct join *, const struct join_host *, struct gpubroker_host *);
void join_findings(const struct join *);                           /* join_findings.c */

#endif
