/* SPDX-License-Identifier: Apache-2.0 */
/* Which cloud, as whom: from the region's options or from OS_* variables. */
#ifndef OPENSTACK_CLOUD_H
#define OPENSTACK_CLOUD_H

#include <gpubroker/plugin.h>

#include <stdbool.h>

struct cloud { /* any string may be NULL */
	char *name; /* of clouds.yaml; NULL: what follows is all there is */
	char *auth_url;
	char *username, *user_id, *password, *user_domain_name, *user_domain_id;
	char *project_name, *project_id, *project_domain_name, *project_domain_id;
	char *application_credential_id, *application_credential_name,
		*application_credential_secret;
	char *token;
	char *region_name, *interface;
	char *cacert, *cert, *key;
	bool insecure;
	char *compute_endpoint, *placement_endpoint;
};

enum login { LOGIN_PASSWORD = 1, LOGIN_APPLICATION_CREDENTIAL, LOGIN_TOKEN };

/* Whether what is given is enough and does not contradict itself. < 0: CONFIG. */
int cloud_check(const struct cloud *, enum login *ret, struct gpubroker_error *reterr);

/* Whether the region was made from the environment, and what OS_* variables say then; strings are copied
 * into *ret, which cloud_finish() frees even after a failure. < 0: CONFIG or INTERNAL. */
bool cloud_in_environment(const struct gpubroker_core *);
int cloud_from_environment(
	const struct gpubroker_core *, struct cloud *ret, struct gpubroker_error *reterr);
void cloud_finish(struct cloud *);

/* What the region's options say beside the option `cloud`, over what clouds.yaml says. Who logs in is said by one
 * of the two alone. < 0: CONFIG or INTERNAL. */
int cloud_override(struct cloud *, const struct cloud *options, struct gpubroker_error *reterr);

#endif
