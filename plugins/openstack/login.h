/* SPDX-License-Identifier: Apache-2.0 */
/* What is sent to Keystone: address and body of a login. */
#ifndef OPENSTACK_LOGIN_H
#define OPENSTACK_LOGIN_H

#include "kit/text.h"
#include "openstack/cloud.h"

/* auth_url as openrc files have it ("…:5000", "…/identity", "…/v3/", "…/v2.0") → "…/v3/auth/tokens". */
void login_url(struct text *out, const char *auth_url);
void login_body(struct text *out, const struct cloud *, enum login);

#endif
