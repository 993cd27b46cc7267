/* SPDX-License-Identifier: Apache-2.0 */
/* The GPUs of one type on one host: see devices.h. */
#include "model/devices.h"

#include <string.h>

bool words_have(const struct gpubroker_words *words, const char *word)
{
	for (size_t i = 0; i < words->n; i++) {
		if (strcmp(words->items[i], word) == 0) {
			return true;
		}
	}
	return false;
}

bool words_allow(const struct gpubroker_words *words, const struct gpubroker_words *required,
	const struct gpubroker_words *forbidden, const char **ret)
{
	const char *word = NULL;

	for (size_t i = 0; !word && i < required->n; i++) {
		word = words_have(words, required->items[i]) ? NULL : required->items[i];
	}
	for (size_t i = 0; !word && i < forbidden->n; i++) {
		word = words_have(words, forbidden->items[i]) ? forbidden->items[i] : NULL;
	}
	if (word && ret) {
		*ret = word;
	}
	return !word;
}

/* ---- asks ---- */

static struct device_ask *find_ask(struct device_asks *asks, const char *type)
{
	for (size_t i = 0; i < asks->n; i++) {
		if (strcmp(asks->items[i].gpus->type, type) == 0) {
			return &asks->items[i];
		}
	}
	return NULL;
}

/* "V100:0" asks for none, but Nova starts it on hosts with such devices only. */
static bool host_has_type(const struct gpubroker_host *host, const char *type)
{
	for (size_t i = 0; i < host->n_gpus; i++) {
		if (strcmp(host->gpus[i].type, type) == 0) {
			return true;
		}
	}
	return false;
}

/* A new ask of that type without needs. false: the host lacks it. */
static bool add_ask(struct device_asks *asks, const struct gpubroker_host *host,
	const struct gpubroker_need *need, bool isolate)
{
	size_t slot = 0;

	for (size_t i = 0; i < host->n_gpus; i++) {
		if (strcmp(host->gpus[i].type, need->type) == 0) {
			asks->items[asks->n++] = (struct device_ask){
				.gpus = &host->gpus[i], .slot = slot, .isolate = isolate};
			return true;
		}
		slot += devices_slots(&host->gpus[i]);
	}
	return false;
}

static struct device_need make_need(const struct gpubroker_need *need)
{
	const int64_t unit = MAX(need->unit, INT64_C(1));

	return (struct device_need){.need = need, .unit = unit, .units = need->count / unit};
}

/* The needs of one type lie side by side. */
static void add_needs(
	struct device_asks *asks, struct device_ask *ask, const struct gpubroker_flavor *flavor)
{
	struct device_need *needs = asks->needs;

	if (asks->n > 1) {
		const struct device_ask *before = &asks->items[ask - asks->items - 1];

		needs += before->needs + before->n - asks->needs;
	}
	ask->needs = needs;
	for (size_t i = 0; i < flavor->n_gpus; i++) {
		const struct gpubroker_need *need = &flavor->gpus[i];

		if (need->count > 0 && strcmp(need->type, ask->gpus->type) == 0) {
			needs[ask->n++] = make_need(need);
			ask->count += need->count;
		}
	}
}

const struct gpubroker_need *device_asks_init(struct device_asks *ret,
	const struct gpubroker_host *host, const struct gpubroker_flavor *flavor)
{
	ret->n = 0;
	for (size_t i = 0; i < flavor->n_gpus; i++) {
		const struct gpubroker_need *need = &flavor->gpus[i];

		if (need->count <= 0 && !host_has_type(host, need->type)) {
			return need;
		}
		if (need->count <= 0 || find_ask(ret, need->type)) {
			continue;
		}
		if (!add_ask(ret, host, need, flavor->isolate)) {
			return need;
		}
		add_needs(ret, &ret->items[ret->n - 1], flavor);
	}
	return NULL;
}

/* ---- slots ---- */

size_t devices_slots(const struct gpubroker_gpus *gpus)
{
	return gpus->n_devices ? gpus->n_devices : 1;
}

void devices_free(const struct gpubroker_gpus *gpus, bool empty, int64_t slots[])
{
	if (gpus->n_devices == 0) {
		slots[0] = MAX(gpus->total - (empty ? 0 : gpus->used), INT64_C(0));
	}
	for (size_t i = 0; i < gpus->n_devices; i++) {
		const struct gpubroker_device *d = &gpus->devices[i];

		slots[i] = MAX(d->total - (empty ? 0 : d->used), INT64_C(0));
	}
}

/* One request for several may take so many. */
static bool device_gives(const struct gpubroker_device *d, int64_t unit)
{
	return unit <= (d->max_unit ? d->max_unit : d->total) && unit >= d->min_unit &&
	       (d->step_size <= 1 || unit % d->step_size == 0);
}

