/* SPDX-License-Identifier: Apache-2.0 */
/* Needs of one type that differ in unit or words share the type's devices: see devices.h.
 *
 * Units are given out from the largest size down. Within a size a need that finds no device free may move units
 * of another need to other devices (augmenting paths), so that one size is always given out if it can be; what a
 * larger size has taken stays, which loses nothing where the sizes divide one another and the devices of the
 * larger one serve the smaller one too. */
#include "base/mem.h"
#include "model/devices.h"

#include <string.h>

struct mix {
	const struct device_ask *ask;
	size_t n_devices;
	int64_t servers;
	size_t order[DEVICES_MAX_NEEDS]; /* needs: large units first, then few devices first */
	size_t n_eligible[DEVICES_MAX_NEEDS];
	bool serves[DEVICES_MAX_NEEDS][INVENTORY_MAX_DEVICES]; /* the words are compared once */
	int64_t left[INVENTORY_MAX_DEVICES];  /* GPUs of a device beside larger sizes */
	int64_t given[INVENTORY_MAX_DEVICES]; /* units of a device that larger sizes took */
	int64_t units[DEVICES_MAX_NEEDS][INVENTORY_MAX_DEVICES]; /* of a need on a device */
};

static bool comes_before(const struct mix *m, size_t a, size_t b)
{
	const struct device_need *x = &m->ask->needs[a], *y = &m->ask->needs[b];

	return x->unit != y->unit ? x->unit > y->unit : m->n_eligible[a] < m->n_eligible[b];
}

static void sort_needs(struct mix *m)
{
	for (size_t i = 0; i < m->ask->n; i++) {
		size_t at = i;

		m->n_eligible[i] = 0;
		for (size_t d = 0; d < m->n_devices; d++) {
			m->serves[i][d] = device_is_eligible(m->ask, &m->ask->needs[i], d);
			m->n_eligible[i] += m->serves[i][d];
		}
		for (; at > 0 && comes_before(m, i, m->order[at - 1]); at--) {
			m->order[at] = m->order[at - 1];
		}
		m->order[at] = i;
	}
}

static void mix_init(struct mix *m, const struct device_ask *ask)
{
	m->ask = ask;
	m->n_devices = ask->gpus->n_devices;
	sort_needs(m);
}

/* Units of the need's size that the device can still give. */
static int64_t room_on(const struct mix *m, size_t need, size_t device)
{
	const int64_t unit = m->ask->needs[need].unit;
	int64_t units = m->left[device] / unit;

	if (m->ask->isolate) {
		units = MIN(units, m->servers - m->given[device]);
	}
	for (size_t i = 0; i < m->ask->n; i++) {
		units -= m->ask->needs[i].unit == unit ? m->units[i][device] : 0;
	}
	return units;
}

/* How one came to a need: the one before it could use what this one holds on the device. */
struct step {
	bool seen;
	size_t before, device;
};

/* Gives the device's room to the need at the end of the path, whose units there move one step back, and so on. */
static int64_t shift(struct mix *m, const struct step steps[], size_t start, size_t need,
	size_t device, int64_t wanted)
{
	int64_t units = MIN(wanted, room_on(m, need, device));

	for (size_t i = need; i != start; i = steps[i].before) {
		units = MIN(units, m->units[i][steps[i].device]);
	}
	for (size_t i = need;; i = steps[i].before) {
		m->units[i][device] += units;
		if (i == start) {
			return units;
		}
		device = steps[i].device;
		m->units[i][device] -= units;
	}
}

/* From need i one comes to the needs of its size that hold units on its devices. */
static void look_around(
	const struct mix *m, size_t i, struct step steps[], size_t queue[], size_t *n)
{
	for (size_t j = 0; j < m->ask->n; j++) {
		if (steps[j].seen || m->ask->needs[j].unit != m->ask->needs[i].unit) {
			continue;
		}
		for (size_t d = 0; d < m->n_devices && !steps[j].seen; d++) {
			if (m->units[j][d] > 0 && m->serves[i][d]) {
				steps[j] = (struct step){true, i, d};
				queue[(*n)++] = j;
			}
		}
	}
}

