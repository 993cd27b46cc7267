/* SPDX-License-Identifier: Apache-2.0 */
/* Which GPU type of Nova's aggregates a PCI class of Placement is. Nothing says so: neither knows the other's name.
 * It is learned from hosts where there is no choice, and where counts leave none; README.md has the rules.
 * Pure functions. */
#ifndef KIT_PLACEMENT_CLASSES_H
#define KIT_PLACEMENT_CLASSES_H

#include "kit/alias.h"

#include <stdbool.h>

struct class_count { /* so many of a GPU type by the aggregates, or devices of a class by Placement */
	const char *name;
	int64_t n;
};
struct class_host {
	const struct class_count *types, *classes;
	size_t n_types, n_classes;
};

struct class_map { /* zeroes are empty; strings are those of the hosts and of alias_map */
	struct class_match {
		const char *class, *type; /* NULL: hosts contradict one another, or nothing tells */
		bool seen_without_gpus;   /* also on a host of no GPU aggregate */
		bool contradicted;
	} *items;
	size_t n, room;
};
void class_map_finish(struct class_map *);
/* < 0: INTERNAL. alias_map: a rule whose alias is the class decides. */
int class_map_learn(struct class_map *, const struct class_host *, size_t n,
	const struct gpubroker_groups *alias_map, struct gpubroker_error *reterr);
const char *class_map_type(const struct class_map *, const char *class); /* NULL: not known */

#endif
