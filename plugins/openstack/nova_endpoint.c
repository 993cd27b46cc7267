/* SPDX-License-Identifier: Apache-2.0 */
/* Nova's address and versions: see nova_endpoint.h. */
#include "openstack/nova_endpoint.h"

#include "kit/cleanup.h"
#include "kit/reply.h"

#include <ctype.h>
#include <string.h>
#include <strings.h>

void endpoint_finish(struct endpoint *e)
{
	free(e->base);
	free(e->root);
	*e = (struct endpoint){0};
}

static void add_filled(struct text *out, const char *url, const char *project_id)
{
	static const char *const holes[] = {
		"%(project_id)s", "%(tenant_id)s", "$(project_id)s", "$(tenant_id)s"};
	size_t i;

	while (*url) {
		for (i = 0; i < ARRAY_SIZE(holes); i++) {
			if (!strncmp(url, holes[i], strlen(holes[i]))) {
				break;
			}
		}
		if (i < ARRAY_SIZE(holes)) {
			text_add(out, project_id ? project_id : "");
			url += strlen(holes[i]);
		} else {
			text_add_n(out, url++, 1);
		}
	}
}

static size_t without_slashes(const char *s, size_t n)
{
	while (n > 0 && s[n - 1] == '/') {
		n--;
	}
	return n;
}

static bool ends_with(const char *s, size_t n, const char *tail)
{
	size_t k = strlen(tail);

	return n >= k && !memcmp(s + n - k, tail, k);
}

/* How long url is without "/<project id>" at its end. */
static size_t without_project(const char *url, size_t n, const char *project_id)
{
	size_t k = project_id ? strlen(project_id) : 0;

	if (k == 0 || n < k + 2 || !ends_with(url, n, project_id)) {
		return n;
	}
	/* a path segment, not a host */
	return url[n - k - 1] == '/' && url[n - k - 2] != '/' ? n - k - 1 : n;
}

/* What a catalog says ends up in requests and in errors. */
static bool is_plain(const char *url)
{
	const char *host = strstr(url, "://") + 3;

	for (const char *s = url; *s; s++) {
		if ((unsigned char)*s <= ' ' || *s == 0x7f || *s == '?' || *s == '#') {
			return false;
		}
	}
	return *host && *host != '/' && host[strcspn(host, "@/")] != '@';
}

int endpoint_from_url(struct endpoint *ret, const char *url, const char *project_id,
	struct gpubroker_error *reterr)
{
	_cleanup_(text_finish) struct text filled = {0}, root = {0}, base = {0};
	size_t n, whole;

	*ret = (struct endpoint){0};
	add_filled(&filled, url, project_id);
	if (filled.failed || !filled.data) {
		return gpubroker_fail(reterr, GPUBROKER_E_CONFIG, "nova: the endpoint is empty");
	}
	if (strncasecmp(filled.data, "http://", 7) != 0 &&
		strncasecmp(filled.data, "https://", 8) != 0) {
		return gpubroker_fail(reterr, GPUBROKER_E_CONFIG,
			"nova: the endpoint '%.100s' is neither http nor https", filled.data);
	}
	if (!is_plain(filled.data)) {
		return gpubroker_fail(reterr, GPUBROKER_E_CONFIG,
			"nova: the endpoint is not a plain address: no user, no '?', no blanks");
	}
	whole = without_slashes(filled.data, filled.len);
	n = without_project(filled.data, whole, project_id);
	if (ends_with(filled.data, n, "/v2.1")) {
		text_add_n(&root, filled.data, n);
	} else {
		text_add_n(&root, filled.data, ends_with(filled.data, n, "/v2") ? n - 3 : n);
		text_add(&root, "/v2.1");
	}
	text_add(&base, root.data ? root.data : "");
	text_add_n(&base, filled.data + n, whole - n);
	ret->root = text_take(&root);
	ret->base = text_take(&base);
	if (!ret->root || !ret->base) {
		endpoint_finish(ret);
		return gpubroker_fail(reterr, GPUBROKER_E_INTERNAL, "no memory for Nova's address");
	}
	return 0;
}

bool microversion_parse(const char *text, int *ret)
{
	int minor = 0, digits = 0;

	if (strncmp(text, "2.", 2) != 0) {
		return false;
	}
	for (text += 2; isdigit((unsigned char)*text); text++) {
		if (++digits > 6) {
			return false;
		}
		minor = minor * 10 + (*text - '0');
	}
	*ret = minor;
	return digits > 0 && !*text;
}

int microversions_parse(
	struct microversions *ret, const char *body, size_t n, struct gpubroker_error *reterr)
{
	_cleanup_(reply_freep) struct reply *reply = NULL;
	struct reply_at root, version;
	const char *min, *max;
	int r;

	r = reply_parse(&reply, body ? body : "", n, "nova's version document", reterr);
	if (r < 0) {
		return r;
	}
	root = reply_root(reply);
	r = reply_need_object(&root, "version", &version, reterr);
	r = r < 0 ? r : reply_need_string(&version, "version", &max, reterr);
	r = r < 0 ? r : reply_need_string(&version, "min_version", &min, reterr);
	if (r < 0) {
		return r;
	}
	if (!microversion_parse(max, &ret->max) || !microversion_parse(min, &ret->min)) {
		return reply_fail(reterr, &version, "version", "is not a microversion");
	}
	return 0;
}

int microversion_choose(const struct microversions *has, const char *call, int floor, int wanted,
	int *ret, struct gpubroker_error *reterr)
{
	int version = MIN(wanted, has->max);

	if (version < floor) {
		return gpubroker_fail(reterr, GPUBROKER_E_BAD_REPLY,
			"nova: %s needs microversion 2.%d, this cloud ends at 2.%d", call, floor,
			has->max);
	}
	if (version < has->min) {
		return gpubroker_fail(reterr, GPUBROKER_E_BAD_REPLY,
			"nova: %s is understood up to microversion 2.%d, this cloud begins at 2.%d",
			call, wanted, has->min);
	}
	*ret = version;
	return 0;
}
