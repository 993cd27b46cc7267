/* SPDX-License-Identifier: Apache-2.0 */
/* Placement's reply bodies as one typed region: providers, and of each what has been asked for. What a field
 * says comes from different calls, so each has a flag that tells whether it is known; join_wants_parts() of join.h
 * says what is still to be asked. Every error names the path: "resource_providers[3].uuid is missing". */
#ifndef KIT_PLACEMENT_REPLY_H
#define KIT_PLACEMENT_REPLY_H

#include "kit/nova_reply.h"

struct placement_inventory { /* of one class: GET /resource_providers/{uuid}/inventories */
	char *class;         /* "VCPU", "CUSTOM_PCI_10DE_1DB6" */
	int64_t total, reserved, min_unit, max_unit, step_size;
	int64_t ratio_micro; /* allocation_ratio in millionths, rounded */
};

struct placement_amount { /* so much of a class that is in use */
	char *class;
	int64_t amount;
	int64_t capacity; /* what allocation_candidates says there is in all, reserved and ratio done; -1: not said */
};

struct placement_provider {
	char *uuid, *name; /* never NULL */
	char *parent; /* NULL: a root */
	char *root;   /* never NULL: below 1.14 its own uuid */
	int64_t generation; /* -1: not said (allocation_candidates) */
	int64_t read_ms;    /* when the inventories were read, for whoever keeps them; 0: not set */

	struct placement_inventory *inventories;
	size_t n_inventories;
	bool has_inventories;
	struct placement_amount *usages; /* a class that nobody uses is there with 0 */
	size_t n_usages;
	bool has_usages;
	char **traits; /* sorted */
	size_t n_traits;
	bool has_traits;
};

/* What a consumer (a server or a migration) holds: GET /allocations/{uuid}. */
struct placement_allocation {
	char *consumer, *provider, *class;
	int64_t amount;
};

NOVA_LIST(placement_providers, placement_provider)
struct placement_region {
	struct placement_providers providers; /* sorted by uuid */
	struct placement_allocation *allocations;
	size_t n_allocations, room_allocations;
};

void placement_region_finish(struct placement_region *);
void placement_region_free(struct placement_region *); /* of an allocated one; NULL: nothing */

/* NULL: there is none. */
struct placement_provider *placement_find(const struct placement_region *, const char *uuid);
const struct placement_inventory *placement_inventory_of(
	const struct placement_provider *, const char *class);
int64_t placement_used(const struct placement_provider *, const char *class); /* 0: also where it is not said */
bool placement_has_trait(const struct placement_provider *, const char *trait);

/* body, n, what: as in nova_reply.h. < 0: BAD_REPLY, LIMIT or INTERNAL; the region can be finished, and no more. */

/* GET /resource_providers (1.14 or later; 1.0 gives no trees). */
int placement_parse_providers(struct placement_region *, const char *body, size_t n, const char *what,
	struct gpubroker_error *reterr);
/* GET /allocation_candidates (1.29 or later): usages and traits of every provider in provider_summaries. One
 * that the list of providers did not have is added; its name is its uuid. allocation_requests may be empty. */
int placement_parse_candidates(struct placement_region *, const char *body, size_t n, const char *what,
	struct gpubroker_error *reterr);
/* GET /resource_providers/{uuid}/inventories, …/usages, …/traits */
int placement_parse_inventories(struct placement_provider *, const char *body, size_t n, const char *what,
	struct gpubroker_error *reterr);
int placement_parse_usages(struct placement_provider *, const char *body, size_t n, const char *what,
	struct gpubroker_error *reterr);
int placement_parse_traits(struct placement_provider *, const char *body, size_t n, const char *what,
	struct gpubroker_error *reterr);
/* GET /allocations/{consumer}; {"allocations": {}} where it holds nothing. */
int placement_parse_allocations(struct placement_region *, const char *consumer, const char *body, size_t n,
	const char *what, struct gpubroker_error *reterr);

/* Whether it may be a class of accelerators: PGPU, VGPU, FPGA and CUSTOM_*. */
bool placement_is_accelerator(const char *class);

#endif
