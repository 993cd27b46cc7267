/* SPDX-License-Identifier: Apache-2.0 */
/* Flavors that draw on the same GPUs: `available` counts each as if it were alone; here what is free is split
 * among them so that all of them together fit. Pure. */
#ifndef MODEL_RIVALRY_H
#define MODEL_RIVALRY_H

#include "model/snapshot.h"

/* Servers are put on the hosts on paper (room.h): the flavors take turns in their order, one server a turn, each
 * on the first host that still has room for one, hosts with few free GPUs first; a flavor for which no host has room
 * is out. The last one left takes what it can. Thus two flavors that ask for the same of 3 free GPUs get 2 and 1.
 *
 * Where more than RIVALRY_MAX_TURNS servers could be started, one turn is as many servers as keep to that; so the
 * work is at most flavors * hosts + RIVALRY_MAX_TURNS questions to a room.
 *
 * Fills available_exclusive, never above count.available, of each flavor that asks for GPUs, 0 of one that is
 * invalid; COUNT_UNKNOWN of all others. < 0: no memory. */
enum { RIVALRY_MAX_TURNS = 100000 };
int rivalry_split(const struct gpubroker_host hosts[], size_t n_hosts, struct snapshot_flavor flavors[],
	size_t n_flavors);

#endif
