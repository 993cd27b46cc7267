/* SPDX-License-Identifier: Apache-2.0 */
/* Placement's reply bodies as one typed region: see placement_reply.h. */
#include "kit/placement_reply.h"

#include "kit/cleanup.h"
#include "kit/nova_list.h"
#include "kit/reply_copy.h"

#include <string.h>

#define AMOUNT_MAX INT64_C(1000000000000)

static int no_memory(struct gpubroker_error *reterr)
{
	return gpubroker_fail(reterr, GPUBROKER_E_INTERNAL, "no memory for a reply of Placement");
}

/* ---- destructors ---- */

static void drop_inventories(struct placement_provider *p)
{
	for (size_t i = 0; i < p->n_inventories; i++) {
		free(p->inventories[i].class);
	}
	free(p->inventories);
	p->inventories = NULL;
	p->n_inventories = 0;
	p->has_inventories = false;
}

static void drop_usages(struct placement_provider *p)
{
	for (size_t i = 0; i < p->n_usages; i++) {
		free(p->usages[i].class);
	}
	free(p->usages);
	p->usages = NULL;
	p->n_usages = 0;
	p->has_usages = false;
}

static void drop_traits(struct placement_provider *p)
{
	for (size_t i = 0; i < p->n_traits; i++) {
		free(p->traits[i]);
	}
	free(p->traits);
	p->traits = NULL;
	p->n_traits = 0;
	p->has_traits = false;
}

static void provider_finish(struct placement_provider *p)
{
	drop_inventories(p);
	drop_usages(p);
	drop_traits(p);
	free(p->uuid);
	free(p->name);
	free(p->parent);
	free(p->root);
	*p = (struct placement_provider){0};
}

/* ---- the list of providers ---- */

static int read_provider(void *item, const struct reply_at *at, struct gpubroker_error *reterr)
{
	struct placement_provider *p = item;
	int r = reply_copy_needed(at, "uuid", &p->uuid, reterr);

	r = r < 0 ? r : reply_copy_needed(at, "name", &p->name, reterr);
	r = r < 0 ? r : reply_need_integer(at, "generation", &p->generation, reterr);
	r = r < 0 ? r : reply_copy_string(at, "parent_provider_uuid", &p->parent, reterr);
	r = r < 0 ? r : reply_copy_string(at, "root_provider_uuid", &p->root, reterr);
	if (r == 0 && !p->root) {
		p->root = strdup(p->uuid);
		r = p->root ? 0 : no_memory(reterr);
	}
	return r;
}

static void finish_provider(void *item)
{
	provider_finish(item);
}

static const struct list_kind providers_kind = {.key = "resource_providers",
	.item_size = sizeof(struct placement_provider),
	.id_offset = offsetof(struct placement_provider, uuid),
	.read = read_provider,
	.finish = finish_provider};

static int compare_uuids(const void *a, const void *b)
{
	return strcmp(((const struct placement_provider *)a)->uuid,
		((const struct placement_provider *)b)->uuid);
}

int placement_parse_providers(struct placement_region *region, const char *body, size_t n,
	const char *what, struct gpubroker_error *reterr)
{
	struct placement_providers *list = &region->providers;
	int r = list_parse((struct any_list *)list, &providers_kind,
		&(struct document){body, n, what}, NULL, reterr);

	_Static_assert(sizeof(*list) == sizeof(struct any_list), "the layouts differ");
	if (r == 0 && list->n > 0) {
		qsort(list->items, list->n, sizeof(*list->items), compare_uuids);
	}
	return r;
}

struct placement_provider *placement_find(const struct placement_region *region, const char *uuid)
{
	struct placement_provider key = {.uuid = (char *)(uintptr_t)uuid};

	return region->providers.n == 0 ? NULL
					: bsearch(&key, region->providers.items,
						  region->providers.n, sizeof(key), compare_uuids);
}

