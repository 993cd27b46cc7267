/* SPDX-License-Identifier: Apache-2.0 */
/* The inventory that a plugin fills: checks and copies. See inventory.h. */
#include "model/inventory.h"

#include "model/capacity.h"
#include "model/inventory_check.h"
#include "model/nameset.h"

#include <inttypes.h>
#include <string.h>

enum { KIND_HOST = 'h', KIND_FLAVOR = 'f' };

void inventory_finish(struct gpubroker_inventory *inv)
{
	nameset_free(inv->names);
	free(inv->counted);
	free(inv->flavors);
	free(inv->hosts);
	arena_finish(&inv->arena);
	*inv = (struct gpubroker_inventory){0};
}

static int add_name(struct gpubroker_inventory *inv, char kind, const char *what, const char *name,
	struct gpubroker_error *reterr)
{
	int r = nameset_add(&inv->names, kind, name);

	if (r < 0) {
		return inventory_no_memory(reterr);
	}
	return r > 0 ? 0
		     : gpubroker_fail(reterr, GPUBROKER_E_BAD_REPLY, "%s '%.255s' is there twice",
			       what, name);
}

/* ---- hosts ---- */

static int check_amount(const char *host, const char *resource, const struct gpubroker_amount *a,
	struct gpubroker_error *reterr)
{
	const struct {
		const char *name;
		int64_t number, least;
	} numbers[] = {
		{"total",            a->total,       0                    },
		{"used",             a->used,        -INVENTORY_MAX_NUMBER},
		{"reserved",         a->reserved,    0                    },
		{"max_unit",         a->max_unit,    0                    },
		{"allocation ratio", a->ratio_micro, 0                    },
		{"min_unit",         a->min_unit,    0                    },
		{"step_size",        a->step_size,   0                    },
	};

	for (size_t i = 0; i < ARRAY_SIZE(numbers); i++) {
		char name[48];

		if (numbers[i].number >= numbers[i].least &&
			numbers[i].number <= INVENTORY_MAX_NUMBER) {
			continue;
		}
		snprintf(name, sizeof(name), "%s %s", resource, numbers[i].name);
		return inventory_check_number(
			"host", host, name, numbers[i].number, numbers[i].least, reterr);
	}
	return 0;
}

static const char *const state_words[] = {
	[GPUBROKER_HOST_UP] = "up",
	[GPUBROKER_HOST_DISABLED] = "disabled",
	[GPUBROKER_HOST_DOWN] = "down",
	[GPUBROKER_HOST_SKIPPED] = "skipped",
};

const char *host_state_word(enum gpubroker_host_state state)
{
	return state_words[state];
}

bool host_state_parse(const char *word, enum gpubroker_host_state *ret)
{
	for (size_t i = 0; i < ARRAY_SIZE(state_words); i++) {
		if (strcmp(state_words[i], word) == 0) {
			*ret = (enum gpubroker_host_state)i;
			return true;
		}
	}
	return false;
}

static int copy_device(struct gpubroker_inventory *inv, const char *host,
	const struct gpubroker_device *from, struct gpubroker_device *to,
	struct gpubroker_error *reterr)
{
	const struct {
		const char *name;
		int64_t number;
	} numbers[] = {
		{"a device's total",     from->total    },
		{"a device's used",      from->used     },
		{"a device's max_unit",  from->max_unit },
		{"a device's min_unit",  from->min_unit },
		{"a device's step_size", from->step_size},
	};
	int r = 0;

	*to = *from;
	for (size_t i = 0; r == 0 && i < ARRAY_SIZE(numbers); i++) {
		r = inventory_check_number(
			"host", host, numbers[i].name, numbers[i].number, 0, reterr);
	}
	return r < 0 ? r
		     : inventory_copy_words(
			       inv, "word of a device", &from->words, &to->words, reterr);
}

/* What the devices have and use in all is the type's total and used. */
static int copy_devices(struct gpubroker_inventory *inv, const char *host,
	struct gpubroker_gpus *gpus, struct gpubroker_error *reterr)
{
	const struct gpubroker_device *from = gpus->devices;
	struct gpubroker_device *to;

