/* SPDX-License-Identifier: Apache-2.0 */
/* Keystone v3: see keystone.h. No discovery: the address that is configured is the one that is used, for a
 * discovery document often names another. */
#include "openstack/keystone.h"

#include "kit/cleanup.h"
#include "openstack/grant.h"
#include "openstack/login.h"

#include <string.h>

/* A login asks no cells; an old token is to serve on while there is time for a reading. */
enum { LOGIN_MS = 30 * 1000 };

void keystone_logout(struct keystone *k)
{
	if (k->token) {
		explicit_bzero(k->token, strlen(k->token));
		free(k->token);
		k->token = NULL;
	}
	for (int i = 0; i < N_SERVICES; i++) {
		endpoint_finish(&k->endpoints[i]);
	}
	free(TAKE_PTR(k->user_name));
	free(TAKE_PTR(k->project_name));
}

static int fail_login(
	const struct keystone *k, const struct http_exchange *x, struct gpubroker_error *reterr)
{
	static const char *const what[] = {
		[LOGIN_PASSWORD] = "user, password or project",
		[LOGIN_APPLICATION_CREDENTIAL] = "the application credential",
		[LOGIN_TOKEN] = "the token (it cannot be renewed)",
	};
	int r = http_check(x, reterr);

	if (r == 0) {
		return gpubroker_fail(reterr, GPUBROKER_E_BAD_REPLY,
			"keystone: %.200s answered %d without a token", x->url, x->status);
	}
	if (x->r < 0) {
		return r;
	}
	if (x->status == 401 && x->auth_receipt) {
		return gpubroker_fail(reterr, GPUBROKER_E_AUTH,
			"keystone: the account wants a second factor; use an application credential [%s]",
			x->request_id);
	}
	if (x->status == 401) {
		return gpubroker_fail(reterr, GPUBROKER_E_AUTH, "keystone: %.200s refuses %s [%s]",
			x->url, what[k->login], x->request_id);
	}
	if (x->status == 400 || x->status == 403) {
		return gpubroker_fail(reterr, GPUBROKER_E_AUTH,
			"keystone: %.200s answered %d to the login [%s]", x->url, x->status,
			x->request_id);
	}
	if (x->status == 404) {
		return gpubroker_fail(reterr, GPUBROKER_E_CONFIG,
			"keystone: %.200s does not exist (404): auth_url is wrong", x->url);
	}
	return r;
}

static int find_endpoint(const struct keystone *k, const struct grant *grant,
	enum service_id service, struct endpoint *ret, struct gpubroker_error *reterr)
{
	const char *const overrides[N_SERVICES] = {
		[SERVICE_NOVA] = k->cloud->compute_endpoint,
		[SERVICE_PLACEMENT] = k->cloud->placement_endpoint,
	};
	const char *url = overrides[service];
	int r = 0;

	if (!url) {
		r = grant_endpoint(grant, services[service].type, k->cloud->interface,
			k->cloud->region_name, &url, reterr);
	}
	return r < 0 ? r : endpoint_from_url(ret, service, url, grant->project_id, reterr);
}

static int take_grant(struct keystone *k, struct http_exchange *x, struct gpubroker_error *reterr)
{
	_cleanup_(grant_finish) struct grant grant = {0};
	struct endpoint found[N_SERVICES] = {0};
	struct gpubroker_error no_placement = {0};
	int64_t lifetime_ms, now_ms = k->core->wall_ms();
	int r;

	r = grant_parse(&grant, x->reply, x->reply_n, reterr);
	r = r < 0 ? r : find_endpoint(k, &grant, SERVICE_NOVA, &found[SERVICE_NOVA], reterr);
	if (r < 0) {
		return r;
	}
	find_endpoint(k, &grant, SERVICE_PLACEMENT, &found[SERVICE_PLACEMENT], &no_placement);
	lifetime_ms = grant.expires_ms - (grant.issued_ms ? grant.issued_ms : now_ms);
	keystone_logout(k);
	k->expires_at_ms = k->core->mono_ms() + lifetime_ms;
	k->renew_at_ms = k->expires_at_ms - grant_margin_ms(lifetime_ms);
	memcpy(k->endpoints, found, sizeof(found));
	k->no_placement = no_placement;
	k->is_admin = grant.is_admin;
	k->ahead_ms = grant.issued_ms ? grant.issued_ms - now_ms : 0;
	k->user_name = TAKE_PTR(grant.user_name);
	k->project_name = TAKE_PTR(grant.project_name);
	k->token = TAKE_PTR(x->subject_token);
	k->logins++;
	return 0;
}

static int ask_for_token(struct keystone *k, struct gpubroker_error *reterr)
{
	_cleanup_(text_finish) struct text url = {0}, body = {0};
	_cleanup_(http_exchange_finish) struct http_exchange x = {0};

	login_url(&url, k->cloud->auth_url);
	login_body(&body, k->cloud, k->login);
	if (url.failed || body.failed) {
		return gpubroker_fail(
			reterr, GPUBROKER_E_INTERNAL, "keystone: no memory for a login");
	}
	x.service = "keystone";
	x.timeout_ms = LOGIN_MS;
	x.url = url.data;
	x.body = body.data;
	x.token = k->login == LOGIN_TOKEN ? k->cloud->token : NULL;
	http_start(k->http, &x);
	while (http_next(k->http) != &x) { /* nothing else is under way during a login */
	}
	if (x.r < 0 || x.status != 201 || !x.subject_token || !x.subject_token[0]) {
		return fail_login(k, &x, reterr);
	}
	return take_grant(k, &x, reterr);
}

int keystone_login(struct keystone *k, struct gpubroker_error *reterr)
{
	int64_t now_ms = k->core->mono_ms();
	struct gpubroker_error error = {0};
	int r;

	if (k->token && now_ms < k->renew_at_ms) {
		return 0;
	}
	r = ask_for_token(k, &error);
	if (r == 0) {
		return 0;
	}
	if (k->token && now_ms < k->expires_at_ms && r != GPUBROKER_E_AUTH) {
		k->core->log(GPUBROKER_INFO,
			"token not renewed yet, it serves on expires_s=%lld error=\"%s\"",
			(long long)((k->expires_at_ms - now_ms) / 1000), error.text);
		return 0;
	}
	keystone_logout(k);
	return gpubroker_fail(reterr, error.code, "%s", error.text);
}
