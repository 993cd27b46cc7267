/* SPDX-License-Identifier: Apache-2.0 */
/* Step 1 of the straight line: credentials → token and addresses, kept between readings. */
#ifndef OPENSTACK_KEYSTONE_H
#define OPENSTACK_KEYSTONE_H

#include "kit/http.h"
#include "openstack/cloud.h"
#include "openstack/endpoint.h"

struct keystone {
	const struct cloud *cloud;
	enum login login;
	const struct gpubroker_core *core;
	struct http *http;

	char *token; /* NULL: not logged in */
	/* Monotonic: counted from the login, whatever the cloud's clock says. */
	int64_t renew_at_ms, expires_at_ms;
	struct endpoint endpoints[N_SERVICES];
	/* Placement may be missing: then its endpoint is empty, and this says why. */
	struct gpubroker_error no_placement;
	bool is_admin;   /* the token has the role admin */
	int logins;      /* so far: what was found out with another token is found out anew */
	int64_t ahead_ms; /* of the cloud's clock, as the last login showed it */
	char *user_name, *project_name; /* as Keystone calls them; may be NULL */
};

/* Logs in unless there is a token that lasts. A token that is soon over serves on to its end while Keystone is
 * away. */
int keystone_login(struct keystone *, struct gpubroker_error *reterr);
/* Forgets the token: the next keystone_login() asks for a new one. */
void keystone_logout(struct keystone *);

#endif
