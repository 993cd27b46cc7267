/* SPDX-License-Identifier: Apache-2.0 */
/* The GPUs of one type on one host: how many servers they are enough for, and taking them. The rules of
 * devices, units and words stand here alone; capacity.c and room.c both ask here. Pure, allocates nothing.
 *
 * What is free is an array of slots: one a device; one in all where a host tells no devices, each GPU being
 * a device of its own then. */
#ifndef MODEL_DEVICES_H
#define MODEL_DEVICES_H

#include "model/inventory.h"

enum {
	/* Needs of one type in one flavor that differ in unit or words; of more than these none fits. */
	DEVICES_MAX_NEEDS = 16,
};

bool words_have(const struct gpubroker_words *, const char *word);
/* false: not all of `required` are among words or one of `forbidden` is; *ret (may be NULL) names it. */
bool words_allow(const struct gpubroker_words *words, const struct gpubroker_words *required,
	const struct gpubroker_words *forbidden, const char **ret);

struct device_need {
	const struct gpubroker_need *need;
	int64_t unit, units;      /* of one server: so many units of so many GPUs */
	const bool *eligible;     /* one a device, computed before; NULL: the words are compared each time */
};

/* All that one server asks of one type. */
struct device_ask {
	const struct gpubroker_gpus *gpus;
	const struct device_need *needs; /* n > 0, each asks for something */
	size_t n;
	size_t slot;   /* of the type's first in an array of all of the host's types */
	int64_t count; /* GPUs of one server */
	bool isolate;
};

/* Memory for the asks of any one flavor. */
struct device_asks {
	size_t n;
	struct device_ask items[INVENTORY_MAX_TYPES];
	struct device_need needs[INVENTORY_MAX_TYPES];
};

/* What flavor asks of host, type by type in the order of the first need. NULL: the host has every type; else
 * the need whose type it lacks. Does not set all of *ret, which is large. */
const struct gpubroker_need *device_asks_init(
	struct device_asks *ret, const struct gpubroker_host *, const struct gpubroker_flavor *);

size_t devices_slots(const struct gpubroker_gpus *);
/* What is free, never below 0; empty: if no server ran. */
void devices_free(const struct gpubroker_gpus *, bool empty, int64_t slots[]);
bool device_is_eligible(const struct device_ask *, const struct device_need *, size_t device);

/* How many servers fit, slots being those of the type. Exact for one need of the type, and for several whose
 * units divide one another where the devices of the larger unit serve the smaller one too; otherwise it may be
 * too low, never too high. */
int64_t devices_fit(const struct device_ask *, const int64_t slots[]);

/* Takes what n servers need, n at most devices_fit(): first from devices with few words and little left; with
 * isolate evenly, so that afterwards n fewer fit. */
void devices_take(const struct device_ask *, int64_t slots[], int64_t n);

/* devices_mixed.c: the same for several needs of one type on devices. */
int64_t devices_fit_mixed(const struct device_ask *, const int64_t slots[]);
void devices_take_mixed(const struct device_ask *, int64_t slots[], int64_t n);

#endif