void placement_region_finish(struct placement_region *region)
{
	list_finish((struct any_list *)&region->providers, &providers_kind);
	for (size_t i = 0; i < region->n_allocations; i++) {
		free(region->allocations[i].consumer);
		free(region->allocations[i].provider);
		free(region->allocations[i].class);
	}
	free(region->allocations);
	*region = (struct placement_region){0};
}

void placement_region_free(struct placement_region *region)
{
	if (region) {
		placement_region_finish(region);
		free(region);
	}
}

/* ---- what a provider has ---- */

const struct placement_inventory *placement_inventory_of(
	const struct placement_provider *p, const char *class)
{
	for (size_t i = 0; i < p->n_inventories; i++) {
		if (strcmp(p->inventories[i].class, class) == 0) {
			return &p->inventories[i];
		}
	}
	return NULL;
}

int64_t placement_used(const struct placement_provider *p, const char *class)
{
	for (size_t i = 0; i < p->n_usages; i++) {
		if (strcmp(p->usages[i].class, class) == 0) {
			return p->usages[i].amount;
		}
	}
	return 0;
}

static int compare_texts(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

bool placement_has_trait(const struct placement_provider *p, const char *trait)
{
	return p->n_traits > 0 &&
	       bsearch(&trait, p->traits, p->n_traits, sizeof(*p->traits), compare_texts) != NULL;
}

bool placement_is_accelerator(const char *class)
{
	return strncmp(class, "CUSTOM_", 7) == 0 || strcmp(class, "VGPU") == 0 ||
	       strcmp(class, "PGPU") == 0 || strcmp(class, "FPGA") == 0;
}

static int read_amount(
	const struct reply_at *at, const char *key, int64_t *ret, struct gpubroker_error *reterr)
{
	int r = reply_need_integer(at, key, ret, reterr);

	if (r == 0 && (*ret < 0 || *ret > AMOUNT_MAX)) {
		return reply_fail(reterr, at, key, "is out of range");
	}
	return r;
}

static int read_inventory(struct placement_inventory *inventory, const struct reply_at *at,
	struct gpubroker_error *reterr)
{
	const struct {
		const char *key;
		int64_t *value;
	} rows[] = {
		{"total",     &inventory->total    },
		{"reserved",  &inventory->reserved },
		{"min_unit",  &inventory->min_unit },
		{"max_unit",  &inventory->max_unit },
		{"step_size", &inventory->step_size},
	};

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		int r = read_amount(at, rows[i].key, rows[i].value, reterr);

		if (r < 0) {
			return r;
		}
	}
	return reply_need_millionths(at, "allocation_ratio", &inventory->ratio_micro, reterr);
}

/* The document's object under `key`, whose members are classes. */
static int open_document(struct reply **ret_reply, struct reply_at ret[static 2], const char *key,
	const struct document *doc, struct gpubroker_error *reterr)
{
	int r = reply_parse(ret_reply, doc->body, doc->n, doc->what, reterr);

	if (r < 0) {
		return r;
	}
	ret[0] = reply_root(*ret_reply);
	return reply_need_object(&ret[0], key, &ret[1], reterr);
}

int placement_parse_inventories(struct placement_provider *p, const char *body, size_t n,
	const char *what, struct gpubroker_error *reterr)
{
	_cleanup_(reply_freep) struct reply *reply = NULL;
	struct reply_at at[2], one;
	int r = open_document(&reply, at, "inventories", &(struct document){body, n, what}, reterr);

	if (r < 0) {
		return r;
	}
	drop_inventories(p);
	p->inventories = calloc(reply_count(&at[1]) + 1, sizeof(*p->inventories));
	if (!p->inventories) {
		return no_memory(reterr);
	}
	for (const char *k = reply_next_key(&at[1], NULL); k; k = reply_next_key(&at[1], k)) {
		struct placement_inventory *inventory = &p->inventories[p->n_inventories];

		inventory->class = strdup(k);
		if (!inventory->class) {
			return no_memory(reterr);
		}
		p->n_inventories++;
		r = reply_need_object(&at[1], k, &one, reterr);
		r = r < 0 ? r : read_inventory(inventory, &one, reterr);
		if (r < 0) {
			return r;
		}
	}
	p->has_inventories = true;
	return 0;
}

