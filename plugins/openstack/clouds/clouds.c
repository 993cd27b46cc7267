/* SPDX-License-Identifier: Apache-2.0 */
/* A cloud of clouds.yaml, resolved: see clouds.h. The steps and their order are those of
 * openstack/config/loader.py (get_one and what it calls). */
#include "openstack/clouds/clouds.h"

#include "kit/cleanup.h"
#include "kit/text.h"

#include <string.h>
#include <strings.h>

struct resolution {
	const struct clouds_files *files;
	const char *name;   /* of the cloud */
	struct tree *cloud; /* what it is so far */
	struct gpubroker_error *reterr;
};

static int no_memory(const struct resolution *r)
{
	return gpubroker_fail(r->reterr, GPUBROKER_E_INTERNAL, "clouds.yaml: no memory");
}

static int done(const struct resolution *r, bool good)
{
	return good ? 0 : no_memory(r);
}

static bool put_text(struct tree *map, const char *key, const char *text)
{
	struct tree *t = tree_new(TREE_TEXT, text);

	return t && tree_add(map, key, t);
}

static bool put_copy(struct tree *map, const char *key, const struct tree *from)
{
	struct tree *t = tree_copy(from);

	return t && tree_add(map, key, t);
}

/* The members of `from` over the map's; only `auth` is merged, key by key. */
static bool auth_update(struct tree *map, const struct tree *from)
{
	for (size_t i = 0; i < from->n; i++) {
		const char *key = from->keys[i];
		struct tree *mine = tree_get(map, key);
		const struct tree *item = from->items[i];
		bool nested = strcmp(key, "auth") == 0 && mine && mine->kind == TREE_MAP &&
			      item->kind == TREE_MAP;

		for (size_t k = 0; nested && k < item->n; k++) {
			if (!put_copy(mine, item->keys[k], item->items[k])) {
				return false;
			}
		}
		if (!nested && !put_copy(map, key, item)) {
			return false;
		}
	}
	return true;
}

static struct tree *auth_of(const struct resolution *r)
{
	return tree_get(r->cloud, "auth");
}

/* ---- what the cloud is made of ---- */

static int add_defaults(struct resolution *r)
{
	r->cloud = tree_new(TREE_MAP, NULL);
	return done(r, r->cloud && put_text(r->cloud, "auth_type", "password") &&
			       put_text(r->cloud, "interface", "public"));
}

static int add_profile(struct resolution *r, const struct tree *mine)
{
	const char *key = tree_get(mine, "profile") ? "profile" : "cloud";
	const char *name = tree_text(mine, key);
	const struct tree *profile = name && *name ? tree_get(r->files->profiles, name) : NULL;

	if (!name || !*name) {
		return 0;
	}
	if (!profile || profile->kind != TREE_MAP) {
		return gpubroker_fail(r->reterr, GPUBROKER_E_CONFIG,
			"cloud '%.100s': there is no profile '%.100s' in clouds-public.yaml (profiles that come with openstacksdk are not known here)",
			r->name, name);
	}
	return done(r, auth_update(r->cloud, profile));
}

static int add_auth(struct resolution *r)
{
	const struct tree *auth = auth_of(r);

	if (!auth || auth->kind == TREE_NULL) {
		struct tree *empty = tree_new(TREE_MAP, NULL);

		return done(r, empty && tree_add(r->cloud, "auth", empty));
	}
	return auth->kind == TREE_MAP ? 0
				      : gpubroker_fail(r->reterr, GPUBROKER_E_CONFIG,
						"cloud '%.100s': auth is no map", r->name);
}

/* ---- regions ---- */

struct region {
	char *name;
	const struct tree *values; /* NULL: none */
};

static int take_region(const struct resolution *r, const struct tree *entry, struct region *ret)
{
	const char *name = entry->kind == TREE_MAP ? tree_text(entry, "name") : entry->text;

	if (!name) {
		return gpubroker_fail(r->reterr, GPUBROKER_E_CONFIG,
			"cloud '%.100s': an entry of regions has no name", r->name);
	}
	for (size_t i = 0; entry->kind == TREE_MAP && i < entry->n; i++) {
		if (strcmp(entry->keys[i], "name") != 0 && strcmp(entry->keys[i], "values") != 0) {
			return gpubroker_fail(r->reterr, GPUBROKER_E_CONFIG,
				"cloud '%.100s': region '%.100s' has '%.60s' beside name and values",
				r->name, name, entry->keys[i]);
		}
	}
	ret->name = strdup(name);
	ret->values = tree_get(entry, "values");
	return done(r, ret->name);
}

