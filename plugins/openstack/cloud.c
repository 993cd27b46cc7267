/* SPDX-License-Identifier: Apache-2.0 */
/* What of a cloud's description belongs together: see cloud.h. */
#include "openstack/cloud.h"

#include <string.h>
#include <strings.h>

static bool is_url(const char *url)
{
	return !strncasecmp(url, "http://", 7) || !strncasecmp(url, "https://", 8);
}

static int check_url(const char *key, const char *url, struct gpubroker_error *reterr)
{
	const char *host;

	if (!is_url(url)) {
		return gpubroker_fail(
			reterr, GPUBROKER_E_CONFIG, "%s must begin with http:// or https://", key);
	}
	host = strstr(url, "://") + 3;
	if (host[strcspn(host, "@/?#")] == '@') {
		return gpubroker_fail(
			reterr, GPUBROKER_E_CONFIG, "%s must not hold a user or password", key);
	}
	if (!host[0] || strpbrk(url, " \t\r\n?#")) {
		return gpubroker_fail(reterr, GPUBROKER_E_CONFIG, "%s is not a usable URL", key);
	}
	return 0;
}

static bool names_user(const struct cloud *c)
{
	return c->user_id || c->username;
}

static int choose_login(const struct cloud *c, enum login *ret, struct gpubroker_error *reterr)
{
	bool credential = c->application_credential_id || c->application_credential_name ||
			  c->application_credential_secret;

	if ((credential != false) + (c->token != NULL) + (c->password != NULL) > 1) {
		return gpubroker_fail(reterr, GPUBROKER_E_CONFIG,
			"there are several ways to log in: give a password, an application credential or a token");
	}
	*ret = credential ? LOGIN_APPLICATION_CREDENTIAL
			  : (c->token ? LOGIN_TOKEN : LOGIN_PASSWORD);
	return 0;
}

static int check_credential(const struct cloud *c, struct gpubroker_error *reterr)
{
	if (!c->application_credential_secret) {
		return gpubroker_fail(
			reterr, GPUBROKER_E_CONFIG, "the application credential has no secret");
	}
	if (!c->application_credential_id && !c->application_credential_name) {
		return gpubroker_fail(
			reterr, GPUBROKER_E_CONFIG, "application_credential_id is missing");
	}
	if (!c->application_credential_id && !names_user(c)) {
		return gpubroker_fail(reterr, GPUBROKER_E_CONFIG,
			"application_credential_name needs username or user_id beside it");
	}
	return 0;
}

static int check_password(const struct cloud *c, struct gpubroker_error *reterr)
{
	if (!names_user(c)) {
		return gpubroker_fail(reterr, GPUBROKER_E_CONFIG, "username or user_id is missing");
	}
	if (!c->password) {
		return gpubroker_fail(reterr, GPUBROKER_E_CONFIG, "there is no password");
	}
	return 0;
}

int cloud_check(const struct cloud *c, enum login *ret, struct gpubroker_error *reterr)
{
	int r;

	if (!c->auth_url) {
		return gpubroker_fail(reterr, GPUBROKER_E_CONFIG, "auth_url is missing");
	}
	r = check_url("auth_url", c->auth_url, reterr);
	if (r == 0 && c->compute_endpoint) {
		r = check_url("compute_endpoint", c->compute_endpoint, reterr);
	}
	if (r == 0 && c->placement_endpoint) {
		r = check_url("placement_endpoint", c->placement_endpoint, reterr);
	}
	if (r == 0) {
		r = choose_login(c, ret, reterr);
	}
	if (r == 0 && *ret == LOGIN_APPLICATION_CREDENTIAL) {
		return check_credential(c, reterr); /* it knows its project itself */
	}
	if (r == 0 && *ret == LOGIN_PASSWORD) {
		r = check_password(c, reterr);
	}
	if (r == 0 && !c->project_id && !c->project_name) {
		return gpubroker_fail(reterr, GPUBROKER_E_CONFIG,
			"project_name or project_id is missing (Nova answers to tokens of a project only)");
	}
	return r;
}