static int add_usage(struct placement_provider *p, const struct reply_at *at, const char *class,
	const char *key, struct gpubroker_error *reterr)
{
	struct placement_amount *usage = &p->usages[p->n_usages];
	int r = read_amount(at, key, &usage->amount, reterr);

	if (r < 0) {
		return r;
	}
	usage->capacity = -1;
	usage->class = strdup(class);
	if (!usage->class) {
		return no_memory(reterr);
	}
	p->n_usages++;
	return 0;
}

static int make_usages(struct placement_provider *p, size_t n, struct gpubroker_error *reterr)
{
	drop_usages(p);
	p->usages = calloc(n + 1, sizeof(*p->usages));
	return p->usages ? 0 : no_memory(reterr);
}

int placement_parse_usages(struct placement_provider *p, const char *body, size_t n,
	const char *what, struct gpubroker_error *reterr)
{
	_cleanup_(reply_freep) struct reply *reply = NULL;
	struct reply_at at[2];
	int r = open_document(&reply, at, "usages", &(struct document){body, n, what}, reterr);

	r = r < 0 ? r : make_usages(p, reply_count(&at[1]), reterr);
	if (r < 0) {
		return r;
	}
	for (const char *k = reply_next_key(&at[1], NULL); k; k = reply_next_key(&at[1], k)) {
		r = add_usage(p, &at[1], k, k, reterr);
		if (r < 0) {
			return r;
		}
	}
	p->has_usages = true;
	return 0;
}

static int read_traits(
	struct placement_provider *p, const struct reply_at *at, struct gpubroker_error *reterr)
{
	int r;

	drop_traits(p);
	r = reply_copy_strings(at, "traits", &p->traits, &p->n_traits, reterr);
	if (r == 0 && p->n_traits > 0) {
		qsort(p->traits, p->n_traits, sizeof(*p->traits), compare_texts);
	}
	p->has_traits = r == 0;
	return r;
}

int placement_parse_traits(struct placement_provider *p, const char *body, size_t n,
	const char *what, struct gpubroker_error *reterr)
{
	_cleanup_(reply_freep) struct reply *reply = NULL;
	struct reply_at root, ignored;
	int r = reply_parse(&reply, body, n, what, reterr);

	if (r < 0) {
		return r;
	}
	root = reply_root(reply);
	r = reply_need_array(&root, "traits", &ignored, reterr);
	return r < 0 ? r : read_traits(p, &root, reterr);
}

/* ---- candidates ---- */

static int read_summary(
	struct placement_provider *p, const struct reply_at *at, struct gpubroker_error *reterr)
{
	struct reply_at resources, one;
	int r = reply_need_object(at, "resources", &resources, reterr);

	r = r < 0 ? r : make_usages(p, reply_count(&resources), reterr);
	if (r < 0) {
		return r;
	}
	for (const char *k = reply_next_key(&resources, NULL); k;
		k = reply_next_key(&resources, k)) {
		r = reply_need_object(&resources, k, &one, reterr);
		r = r < 0 ? r : add_usage(p, &one, k, "used", reterr);
		if (r == 0 && reply_has(&one, "capacity")) {
			r = read_amount(
				&one, "capacity", &p->usages[p->n_usages - 1].capacity, reterr);
		}
		if (r < 0) {
			return r;
		}
	}
	p->has_usages = true;
	return reply_has(at, "traits") ? read_traits(p, at, reterr) : 0; /* since 1.17 */
}

/* A provider as provider_summaries show it: its uuid is the key. */
static int read_summarised(void *item, const struct reply_at *at, struct gpubroker_error *reterr)
{
	struct placement_provider *p = item;
	int r;

	p->generation = -1;
	p->uuid = strdup(at->key);
	p->name = strdup(at->key);
	if (!p->uuid || !p->name) {
		return no_memory(reterr);
	}
	r = reply_copy_string(at, "parent_provider_uuid", &p->parent, reterr);
	return r < 0 ? r : reply_copy_needed(at, "root_provider_uuid", &p->root, reterr);
}