/* Of a list: the one that is wanted, or the first. */
static int choose_of_list(
	const struct resolution *r, const struct tree *list, const char *wanted, struct region *ret)
{
	for (size_t i = 0; i < list->n; i++) {
		struct region region = {0};
		int rc = take_region(r, list->items[i], &region);

		if (rc < 0) {
			return rc;
		}
		if (!wanted || strcmp(region.name, wanted) == 0) {
			*ret = region;
			return 0;
		}
		free(region.name);
	}
	if (!wanted) {
		ret->name = strdup("");
		return done(r, ret->name);
	}
	return gpubroker_fail(r->reterr, GPUBROKER_E_CONFIG,
		"cloud '%.100s' has no region '%.100s' (the case matters)", r->name, wanted);
}

/* "RegionOne,RegionTwo", the old way to name several. */
static int choose_of_text(
	const struct resolution *r, const char *names, const char *wanted, struct region *ret)
{
	for (;;) {
		size_t n = strcspn(names, ",");

		if (!wanted || (strlen(wanted) == n && strncmp(names, wanted, n) == 0)) {
			ret->name = strndup(names, n);
			return done(r, ret->name);
		}
		if (!names[n]) {
			return gpubroker_fail(r->reterr, GPUBROKER_E_CONFIG,
				"cloud '%.100s' has no region '%.100s' (the case matters)", r->name,
				wanted);
		}
		names += n + 1;
	}
}

static int choose_region(
	const struct resolution *r, const struct tree *mine, const char *wanted, struct region *ret)
{
	/* The cloud's own, by either spelling; else the profile's, which stands in what it is so far. */
	const struct tree *own = tree_get(mine, "regions"), *name = tree_get(mine, "region_name");

	name = name ? name : tree_get(mine, "region-name");
	if (!own && !name) {
		own = tree_get(r->cloud, "regions");
		own = tree_is_true(own) ? own : NULL;
		name = tree_get(r->cloud, "region_name");
		name = tree_is_true(name) ? name : NULL;
	}
	if (own && own->kind == TREE_LIST) {
		return choose_of_list(r, own, wanted, ret);
	}
	if (name && name->kind == TREE_LIST) {
		return choose_of_list(r, name, wanted, ret);
	}
	if (name && name->text) {
		return choose_of_text(r, name->text, wanted, ret);
	}
	ret->name = strdup(wanted ? wanted : "");
	return done(r, ret->name);
}

static int add_region(struct resolution *r, const struct tree *mine, const char *wanted)
{
	struct region region = {0};
	int rc = choose_region(r, mine, wanted && *wanted ? wanted : NULL, &region);

	tree_remove(r->cloud, "regions");
	for (size_t i = 0; rc == 0 && region.values && i < region.values->n; i++) {
		const struct tree *value = region.values->items[i];
		const char *key = region.values->keys[i];
		bool nested = strcmp(key, "auth") == 0 && value->kind == TREE_MAP && auth_of(r);

		if (value->kind != TREE_NULL) {
			rc = done(r, nested ? auth_update(auth_of(r), value)
					    : put_copy(r->cloud, key, value));
		}
	}
	if (rc == 0) {
		rc = done(r, put_text(r->cloud, "region_name", region.name));
	}
	free(region.name);
	return rc;
}

/* ---- old names ---- */

/* One key of `auth` and its names, worst first; outside of `auth` each counts too, but less. */
static int gather_name(struct resolution *r, const char *key, const char *const names[])
{
	struct tree *auth = auth_of(r);
	_cleanup_(freep) char *value = NULL;

	for (size_t i = 0; names[i]; i++) {
		struct tree *const places[] = {r->cloud, auth};

		for (size_t k = 0; k < ARRAY_SIZE(places); k++) {
			const struct tree *t = tree_get(places[k], names[i]);

			if (t) {
				free(value);
				value = strdup(t->text ? t->text : "None");
				if (!value) {
					return no_memory(r);
				}
				tree_remove(places[k], names[i]);
			}
		}
	}
	return done(r, !value || !*value || put_text(auth, key, value));
}

