/* SPDX-License-Identifier: Apache-2.0 */
/* What of a resolved cloud a login needs, as a struct cloud: see clouds.h. */
#include "openstack/clouds/clouds.h"

#include "kit/cleanup.h"
#include "kit/text.h"

#include <stddef.h>
#include <string.h>
#include <strings.h>

#define FIELD(f) offsetof(struct cloud, f)

enum wanted {
	BY_PASSWORD = 1,
	BY_CREDENTIAL = 2,
	BY_TOKEN = 4,
	TO_PROJECT = BY_PASSWORD | BY_TOKEN
};

/* Where a value stands: in `auth`, else beside it. First name first. */
static const struct {
	size_t offset;
	unsigned logins; /* for which of them it means something */
	const char *names[3];
} fields[] = {
	{FIELD(auth_url),                      ~0u,                         {"auth_url"}                     },
	{FIELD(username),                      BY_PASSWORD | BY_CREDENTIAL, {"username", "user_name"}        },
	{FIELD(user_id),                       BY_PASSWORD | BY_CREDENTIAL, {"user_id"}                      },
	{FIELD(password),                      BY_PASSWORD,                 {"password"}                     },
	{FIELD(user_domain_name),              BY_PASSWORD | BY_CREDENTIAL, {"user_domain_name"}             },
	{FIELD(user_domain_id),                BY_PASSWORD | BY_CREDENTIAL, {"user_domain_id"}               },
	{FIELD(project_name),                  TO_PROJECT,                  {"project_name"}                 },
	{FIELD(project_id),                    TO_PROJECT,                  {"project_id"}                   },
	{FIELD(project_domain_name),           TO_PROJECT,                  {"project_domain_name"}          },
	{FIELD(project_domain_id),             TO_PROJECT,                  {"project_domain_id"}            },
	{FIELD(application_credential_id),     BY_CREDENTIAL,               {"application_credential_id"}    },
	{FIELD(application_credential_name),   BY_CREDENTIAL,               {"application_credential_name"}  },
	{FIELD(application_credential_secret), BY_CREDENTIAL,               {"application_credential_secret"}},
	{FIELD(token),			 BY_TOKEN,                    {"token"}                        },
};

/* Beside `auth` alone; the service's own before the general one. An override may be written with or without its
 * last word. */
static const struct {
	size_t offset;
	const char *names[3];
} settings[] = {
	{FIELD(region_name),        {"compute_region_name", "region_name"}               },
	{FIELD(interface),          {"compute_interface", "interface"}                   },
	{FIELD(compute_endpoint),   {"compute_endpoint_override", "compute_endpoint"}    },
	{FIELD(placement_endpoint), {"placement_endpoint_override", "placement_endpoint"}},
};

static const struct {
	const char *word;
	unsigned login;
} auth_types[] = {
	{"password",                BY_PASSWORD  },
	{"v3password",              BY_PASSWORD  },
	{"token",		   BY_TOKEN     },
	{"v3token",                 BY_TOKEN     },
	{"v3applicationcredential", BY_CREDENTIAL},
};

static int keep(struct cloud *c, size_t offset, const char *text, struct gpubroker_error *reterr)
{
	char **to = (char **)(void *)((char *)c + offset);

	if (!text || !*text) {
		return 0;
	}
	*to = strdup(text);
	return *to ? 0 : gpubroker_fail(reterr, GPUBROKER_E_INTERNAL, "clouds.yaml: no memory");
}

/* The first that is not what Python calls false. */
static const char *first_true(const struct tree *map, const char *const names[3])
{
	for (size_t i = 0; i < 3 && names[i]; i++) {
		const struct tree *t = tree_get(map, names[i]);

		if (tree_is_true(t) && t->text) {
			return t->text;
		}
	}
	return NULL;
}

/* An interface may be a list, best first. */
static const char *first_set(const struct tree *map, const char *const names[3])
{
	for (size_t i = 0; i < 3 && names[i]; i++) {
		const struct tree *t = tree_get(map, names[i]);

		if (t && t->kind == TREE_LIST && t->n > 0) {
			t = t->items[0];
		}
		if (t && t->text && *t->text) {
			return t->text;
		}
	}
	return NULL;
}

static int choose_login(const struct tree *cloud, unsigned *ret, struct gpubroker_error *reterr)
{
	const char *word = tree_text(cloud, "auth_type");
	const char *version = tree_text(cloud, "identity_api_version");

	if (version && *version && *version != '3') {
		return gpubroker_fail(reterr, GPUBROKER_E_CONFIG,
			"identity_api_version is %.20s, only 3 is spoken", version);
	}
	for (size_t i = 0; word && i < ARRAY_SIZE(auth_types); i++) {
		if (strcmp(word, auth_types[i].word) == 0) {
			*ret = auth_types[i].login;
			return 0;
		}
	}
	return gpubroker_fail(reterr, GPUBROKER_E_CONFIG, "auth_type '%.60s' is not supported",
		word ? word : "None");
}

