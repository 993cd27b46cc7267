/* SPDX-License-Identifier: Apache-2.0 */
/* Where Nova and Placement are, and in which microversions they are spoken to. */
#ifndef OPENSTACK_ENDPOINT_H
#define OPENSTACK_ENDPOINT_H

#include "kit/text.h"

#include <gpubroker/error.h>

#include <stdbool.h>
#include <stddef.h>

enum service_id { SERVICE_NOVA, SERVICE_PLACEMENT, N_SERVICES };
struct service {
	const char *word;   /* of errors, of the log and of metrics: "nova" */
	const char *type;   /* in the catalog and in OpenStack-API-Version: "compute" */
	const char *prefix; /* of policies: "os_compute_api:" */
	int major;          /* of its microversions */
};
extern const struct service services[N_SERVICES];

struct endpoint {
	char *base; /* of calls: "http://h:8774/v2.1", with the project's id where the catalog has it */
	char *root; /* of the version document: the same without the project's id */
};
void endpoint_finish(struct endpoint *);

/* url: from the catalog, or an override that may hold %(project_id)s or %(tenant_id)s. A trailing slash goes.
 * Nova: /v2 becomes /v2.1 (it ignores microversions); without a version /v2.1 is added. project_id may be NULL. */
int endpoint_from_url(struct endpoint *ret, enum service_id, const char *url, const char *project_id,
	struct gpubroker_error *reterr);

/* Microversions 2.x of Nova, 1.x of Placement, as x. */
struct microversions {
	int min, max; /* max 0: not asked yet */
};
/* "2.93" → 93 where major is 2. false: not of this form. */
bool microversion_parse(const char *text, int major, int *ret);
/* The version document of root + "/". < 0: BAD_REPLY. */
int microversions_parse(struct microversions *ret, enum service_id, const char *body, size_t n,
	struct gpubroker_error *reterr);
/* The version to use for a call: the wanted one or the newest there is. < 0: BAD_REPLY where the cloud is too
 * old (below floor) or too new. */
int microversion_choose(const struct microversions *, enum service_id, const char *call, int floor,
	int wanted, int *ret, struct gpubroker_error *reterr);

#endif