static int gather_names(struct resolution *r)
{
	static const struct {
		const char *key, *names[5];
	} rows[] = {
		{"domain_id",           {"domain_id", "domain-id"}                                    },
		{"domain_name",         {"domain_name", "domain-name"}                                },
		{"user_domain_id",      {"user_domain_id", "user-domain-id"}                          },
		{"user_domain_name",    {"user_domain_name", "user-domain-name"}                      },
		{"project_domain_id",   {"project_domain_id", "project-domain-id"}                    },
		{"project_domain_name", {"project_domain_name", "project-domain-name"}                },
		{"token",               {"auth-token", "auth_token", "token"}                         },
		{"project_id",          {"tenant_id", "tenant-id", "project_id", "project-id"}        },
		{"project_name",        {"tenant_name", "tenant-name", "project_name", "project-name"}},
	};
	int rc = 0;

	for (size_t i = 0; rc == 0 && i < ARRAY_SIZE(rows); i++) {
		rc = gather_name(r, rows[i].key, rows[i].names);
	}
	return rc;
}

/* endpoint_type is interface, also behind a service's name. */
static int rename_interfaces(struct resolution *r)
{
	static const char old[] = "endpoint_type";

	for (size_t i = 0; i < r->cloud->n; i++) {
		size_t n = strlen(r->cloud->keys[i]);
		_cleanup_(text_finish) struct text key = {0};

		if (n < strlen(old) || strcmp(r->cloud->keys[i] + n - strlen(old), old) != 0) {
			continue;
		}
		text_add_n(&key, r->cloud->keys[i], n - strlen(old));
		text_add(&key, "interface");
		if (key.failed || !put_copy(r->cloud, key.data, r->cloud->items[i])) {
			return no_memory(r);
		}
		tree_remove(r->cloud, r->cloud->keys[i--]);
	}
	return 0;
}

/* One domain for user and project, where the login is to a project. */
static int spread_domain(struct resolution *r)
{
	static const char *const rows[][3] = {
		{"domain_id",   "user_domain_id",   "project_domain_id"  },
		{"domain_name", "user_domain_name", "project_domain_name"},
	};
	struct tree *auth = auth_of(r);
	bool good = true;

	if (!tree_get(auth, "project_id") && !tree_get(auth, "project_name")) {
		return 0;
	}
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		const struct tree *domain = tree_get(auth, rows[i][0]);

		for (size_t k = 1; good && domain && k < 3; k++) {
			good = tree_get(auth, rows[i][k]) || put_copy(auth, rows[i][k], domain);
			domain = tree_get(auth, rows[i][0]);
		}
		tree_remove(auth, rows[i][0]);
	}
	return done(r, good);
}

/* '-' in keys is '_'; of two that are then the same the later one counts. */
static struct tree *normalized(const struct tree *map)
{
	_cleanup_(tree_freep) struct tree *t = tree_new(TREE_MAP, NULL);

	for (size_t i = 0; t && i < map->n; i++) {
		_cleanup_(freep) char *key = strdup(map->keys[i]);
		struct tree *item = map->items[i]->kind == TREE_MAP ? normalized(map->items[i])
								    : tree_copy(map->items[i]);

		for (char *c = key; c && *c; c++) {
			*c = *c == '-' ? '_' : *c;
		}
		if (!key || !item || !tree_add(t, key, item)) {
			if (!key) {
				tree_free(item);
			}
			return NULL;
		}
	}
	return TAKE_PTR(t);
}

static int normalize(struct resolution *r)
{
	struct tree *t = normalized(r->cloud);

	if (!t) {
		return no_memory(r);
	}
	tree_free(r->cloud);
	r->cloud = t;
	return 0;
}

/* ---- "{region_name}" ---- */

