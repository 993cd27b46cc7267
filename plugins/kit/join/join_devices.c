/* SPDX-License-Identifier: Apache-2.0 */
/* Accelerators of Placement's trees onto hosts: which classes are which GPU type, and one device a provider. Part of
 * join_region(). */
#include "kit/cleanup.h"
#include "kit/finding.h"
#include "kit/join/join_region.h"

#include <inttypes.h>
#include <string.h>

enum { CLASSES_MAX = 64 }; /* classes of accelerators of one host */

/* ---- classes ---- */

static bool class_is_pci(const struct join *j, const char *class)
{
	return strncmp(class, "CUSTOM_PCI_", 11) == 0 || word_set_has(&j->pci_classes, class);
}

/* Classes that operators have named, of devices that Nova passes through. */
static int find_pci_classes(struct join *j, struct gpubroker_error *reterr)
{
	for (size_t i = 0; i < j->n_by_root; i++) {
		const struct placement_provider *p = j->by_root[i];

		if (!placement_has_trait(p, "COMPUTE_MANAGED_PCI_DEVICE")) {
			continue;
		}
		for (size_t k = 0; k < p->n_inventories; k++) {
			word_set_add(&j->pci_classes, p->inventories[k].class);
		}
	}
	return j->pci_classes.failed ? join_no_memory(reterr) : 0;
}

/* Accelerators, and whatever else some flavor asks for by its class. */
static bool may_count(const struct join *j, const char *class)
{
	return placement_is_accelerator(class) || word_set_has(&j->asked.classes, class);
}

static bool has_accelerator(const struct join *j, const struct placement_provider *p)
{
	for (size_t i = 0; i < p->n_usages; i++) {
		if (may_count(j, p->usages[i].class)) {
			return true;
		}
	}
	return false;
}

/* Whether all is known of the accelerators below a host. */
static bool tree_is_known(const struct join *j, const struct join_host *h)
{
	for (size_t i = 0; i < h->n_tree; i++) {
		const struct placement_provider *p = h->tree[i];

		if (!p->has_usages || (!p->has_inventories && has_accelerator(j, p))) {
			return false;
		}
	}
	return h->root != NULL;
}

/* ---- what the hosts say for the matching ---- */

struct census { /* of one host */
	struct class_count types[JOIN_TYPES_MAX], classes[CLASSES_MAX];
	size_t n_types, n_classes;
};

static void count_class(struct census *c, const struct placement_inventory *inventory)
{
	for (size_t i = 0; i < c->n_classes; i++) {
		if (strcmp(c->classes[i].name, inventory->class) == 0) {
			c->classes[i].n += inventory->total;
			return;
		}
	}
	if (c->n_classes < CLASSES_MAX) {
		c->classes[c->n_classes++] =
			(struct class_count){inventory->class, inventory->total};
	}
}

static void take_census(const struct join *j, const struct join_host *h, struct census *ret)
{
	ret->n_types = ret->n_classes = 0;
	for (size_t i = 0; i < h->n_gpus; i++) {
		ret->types[ret->n_types++] =
			(struct class_count){h->gpus[i].type, h->gpus[i].count};
	}
	for (size_t i = 0; i < h->n_tree; i++) {
		for (size_t k = 0; k < h->tree[i]->n_inventories; k++) {
			if (class_is_pci(j, h->tree[i]->inventories[k].class)) {
				count_class(ret, &h->tree[i]->inventories[k]);
			}
		}
	}
}

static int match_classes(struct join *j, struct gpubroker_error *reterr)
{
	_cleanup_(freep) struct census *all = calloc(j->n_hosts + 1, sizeof(*all));
	_cleanup_(freep) struct class_host *hosts = calloc(j->n_hosts + 1, sizeof(*hosts));
	size_t n = 0;

	if (!all || !hosts) {
		return join_no_memory(reterr);
	}
	for (size_t i = 0; i < j->n_hosts; i++) {
		struct census *c = &all[n];

		if (!tree_is_known(j, &j->hosts[i])) {
			continue;
		}
		take_census(j, &j->hosts[i], c);
		if (c->n_classes > 0) {
			hosts[n++] =
				(struct class_host){c->types, c->classes, c->n_types, c->n_classes};
		}
	}
	return class_map_learn(&j->classes, hosts, n, &j->policy.alias_map, reterr);
}

/* ---- devices ---- */

