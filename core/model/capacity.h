/* SPDX-License-Identifier: Apache-2.0 */
/* How many servers of a flavor a host can take: the one place that counts. Pure functions.
 * The rules are contract §6; tests/unit/core/model/capacity_rows.c has a row for each. */
#ifndef MODEL_CAPACITY_H
#define MODEL_CAPACITY_H

#include <gpubroker/inventory.h>

#define COUNT_UNKNOWN (-1) /* a count or a need that another service did not tell */
/* Sums stop here: the largest integer that every JSON reader keeps exact. */
#define COUNT_MAX ((INT64_C(1) << 53) - 1)

/* What limits, in the order in which ties are broken. */
enum limit {
	LIMIT_GPU = 0,
	LIMIT_RAM,
	LIMIT_VCPUS,
	LIMIT_DISK,
	LIMIT_NO_HOST, /* of a flavor: no host in service has all that it asks for */
	LIMIT_NONE,    /* it asks for nothing */
	LIMIT_UNKNOWN, /* counted elsewhere */
};
const char *limit_word(enum limit); /* "gpu" "ram" "vcpus" "disk" "no-host" "none"; NULL for UNKNOWN */
bool limit_parse(const char *word, enum limit *ret);

/* It is invalid, and as far as one can see because of the GPUs that it asks for. */
bool flavor_tries_for_gpus(const struct gpubroker_flavor *);

struct need { /* of one server, in the scheduler's units; a flavor's demand where it has one */
	int64_t vcpus, pcpus, ram_mib, disk_gib; /* disk: root + ephemeral + swap rounded up to GiB */
};
struct need flavor_need(const struct gpubroker_flavor *);

/* floor((total - reserved) * ratio) in decimal arithmetic, never below 0. */
int64_t amount_capacity(const struct gpubroker_amount *);
int64_t amount_free(const struct gpubroker_amount *); /* capacity - used, may be negative */
int64_t amount_usable(const struct gpubroker_amount *); /* what servers can get of it: free, from 0 to capacity */
int64_t amount_max_unit(const struct gpubroker_amount *);
/* One server may have so much of it: from min_unit to max_unit, a multiple of step_size. A need of 0 always may. */
bool amount_allows(const struct gpubroker_amount *, int64_t need);

#define QUOTIENT_FREE INT64_MAX /* a need of 0: does not constrain */

/* One resource of one host against one flavor. available <= total, also where a shared pool reports more
 * free than the host has. */
struct quotient {
	int64_t need;
	int64_t capacity, free; /* free may be negative */
	int64_t total, available; /* how many fit: on the empty host, now; QUOTIENT_FREE: any number */
};

struct host_count {
	const struct gpubroker_host *host;
	/* It is no skipped one, has every GPU type the flavor asks for (on devices with the words that it asks
	 * for) and the words that the flavor requires, none of those that it forbids; and the flavor is valid. */
	bool serves;
	const char *word;     /* the word that decides against it; NULL: none does */
	bool word_is_present; /* it has it, and the flavor forbids it; else it lacks it */
	bool in_service; /* up and enabled: only then it adds to the flavor's sums */
	int64_t total, available; /* available <= total; both 0 where !serves */
	enum limit limited_by;    /* smallest quotient of what is free; LIMIT_NO_HOST where !serves */
	struct quotient gpu;  /* of the type that limits most: smallest available, then smallest total, then
			       * first asked for; a type that the host lacks comes before all others */
	const char *gpu_type; /* the flavor's string; NULL: it asks for none */
	struct quotient vcpus; /* or dedicated CPUs, where those limit more */
	struct quotient ram_mib, disk_gib;
};

/* Explains one host; fills everything, also for hosts that are out of service. */
void host_explain(const struct gpubroker_host *, const struct gpubroker_flavor *, struct host_count *ret);

struct flavor_count {
	int64_t total, available; /* sums over hosts in service that serve it; 0 where it asks for nothing */
	enum limit limited_by;    /* what limits most of them (tie: order of enum limit) */
};
struct flavor_count flavor_count(
	const struct gpubroker_flavor *, const struct gpubroker_host hosts[], size_t n_hosts);

#endif
