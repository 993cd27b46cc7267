/* SPDX-License-Identifier: Apache-2.0 */
/* THE table of what is asked of Nova and of Placement: path, query, microversion and what becomes of an answer. */
#ifndef OPENSTACK_CALLS_H
#define OPENSTACK_CALLS_H

#include "kit/join.h"
#include "kit/text.h"
#include "openstack/endpoint.h"

enum call_id {
	CALL_SERVICES, /* first: it is what says that a cell is down, and must not wait for the others */
	CALL_AGGREGATES,
	CALL_HYPERVISORS,
	CALL_FLAVORS,
	CALL_EXTRA_SPECS,     /* of one flavor, where flavors come without */
	CALL_PRIVATE_FLAVORS, /* whether this token is shown what it asks for */
	CALL_SERVERS,         /* of one host */
	CALL_SERVER,          /* one that is in no host's list */
	CALL_FINISHED_MIGRATIONS,
	CALL_RECENT_MIGRATIONS,
	CALL_CANDIDATES_VCPU, /* trees of providers that have a CPU left */
	CALL_CANDIDATES_RAM,
	CALL_CANDIDATES_DISK,
	CALL_CANDIDATES_TREE, /* of one host */
	CALL_TREE,
	CALL_INVENTORIES, /* of one provider, as the next two */
	CALL_USAGES,
	CALL_TRAITS,
	CALL_ALLOCATIONS, /* of one consumer */
	N_CALLS,
};

struct found { /* what has been read so far */
	struct nova_region *region;
	struct nova_services services;
	struct nova_flavors private_flavors;
};

struct page {
	const char *body;
	size_t n;
	const char *subject; /* the host, flavor, provider … asked for; NULL: none */
	const char *marker;  /* the page's; NULL: the first */

	size_t n_items, n_new; /* in the page; of them not seen before */
	const char *
		last; /* id of the last new one, for the next page's marker; borrowed from the list */
};

enum paging {
	PAGING_NONE,
	/* Until an empty page: Nova leaves out records after it has cut the page, and forgets the link then. */
	PAGING_EMPTY,
	/* While there is a link: exact for a filter by host, and one request a host is saved. */
	PAGING_LINK,
};

struct call {
	enum service_id service;
	const char *name; /* the path below the endpoint, %s: the subject */
	const char *query;
	const char *subject_key; /* of the query; NULL: the subject is in the path */
	int floor, wanted; /* microversions 2.x (Placement 1.x); wanted: the newest whose answer is understood */
	enum paging paging;
	const char *link; /* PAGING_LINK: the member with the link */
	bool may_be_gone; /* a 404 says that the subject has gone since it was named: an answer like any other */
	int (*take)(struct found *, struct page *, struct gpubroker_error *reterr);
};
extern const struct call calls[N_CALLS];

/* "http://h:8774/v2.1/servers/detail?all_tenants=1&…" */
void call_url(struct text *out, const struct call *, const char *base, const char *subject,
	const char *marker);

/* The microversion in which flavors bring their extra specs along. */
enum { EXTRA_SPECS_INLINE = 61 };

#endif
