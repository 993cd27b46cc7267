/* SPDX-License-Identifier: Apache-2.0 */
/* The plugin `openstack`: a region of OpenStack, read from Keystone, Nova and Placement. */
#include "kit/http.h"
#include "kit/join.h"
#include "openstack/clouds/clouds.h"
#include "openstack/examine.h"
#include "openstack/keystone.h"
#include "openstack/nova.h"

#include <gpubroker/plugin.h>

#include <stddef.h>

struct openstack {
	struct cloud options; /* from the configuration */
	bool visible_flavors_only;
	struct join_policy policy;

	struct cloud
		variables; /* from OS_*, for a region made from the environment, or from clouds.yaml */
	const struct cloud *cloud; /* whichever of the two it is */
	const struct gpubroker_core *core;
	struct http *http;
	struct keystone keystone;
	struct nova nova;
	struct notes notes;
};

static const char *const interfaces[] = {
	"public", "internal", "admin", "publicURL", "internalURL", "adminURL", NULL};

#define TEXT(member, ...)                                                                          \
	{                                                                                          \
		.type = GPUBROKER_STRING, .key = #member,                                          \
		.offset = offsetof(struct openstack, options.member), __VA_ARGS__                  \
	}
#define SECRET(name, member, ...)                                                                  \
	{                                                                                          \
		.type = GPUBROKER_SECRET, .key = name,                                             \
		.offset = offsetof(struct openstack, options.member), __VA_ARGS__                  \
	}

static const struct gpubroker_option options[] = {
	{.type = GPUBROKER_STRING,
         .key = "cloud",
         .offset = offsetof(struct openstack, options.name),
         .doc = "A cloud of clouds.yaml, which then says who logs in, and where."},
	TEXT(auth_url, .doc = "Keystone's address; /v3 may be left out."),
	TEXT(username, .doc = "User; or user_id."),
	TEXT(user_id, .doc = "Id of the user; needs no domain."),
	SECRET("password_file", password, .doc = "File with the user's password."),
	TEXT(user_domain_name, .doc = "Domain of the user; without it the domain with id default."),
	TEXT(user_domain_id, .doc = "Id of the user's domain."),
	TEXT(project_name, .doc = "Project to log in to; or project_id."),
	TEXT(project_id, .doc = "Id of the project; needs no domain."),
	TEXT(project_domain_name,
		.doc = "Domain of the project; without it the domain with id default."),
	TEXT(project_domain_id, .doc = "Id of the project's domain."),
	TEXT(application_credential_id,
		.doc = "Application credential, instead of user and project."),
	TEXT(application_credential_name, .doc = "The same by name; needs username or user_id."),
	SECRET("application_credential_secret_file", application_credential_secret,
		.doc = "File with the application credential's secret."),
	SECRET("token_file", token,
		.doc = "File with a token, instead of a password; it ends when the token ends."),
	TEXT(region_name, .doc = "Region in Keystone's catalog; required where it has several."),
	TEXT(interface, .words = interfaces,
		.doc = "Which of a service's endpoints to use; without it the public one."),
	TEXT(cacert,
		.doc = "Certificates that sign the cloud's: a PEM file, or a folder of hashed ones."),
	TEXT(cert, .doc = "Client certificate (PEM)."),
	TEXT(key, .doc = "Its key, if it is not in the same file."),
	{.type = GPUBROKER_BOOLEAN,
         .key = "insecure",
         .offset = offsetof(struct openstack, options.insecure),
         .def = "false",
         .doc = "Do not check the cloud's certificate."},
	TEXT(compute_endpoint,
		.doc = "Nova's address instead of the catalog's; may hold %(project_id)s."),
	TEXT(placement_endpoint, .doc = "Placement's address instead of the catalog's."),
	{.type = GPUBROKER_BOOLEAN,
         .key = "visible_flavors_only",
         .offset = offsetof(struct openstack, visible_flavors_only),
         .def = "false",
         .doc = "Do without the flavors that Nova hides from the broker's role."},
	JOIN_POLICY_OPTIONS(struct openstack, policy),
	{.key = NULL					       },
};

static int open_cloud(struct openstack *self, enum login *ret_login, struct gpubroker_error *reterr)
{
	int r = 0;

	self->cloud = &self->options;
	if (cloud_in_environment(self->core)) {
		self->cloud = &self->variables;
		r = cloud_from_environment(self->core, &self->variables, reterr);
	} else if (self->options.name) {
		self->cloud = &self->variables;
		r = cloud_named(self->core, self->options.name, self->options.region_name,
			&self->variables, reterr);
		r = r < 0 ? r : cloud_override(&self->variables, &self->options, reterr);
	}
	return r < 0 ? r : cloud_check(self->cloud, ret_login, reterr);
}

static int openstack_open(
	void *self_, const struct gpubroker_core *core, struct gpubroker_error *reterr)
{
	struct openstack *self = self_;
	enum login login = LOGIN_PASSWORD;
	int r;

	self->core = core;
	r = open_cloud(self, &login, reterr);
	if (r == 0) {
		struct http_settings settings = {
			.cacert = self->cloud->cacert,
			.cert = self->cloud->cert,
			.key = self->cloud->key,
			.insecure = self->cloud->insecure,
		};
		r = http_new(&settings, core, &self->http, reterr);
	}
	self->keystone = (struct keystone){
		.cloud = self->cloud, .login = login, .core = core, .http = self->http};
	self->nova = (struct nova){.keystone = &self->keystone,
		.http = self->http,
		.core = core,
		.policy = &self->policy,
		.visible_flavors_only = self->visible_flavors_only};
	return r;
}

static int openstack_collect(
	void *self_, struct gpubroker_inventory *out, struct gpubroker_error *reterr)
{
	struct openstack *self = self_;
	struct nova_region region = {0};
	int r;

	http_begin(self->http);
	r = keystone_login(&self->keystone, reterr);
	if (r == 0) {
		r = nova_read(&self->nova, &region, reterr);
	}
	if (r == 0) {
		r = join_region(self->core, &region, &self->policy, &self->notes, out, reterr);
	}
	nova_keep(&self->nova, &region);
	nova_region_finish(&region);
	return r;
}

static int openstack_examine(
	void *self_, struct gpubroker_inventory *out, struct gpubroker_error *reterr)
{
	struct openstack *self = self_;
	struct nova_region region = {0};
	struct gpubroker_error error = {0};
	int r, joined = 0;

	if (!self->core->finding) {
		return openstack_collect(self_, out, reterr);
	}
	http_begin(self->http);
	r = examine_read(&self->nova, &region, reterr);
	if (examine_is_enough(&region)) {
		joined = join_region(self->core, &region, &self->policy, &self->notes, out, &error);
	}
	nova_keep(&self->nova, &region);
	nova_region_finish(&region);
	return r < 0 || joined == 0 ? r : gpubroker_fail(reterr, error.code, "%s", error.text);
}

static void openstack_close(void *self_)
{
	struct openstack *self = self_;

	keystone_logout(&self->keystone);
	nova_finish(&self->nova);
	http_free(self->http);
	notes_finish(&self->notes);
	cloud_finish(&self->variables);
}

GPUBROKER_PLUGIN(.name = "openstack", .version = GPUBROKER_VERSION,
	.summary = "reads a region of OpenStack: Keystone v3, Nova and Placement",
	.self_size = sizeof(struct openstack), .options = options, .open = openstack_open,
	.collect = openstack_collect, .examine = openstack_examine, .close = openstack_close);
