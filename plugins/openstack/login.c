/* SPDX-License-Identifier: Apache-2.0 */
/* The body of POST /v3/auth/tokens: see login.h. An id goes before a name, of users, projects and domains
 * alike; where a name has no domain, the one that every Keystone begins with ("default") is meant. */
#include "openstack/login.h"

#include <string.h>

static size_t without_tail(const char *url, size_t n, const char *tail)
{
	size_t k = strlen(tail);

	return n > k && !memcmp(url + n - k, tail, k) ? n - k : n;
}

void login_url(struct text *out, const char *auth_url)
{
	size_t n = strlen(auth_url);

	while (n > 0 && auth_url[n - 1] == '/') {
		n--;
	}
	n = without_tail(auth_url, n, "/v3");
	n = without_tail(auth_url, n, "/v2.0");
	while (n > 0 && auth_url[n - 1] == '/') {
		n--;
	}
	text_add_n(out, auth_url, n);
	text_add(out, "/v3/auth/tokens");
}

static void add_member(struct text *out, const char *key, const char *value)
{
	text_add_json(out, key);
	text_add(out, ":");
	text_add_json(out, value);
}

static void add_domain(struct text *out, const char *id, const char *name)
{
	text_add(out, ",\"domain\":{");
	if (id || !name) {
		add_member(out, "id", id ? id : "default");
	} else {
		add_member(out, "name", name);
	}
	text_add(out, "}");
}

static void add_user(struct text *out, const struct cloud *c)
{
	if (c->user_id) {
		add_member(out, "id", c->user_id);
		return;
	}
	add_member(out, "name", c->username);
	add_domain(out, c->user_domain_id, c->user_domain_name);
}

static void add_password(struct text *out, const struct cloud *c)
{
	text_add(out, "\"password\":{\"user\":{");
	add_user(out, c);
	text_add(out, ",");
	add_member(out, "password", c->password);
	text_add(out, "}}");
}

static void add_credential(struct text *out, const struct cloud *c)
{
	text_add(out, "\"application_credential\":{");
	if (c->application_credential_id) {
		add_member(out, "id", c->application_credential_id);
	} else {
		add_member(out, "name", c->application_credential_name);
		text_add(out, ",\"user\":{");
		add_user(out, c);
		text_add(out, "}");
	}
	text_add(out, ",");
	add_member(out, "secret", c->application_credential_secret);
	text_add(out, "}");
}

static void add_token(struct text *out, const struct cloud *c)
{
	text_add(out, "\"token\":{");
	add_member(out, "id", c->token);
	text_add(out, "}");
}

static void add_scope(struct text *out, const struct cloud *c)
{
	text_add(out, ",\"scope\":{\"project\":{");
	if (c->project_id) {
		add_member(out, "id", c->project_id);
	} else {
		add_member(out, "name", c->project_name);
		add_domain(out, c->project_domain_id, c->project_domain_name);
	}
	text_add(out, "}}");
}

static const struct {
	const char *method;
	void (*add)(struct text *, const struct cloud *);
	bool scoped;
} methods[] = {
	[LOGIN_PASSWORD] = {"password",               add_password,   true },
 /* An application credential is bound to its project; Keystone refuses a scope beside it. */
	[LOGIN_APPLICATION_CREDENTIAL] = {"application_credential", add_credential, false},
	[LOGIN_TOKEN] = {"token",                  add_token,      true },
};

void login_body(struct text *out, const struct cloud *c, enum login login)
{
	text_add(out, "{\"auth\":{\"identity\":{\"methods\":[");
	text_add_json(out, methods[login].method);
	text_add(out, "],");
	methods[login].add(out, c);
	text_add(out, "}");
	if (methods[login].scoped) {
		add_scope(out, c);
	}
	text_add(out, "}}");
}