	if (gpus->n_devices == 0) {
		gpus->devices = NULL;
		return 0;
	}
	if (gpus->n_devices > INVENTORY_MAX_DEVICES) {
		return gpubroker_fail(reterr, GPUBROKER_E_LIMIT,
			"host '%.255s' has more than %d devices of GPU type '%.100s'", host,
			INVENTORY_MAX_DEVICES, gpus->type);
	}
	to = arena_alloc(&inv->arena, gpus->n_devices * sizeof(*to));
	if (!to) {
		return inventory_no_memory(reterr);
	}
	gpus->devices = to;
	gpus->total = gpus->used = 0;
	for (size_t i = 0; i < gpus->n_devices; i++) {
		int r = copy_device(inv, host, &from[i], &to[i], reterr);

		if (r < 0) {
			return r;
		}
		gpus->total += to[i].total;
		gpus->used += MIN(to[i].used, to[i].total);
	}
	return 0;
}

static int copy_gpus(struct gpubroker_inventory *inv, const struct gpubroker_host *from,
	struct gpubroker_host *to, struct gpubroker_error *reterr)
{
	struct gpubroker_gpus *gpus;
	int r;

	if (from->n_gpus > INVENTORY_MAX_TYPES) {
		return gpubroker_fail(reterr, GPUBROKER_E_LIMIT,
			"host '%.255s' has more than %d GPU types", to->name, INVENTORY_MAX_TYPES);
	}
	gpus = arena_alloc(&inv->arena, from->n_gpus * sizeof(*gpus));
	if (!gpus) {
		return inventory_no_memory(reterr);
	}
	for (size_t i = 0; i < from->n_gpus; i++) {
		gpus[i] = from->gpus[i];
		r = inventory_copy_name(inv, "GPU type", from->gpus[i].type, &gpus[i].type, reterr);
		r = r < 0 ? r : copy_devices(inv, to->name, &gpus[i], reterr);
		r = r < 0 ? r
			  : inventory_check_number(
				    "host", to->name, "GPU total", gpus[i].total, 0, reterr);
		r = r < 0 ? r
			  : inventory_check_number(
				    "host", to->name, "GPUs used", gpus[i].used, 0, reterr);
		for (size_t j = 0; r == 0 && j < i; j++) {
			if (strcmp(gpus[j].type, gpus[i].type) == 0) {
				r = gpubroker_fail(reterr, GPUBROKER_E_BAD_REPLY,
					"host '%.255s' has GPU type '%.100s' twice", to->name,
					gpus[i].type);
			}
		}
		if (r < 0) {
			return r;
		}
	}
	to->gpus = gpus;
	return 0;
}

static int check_host(
	const struct gpubroker_host *host, const char *name, struct gpubroker_error *reterr)
{
	int r;

	if ((unsigned)host->state >= ARRAY_SIZE(state_words)) {
		return gpubroker_fail(
			reterr, GPUBROKER_E_INTERNAL, "host '%.255s' is in no known state", name);
	}
	r = check_amount(name, "vcpus", &host->vcpus, reterr);
	r = r < 0 ? r : check_amount(name, "ram_mib", &host->ram_mib, reterr);
	r = r < 0 ? r : check_amount(name, "disk_gib", &host->disk_gib, reterr);
	return r < 0 ? r : check_amount(name, "pcpus", &host->pcpus, reterr);
}

int inventory_add_host(struct gpubroker_inventory *inv, const struct gpubroker_host *host,
	struct gpubroker_error *reterr)
{
	struct gpubroker_host copy = *host;
	int r;

	if (inv->is_counted) {
		return gpubroker_fail(reterr, GPUBROKER_E_INTERNAL,
			"a host was added to flavors that were counted elsewhere");
	}
	if (inv->n_hosts >= INVENTORY_MAX_HOSTS) {
		return gpubroker_fail(reterr, GPUBROKER_E_LIMIT,
			"the region has more than %d hosts", INVENTORY_MAX_HOSTS);
	}
	r = inventory_copy_name(inv, "host name", host->name, &copy.name, reterr);
	r = r < 0 ? r : add_name(inv, KIND_HOST, "host", copy.name, reterr);
	r = r < 0 ? r : check_host(host, copy.name, reterr);
	r = r < 0 ? r
		  : inventory_copy_text(
			    inv, host->reason, INVENTORY_MAX_TEXT, &copy.reason, reterr);
	r = r < 0 ? r : copy_gpus(inv, host, &copy, reterr);
	r = r < 0 ? r
		  : inventory_copy_words(inv, "word of a host", &host->words, &copy.words, reterr);
	if (r < 0) {
		return r;
	}
	if (!GROW(inv->hosts, inv->n_hosts, inv->hosts_room)) {
		return inventory_no_memory(reterr);
	}
	inv->hosts[inv->n_hosts++] = copy;
	return 0;
}

/* ---- flavors ---- */

