/* SPDX-License-Identifier: Apache-2.0 */
/* Which GPU type a PCI class is: see placement_classes.h. */
#include "kit/join/placement_classes.h"

#include "kit/cleanup.h"

#include <string.h>

enum { LEFT_MAX = 64 }; /* types or classes of one host that are looked at */

void class_map_finish(struct class_map *map)
{
	free(map->items);
	*map = (struct class_map){0};
}

static struct class_match *find(const struct class_map *map, const char *class)
{
	for (size_t i = 0; i < map->n; i++) {
		if (strcmp(map->items[i].class, class) == 0) {
			return &map->items[i];
		}
	}
	return NULL;
}

const char *class_map_type(const struct class_map *map, const char *class)
{
	const struct class_match *match = find(map, class);

	return match ? match->type : NULL;
}

static const char *type_by_rule(const struct gpubroker_groups *alias_map, const char *class)
{
	const char *type = alias_gpu_type(alias_map, class);

	return type == class ? NULL : type;
}

static int add_class(struct class_map *map, const char *class,
	const struct gpubroker_groups *alias_map, struct gpubroker_error *reterr)
{
	if (find(map, class)) {
		return 0;
	}
	if (!GROW(map->items, map->n, map->room)) {
		return gpubroker_fail(
			reterr, GPUBROKER_E_INTERNAL, "no memory for the classes of devices");
	}
	map->items[map->n++] =
		(struct class_match){.class = class, .type = type_by_rule(alias_map, class)};
	return 0;
}

static int add_classes(struct class_map *map, const struct class_host *hosts, size_t n,
	const struct gpubroker_groups *alias_map, struct gpubroker_error *reterr)
{
	for (size_t i = 0; i < n; i++) {
		for (size_t k = 0; k < hosts[i].n_classes; k++) {
			const char *class = hosts[i].classes[k].name;
			int r = add_class(map, class, alias_map, reterr);

			if (r < 0) {
				return r;
			}
			find(map, class)->seen_without_gpus |= hosts[i].n_types == 0;
		}
	}
	return 0;
}

/* What is not known yet of a host. */
struct left {
	const struct class_count *types[LEFT_MAX], *classes[LEFT_MAX];
	size_t n_types, n_classes;
	bool by_vendor; /* the classes that are left are those of makers of GPUs */
};

static bool has_class_of(
	const struct class_map *map, const struct class_host *host, const char *type)
{
	for (size_t i = 0; i < host->n_classes; i++) {
		const char *known = class_map_type(map, host->classes[i].name);

		if (known && strcmp(known, type) == 0) {
			return true;
		}
	}
	return false;
}

/* NVIDIA and AMD; what else is passed to servers beside GPUs is made by others. */
static bool is_of_gpu_maker(const char *class)
{
	return strncmp(class, "CUSTOM_PCI_10DE_", 16) == 0 ||
	       strncmp(class, "CUSTOM_PCI_1002_", 16) == 0;
}

static void keep_gpu_makers(struct left *left)
{
	size_t n = 0;

	for (size_t i = 0; i < left->n_classes; i++) {
		if (is_of_gpu_maker(left->classes[i]->name)) {
			left->classes[n++] = left->classes[i];
		}
	}
	left->by_vendor = n > 0;
	left->n_classes = n > 0 ? n : left->n_classes;
}

static struct left left_of(const struct class_map *map, const struct class_host *host)
{
	struct left left = {0};

	for (size_t i = 0; i < host->n_types && left.n_types < LEFT_MAX; i++) {
		if (!has_class_of(map, host, host->types[i].name)) {
			left.types[left.n_types++] = &host->types[i];
		}
	}
	for (size_t i = 0; i < host->n_classes && left.n_classes < LEFT_MAX; i++) {
		if (!class_map_type(map, host->classes[i].name)) {
			left.classes[left.n_classes++] = &host->classes[i];
		}
	}
	keep_gpu_makers(&left);
	return left;
}

/* The only one with that count, or NULL. */
static const struct class_count *only_one_of(
	const struct class_count *const *list, size_t n, int64_t count)
{
	const struct class_count *found = NULL;

	for (size_t i = 0; i < n; i++) {
		if (list[i]->n == count) {
			if (found) {
				return NULL;
			}
			found = list[i];
		}
	}
	return found;
}

/* Whether a host says what `class` is; a class that other hosts took for something else never is anything. */
static bool learn(struct class_map *map, const char *class, const char *type)
{
	struct class_match *match = find(map, class);

	if (match->contradicted || match->type) {
		return false;
	}
	match->type = type;
	return true;
}

/* Equal counts, where neither the type nor the class could be another. More classes than types: there are
 * devices of other kinds too, and a count alone says nothing of which. */
static bool learn_by_counts(struct class_map *map, const struct class_host *host)
{
	struct left left = left_of(map, host);
	bool learned = false;

	if (left.n_classes > left.n_types && !left.by_vendor) {
		return false;
	}
	for (size_t i = 0; i < left.n_types; i++) {
		const struct class_count *type = left.types[i];
		const struct class_count *class =
			only_one_of(left.classes, left.n_classes, type->n);

		if (class && only_one_of(left.types, left.n_types, type->n)) {
			learned |= learn(map, class->name, type->name);
		}
	}
	return learned;
}

/* One type, one class, and other counts: a card may have failed. Not where hosts without GPUs have such devices. */
static bool learn_by_elimination(struct class_map *map, const struct class_host *host)
{
	struct left left = left_of(map, host);

	return left.n_types == 1 && left.n_classes == 1 && host->n_types == 1 &&
	       (left.by_vendor || host->n_classes == 1) &&
	       !find(map, left.classes[0]->name)->seen_without_gpus &&
	       learn(map, left.classes[0]->name, left.types[0]->name);
}

/* A class that is all that a host of one type has, and all that a host of another type has. */
static void find_contradictions(struct class_map *map, const struct class_host *hosts, size_t n)
{
	for (size_t i = 0; i < map->n; i++) {
		struct class_match *match = &map->items[i];
		const char *type = NULL;

		for (size_t k = 0; k < n && !match->type && !match->contradicted; k++) {
			if (hosts[k].n_types != 1 || hosts[k].n_classes != 1 ||
				strcmp(hosts[k].classes[0].name, match->class) != 0) {
				continue;
			}
			match->contradicted = type && strcmp(type, hosts[k].types[0].name) != 0;
			type = hosts[k].types[0].name;
		}
	}
}

typedef bool learn_fn(struct class_map *, const struct class_host *);

static bool learn_all(
	struct class_map *map, const struct class_host *hosts, size_t n, learn_fn *from_host)
{
	bool learned = false;

	for (size_t i = 0; i < n; i++) {
		learned |= hosts[i].n_types > 0 && from_host(map, &hosts[i]);
	}
	return learned;
}

static bool learn_from_simple(struct class_map *map, const struct class_host *host)
{
	return host->n_types == 1 && host->n_classes == 1 && learn_by_counts(map, host);
}

int class_map_learn(struct class_map *map, const struct class_host *hosts, size_t n,
	const struct gpubroker_groups *alias_map, struct gpubroker_error *reterr)
{
	int r = add_classes(map, hosts, n, alias_map, reterr);

	if (r < 0) {
		return r;
	}
	find_contradictions(map, hosts, n);
	learn_all(map, hosts, n, learn_from_simple);
	while (learn_all(map, hosts, n, learn_by_counts) ||
		learn_all(map, hosts, n, learn_by_elimination)) {
		/* what one host says may decide another */
	}
	return 0;
}
