/* SPDX-License-Identifier: Apache-2.0 */
/* OS_* variables, as openrc files and containers set them, into a struct cloud.
 *
 * One row a field: the first name that is set wins. Old names stand last. */
#include "openstack/clouds/clouds.h"

#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#define FIELD(f) offsetof(struct cloud, f)

/* clang-format off */
static const struct {
	size_t offset;
	const char *names[4];
} variables[] = {
	{FIELD(auth_url), {"OS_AUTH_URL"}},
	{FIELD(username), {"OS_USERNAME"}},
	{FIELD(user_id), {"OS_USER_ID"}},
	{FIELD(password), {"OS_PASSWORD"}},
	{FIELD(user_domain_name), {"OS_USER_DOMAIN_NAME", "OS_DOMAIN_NAME", "OS_DEFAULT_DOMAIN_NAME"}},
	{FIELD(user_domain_id),
		{"OS_USER_DOMAIN_ID", "OS_DOMAIN_ID", "OS_DEFAULT_DOMAIN_ID", "OS_DEFAULT_DOMAIN"}},
	{FIELD(project_name), {"OS_PROJECT_NAME", "OS_TENANT_NAME"}},
	{FIELD(project_id), {"OS_PROJECT_ID", "OS_TENANT_ID"}},
	{FIELD(project_domain_name),
		{"OS_PROJECT_DOMAIN_NAME", "OS_DOMAIN_NAME", "OS_DEFAULT_DOMAIN_NAME"}},
	{FIELD(project_domain_id),
		{"OS_PROJECT_DOMAIN_ID", "OS_DOMAIN_ID", "OS_DEFAULT_DOMAIN_ID", "OS_DEFAULT_DOMAIN"}},
	{FIELD(application_credential_id), {"OS_APPLICATION_CREDENTIAL_ID"}},
	{FIELD(application_credential_name), {"OS_APPLICATION_CREDENTIAL_NAME"}},
	{FIELD(application_credential_secret), {"OS_APPLICATION_CREDENTIAL_SECRET"}},
	{FIELD(token), {"OS_TOKEN", "OS_AUTH_TOKEN"}},
	{FIELD(region_name), {"OS_REGION_NAME"}},
	{FIELD(interface), {"OS_INTERFACE", "OS_ENDPOINT_TYPE"}},
	{FIELD(cacert), {"OS_CACERT"}},
	{FIELD(cert), {"OS_CERT"}},
	{FIELD(key), {"OS_KEY"}},
	{FIELD(compute_endpoint), {"OS_COMPUTE_ENDPOINT_OVERRIDE", "OS_COMPUTE_ENDPOINT"}},
	{FIELD(placement_endpoint), {"OS_PLACEMENT_ENDPOINT_OVERRIDE", "OS_PLACEMENT_ENDPOINT"}},
};
/* clang-format on */

/* What would change the meaning of the login and is not understood: better refused than ignored. */
static const char *const refused[] = {"OS_TRUST_ID", "OS_SYSTEM_SCOPE"};

static const struct {
	const char *word;
	enum login login;
} auth_types[] = {
	{"password",                LOGIN_PASSWORD              },
	{"v3password",              LOGIN_PASSWORD              },
	{"token",		   LOGIN_TOKEN                 },
	{"v3token",                 LOGIN_TOKEN                 },
	{"v3applicationcredential", LOGIN_APPLICATION_CREDENTIAL},
};

static char **field(struct cloud *c, size_t offset)
{
	return (char **)(void *)((char *)c + offset);
}

static void drop(char **secret)
{
	if (*secret) {
		explicit_bzero(*secret, strlen(*secret));
		free(*secret);
		*secret = NULL;
	}
}

void cloud_finish(struct cloud *c)
{
	size_t i;

	for (i = 0; i < sizeof(variables) / sizeof(variables[0]); i++) {
		drop(field(c, variables[i].offset));
	}
	*c = (struct cloud){0};
}

bool cloud_in_environment(const struct gpubroker_core *core)
{
	return core->environment &&
	       (core->environment("OS_AUTH_URL") || core->environment("OS_CLOUD"));
}

static const char *first_set(const struct gpubroker_core *core, const char *const names[4])
{
	const char *value;
	size_t i;

	for (i = 0; i < 4 && names[i]; i++) {
		value = core->environment(names[i]);
		if (value && value[0]) {
			return value;
		}
	}
	return NULL;
}

