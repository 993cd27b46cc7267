/* SPDX-License-Identifier: Apache-2.0 */
/* What Keystone grants with a token: for how long, to which project, with which roles and endpoints. */
#ifndef OPENSTACK_GRANT_H
#define OPENSTACK_GRANT_H

#include <gpubroker/error.h>

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct grant_endpoint {
	char *service; /* its type: "compute" */
	char *interface, *region, *url;
};

struct grant {
	int64_t expires_ms; /* wall clock of the cloud */
	int64_t issued_ms;  /* 0: not said */
	char *project_id;   /* NULL: the token is not scoped to a project */
	char *project_name, *user_name; /* for sentences; may be NULL */
	bool is_system;     /* scoped to the system instead */
	bool is_admin;      /* one of the roles is "admin" */
	struct grant_endpoint *endpoints;
	size_t n_endpoints, room;
};

void grant_finish(struct grant *);
/* The body of a 201 of /v3/auth/tokens. < 0: BAD_REPLY, LIMIT or INTERNAL, and *ret is empty. */
int grant_parse(struct grant *ret, const char *body, size_t n, struct gpubroker_error *reterr);

/* The URL of a service; region and interface may be NULL (then the only region, and "public").
 * < 0: CONFIG that says what there is instead. *ret_url is borrowed from the grant. */
int grant_endpoint(const struct grant *, const char *service, const char *interface,
	const char *region, const char **ret_url, struct gpubroker_error *reterr);

/* How long before its end a token is renewed: two minutes, or a quarter of a shorter life. */
int64_t grant_margin_ms(int64_t lifetime_ms);

#endif
