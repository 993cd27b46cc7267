/* SPDX-License-Identifier: Apache-2.0 */
/* What cannot fit because the sums forbid it: see fit_problem.h. */
#include "model/explain.h"
#include "model/fit/fit_problem.h"

/* ---- one flavor alone ---- */

static bool refuted_alone(const struct fit_problem *p, size_t item, struct strbuf *reason)
{
	int64_t most = 0;

	for (size_t h = 0; h < p->n_hosts && most < p->items[item].count; h++) {
		most += fit_caps(p, h)[item];
	}
	if (most >= p->items[item].count) {
		return false;
	}
	strbuf_adds(reason, "of ");
	strbuf_adds(reason, p->asks[p->items[item].ask].name);
	for (size_t i = p->items[item].ask + 1; i < p->n_asks; i++) {
		if (p->item_of[i] == item) {
			strbuf_addf(reason, " and %s", p->asks[i].name);
		}
	}
	strbuf_addc(reason, ' ');
	explain_add_number(reason, p->items[item].count);
	strbuf_adds(reason, p->items[item].count == 1 ? " is asked for, " : " are asked for, ");
	if (most == 0) {
		const char *invalid = p->asks[p->items[item].ask].flavor->invalid;

		strbuf_adds(reason, "none fits");
		strbuf_addf(reason, "%s%s", invalid ? ": " : "", invalid ? invalid : "");
	} else {
		explain_add_number(reason, most);
		strbuf_adds(reason, most == 1 ? " fits at most" : " fit at most");
	}
	return true;
}

/* ---- one resource ---- */

static int64_t gcd(int64_t a, int64_t b)
{
	while (b > 0) {
		const int64_t c = a % b;

		a = b;
		b = c;
	}
	return a;
}

/* What servers can take of the resource here: in the steps that they take it in. */
static int64_t usable(const struct fit_problem *p, size_t host, size_t resource)
{
	const int64_t *caps = fit_caps(p, host);
	const int64_t free = fit_free(p, host)[resource];
	int64_t step = 0, wanted = 0;

	for (size_t i = 0; i < p->n_items; i++) {
		const int64_t need = fit_needs(p, i)[resource];

		if (caps[i] > 0 && need > 0) {
			step = gcd(need, step);
			wanted += MIN(caps[i], (free - wanted) / need + 1) * need;
			wanted = MIN(wanted, free);
		}
	}
	return step > 0 ? wanted - wanted % step : 0;
}

static void add_resource(const struct fit_problem *p, size_t resource, struct strbuf *reason)
{
	static const char *const names[ROOM_AMOUNTS] = {
		[ROOM_VCPUS] = " vCPUs are",
		[ROOM_PCPUS] = " dedicated CPUs are",
		[ROOM_RAM_MIB] = " MiB of RAM are",
		[ROOM_DISK_GIB] = " GiB of disk are",
	};

	if (resource < ROOM_AMOUNTS) {
		strbuf_adds(reason, names[resource]);
	} else {
		strbuf_addf(reason, " %s are", p->gpu_types[resource]);
	}
}

static bool refuted_by(const struct fit_problem *p, size_t resource, struct strbuf *reason)
{
	int64_t sum = 0;

	for (size_t h = 0; h < p->n_hosts && sum < p->sums[resource]; h++) {
		sum += MIN(usable(p, h, resource), p->sums[resource] - sum);
	}
	if (sum >= p->sums[resource]) {
		return false;
	}
	explain_add_number(reason, p->sums[resource]);
	add_resource(p, resource, reason);
	strbuf_adds(reason, " needed, ");
	explain_add_number(reason, sum);
	strbuf_adds(reason, " can be used");
	return true;
}

bool fit_refuted(const struct fit_problem *p, struct strbuf *reason)
{
	for (size_t i = 0; i < p->n_items; i++) {
		if (refuted_alone(p, i, reason)) {
			return true;
		}
	}
	/* GPUs first: they are what people ask for */
	for (size_t i = 0; i < p->n_resources; i++) {
		if (refuted_by(p, (i + ROOM_AMOUNTS) % p->n_resources, reason)) {
			return true;
		}
	}
	return false;
}
