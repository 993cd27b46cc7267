/* SPDX-License-Identifier: Apache-2.0 */
/* Addresses and versions of Nova and Placement: see endpoint.h. */
#include "openstack/endpoint.h"

#include "kit/cleanup.h"
#include "kit/reply.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

const struct service services[N_SERVICES] = {
	[SERVICE_NOVA] = {"nova",      "compute",   "os_compute_api:", 2},
	[SERVICE_PLACEMENT] = {"placement", "placement", "placement:",      1},
};

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

/* Nova is spoken to below /v2.1 only; Placement has no version in its path. */
static void add_root(struct text *root, enum service_id service, const char *url, size_t n)
{
	if (service != SERVICE_NOVA || ends_with(url, n, "/v2.1")) {
		text_add_n(root, url, n);
		return;
	}
	text_add_n(root, url, ends_with(url, n, "/v2") ? n - 3 : n);
	text_add(root, "/v2.1");
}

static int check_address(const char *word, const char *url, struct gpubroker_error *reterr)
{
	if (strncasecmp(url, "http://", 7) != 0 && strncasecmp(url, "https://", 8) != 0) {
		return gpubroker_fail(reterr, GPUBROKER_E_CONFIG,
			"%s: the endpoint '%.100s' is neither http nor https", word, url);
	}
	if (!is_plain(url)) {
		return gpubroker_fail(reterr, GPUBROKER_E_CONFIG,
			"%s: the endpoint is not a plain address: no user, no '?', no blanks",
			word);
	}
	return 0;
}

int endpoint_from_url(struct endpoint *ret, enum service_id service, const char *url,
	const char *project_id, struct gpubroker_error *reterr)
{
	_cleanup_(text_finish) struct text filled = {0}, root = {0}, base = {0};
	const char *word = services[service].word;
	size_t n, whole;
	int r;

	*ret = (struct endpoint){0};
	add_filled(&filled, url, project_id);
	if (filled.failed || !filled.data) {
		return gpubroker_fail(
			reterr, GPUBROKER_E_CONFIG, "%s: the endpoint is empty", word);
	}
	r = check_address(word, filled.data, reterr);
	if (r < 0) {
		return r;
	}
	whole = without_slashes(filled.data, filled.len);
	n = without_project(filled.data, whole, project_id);
	add_root(&root, service, filled.data, n);
	text_add(&base, root.data ? root.data : "");
	text_add_n(&base, filled.data + n, whole - n);
	ret->root = text_take(&root);
	ret->base = text_take(&base);
	if (!ret->root || !ret->base) {
		endpoint_finish(ret);
		return gpubroker_fail(
			reterr, GPUBROKER_E_INTERNAL, "%s: no memory for its address", word);
	}
	return 0;
}

bool microversion_parse(const char *text, int major, int *ret)
{
	int minor = 0, digits = 0;

	if (text[0] != '0' + major || text[1] != '.') {
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

/* Nova describes the one version whose document it is, Placement lists the only one it has. */
static int find_version(enum service_id service, const struct reply_at *root, struct reply_at *list,
	struct reply_at *ret, struct gpubroker_error *reterr)
{
	int r;

	if (service == SERVICE_NOVA) {
		return reply_need_object(root, "version", ret, reterr);
	}
	r = reply_need_array(root, "versions", list, reterr);
	return r < 0 ? r : reply_item_object(list, 0, ret, reterr);
}

int microversions_parse(struct microversions *ret, enum service_id service, const char *body,
	size_t n, struct gpubroker_error *reterr)
{
	const char *newest = service == SERVICE_NOVA ? "version" : "max_version";
	_cleanup_(reply_freep) struct reply *reply = NULL;
	struct reply_at root, list, version;
	const int major = services[service].major;
	const char *min, *max;
	char what[64];
	int r;

	snprintf(what, sizeof(what), "%s's version document", services[service].word);
	r = reply_parse(&reply, body ? body : "", n, what, reterr);
	if (r < 0) {
		return r;
	}
	root = reply_root(reply);
	r = find_version(service, &root, &list, &version, reterr);
	r = r < 0 ? r : reply_need_string(&version, newest, &max, reterr);
	r = r < 0 ? r : reply_need_string(&version, "min_version", &min, reterr);
	if (r < 0) {
		return r;
	}
	if (!microversion_parse(max, major, &ret->max) ||
		!microversion_parse(min, major, &ret->min)) {
		return reply_fail(reterr, &version, newest, "is not a microversion");
	}
	return 0;
}

int microversion_choose(const struct microversions *has, enum service_id service, const char *call,
	int floor, int wanted, int *ret, struct gpubroker_error *reterr)
{
	const struct service *s = &services[service];
	int version = MIN(wanted, has->max);

	if (version < floor) {
		return gpubroker_fail(reterr, GPUBROKER_E_BAD_REPLY,
			"%s: %s needs microversion %d.%d, this cloud ends at %d.%d", s->word, call,
			s->major, floor, s->major, has->max);
	}
	if (version < has->min) {
		return gpubroker_fail(reterr, GPUBROKER_E_BAD_REPLY,
			"%s: %s is understood up to microversion %d.%d, this cloud begins at %d.%d",
			s->word, call, s->major, wanted, s->major, has->min);
	}
	*ret = version;
	return 0;
}