/* What would change the meaning of the login and is not understood: better refused than ignored. */
static int refuse_scopes(const struct tree *cloud, struct gpubroker_error *reterr)
{
	static const char *const words[] = {"system_scope", "trust_id"};
	const struct tree *auth = tree_get(cloud, "auth");

	for (size_t i = 0; i < ARRAY_SIZE(words); i++) {
		if (tree_is_true(tree_get(auth, words[i])) ||
			tree_is_true(tree_get(cloud, words[i]))) {
			return gpubroker_fail(reterr, GPUBROKER_E_CONFIG,
				"%s is set, only tokens of a project are supported", words[i]);
		}
	}
	return 0;
}

/* "~/ca.pem" */
static int keep_path(struct cloud *c, size_t offset, const char *path, const char *home,
	struct gpubroker_error *reterr)
{
	_cleanup_(text_finish) struct text full = {0};

	if (!path || path[0] != '~' || (path[1] && path[1] != '/') || !home) {
		return keep(c, offset, path, reterr);
	}
	text_addf(&full, "%s%s", home, path + 1);
	return full.failed ? gpubroker_fail(reterr, GPUBROKER_E_INTERNAL, "clouds.yaml: no memory")
			   : keep(c, offset, full.data, reterr);
}

static int take_tls(const struct tree *cloud, const char *home, struct cloud *ret,
	struct gpubroker_error *reterr)
{
	const char *insecure = tree_text(cloud, "insecure");
	const struct tree *verify = tree_get(cloud, "verify");
	int r = keep_path(ret, FIELD(cacert), tree_text(cloud, "cacert"), home, reterr);

	r = r < 0 ? r : keep_path(ret, FIELD(cert), tree_text(cloud, "cert"), home, reterr);
	if (r == 0 && ret->cert) {
		r = keep_path(ret, FIELD(key), tree_text(cloud, "key"), home, reterr);
	}
	ret->insecure = (insecure && strcasecmp(insecure, "true") == 0) ||
			(verify && !tree_is_true(verify));
	return r;
}

/* A domain for whatever has a name and none of its own. */
static int take_default_domain(
	const struct tree *cloud, unsigned login, struct cloud *c, struct gpubroker_error *reterr)
{
	static const char *const ids[] = {"default_domain_id", NULL, NULL};
	static const char *const names[] = {"default_domain_name", NULL, NULL};
	const struct tree *auth = tree_get(cloud, "auth");
	const char *id = first_true(auth, ids), *name = first_true(auth, names);
	int r = 0;

	id = id ? id : first_true(cloud, ids);
	name = name ? name : first_true(cloud, names);
	if (login == BY_PASSWORD && !c->user_domain_id && !c->user_domain_name) {
		r = keep(c, FIELD(user_domain_id), id, reterr);
		r = r < 0 ? r : keep(c, FIELD(user_domain_name), name, reterr);
	}
	if (r == 0 && login != BY_CREDENTIAL && !c->project_domain_id && !c->project_domain_name) {
		r = keep(c, FIELD(project_domain_id), id, reterr);
		r = r < 0 ? r : keep(c, FIELD(project_domain_name), name, reterr);
	}
	return r;
}

static int take_all(const struct tree *cloud, const char *home, struct cloud *ret,
	struct gpubroker_error *reterr)
{
	const struct tree *auth = tree_get(cloud, "auth");
	unsigned login = 0;
	int r = choose_login(cloud, &login, reterr);

	r = r < 0 ? r : refuse_scopes(cloud, reterr);
	for (size_t i = 0; r == 0 && i < ARRAY_SIZE(fields); i++) {
		const char *value = first_true(auth, fields[i].names);

		if (fields[i].logins & login) {
			value = value ? value : first_true(cloud, fields[i].names);
			r = keep(ret, fields[i].offset, value, reterr);
		}
	}
	for (size_t i = 0; r == 0 && i < ARRAY_SIZE(settings); i++) {
		r = keep(ret, settings[i].offset, first_set(cloud, settings[i].names), reterr);
	}
	r = r < 0 ? r : take_default_domain(cloud, login, ret, reterr);
	return r < 0 ? r : take_tls(cloud, home, ret, reterr);
}

int cloud_from_files(const struct clouds_search *search, const char *name, const char *region,
	struct cloud *ret, struct gpubroker_error *reterr)
{
	_cleanup_(clouds_files_finish) struct clouds_files files = {0};
	_cleanup_(tree_freep) struct tree *cloud = NULL;
	struct gpubroker_error why = {0};
	int r = clouds_files_read(search, &files, reterr);

	r = r < 0 ? r : clouds_resolve(&files, name, region, &cloud, reterr);
	if (r < 0) {
		return r;
	}
	r = take_all(cloud, search->home, ret, &why);
	if (r < 0) {
		return gpubroker_fail(
			reterr, why.code, "%s: cloud '%.100s': %s", files.where, name, why.text);
	}
	return 0;
}

int cloud_named(const struct gpubroker_core *core, const char *name, const char *region,
	struct cloud *ret, struct gpubroker_error *reterr)
{
	const struct clouds_search search = {
		.config_file =
			core->environment ? core->environment("OS_CLIENT_CONFIG_FILE") : NULL,
		.secure_file =
			core->environment ? core->environment("OS_CLIENT_SECURE_FILE") : NULL,
		.home = getenv("HOME"),
		.xdg_config_home = getenv("XDG_CONFIG_HOME"),
		.snap_real_home = getenv("SNAP_REAL_HOME"),
	};

	return cloud_from_files(&search, name, region, ret, reterr);
}