bool device_is_eligible(const struct device_ask *ask, const struct device_need *need, size_t device)
{
	static const struct gpubroker_device single = {.total = 1};
	const struct gpubroker_device *d =
		ask->gpus->n_devices ? &ask->gpus->devices[device] : &single;

	if (need->eligible) {
		return need->eligible[device];
	}
	return device_gives(d, need->unit) &&
	       words_allow(&d->words, &need->need->required, &need->need->forbidden, NULL);
}

/* ---- one need ---- */

static int64_t count_units(
	const struct device_ask *ask, const struct device_need *need, const int64_t slots[])
{
	int64_t units = 0;

	for (size_t i = 0; i < ask->gpus->n_devices; i++) {
		units += device_is_eligible(ask, need, i) ? slots[i] / need->unit : 0;
	}
	return units;
}

/* Units that k servers can use where each takes at most one of a device, `keep` being left on each device. */
static int64_t count_spread(const struct device_ask *ask, const struct device_need *need,
	const int64_t slots[], int64_t k, int64_t keep)
{
	int64_t units = 0;

	for (size_t i = 0; i < ask->gpus->n_devices; i++) {
		if (device_is_eligible(ask, need, i)) {
			units += MIN(MAX(slots[i] / need->unit - keep, INT64_C(0)), k);
		}
	}
	return units;
}

/* k servers find their devices if the devices have k * units of them, none giving more than one to each. */
static int64_t fit_isolated(
	const struct device_ask *ask, const struct device_need *need, const int64_t slots[])
{
	int64_t low = 0, high = count_units(ask, need, slots) / need->units;

	while (low < high) {
		const int64_t k = low + (high - low + 1) / 2;

		if (count_spread(ask, need, slots, k, 0) >= k * need->units) {
			low = k;
		} else {
			high = k - 1;
		}
	}
	return low;
}

/* From the fullest downwards: leaves the devices as even as n servers allow, which is best for the next. */
static void take_isolated(
	const struct device_ask *ask, const struct device_need *need, int64_t slots[], int64_t n)
{
	int64_t low = 0, high = INVENTORY_MAX_NUMBER, excess;

	while (low < high) { /* as much as can be left on each */
		const int64_t keep = low + (high - low + 1) / 2;

		if (count_spread(ask, need, slots, n, keep) >= n * need->units) {
			low = keep;
		} else {
			high = keep - 1;
		}
	}
	excess = count_spread(ask, need, slots, n, low) - n * need->units;
	for (size_t i = 0; i < ask->gpus->n_devices; i++) {
		const int64_t units = slots[i] / need->unit - low;

		if (units > 0 && device_is_eligible(ask, need, i)) {
			const bool spare = excess > 0 && units <= n;

			excess -= spare;
			slots[i] -= (MIN(units, n) - spare) * need->unit;
		}
	}
}

/* The device to take from next: few words before many, little left before much. */
static size_t find_tightest(
	const struct device_ask *ask, const struct device_need *need, const int64_t slots[])
{
	const struct gpubroker_device *devices = ask->gpus->devices;
	size_t best = SIZE_MAX;

	for (size_t i = 0; i < ask->gpus->n_devices; i++) {
		if (slots[i] < need->unit || !device_is_eligible(ask, need, i)) {
			continue;
		}
		if (best == SIZE_MAX || devices[i].words.n < devices[best].words.n ||
			(devices[i].words.n == devices[best].words.n && slots[i] < slots[best])) {
			best = i;
		}
	}
	return best;
}

static void take_units(const struct device_ask *ask, const struct device_need *need,
	int64_t slots[], int64_t units)
{
	while (units > 0) {
		const size_t i = find_tightest(ask, need, slots);
		int64_t taken;

		if (i == SIZE_MAX) {
			return;
		}
		taken = MIN(slots[i] / need->unit, units);
		slots[i] -= taken * need->unit;
		units -= taken;
	}
}

/* ---- no devices told: each GPU is one ---- */

static int64_t fit_singles(const struct device_ask *ask, const int64_t slots[])
{
	for (size_t i = 0; i < ask->n; i++) {
		if (!device_is_eligible(ask, &ask->needs[i], 0)) {
			return 0;
		}
	}
	return slots[0] / ask->count;
}

/* ---- all of them ---- */

int64_t devices_fit(const struct device_ask *ask, const int64_t slots[])
{
	if (ask->gpus->n_devices == 0) {
		return fit_singles(ask, slots);
	}
	if (ask->n > 1) {
		return devices_fit_mixed(ask, slots);
	}
	return ask->isolate ? fit_isolated(ask, ask->needs, slots)
			    : count_units(ask, ask->needs, slots) / ask->needs->units;
}

void devices_take(const struct device_ask *ask, int64_t slots[], int64_t n)
{
	if (ask->gpus->n_devices == 0) {
		slots[0] -= n * ask->count;
	} else if (ask->n > 1) {
		devices_take_mixed(ask, slots, n);
	} else if (ask->isolate) {
		take_isolated(ask, ask->needs, slots, n);
	} else {
		take_units(ask, ask->needs, slots, n * ask->needs->units);
	}
}
