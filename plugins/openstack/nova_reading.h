/* SPDX-License-Identifier: Apache-2.0 */
/* A reading under way: what nova.c, placement.c and migrations.c share. */
#ifndef OPENSTACK_NOVA_READING_H
#define OPENSTACK_NOVA_READING_H

#include "openstack/listing.h"
#include "openstack/nova.h"

struct reading {
	struct nova *nova;
	struct found found;
	struct listings listings;
	char **gpu_hosts; /* of all GPU aggregates, sorted, each once; the names are the aggregates' */
	size_t n_gpu_hosts;
	bool gpu_hosts_known, flavors_known;
	/* Where Placement is used only it tells whose servers matter; then they are asked for after it. */
	bool servers_wait, servers_begun;
	struct word_set server_hosts; /* with servers_wait: the hosts whose servers matter */
	bool use_placement;
	bool candidates_asked;
	bool every_host; /* not only those of GPU aggregates */
	int placement_step, migrations_step; /* of placement_go_on() and migrations_go_on() */
	bool services_done;
	int failed; /* the first error, kept until services_done */
	struct gpubroker_error error;
};

/* ---- placement.c ---- */

/* Whether this reading uses Placement. < 0: it should and cannot. */
int placement_choose(struct reading *, struct gpubroker_error *reterr);
/* Once the GPU hosts and the flavors are known: asks for candidates. */
int placement_begin(struct reading *, struct gpubroker_error *reterr);
/* When nothing is under way: begins what is still needed, if anything. */
int placement_go_on(struct reading *, struct gpubroker_error *reterr);
/* Nothing more will be asked of it, but for the allocations of migrations. */
bool placement_is_done(const struct reading *);
/* One of its calls has been answered. */
void placement_answered(struct reading *, const struct listing *);
/* An error of one of Placement's calls: 0: the reading goes on with Nova's numbers alone. */
int placement_failed(
	struct reading *, int status, int r, struct gpubroker_error *reterr);

/* ---- migrations.c ---- */

/* With the servers: who moves matters where they do. */
int migrations_begin(struct reading *, struct gpubroker_error *reterr);
int migrations_go_on(struct reading *, struct gpubroker_error *reterr);
/* Whether the cloud does not let migrations be read: the reading goes on without them. */
bool migrations_denied(struct reading *, struct listing *);

#endif