static int add_formatted(struct resolution *r, const char *text, struct text *out)
{
	while (*text) {
		size_t n = strcspn(text, "{}");
		char key[64];

		text_add_n(out, text, n);
		text += n;
		if (!*text) {
			break;
		}
		if (text[1] == text[0]) { /* doubled: itself */
			text_add_n(out, text, 1);
			text += 2;
			continue;
		}
		n = strcspn(text, "}");
		if (*text == '}' || !text[n] || n - 1 >= sizeof(key)) {
			return gpubroker_fail(r->reterr, GPUBROKER_E_CONFIG,
				"cloud '%.100s': a brace stands alone in a value (write it twice)",
				r->name);
		}
		memcpy(key, text + 1, n - 1);
		key[n - 1] = '\0';
		if (!tree_get(r->cloud, key)) {
			return gpubroker_fail(r->reterr, GPUBROKER_E_CONFIG,
				"cloud '%.100s': a value speaks of {%s}, which it does not have",
				r->name, key);
		}
		text_add(out, tree_text(r->cloud, key) ? tree_text(r->cloud, key) : "None");
		text += n + 1;
	}
	return 0;
}

static int format_member(struct resolution *r, struct tree *map, const char *key)
{
	const struct tree *value = tree_get(map, key);
	_cleanup_(text_finish) struct text out = {0};
	int rc;

	if (!value || value->kind != TREE_TEXT || !strpbrk(value->text, "{}")) {
		return 0;
	}
	rc = add_formatted(r, value->text, &out);
	return rc < 0 ? rc : done(r, !out.failed && put_text(map, key, out.data ? out.data : ""));
}

static int format_all(struct resolution *r)
{
	int rc = 0;

	for (size_t i = 0; rc == 0 && i < r->cloud->n; i++) {
		if (strcmp(r->cloud->keys[i], "password") != 0) {
			rc = format_member(r, r->cloud, r->cloud->keys[i]);
		}
	}
	return rc;
}

/* ---- the whole ---- */

/* A default that is there loses its place, so that what was written in another spelling comes before it. */
static int move_to_end(struct resolution *r, const char *key)
{
	struct tree *t = tree_get(r->cloud, key);
	struct tree *copy = t ? tree_copy(t) : NULL;

	if (!t) {
		return 0;
	}
	if (copy) {
		tree_remove(r->cloud, key);
	}
	return done(r, copy && tree_add(r->cloud, key, copy));
}

static int resolve(struct resolution *r, const struct tree *mine, const char *region)
{
	int rc = add_defaults(r);

	rc = rc < 0 ? rc : add_profile(r, mine);
	rc = rc < 0 ? rc : add_auth(r);
	rc = rc < 0 ? rc : done(r, auth_update(r->cloud, mine));
	rc = rc < 0 ? rc : add_auth(r); /* "auth:" without anything */
	if (rc == 0) {
		tree_remove(r->cloud, "cloud");
		rc = add_region(r, mine, region);
	}
	rc = rc < 0 ? rc : move_to_end(r, "auth_type");
	rc = rc < 0 ? rc : gather_names(r);
	rc = rc < 0 ? rc : rename_interfaces(r);
	rc = rc < 0 ? rc : spread_domain(r);
	rc = rc < 0 ? rc : format_member(r, auth_of(r), "auth_url");
	rc = rc < 0 ? rc : normalize(r);
	return rc < 0 ? rc : format_all(r);
}

int clouds_resolve(const struct clouds_files *files, const char *name, const char *region,
	struct tree **ret, struct gpubroker_error *reterr)
{
	struct resolution r = {.files = files, .name = name, .reterr = reterr};
	const struct tree *mine = tree_get(files->clouds, name);
	int rc;

	if (!mine) {
		return gpubroker_fail(reterr, GPUBROKER_E_CONFIG, "there is no cloud '%.100s' (%s)",
			name, files->where);
	}
	if (mine->kind != TREE_MAP) {
		return gpubroker_fail(reterr, GPUBROKER_E_CONFIG, "%s: cloud '%.100s' is no map",
			files->where, name);
	}
	rc = resolve(&r, mine, region);
	if (rc < 0) {
		tree_free(r.cloud);
		return rc;
	}
	*ret = r.cloud;
	return 0;
}