/* Some of the wanted units for one need; 0: there are no more. */
static int64_t give(struct mix *m, size_t start, int64_t wanted)
{
	struct step steps[DEVICES_MAX_NEEDS] = {
		{false, 0, 0}
        };
	size_t queue[DEVICES_MAX_NEEDS], n = 0;

	steps[start].seen = true;
	queue[n++] = start;
	for (size_t i = 0; i < n; i++) {
		for (size_t d = 0; d < m->n_devices; d++) {
			if (m->serves[queue[i]][d] && room_on(m, queue[i], d) > 0) {
				return shift(m, steps, start, queue[i], d, wanted);
			}
		}
		look_around(m, queue[i], steps, queue, &n);
	}
	return 0;
}

/* The size is done: what it took is no longer there for smaller ones. */
static void settle(struct mix *m, int64_t unit)
{
	for (size_t i = 0; i < m->ask->n; i++) {
		for (size_t d = 0; m->ask->needs[i].unit == unit && d < m->n_devices; d++) {
			m->left[d] -= m->units[i][d] * unit;
			m->given[d] += m->units[i][d];
			m->units[i][d] = 0;
		}
	}
}

/* Gives n servers all they need out of slots; what remains is in left. */
static bool place(struct mix *m, const int64_t slots[], int64_t n)
{
	const struct device_need *needs = m->ask->needs;

	m->servers = n;
	memcpy(m->left, slots, m->n_devices * sizeof(*slots));
	memset(m->given, 0, m->n_devices * sizeof(*m->given));
	for (size_t i = 0; i < m->ask->n; i++) {
		memset(m->units[i], 0, m->n_devices * sizeof(*m->units[i]));
	}
	for (size_t i = 0; i < m->ask->n; i++) {
		const struct device_need *need = &needs[m->order[i]];

		for (int64_t wanted = n * need->units, got; wanted > 0; wanted -= got) {
			got = give(m, m->order[i], wanted);
			if (got == 0) {
				return false;
			}
		}
		if (i + 1 == m->ask->n || needs[m->order[i + 1]].unit != need->unit) {
			settle(m, need->unit);
		}
	}
	return true;
}

/* No more than this, whatever the others take. */
static int64_t bound(const struct mix *m, const int64_t slots[])
{
	int64_t most = INT64_MAX;

	for (size_t i = 0; i < m->ask->n; i++) {
		const struct device_need *need = &m->ask->needs[i];
		int64_t units = 0;

		for (size_t d = 0; d < m->n_devices; d++) {
			units += m->serves[i][d] ? slots[d] / need->unit : 0;
		}
		most = MIN(most, units / need->units);
	}
	return most;
}

static int64_t fit(struct mix *m, const int64_t slots[])
{
	int64_t low = 0, high = bound(m, slots);

	while (low < high) {
		const int64_t n = low + (high - low + 1) / 2;

		if (place(m, slots, n)) {
			low = n;
		} else {
			high = n - 1;
		}
	}
	return low;
}

int64_t devices_fit_mixed(const struct device_ask *ask, const int64_t slots[])
{
	struct mix m;

	if (ask->n > DEVICES_MAX_NEEDS) {
		return 0;
	}
	mix_init(&m, ask);
	return fit(&m, slots);
}

/* Where the rule for giving out loses, n may not work although more do: then those are taken. */
void devices_take_mixed(const struct device_ask *ask, int64_t slots[], int64_t n)
{
	struct mix m;

	mix_init(&m, ask);
	if (place(&m, slots, n) || place(&m, slots, fit(&m, slots))) {
		memcpy(slots, m.left, m.n_devices * sizeof(*slots));
	}
}
