/* SPDX-License-Identifier: Apache-2.0 */
/* Shows what a cloud of clouds.yaml is resolved to, as one line of JSON:
 *
 *	clouds_show CLOUD [REGION]
 *
 * The files are those that HOME, XDG_CONFIG_HOME, SNAP_REAL_HOME, OS_CLIENT_CONFIG_FILE, OS_CLIENT_SECURE_FILE and
 * the working folder lead to, and CLOUDS_SITE_DIR, CLOUDS_ETC_DIR instead of /etc/xdg/openstack, /etc/openstack.
 * {"error": …} where there is no such cloud. Secrets are shown: it is for tests. */
#include "base/str.h"
#include "openstack/clouds/clouds.h"

#include <stdio.h>
#include <stdlib.h>

static void add(struct strbuf *out, const char *key, const char *value)
{
	if (value) {
		strbuf_addf(out, "%s\"%s\":", out->len > 1 ? "," : "", key);
		strbuf_add_json(out, value, JSON_UTF8);
	}
}

static void add_cloud(struct strbuf *out, const struct cloud *c)
{
	add(out, "auth_url", c->auth_url);
	add(out, "username", c->username);
	add(out, "user_id", c->user_id);
	add(out, "password", c->password);
	add(out, "user_domain_name", c->user_domain_name);
	add(out, "user_domain_id", c->user_domain_id);
	add(out, "project_name", c->project_name);
	add(out, "project_id", c->project_id);
	add(out, "project_domain_name", c->project_domain_name);
	add(out, "project_domain_id", c->project_domain_id);
	add(out, "application_credential_id", c->application_credential_id);
	add(out, "application_credential_name", c->application_credential_name);
	add(out, "application_credential_secret", c->application_credential_secret);
	add(out, "token", c->token);
	add(out, "region_name", c->region_name);
	add(out, "interface", c->interface);
	add(out, "cacert", c->cacert);
	add(out, "cert", c->cert);
	add(out, "key", c->key);
	add(out, "compute_endpoint", c->compute_endpoint);
	add(out, "placement_endpoint", c->placement_endpoint);
	add(out, "insecure", c->insecure ? "true" : NULL);
}

int main(int argc, char **argv)
{
	const struct clouds_search search = {
		.config_file = getenv("OS_CLIENT_CONFIG_FILE"),
		.secure_file = getenv("OS_CLIENT_SECURE_FILE"),
		.home = getenv("HOME"),
		.xdg_config_home = getenv("XDG_CONFIG_HOME"),
		.snap_real_home = getenv("SNAP_REAL_HOME"),
		.site_dir = getenv("CLOUDS_SITE_DIR"),
		.etc_dir = getenv("CLOUDS_ETC_DIR"),
	};
	struct gpubroker_error error = {0};
	struct strbuf out = {0};
	struct cloud cloud = {0};

	if (argc < 2 || argc > 3) {
		fprintf(stderr, "usage: clouds_show CLOUD [REGION]\n");
		return 2;
	}
	strbuf_addc(&out, '{');
	if (cloud_from_files(&search, argv[1], argc > 2 ? argv[2] : NULL, &cloud, &error) < 0) {
		add(&out, "error", error.text);
	} else {
		add_cloud(&out, &cloud);
	}
	strbuf_addc(&out, '}');
	printf("%s\n", out.failed ? "{\"error\":\"no memory\"}" : out.data);
	strbuf_finish(&out);
	cloud_finish(&cloud);
	return 0;
}
