/* SPDX-License-Identifier: Apache-2.0 */
/* THE table of what is asked of Nova: path, query, microversion and what becomes of an answer. */
#ifndef OPENSTACK_NOVA_CALLS_H
#define OPENSTACK_NOVA_CALLS_H

#include "kit/join.h"
#include "kit/text.h"

enum nova_call_id {
	CALL_SERVICES, /* first: it is what says that a cell is down, and must not wait for the others */
	CALL_AGGREGATES,
	CALL_HYPERVISORS,
	CALL_FLAVORS,
	CALL_EXTRA_SPECS, /* of one flavor, where flavors come without */
	CALL_SERVERS,     /* of one host */
	N_CALLS,
};

struct nova_found { /* what has been read so far */
	struct nova_region *region;
	struct nova_services services;
};

struct nova_page {
	const char *body;
	size_t n;
	const char *subject; /* the host or flavor asked for; NULL: none */

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

struct nova_call {
	const char *name; /* the path below the endpoint, %s: the subject */
	const char *query;
	const char *subject_key; /* of the query; NULL: the subject is in the path */
	int floor, wanted; /* microversions 2.x; wanted: the newest whose answer is understood */
	enum paging paging;
	const char *link; /* PAGING_LINK: the member with the link */
	int (*take)(struct nova_found *, struct nova_page *, struct gpubroker_error *reterr);
};
extern const struct nova_call nova_calls[N_CALLS];

/* "http://h:8774/v2.1/servers/detail?all_tenants=1&…" */
void nova_call_url(struct text *out, const struct nova_call *, const char *base,
	const char *subject, const char *marker);

/* The microversion in which flavors bring their extra specs along. */
enum { EXTRA_SPECS_INLINE = 61 };

#endif
