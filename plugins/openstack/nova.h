/* SPDX-License-Identifier: Apache-2.0 */
/* Step 2 of the straight line: HTTP replies of Nova and Placement → typed arrays. */
#ifndef OPENSTACK_NOVA_H
#define OPENSTACK_NOVA_H

#include "kit/join.h"
#include "openstack/keystone.h"

/* What is known of Placement from one reading to the next. */
struct placement_memory {
	int login;     /* the keystone->logins for which it was decided: */
	bool refused;  /* it is not there or not for us; asked again after the next login */
	bool answered; /* it has answered in this process: from then on it is never left out silently */
	bool works;    /* it has answered to this login */
	bool said;     /* why it is not used, in the log */
	struct gpubroker_error why;
	struct placement_region *before; /* of the last reading, for its inventories */
};

struct nova {
	struct keystone *keystone;
	struct http *http;
	const struct gpubroker_core *core;
	const struct join_policy *policy;
	bool visible_flavors_only; /* what the token is shown of flavors is what is wanted */

	struct microversions versions[N_SERVICES]; /* asked once; forgotten after an error */
	struct placement_memory placement;
	int visible_login;     /* the keystone->logins that is known to see all flavors */
	int migrations_denied_login; /* the keystone->logins for which the log says so */
	int64_t moving_since_ms; /* the oldest change among migrations under way, of the cloud's clock; 0: none */

	/* Doctor's: an error of one call is handed here and the reading goes on; NULL: it ends the reading.
	 * call: its name in the table; policy: the one that the answer names, "": none. */
	void (*on_error)(void *user, enum service_id, const char *call, const char *policy,
		const struct gpubroker_error *);
	void *user;
};

/* One complete reading into *ret, which is empty before and finished by the caller in any case. With on_error:
 * what could be read, and the first error. */
int nova_read(struct nova *, struct nova_region *ret, struct gpubroker_error *reterr);
/* After the region was used: takes what the next reading can use again. */
void nova_keep(struct nova *, struct nova_region *);
void nova_finish(struct nova *);

#endif