static int copy_variables(
	const struct gpubroker_core *core, struct cloud *c, struct gpubroker_error *reterr)
{
	const char *value;
	char **to;
	size_t i;

	for (i = 0; i < sizeof(variables) / sizeof(variables[0]); i++) {
		value = first_set(core, variables[i].names);
		if (!value) {
			continue;
		}
		to = field(c, variables[i].offset);
		*to = strdup(value);
		if (!*to) {
			return gpubroker_fail(
				reterr, GPUBROKER_E_INTERNAL, "no memory for OS_* variables");
		}
	}
	value = core->environment("OS_INSECURE");
	c->insecure = value && !strcasecmp(value, "true"); /* as openstacksdk reads it */
	return 0;
}

static int check_meaning(const struct gpubroker_core *core, struct gpubroker_error *reterr)
{
	const char *version = core->environment("OS_IDENTITY_API_VERSION");
	size_t i;

	if (version && version[0] && version[0] != '3') {
		return gpubroker_fail(reterr, GPUBROKER_E_CONFIG,
			"OS_IDENTITY_API_VERSION is %.20s, only 3 is spoken", version);
	}
	for (i = 0; i < sizeof(refused) / sizeof(refused[0]); i++) {
		version = core->environment(refused[i]);
		if (version && version[0]) {
			return gpubroker_fail(reterr, GPUBROKER_E_CONFIG,
				"%s is set, only tokens of a project are supported", refused[i]);
		}
	}
	return 0;
}

static int login_asked_for(const struct gpubroker_core *core, const struct cloud *c,
	enum login *ret, struct gpubroker_error *reterr)
{
	const char *type = core->environment("OS_AUTH_TYPE");
	size_t i;

	if (!type || !type[0]) {
		type = core->environment("OS_AUTH_PLUGIN");
	}
	if (!type || !type[0]) {
		*ret = c->application_credential_secret ? LOGIN_APPLICATION_CREDENTIAL
		       : c->password                    ? LOGIN_PASSWORD
		       : c->token                       ? LOGIN_TOKEN
							: LOGIN_PASSWORD;
		return 0;
	}
	for (i = 0; i < sizeof(auth_types) / sizeof(auth_types[0]); i++) {
		if (!strcasecmp(type, auth_types[i].word)) {
			*ret = auth_types[i].login;
			return 0;
		}
	}
	return gpubroker_fail(
		reterr, GPUBROKER_E_CONFIG, "OS_AUTH_TYPE '%.60s' is not supported", type);
}

/* A shell often has variables of several logins; what is not the one asked for is forgotten. */
static void keep_login(struct cloud *c, enum login login)
{
	if (login != LOGIN_PASSWORD) {
		drop(&c->password);
	}
	if (login != LOGIN_TOKEN) {
		drop(&c->token);
	}
	if (login != LOGIN_APPLICATION_CREDENTIAL) {
		drop(&c->application_credential_id);
		drop(&c->application_credential_name);
		drop(&c->application_credential_secret);
	}
}

int cloud_from_environment(
	const struct gpubroker_core *core, struct cloud *ret, struct gpubroker_error *reterr)
{
	const char *name = core->environment("OS_CLOUD");
	enum login login = LOGIN_PASSWORD;
	int r;

	if (name) { /* it wins over all other variables, as with openstacksdk; but for the region, as with `openstack` */
		return cloud_named(core, name, core->environment("OS_REGION_NAME"), ret, reterr);
	}
	r = check_meaning(core, reterr);
	if (r == 0) {
		r = copy_variables(core, ret, reterr);
	}
	if (r == 0) {
		r = login_asked_for(core, ret, &login, reterr);
	}
	if (r == 0) {
		keep_login(ret, login);
	}
	return r;
}

static bool is_override(size_t offset)
{
	return offset == FIELD(interface) || offset == FIELD(cacert) || offset == FIELD(cert) ||
	       offset == FIELD(key) || offset == FIELD(compute_endpoint) ||
	       offset == FIELD(placement_endpoint);
}

int cloud_override(struct cloud *c, const struct cloud *options, struct gpubroker_error *reterr)
{
	for (size_t i = 0; i < sizeof(variables) / sizeof(variables[0]); i++) {
		const size_t offset = variables[i].offset;
		const char *value = *(char *const *)(const void *)((const char *)options + offset);
		char **to = field(c, offset);

		if (!value || offset == FIELD(region_name)) {
			continue;
		}
		if (!is_override(offset)) {
			return gpubroker_fail(reterr, GPUBROKER_E_CONFIG,
				"beside cloud there is a login in the options (%.40s): one of the two says who logs in",
				variables[i].names[0] + 3);
		}
		drop(to);
		*to = strdup(value);
		if (!*to) {
			return gpubroker_fail(
				reterr, GPUBROKER_E_INTERNAL, "no memory for the options");
		}
	}
	c->insecure = c->insecure || options->insecure;
	return 0;
}