static int copy_need(struct gpubroker_inventory *inv, const char *flavor,
	const struct gpubroker_need *from, struct gpubroker_need *to,
	struct gpubroker_error *reterr)
{
	int r = inventory_check_number("flavor", flavor, "GPU count", from->count, 0, reterr);

	*to = *from;
	r = r < 0 ? r : inventory_check_number("flavor", flavor, "GPU unit", from->unit, 0, reterr);
	if (r == 0 && from->unit > 0 && from->count % from->unit != 0) {
		return gpubroker_fail(reterr, GPUBROKER_E_INTERNAL,
			"flavor '%.255s': GPU unit does not divide the count", flavor);
	}
	r = r < 0 ? r : inventory_copy_name(inv, "GPU type", from->type, &to->type, reterr);
	r = r < 0 ? r
		  : inventory_copy_words(
			    inv, "word of a need", &from->required, &to->required, reterr);
	return r < 0 ? r
		     : inventory_copy_words(
			       inv, "word of a need", &from->forbidden, &to->forbidden, reterr);
}

static bool words_equal(const struct gpubroker_words *a, const struct gpubroker_words *b)
{
	for (size_t i = 0; i < a->n && a->n == b->n; i++) {
		if (strcmp(a->items[i], b->items[i]) != 0) {
			return false;
		}
	}
	return a->n == b->n;
}

/* Two that should have been one. */
static bool needs_alike(const struct gpubroker_need *a, const struct gpubroker_need *b)
{
	return strcmp(a->type, b->type) == 0 && a->unit == b->unit &&
	       words_equal(&a->required, &b->required) && words_equal(&a->forbidden, &b->forbidden);
}

static int copy_needs(struct gpubroker_inventory *inv, const struct gpubroker_flavor *from,
	struct gpubroker_flavor *to, struct gpubroker_error *reterr)
{
	struct gpubroker_need *needs;

	if (from->n_gpus > INVENTORY_MAX_TYPES) {
		return gpubroker_fail(reterr, GPUBROKER_E_LIMIT,
			"flavor '%.255s' asks for more than %d GPU types", to->id,
			INVENTORY_MAX_TYPES);
	}
	needs = arena_alloc(&inv->arena, from->n_gpus * sizeof(*needs));
	if (!needs) {
		return inventory_no_memory(reterr);
	}
	for (size_t i = 0; i < from->n_gpus; i++) {
		int r = copy_need(inv, to->id, &from->gpus[i], &needs[i], reterr);

		for (size_t j = 0; r == 0 && j < i; j++) {
			if (needs_alike(&needs[j], &needs[i])) {
				r = gpubroker_fail(reterr, GPUBROKER_E_BAD_REPLY,
					"flavor '%.255s' asks for GPU type '%.100s' twice", to->id,
					needs[i].type);
			}
		}
		if (r < 0) {
			return r;
		}
	}
	to->gpus = needs;
	return 0;
}

static int check_needs(const struct gpubroker_flavor *f, const char *id, bool is_counted,
	struct gpubroker_error *reterr)
{
	const struct {
		const char *name;
		int64_t number;
	} numbers[] = {
		{"vcpus",         f->vcpus        },
		{"ram_mib",       f->ram_mib      },
		{"disk_gib",      f->disk_gib     },
		{"ephemeral_gib", f->ephemeral_gib},
		{"swap_mib",      f->swap_mib     },
	};
	const int64_t least = is_counted ? COUNT_UNKNOWN : 0;
	int r = 0;

	for (size_t i = 0; r == 0 && i < ARRAY_SIZE(numbers); i++) {
		r = inventory_check_number(
			"flavor", id, numbers[i].name, numbers[i].number, least, reterr);
	}
	return r;
}

static int copy_demand(
	struct gpubroker_inventory *inv, struct gpubroker_flavor *f, struct gpubroker_error *reterr)
{
	const struct gpubroker_demand *d = f->demand;
	int r;

	if (!d) {
		return 0;
	}
	r = inventory_check_number("flavor", f->id, "demand of vcpus", d->vcpus, 0, reterr);
	r = r < 0 ? r
		  : inventory_check_number("flavor", f->id, "demand of pcpus", d->pcpus, 0, reterr);
	r = r < 0 ? r
		  : inventory_check_number(
			    "flavor", f->id, "demand of ram_mib", d->ram_mib, 0, reterr);
	r = r < 0 ? r
		  : inventory_check_number(
			    "flavor", f->id, "demand of disk_gib", d->disk_gib, 0, reterr);
	if (r < 0) {
		return r;
	}
	f->demand = arena_copy(&inv->arena, d, sizeof(*d));
	return f->demand ? 0 : inventory_no_memory(reterr);
}

