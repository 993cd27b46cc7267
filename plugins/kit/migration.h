/* SPDX-License-Identifier: Apache-2.0 */
/* Servers that move hold what they need on two hosts; their record shows one. Which migrations those are, and what
 * the other end holds, as nova/compute/resource_tracker.py sees it. README.md has the rules. */
#ifndef KIT_MIGRATION_H
#define KIT_MIGRATION_H

#include "kit/join.h"

/* Its status is none of those in which only one host holds. */
bool migration_is_open(const struct nova_migration *);

/* The end that the server's record does not show. */
struct migration_end {
	const char *host, *node; /* node may be NULL */
	bool is_source;          /* it holds the old flavor, by the migration's own allocation in Placement */
};
/* false: there is none: the server is at rest, holds nothing or is at neither end, or a newer migration of it is
 * open too. */
bool migration_other_end(const struct nova_region *, const struct nova_migration *,
	const struct nova_server *, struct migration_end *ret);

/* The extra specs of the flavor at that end. */
enum held_by {
	HELD_KNOWN = 0, /* both flavors are the same, or another server told which flavor the number is */
	HELD_ALLOCATED, /* a flavor of the region is as large as the allocation */
	HELD_GUESSED,   /* nothing tells: those of the server's present flavor */
};
enum held_by migration_held(const struct nova_region *, const struct nova_migration *,
	const struct nova_server *, const struct migration_end *, const struct nova_pair **ret,
	size_t *ret_n);

/* NULL: not in the list. */
const struct nova_server *migration_server(const struct nova_region *, const struct nova_migration *);

#endif
