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
	GPUBROKER_HOST_SKIPPED,  /* named somewhere as a host, but it cannot be counted: reason says why. Only its
				  * name and reason mean something */
};

/* Words that hosts and devices have and flavors require or forbid: traits ("CUSTOM_GOLD"), or whatever else a
 * plugin makes of a cloud's rules ("aggregate_instance_extra_specs:ssd=true"). The core only compares. */
struct gpubroker_words {
	const char *const *items;
	size_t n;
};

#define GPUBROKER_RATIO_ONE 1000000 /* a ratio of 1.0, in millionths */

/* One resource of a host. Capacity is floor((total - reserved) * ratio), free is capacity - used.
 * One server can never have more than max_unit of it, whatever the ratio (placement's max_unit; nova sets it to
 * the physical total), nor less than min_unit, and only multiples of step_size
 * (placement/objects/research_context.py). */
struct gpubroker_amount {
	int64_t total;
	int64_t used; /* negative where a shared pool reports more free than the host's total */
	int64_t reserved;
	int64_t max_unit;    /* 0: total */
	int64_t ratio_micro; /* allocation ratio in millionths; 0: GPUBROKER_RATIO_ONE */
	int64_t min_unit;    /* 0: 1 */
	int64_t step_size;   /* 0: 1 */
};

/* What gives GPUs of a type: a card, or one that is cut into slices (placement: one resource provider). */
struct gpubroker_device {
	int64_t total;
	int64_t used;     /* by servers, or out of use (placement: reserved); may exceed total */
	int64_t max_unit; /* most that one request for several from one device gets; 0: total */
	struct gpubroker_words words;
	int64_t min_unit, step_size; /* as in struct gpubroker_amount */
};

struct gpubroker_gpus { /* GPUs (or other accelerators) of one type on one host */
	const char *type;
	int64_t total;
	int64_t used; /* may exceed total: clamped by the core, kept for the explanation */
	/* NULL: each of them is a device of its own. Otherwise total is the sum of theirs, used the sum of what
	 * is used of each, at most its total. */
	const struct gpubroker_device *devices;
	size_t n_devices;
};

struct gpubroker_host {
	const char *name; /* the compute service's host name, unique in the region */
	enum gpubroker_host_state state;
	const char *reason; /* why it is disabled or down, as the cloud says; may be NULL */
	struct gpubroker_amount vcpus, ram_mib, disk_gib;
	struct gpubroker_amount pcpus;     /* dedicated CPUs; zeroes: it has none */
	const struct gpubroker_gpus *gpus; /* one a type */
	size_t n_gpus;
	struct gpubroker_words words; /* those that some flavor requires or forbids are enough */
};

struct gpubroker_need { /* GPUs of one type that a flavor asks for; 0 are there on each host of the type */
	const char *type;
	int64_t count;
	int64_t unit; /* so many at a time must come from one device; divides count; 0: 1 */
	struct gpubroker_words required, forbidden; /* of the devices */
};

/* What one server takes where this does not follow from the flavor's sizes (resources:VCPU=…, dedicated CPUs). */
struct gpubroker_demand {
	int64_t vcpus, pcpus, ram_mib, disk_gib;
};

struct gpubroker_flavor {
	const char *id;
	const char *name;
	int64_t vcpus, ram_mib, disk_gib, ephemeral_gib, swap_mib;
	bool is_public;
	const struct gpubroker_need *gpus; /* several of one type only where unit or words differ */
	size_t n_gpus;
	const struct gpubroker_demand *demand; /* NULL: vcpus, ram_mib and root + ephemeral + swap */
	bool isolate; /* each unit of GPUs from another device (placement: group_policy=isolate) */
	struct gpubroker_words required, forbidden; /* of the hosts */
	struct gpubroker_words remarks; /* sentences: what decides too, but no API shows ("asks for a NUMA topology") */
	const char *invalid; /* why the cloud would refuse to start it ("alias 'V100' has no count");
			      * such a flavor counts 0/0. NULL: nothing is wrong with it */
	bool wants_no_gpus; /* it is invalid for other reasons than its GPUs, of which it wants none; else an invalid
			     * flavor is one that tries to ask for some */
};

struct gpubroker_inventory; /* the core's; filled through struct gpubroker_core */

#endif
