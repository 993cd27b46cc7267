/* SPDX-License-Identifier: Apache-2.0 */
/* The inventory a plugin fills, from the inside. Everything in it lies in its arena. */
#ifndef MODEL_INVENTORY_H
#define MODEL_INVENTORY_H

#include "base/mem.h"

#include <gpubroker/error.h>
#include <gpubroker/inventory.h>
#include <gpubroker/plugin.h>

/* Caps, each an error that names it. Reasons: the largest known region has 3,000 hosts and 500 flavors;
 * a snapshot of a region at these caps still fits a frame (32 MiB). */
enum {
	INVENTORY_MAX_HOSTS = 50000,
	INVENTORY_MAX_FLAVORS = 10000,
	INVENTORY_MAX_TYPES = 64,    /* GPU types of one host, needs of one flavor */
	INVENTORY_MAX_DEVICES = 1024, /* of one type on one host; slices of a card are no devices */
	INVENTORY_MAX_WORDS = 256,   /* of one host, device, need or flavor */
	INVENTORY_MAX_NAME = 1020,   /* bytes of any name, id, type; Nova allows 255 characters */
	INVENTORY_MAX_TEXT = 1020,   /* bytes of a reason; longer ones are cut */
};
/* 10^12 of any unit, and of millionths in a ratio: products stay in 64 bits. */
#define INVENTORY_MAX_NUMBER INT64_C(1000000000000)

struct nameset;

struct counted { /* a flavor that another service has counted */
	int64_t total, available; /* COUNT_UNKNOWN: it did not say */
};

struct gpubroker_inventory {
	struct arena arena;
	struct gpubroker_host *hosts;
	size_t n_hosts, hosts_room;
	struct gpubroker_flavor *flavors;
	size_t n_flavors, flavors_room;
	struct counted *counted; /* one a flavor where is_counted */
	size_t counted_room;
	bool is_counted; /* flavors counted elsewhere, no hosts */
	enum gpubroker_capacity_model capacity_model; /* 0: not said, Nova's */
	struct nameset *names; /* host names and flavor ids seen, for duplicates */
};

void inventory_finish(struct gpubroker_inventory *); /* one of zeroes is ready for use */

/* The three of struct gpubroker_core: check (ranges, duplicates, caps), then copy. A broken byte of UTF-8
 * becomes U+FFFD. A control character in what identifies (host, id, GPU type) is refused, in what is only
 * read (flavor name, reasons) it becomes U+FFFD too. After an error the inventory is good for
 * inventory_finish() alone. */
int inventory_add_host(struct gpubroker_inventory *, const struct gpubroker_host *, struct gpubroker_error *);
int inventory_add_flavor(
	struct gpubroker_inventory *, const struct gpubroker_flavor *, struct gpubroker_error *);
int inventory_add_counted_flavor(struct gpubroker_inventory *, const struct gpubroker_flavor *, int64_t total,
	int64_t available, struct gpubroker_error *);
void inventory_set_capacity_model(struct gpubroker_inventory *, enum gpubroker_capacity_model);

/* Not empty, not too long, whole UTF-8, no control characters: what an inventory's names are. */
bool inventory_name_is_good(const char *name);

const char *host_state_word(enum gpubroker_host_state); /* "up" "disabled" "down" "skipped" */
bool host_state_parse(const char *word, enum gpubroker_host_state *ret);

/* inventory_copy.c: deep copies into an arena; what is copied has been checked already. false: no memory. */
bool host_copy(struct arena *, const struct gpubroker_host *, struct gpubroker_host *ret);
bool flavor_copy(struct arena *, const struct gpubroker_flavor *, struct gpubroker_flavor *ret);

#endif