static int compare_texts(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* The traits of a device and of its host that some flavor asks for. */
static int device_words(const struct join *j, const struct join_host *h,
	const struct placement_provider *p, struct gpubroker_words *ret,
	struct gpubroker_error *reterr)
{
	const char **words;
	size_t n = 0;

	for (size_t i = 0; i < j->asked.words.n; i++) {
		const char *word = j->asked.words.items[i];

		n += placement_has_trait(p, word) || placement_has_trait(h->root, word);
	}
	if (n == 0) {
		return 0;
	}
	words = calloc(n, sizeof(*words));
	if (!words) {
		return join_no_memory(reterr);
	}
	n = 0;
	for (size_t i = 0; i < j->asked.words.n; i++) {
		const char *word = j->asked.words.items[i];

		if (placement_has_trait(p, word) || placement_has_trait(h->root, word)) {
			words[n++] = word;
		}
	}
	qsort(words, n, sizeof(*words), compare_texts);
	*ret = (struct gpubroker_words){words, n};
	return 0;
}

/* More than the devices are where a ratio says that they are given out several times. */
static int64_t slots(const struct placement_inventory *inventory)
{
	int64_t usable = MAX(inventory->total - inventory->reserved, 0);

	if (inventory->ratio_micro == GPUBROKER_RATIO_ONE) {
		return inventory->total;
	}
	return MIN((int64_t)((double)usable * (double)inventory->ratio_micro / GPUBROKER_RATIO_ONE),
		       JOIN_AMOUNT_MAX) +
	       inventory->reserved;
}

static int add_device(const struct join *j, const struct join_host *h, struct join_gpus *gpus,
	const struct placement_provider *p, const struct placement_inventory *inventory,
	struct gpubroker_error *reterr)
{
	const int64_t used = placement_used(p, inventory->class);
	struct gpubroker_device *device;

	if (!GROW(gpus->devices, gpus->n_devices, gpus->room)) {
		return join_no_memory(reterr);
	}
	device = &gpus->devices[gpus->n_devices++];
	*device = (struct gpubroker_device){
		.total = slots(inventory), .used = used + inventory->reserved};
	device->max_unit = inventory->max_unit < device->total ? inventory->max_unit : 0;
	device->min_unit = inventory->min_unit > 1 ? inventory->min_unit : 0;
	device->step_size = inventory->step_size > 1 ? inventory->step_size : 0;
	if (inventory->max_unit == 0) { /* for the core that is the total, for Placement nothing */
		device->total = device->used = 0;
	}
	gpus->by_devices = true;
	gpus->used_devices += MIN(used, inventory->total);
	gpus->reserved += MAX(MIN(inventory->reserved, inventory->total - used), 0);
	return device_words(j, h, p, &device->words, reterr);
}

/* Where one type has none of the devices and another has other than its number, the two may share a class. */
static bool types_are_mixed_up(const struct join *j, const struct join_host *h)
{
	bool lacking = false, differing = false;
	struct census census;

	take_census(j, h, &census);
	for (size_t i = 0; i < census.n_types; i++) {
		int64_t n = 0;

		for (size_t k = 0; k < census.n_classes; k++) {
			const char *type = class_map_type(&j->classes, census.classes[k].name);

			n += type && strcmp(type, census.types[i].name) == 0 ? census.classes[k].n
									     : 0;
		}
		lacking |= n == 0 && census.types[i].n > 0;
		differing |= n > 0 && n != census.types[i].n;
	}
	return lacking && differing;
}

/* The GPU type of a class on a host; NULL: it is none that counts. */
static const char *counted_type(const struct join *j, const struct join_host *h, const char *class)
{
	const char *type;

	if (!may_count(j, class)) {
		return NULL;
	}
	if (class_is_pci(j, class)) {
		type = class_map_type(&j->classes, class);
		if (type) { /* the aggregates say which hosts have GPUs */
			const struct join_gpus *gpus = join_gpus_of(h, type);

			return gpus && gpus->in_aggregate && !h->mixed_up ? type : NULL;
		}
	}
	/* Any other class counts where somebody asks for it. */
	type = alias_gpu_type(&j->policy.alias_map, class);
	return type != class || word_set_has(&j->asked.classes, class) ? type : NULL;
}

static int add_devices_of(struct join *j, struct join_host *h, const struct placement_provider *p,
	struct gpubroker_error *reterr)
{
	for (size_t i = 0; i < p->n_inventories; i++) {
		const struct placement_inventory *inventory = &p->inventories[i];
		const char *type = counted_type(j, h, inventory->class);
		struct join_gpus *gpus = type ? join_gpus_of(h, type) : NULL;
		int r = type && !gpus ? join_add_gpus(h, type, &gpus, reterr) : 0;

		r = r < 0 || !type ? r : add_device(j, h, gpus, p, inventory, reterr);
		if (r < 0) {
			return r;
		}
	}
	return 0;
}

/* Ones without words are told by their number alone, as Nova's are. */
static void forget_plain_devices(struct join_gpus *gpus)
{
	for (size_t i = 0; i < gpus->n_devices; i++) {
		const struct gpubroker_device *d = &gpus->devices[i];

		if (d->total != 1 || d->max_unit != 0 || d->min_unit != 0 || d->step_size != 0 ||
			d->words.n > 0) {
			return;
		}
	}
	gpus->plain = true;
}

/* ---- what does not fit ---- */

static bool has_pci_devices(const struct join *j, const struct join_host *h)
{
	struct census census;

	take_census(j, h, &census);
	return census.n_classes > 0;
}

static void tell_unmatched(
	const struct join *j, const struct join_host *h, const struct join_gpus *gpus)
{
	const char *name = join_host_name(h);

	note(j->notes, j->core,
		"GPUs counted by servers name=%s gpu_type=%s reason=no class of PCI devices in Placement is known to be this type (alias_map can say it)",
		name, gpus->type);
	finding_add(j->core, GPUBROKER_WARN, "pci-class", name,
		"openstack resource provider inventory list PROVIDER",
		"Host '%s' reports PCI devices to Placement, but which of their classes is GPU type '%s' cannot be "
		"told: its GPUs are counted by servers. Say it in the region's options: alias_map = ( { alias = "
		"\"CUSTOM_PCI_…\"; gpu_type = \"%s\"; } ).",
		name, gpus->type, gpus->type);
}

static int64_t total_of(const struct join_gpus *gpus)
{
	int64_t total = 0;

	for (size_t i = 0; i < gpus->n_devices; i++) {
		total += gpus->devices[i].total;
	}
	return total;
}

static void tell_other_count(
	const struct join *j, const struct join_host *h, const struct join_gpus *gpus)
{
	const char *name = join_host_name(h);

	note(j->notes, j->core,
		"host has other devices than its aggregate says name=%s gpu_type=%s gpu_count=%" PRId64
		" devices=%" PRId64 " counted=the devices",
		name, gpus->type, gpus->count, total_of(gpus));
	finding_add(j->core, GPUBROKER_WARN, "gpu-count", name, NULL,
		"Host '%s' has %" PRId64
		" devices of GPU type '%s' in Placement, but gpu_count of its aggregate is %" PRId64
		": the devices are counted. Has a card failed, or is gpu_count wrong?",
		name, total_of(gpus), gpus->type, gpus->count);
}

static void tell_about(const struct join *j, const struct join_host *h, bool reports)
{
	for (size_t i = 0; i < h->n_gpus; i++) {
		const struct join_gpus *gpus = &h->gpus[i];

		if (gpus->in_aggregate && !gpus->by_devices && gpus->count > 0 && reports) {
			tell_unmatched(j, h, gpus);
		}
		if (gpus->in_aggregate && gpus->by_devices && gpus->count != total_of(gpus)) {
			tell_other_count(j, h, gpus);
		}
	}
}

static int join_tree(struct join *j, struct join_host *h, struct gpubroker_error *reterr)
{
	int r = 0;

	h->mixed_up = types_are_mixed_up(j, h);
	for (size_t i = 0; r == 0 && i < h->n_tree; i++) {
		r = add_devices_of(j, h, h->tree[i], reterr);
	}
	for (size_t i = 0; r == 0 && i < h->n_gpus; i++) {
		forget_plain_devices(&h->gpus[i]);
	}
	if (r == 0) {
		tell_about(j, h, has_pci_devices(j, h));
	}
	return r;
}

/* From here on what was learned is said by alias_map: a flavor or a server may ask by class. */
static int extend_alias_map(struct join *j, struct gpubroker_error *reterr)
{
	const struct gpubroker_groups *given = &j->policy.alias_map;
	size_t n = given->n;

	j->rules = calloc(n + j->classes.n + 1, sizeof(*j->rules));
	if (!j->rules) {
		return join_no_memory(reterr);
	}
	if (n > 0) {
		memcpy(j->rules, given->items, n * sizeof(*j->rules));
	}
	for (size_t i = 0; i < j->classes.n; i++) {
		const struct class_match *match = &j->classes.items[i];

		if (match->type) {
			j->rules[n].alias = (char *)(uintptr_t)match->class;
			j->rules[n++].gpu_type = (char *)(uintptr_t)match->type;
		}
	}
	j->policy.alias_map = (struct gpubroker_groups){.n = n, .items = j->rules};
	return 0;
}

int join_devices(struct join *j, struct gpubroker_error *reterr)
{
	int r = find_pci_classes(j, reterr);

	r = r < 0 ? r : match_classes(j, reterr);
	r = r < 0 ? r : extend_alias_map(j, reterr);
	for (size_t i = 0; r == 0 && i < j->n_hosts; i++) {
		struct join_host *h = &j->hosts[i];

		if (tree_is_known(j, h)) {
			r = join_tree(j, h, reterr);
		} else if (h->root && h->n_gpus > 0) {
			note(j->notes, j->core,
				"GPUs counted by servers name=%s reason=Placement does not say all of its devices",
				join_host_name(h));
		}
	}
	return r;
}
