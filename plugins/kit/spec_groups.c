/* SPDX-License-Identifier: Apache-2.0 */
/* Extra specs as Placement's request groups: see spec_groups.h. */
#include "kit/spec_groups.h"

#include "kit/cleanup.h"
#include "kit/placement_reply.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

enum { GROUP_NAME_MAX = 64, NAME_MAX_BYTES = 255 };
#define PMEM_PREFIX "CUSTOM_PMEM_NAMESPACE_"

void request_refuse(struct request *r, const char *key, const char *format, ...)
{
	va_list ap;

	if (r->invalid[0]) {
		return;
	}
	va_start(ap, format);
	vsnprintf(r->invalid, sizeof(r->invalid), format, ap);
	va_end(ap);
	snprintf(r->blame, sizeof(r->blame), "%s", key ? key : "");
}

const char *spec_value(const struct nova_flavor *f, const char *key)
{
	const char *value = nova_pair_value(f->extra_specs, f->n_extra_specs, key);

	return value && *value ? value : NULL;
}

bool spec_class_is_size(const char *class)
{
	static const char *const classes[] = {"VCPU", "PCPU", "MEMORY_MB", "DISK_GB"};

	for (size_t i = 0; i < ARRAY_SIZE(classes); i++) {
		if (strcmp(classes[i], class) == 0) {
			return true;
		}
	}
	return false;
}

bool spec_class_is_accelerator(const char *class)
{
	return placement_is_accelerator(class) &&
	       strncmp(class, PMEM_PREFIX, strlen(PMEM_PREFIX)) != 0;
}

/* ---- groups ---- */

void spec_groups_finish(struct spec_groups *groups)
{
	for (size_t i = 0; i < groups->n; i++) {
		struct spec_group *g = &groups->items[i];

		for (size_t k = 0; k < g->n_asks; k++) {
			free(g->asks[k].class);
		}
		free(g->asks);
		free(g->name);
		word_set_finish(&g->required);
		word_set_finish(&g->forbidden);
	}
	free(groups->items);
	*groups = (struct spec_groups){0};
}

/* The group of a name, made where there is none; NULL: no memory. */
static struct spec_group *group_of(struct spec_groups *groups, const char *name, size_t n)
{
	char *copy;

	for (size_t i = 0; i < groups->n; i++) {
		struct spec_group *g = &groups->items[i];

		if (strlen(g->name) == n && memcmp(g->name, name, n) == 0) {
			return g;
		}
	}
	copy = strndup(name, n);
	if (!copy || !GROW(groups->items, groups->n, groups->room)) {
		free(copy);
		groups->failed = true;
		return NULL;
	}
	groups->items[groups->n] = (struct spec_group){.name = copy};
	return &groups->items[groups->n++];
}

static void ask(struct spec_groups *groups, struct spec_group *g, const char *class, int64_t amount)
{
	char *copy;

	for (size_t i = 0; g && i < g->n_asks; i++) {
		if (strcmp(g->asks[i].class, class) == 0) {
			g->asks[i].amount = amount;
			return;
		}
	}
	copy = g ? strdup(class) : NULL;
	if (!copy || !GROW(g->asks, g->n_asks, g->room)) {
		free(copy);
		groups->failed = true;
		return;
	}
	g->asks[g->n_asks++] = (struct spec_ask){copy, amount};
}

void spec_groups_ask(struct spec_groups *groups, const char *class, int64_t amount)
{
	ask(groups, group_of(groups, "", 0), class, amount);
}

static void add_trait(
	struct spec_groups *groups, struct spec_group *g, const char *trait, bool required)
{
	if (g) {
		word_set_add(required ? &g->required : &g->forbidden, trait);
		groups->failed |= g->required.failed || g->forbidden.failed;
	}
}

void spec_groups_trait(struct spec_groups *groups, const char *trait, bool required)
{
	add_trait(groups, group_of(groups, "", 0), trait, required);
}

bool spec_groups_sum(const struct spec_groups *groups, const char *class, int64_t *ret)
{
	bool mentioned = false;

	*ret = 0;
	for (size_t i = 0; i < groups->n; i++) {
		const struct spec_group *g = &groups->items[i];

		for (size_t k = 0; k < g->n_asks; k++) {
			if (strcmp(g->asks[k].class, class) == 0) {
				*ret = MIN(*ret + g->asks[k].amount, ALIAS_COUNT_MAX);
				mentioned = true;
			}
		}
	}
	return mentioned;
}

/* ---- one extra spec ---- */

struct spec_key { /* "resources_a:VGPU" */
	bool is_trait;
	const char *group, *name;
	size_t n_group;
};

static bool consists_of(const char *s, size_t n, const char *more)
{
	for (size_t i = 0; i < n; i++) {
		if (!(s[i] >= 'A' && s[i] <= 'Z') && !(s[i] >= '0' && s[i] <= '9') &&
			(s[i] == '\0' || !strchr(more, s[i]))) {
			return false;
		}
	}
	return true;
}

