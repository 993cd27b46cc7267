/* SPDX-License-Identifier: Apache-2.0 */
/* What a plugin tells the core about its region: hosts with what they have, flavors with what they
 * need – or flavors that another service has counted already. The core counts; a plugin never does.
 *
 * Every pointer in these structs is borrowed for the call that takes it; the core copies. */
#ifndef GPUBROKER_INVENTORY_H
#define GPUBROKER_INVENTORY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum gpubroker_host_state {
	GPUBROKER_HOST_UP = 0,   /* up and enabled: servers can start here */
	GPUBROKER_HOST_DISABLED, /* the operator disabled its compute service */
	GPUBROKER_HOST_DOWN,     /* its compute service is silent or forced down */
};

#define GPUBROKER_RATIO_ONE 1000000 /* a ratio of 1.0, in millionths */

/* One resource of a host. Capacity is floor((total - reserved) * ratio), free is capacity - used.
 * One server can never have more than max_unit of it, whatever the ratio
 * (placement's max_unit; nova sets it to the physical total). */
struct gpubroker_amount {
	int64_t total;
	int64_t used; /* negative where a shared pool reports more free than the host's total */
	int64_t reserved;
	int64_t max_unit;    /* 0: total */
	int64_t ratio_micro; /* allocation ratio in millionths; 0: GPUBROKER_RATIO_ONE */
};

struct gpubroker_gpus { /* GPUs of one type on one host */
	const char *type;
	int64_t total;
	int64_t used; /* may exceed total: clamped by the core, kept for the explanation */
};

struct gpubroker_host {
	const char *name; /* the compute service's host name, unique in the region */
	enum gpubroker_host_state state;
	const char *reason; /* why it is disabled or down, as the cloud says; may be NULL */
	struct gpubroker_amount vcpus, ram_mib, disk_gib;
	const struct gpubroker_gpus *gpus; /* one a type */
	size_t n_gpus;
};

struct gpubroker_need { /* GPUs of one type that a flavor asks for; a count of 0 does not constrain */
	const char *type;
	int64_t count;
};

struct gpubroker_flavor {
	const char *id;
	const char *name;
	int64_t vcpus, ram_mib, disk_gib, ephemeral_gib, swap_mib;
	bool is_public;
	const struct gpubroker_need *gpus; /* one a type */
	size_t n_gpus;
	const char *invalid; /* why the cloud would refuse to start it ("alias 'V100' has no count");
			      * such a flavor counts 0/0. NULL: nothing is wrong with it */
};

struct gpubroker_inventory; /* the core's; filled through struct gpubroker_core */

#endif
