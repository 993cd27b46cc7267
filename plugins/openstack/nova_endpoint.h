/* SPDX-License-Identifier: Apache-2.0 */
/* Where Nova is, and in which microversion it is spoken to. */
#ifndef OPENSTACK_NOVA_ENDPOINT_H
#define OPENSTACK_NOVA_ENDPOINT_H

#include "kit/text.h"

#include <gpubroker/error.h>

#include <stdbool.h>
#include <stddef.h>

struct endpoint {
	char *base; /* of calls: "http://h:8774/v2.1", with the project's id where the catalog has it */
	char *root; /* of the version document: the same without the project's id */
};
void endpoint_finish(struct endpoint *);

/* url: from the catalog, or an override that may hold %(project_id)s or %(tenant_id)s. A trailing slash goes;
 * /v2 becomes /v2.1 (it ignores microversions); without a version /v2.1 is added. project_id may be NULL. */
int endpoint_from_url(struct endpoint *ret, const char *url, const char *project_id,
	struct gpubroker_error *reterr);

/* Microversions 2.x as x. */
struct microversions {
	int min, max;
};
/* "2.93" → 93. false: not of this form. */
bool microversion_parse(const char *text, int *ret);
/* The version document of root + "/". < 0: BAD_REPLY. */
int microversions_parse(
	struct microversions *ret, const char *body, size_t n, struct gpubroker_error *reterr);
/* The version to use for a call: the wanted one or the newest there is. < 0: BAD_REPLY where the cloud is too
 * old (below floor) or too new. */
int microversion_choose(const struct microversions *, const char *call, int floor, int wanted,
	int *ret, struct gpubroker_error *reterr);

#endif