static int copy_remarks(
	struct gpubroker_inventory *inv, struct gpubroker_flavor *f, struct gpubroker_error *reterr)
{
	const size_t n = MIN(f->remarks.n, (size_t)INVENTORY_MAX_WORDS);
	const char **items = arena_alloc(&inv->arena, n * sizeof(*items));
	int r = items ? 0 : inventory_no_memory(reterr);

	for (size_t i = 0; r == 0 && i < n; i++) {
		r = inventory_copy_text(
			inv, f->remarks.items[i], INVENTORY_MAX_TEXT, &items[i], reterr);
	}
	f->remarks = (struct gpubroker_words){items, n};
	return r;
}

static int add_flavor(struct gpubroker_inventory *inv, const struct gpubroker_flavor *flavor,
	bool is_counted, struct gpubroker_error *reterr)
{
	struct gpubroker_flavor copy = *flavor;
	const char *name = flavor->name ? flavor->name : "";
	int r;

	if (is_counted ? inv->n_hosts > 0 || (inv->n_flavors > 0 && !inv->is_counted)
		       : inv->is_counted) {
		return gpubroker_fail(reterr, GPUBROKER_E_INTERNAL,
			"flavors counted elsewhere were mixed with hosts or flavors to be counted");
	}
	if (inv->n_flavors >= INVENTORY_MAX_FLAVORS) {
		return gpubroker_fail(reterr, GPUBROKER_E_LIMIT,
			"the region has more than %d flavors", INVENTORY_MAX_FLAVORS);
	}
	r = inventory_copy_name(inv, "flavor id", flavor->id, &copy.id, reterr);
	r = r < 0 ? r : add_name(inv, KIND_FLAVOR, "flavor id", copy.id, reterr);
	r = r < 0 ? r : check_needs(flavor, copy.id, is_counted, reterr);
	r = r < 0 ? r : inventory_copy_text(inv, name, INVENTORY_MAX_NAME, &copy.name, reterr);
	r = r < 0 ? r
		  : inventory_copy_text(
			    inv, flavor->invalid, INVENTORY_MAX_TEXT, &copy.invalid, reterr);
	r = r < 0 ? r : copy_needs(inv, flavor, &copy, reterr);
	r = r < 0 ? r : copy_demand(inv, &copy, reterr);
	r = r < 0 ? r
		  : inventory_copy_words(
			    inv, "word of a flavor", &flavor->required, &copy.required, reterr);
	r = r < 0 ? r
		  : inventory_copy_words(
			    inv, "word of a flavor", &flavor->forbidden, &copy.forbidden, reterr);
	r = r < 0 ? r : copy_remarks(inv, &copy, reterr);
	if (r < 0) {
		return r;
	}
	if (!GROW(inv->flavors, inv->n_flavors, inv->flavors_room)) {
		return inventory_no_memory(reterr);
	}
	inv->flavors[inv->n_flavors++] = copy;
	return 0;
}

int inventory_add_flavor(struct gpubroker_inventory *inv, const struct gpubroker_flavor *flavor,
	struct gpubroker_error *reterr)
{
	return add_flavor(inv, flavor, false, reterr);
}

int inventory_add_counted_flavor(struct gpubroker_inventory *inv,
	const struct gpubroker_flavor *flavor, int64_t total, int64_t available,
	struct gpubroker_error *reterr)
{
	const char *id = flavor->id ? flavor->id : "";
	int r;

	r = inventory_check_number("flavor", id, "total", total, COUNT_UNKNOWN, reterr);
	r = r < 0 ? r
		  : inventory_check_number(
			    "flavor", id, "available", available, COUNT_UNKNOWN, reterr);
	if (r < 0) {
		return r;
	}
	if (total != COUNT_UNKNOWN && available > total) {
		return gpubroker_fail(reterr, GPUBROKER_E_BAD_REPLY,
			"flavor '%.255s': %" PRId64 " of %" PRId64 " are available", id, available,
			total);
	}
	if (!GROW(inv->counted, inv->n_flavors, inv->counted_room)) {
		return inventory_no_memory(reterr);
	}
	r = add_flavor(inv, flavor, true, reterr);
	if (r < 0) {
		return r;
	}
	inv->counted[inv->n_flavors - 1] = (struct counted){.total = total, .available = available};
	inv->is_counted = true;
	return 0;
}

void inventory_set_capacity_model(
	struct gpubroker_inventory *inv, enum gpubroker_capacity_model model)
{
	inv->capacity_model = model;
}