static int add_summarised(struct placement_region *region, const struct reply_at *summaries,
	struct gpubroker_error *reterr)
{
	static const struct list_kind kind = {.item_size = sizeof(struct placement_provider),
		.id_offset = offsetof(struct placement_provider, uuid),
		.read = read_summarised,
		.finish = finish_provider};
	struct placement_providers *list = &region->providers;
	struct reply_at one;
	int r = 0;

	for (const char *k = reply_next_key(summaries, NULL); r == 0 && k;
		k = reply_next_key(summaries, k)) {
		r = reply_need_object(summaries, k, &one, reterr);
		r = r < 0 ? r : list_add((struct any_list *)list, &kind, &one, reterr);
	}
	if (r == 0 && list->n > 0) {
		qsort(list->items, list->n, sizeof(*list->items), compare_uuids);
	}
	return r;
}

int placement_parse_candidates(struct placement_region *region, const char *body, size_t n,
	const char *what, struct gpubroker_error *reterr)
{
	_cleanup_(reply_freep) struct reply *reply = NULL;
	struct reply_at at[2], one;
	int r = open_document(
		&reply, at, "provider_summaries", &(struct document){body, n, what}, reterr);

	if (r < 0) {
		return r;
	}
	r = add_summarised(region, &at[1], reterr);
	if (r < 0) {
		return r;
	}
	for (const char *k = reply_next_key(&at[1], NULL); k; k = reply_next_key(&at[1], k)) {
		struct placement_provider *p = placement_find(region, k);

		r = reply_need_object(&at[1], k, &one, reterr);
		r = r < 0 ? r : read_summary(p, &one, reterr);
		if (r < 0) {
			return r;
		}
	}
	return 0;
}

/* ---- allocations ---- */

static int add_allocation(struct placement_region *region, const char *consumer,
	const char *provider, const struct reply_at *resources, const char *class,
	struct gpubroker_error *reterr)
{
	struct placement_allocation *a;
	int64_t amount;
	int r = read_amount(resources, class, &amount, reterr);

	if (r < 0) {
		return r;
	}
	if (!GROW(region->allocations, region->n_allocations, region->room_allocations)) {
		return no_memory(reterr);
	}
	a = &region->allocations[region->n_allocations++];
	*a = (struct placement_allocation){.consumer = strdup(consumer),
		.provider = strdup(provider),
		.class = strdup(class),
		.amount = amount};
	return a->consumer && a->provider && a->class ? 0 : no_memory(reterr);
}

static int read_allocation(struct placement_region *region, const char *consumer,
	const char *provider, const struct reply_at *at, struct gpubroker_error *reterr)
{
	struct reply_at resources;
	int r = reply_need_object(at, "resources", &resources, reterr);

	if (r < 0) {
		return r;
	}
	for (const char *k = reply_next_key(&resources, NULL); r == 0 && k;
		k = reply_next_key(&resources, k)) {
		r = add_allocation(region, consumer, provider, &resources, k, reterr);
	}
	return r;
}

int placement_parse_allocations(struct placement_region *region, const char *consumer,
	const char *body, size_t n, const char *what, struct gpubroker_error *reterr)
{
	_cleanup_(reply_freep) struct reply *reply = NULL;
	struct reply_at at[2], one;
	int r = open_document(&reply, at, "allocations", &(struct document){body, n, what}, reterr);

	if (r < 0) {
		return r;
	}
	for (const char *k = reply_next_key(&at[1], NULL); r == 0 && k;
		k = reply_next_key(&at[1], k)) {
		r = reply_need_object(&at[1], k, &one, reterr);
		r = r < 0 ? r : read_allocation(region, consumer, k, &one, reterr);
	}
	return r;
}