static bool is_group_name(const char *s, size_t n)
{
	return n <= GROUP_NAME_MAX && consists_of(s, n, "abcdefghijklmnopqrstuvwxyz_-");
}

/* How classes and traits are called: anything else Placement does not know. */
static bool is_name(const char *s)
{
	const size_t n = strlen(s);

	return n > 0 && n <= NAME_MAX_BYTES && consists_of(s, n, "_");
}

/* Whether it begins as one of these, with a colon after it. */
static bool read_key(const char *key, struct spec_key *ret)
{
	const char *colon = strchr(key, ':');

	ret->is_trait = strncmp(key, "trait", 5) == 0;
	if (!colon || (!ret->is_trait && strncmp(key, "resources", 9) != 0)) {
		return false;
	}
	ret->group = key + (ret->is_trait ? 5 : 9);
	ret->n_group = (size_t)(colon - ret->group);
	ret->name = colon + 1;
	return true;
}

/* Nova warns in its log, and goes on without it. */
static void say_ignored(struct request *r, const struct nova_pair *pair, const char *class)
{
	if (class && !spec_class_is_size(class)) {
		r->wants_gpus |= spec_class_is_accelerator(class) || !is_name(class);
		request_refuse(r, pair->key,
			"Nova ignores '%.100s=%.100s': a server would start without it", pair->key,
			pair->value);
	} else {
		word_set_addf(&r->remarks, "has '%.100s=%.100s', which Nova ignores", pair->key,
			pair->value);
	}
}

static void take_trait(struct spec_groups *groups, const struct spec_key *key,
	const struct nova_pair *pair, struct request *r)
{
	const bool required = strcmp(pair->value, "required") == 0;

	if (!required && strcmp(pair->value, "forbidden") != 0) {
		say_ignored(r, pair, NULL);
	} else if (!is_name(key->name)) {
		request_refuse(r, pair->key, "no trait is called '%.100s'", key->name);
	} else {
		add_trait(groups, group_of(groups, key->group, key->n_group), key->name, required);
	}
}

static void take_resource(struct spec_groups *groups, const struct spec_key *key,
	const struct nova_pair *pair, struct request *r)
{
	int64_t amount;

	if (!is_name(key->name) && strncmp(key->name, "CUSTOM_", 7) == 0) {
		r->wants_gpus = true;
		request_refuse(r, pair->key, "no resource class is called '%.100s'", key->name);
		return;
	}
	if (!python_int(pair->value, strlen(pair->value), &amount) || amount < 0 ||
		!is_name(key->name)) {
		say_ignored(r, pair, key->name);
		return;
	}
	ask(groups, group_of(groups, key->group, key->n_group), key->name, amount);
}

static void take_policy(struct spec_groups *groups, const struct nova_pair *pair, struct request *r)
{
	const bool isolate = strcmp(pair->value, "isolate") == 0;

	if (isolate || strcmp(pair->value, "none") == 0) {
		groups->isolate = isolate;
		groups->has_policy = true;
	} else {
		say_ignored(r, pair, NULL);
	}
}

bool spec_groups_take(struct spec_groups *groups, const struct nova_pair *pair, struct request *r)
{
	const bool is_policy = strcmp(pair->key, "group_policy") == 0;
	struct spec_key key = {0};

	if (!is_policy && !read_key(pair->key, &key)) {
		return false;
	}
	if (!pair->value) {
		request_refuse(r, pair->key, "its extra spec '%.100s' is null", pair->key);
	} else if (is_policy) {
		take_policy(groups, pair, r);
	} else if (!is_group_name(key.group, key.n_group)) {
		say_ignored(r, pair, key.is_trait ? NULL : key.name);
	} else if (key.is_trait) {
		take_trait(groups, &key, pair, r);
	} else {
		take_resource(groups, &key, pair, r);
	}
	return true;
}

/* ---- all of them ---- */

static bool asks_for_something(const struct spec_group *g)
{
	for (size_t i = 0; i < g->n_asks; i++) {
		if (g->asks[i].amount > 0) {
			return true;
		}
	}
	return false;
}

static void check_traits(const struct spec_group *g, struct request *r)
{
	for (size_t i = 0; i < g->required.n; i++) {
		if (word_set_has(&g->forbidden, g->required.items[i])) {
			request_refuse(r, NULL, "the trait %.100s is both required and forbidden",
				g->required.items[i]);
		}
	}
}

void spec_groups_check(struct spec_groups *groups, struct request *r)
{
	size_t n_named = 0;

	for (size_t i = 0; i < groups->n; i++) {
		const struct spec_group *g = &groups->items[i];

		check_traits(g, r);
		if (!g->name[0]) {
			continue;
		}
		if (asks_for_something(g)) {
			n_named++;
		} else if (g->required.n + g->forbidden.n > 0) {
			request_refuse(r, NULL, "group '%s' has traits, but asks for no resources",
				g->name);
		}
	}
	if (n_named > 1 && !groups->has_policy) {
		request_refuse(r, "group_policy", "several groups need a group_policy");
	}
}
