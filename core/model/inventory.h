/* SPDX-License-Identifier: Apache-2.0 */
/* The inventory a plugin fills, from the inside. Everything in it lies in its arena. */
#ifndef MODEL_INVENTORY_H
#define MODEL_INVENTORY_H

#include "base/mem.h"

#include <gpubroker/error.h>
#include <gpubroker/inventory.h>

/* Caps, each an error that names it. Reasons: the largest known region has 3,000 hosts and 500 flavors;
 * a snapshot of a region at these caps still fits a frame (32 MiB). */
enum {
	INVENTORY_MAX_HOSTS = 50000,
	INVENTORY_MAX_FLAVORS = 10000,
	INVENTORY_MAX_TYPES = 64,    /* GPU types of one host or flavor */
	INVENTORY_MAX_NAME = 255,    /* bytes of any name, id, type; Nova allows 255 characters */
	INVENTORY_MAX_TEXT = 1024,   /* bytes of a reason */
};
#define INVENTORY_MAX_NUMBER INT64_C(1000000000000) /* 10^12 of any unit: products stay in 64 bits */

struct counted { /* a flavor that another service has counted */
	int64_t total, available;
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
	void *names;     /* host names and flavor ids seen, for duplicates */
};

void inventory_finish(struct gpubroker_inventory *); /* one of zeroes is ready for use */

/* The three of struct gpubroker_core: check (ranges, duplicates, caps), then copy. Text is checked to be
 * UTF-8 without control characters where it is a name; a broken byte is replaced, not refused. */
int inventory_add_host(struct gpubroker_inventory *, const struct gpubroker_host *, struct gpubroker_error *);
int inventory_add_flavor(
	struct gpubroker_inventory *, const struct gpubroker_flavor *, struct gpubroker_error *);
int inventory_add_counted_flavor(struct gpubroker_inventory *, const struct gpubroker_flavor *, int64_t total,
	int64_t available, struct gpubroker_error *);

#endif
