/* SPDX-License-Identifier: Apache-2.0 */
/* A listing is one of the calls of calls.h for one subject, with one request under way at a time: page after
 * page. A reading is made of many. */
#ifndef OPENSTACK_LISTING_H
#define OPENSTACK_LISTING_H

#include "openstack/calls.h"
#include "openstack/keystone.h"

struct listing {
	enum call_id id;
	char *subject; /* NULL: none */
	char *marker;  /* NULL: the first page */
	int version;
	bool restarted, done;
	struct text url;
	char api_version[24];
	struct http_exchange x;
	struct listing *next;
};

struct listings { /* of a reading */
	struct keystone *keystone;
	struct http *http;
	const struct microversions *versions; /* [N_SERVICES] */
	struct found *found;
	struct listing *first, **end;
	size_t begun[N_CALLS];
	bool logged_in_again;
};

void listings_finish(struct listings *); /* drops what is under way */

/* < 0: it could not be begun (BAD_REPLY: the cloud does not speak its microversion); it is not in the list then. */
int listing_begin(struct listings *, enum call_id, const char *subject, struct gpubroker_error *reterr);
/* The next listing that has an answer; NULL: nothing is under way. */
struct listing *listing_next(struct listings *);
/* Takes its answer: 0 with l->done, or it goes on: another page, from the beginning, or with a new token. < 0:
 * what is wrong with the answer. */
int listing_answered(struct listings *, struct listing *, struct gpubroker_error *reterr);

/* "…; the role needs the policy os_compute_api:os-aggregates:index", or nothing. Of a body only the name. */
void listing_policy(enum service_id, const struct http_exchange *, char *out, size_t room);
const struct call *call_of(const struct listing *);

/* The version document of a service, before anything is listed. *ret_status: of the answer; 0: none. */
int ask_versions(struct listings *, enum service_id, struct microversions *ret,
	int *ret_status, struct gpubroker_error *reterr);

#endif
