/* SPDX-License-Identifier: Apache-2.0 */
/* Why no more servers of a flavor fit, in words: see explain.h. */
#include "model/explain.h"

#include "model/room.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

void explain_add_number(struct strbuf *out, int64_t number)
{
	char digits[24];
	const int n = snprintf(digits, sizeof(digits), "%" PRId64, number);

	for (int i = 0; i < n; i++) {
		const bool group = i > (number < 0) && (n - i) % 3 == 0;

		if (group) {
			strbuf_addc(out, ',');
		}
		strbuf_addc(out, digits[i]);
	}
}

/* ---- lists of clauses: "a, b, c" ---- */

struct clauses {
	struct strbuf *out;
	size_t n;
};

static void next_clause(struct clauses *c)
{
	strbuf_adds(c->out, c->n++ == 0 ? "" : ", ");
}

/* ---- hosts that take no part ---- */

static void add_cause(struct strbuf *out, const struct labels *labels, const char *reason)
{
	if (reason && *reason) {
		strbuf_adds(out, ": ");
		labels_add_text(labels, out, reason);
	}
}

static bool add_state(
	struct strbuf *out, const struct labels *labels, const struct gpubroker_host *host)
{
	static const char *const words[] = {
		[GPUBROKER_HOST_DISABLED] = "disabled by the operator",
		[GPUBROKER_HOST_DOWN] = "its compute service is down",
		[GPUBROKER_HOST_SKIPPED] = "cannot be counted",
	};

	if (host->state == GPUBROKER_HOST_UP) {
		return false;
	}
	strbuf_adds(out, words[host->state]);
	add_cause(out, labels, host->reason);
	return true;
}

/* ---- hosts that do not serve the flavor ---- */

static const struct gpubroker_gpus *find_gpus(const struct gpubroker_host *host, const char *type)
{
	for (size_t i = 0; i < host->n_gpus; i++) {
		if (str_equal(host->gpus[i].type, type)) {
			return &host->gpus[i];
		}
	}
	return NULL;
}

static bool is_named_before(const struct gpubroker_flavor *flavor, size_t i)
{
	for (size_t j = 0; j < i; j++) {
		if (str_equal(flavor->gpus[j].type, flavor->gpus[i].type)) {
			return true;
		}
	}
	return false;
}

static void add_missing_types(
	struct clauses *c, const struct gpubroker_host *host, const struct gpubroker_flavor *flavor)
{
	for (size_t i = 0; i < flavor->n_gpus; i++) {
		const struct gpubroker_need *need = &flavor->gpus[i];

		if (need->count > 0 && !is_named_before(flavor, i) &&
			!find_gpus(host, need->type)) {
			next_clause(c);
			strbuf_addf(c->out, "has no %s", need->type);
		}
	}
}

static void add_unserved(
	struct clauses *c, const struct gpubroker_flavor *flavor, const struct host_count *count)
{
	if (flavor->invalid) {
		next_clause(c);
		strbuf_adds(c->out, "the flavor cannot be started");
		return;
	}
	if (count->word) {
		next_clause(c);
		strbuf_addf(c->out,
			count->word_is_present ? "has %s, which the flavor forbids"
					       : "lacks %s, which the flavor requires",
			count->word);
	}
	add_missing_types(c, count->host, flavor);
	if (c->n == 0) {
		next_clause(c);
		strbuf_addf(c->out, "none of its %s is as the flavor requires",
			count->gpu_type ? count->gpu_type : "GPUs");
	}
}

/* ---- amounts ---- */

struct amount_words {
	const char *name, *unit, *some; /* "RAM" short by "MiB"; "GiB of disk" */
};

static const struct amount_words amount_words[ROOM_AMOUNTS] = {
	[ROOM_VCPUS] = {"vCPUs",          "",     "vCPUs"         },
	[ROOM_PCPUS] = {"dedicated CPUs", "",     "dedicated CPUs"},
	[ROOM_RAM_MIB] = {"RAM",            " MiB", "MiB of RAM"    },
	[ROOM_DISK_GIB] = {"disk",           " GiB", "GiB of disk"   },
};

struct amount_view {
	const struct gpubroker_amount *amount;
	int64_t need;
	const struct amount_words *words;
};

/* In the order in which limits are named. */
static void list_amounts(const struct gpubroker_host *host, const struct gpubroker_flavor *flavor,
	struct amount_view ret[ROOM_AMOUNTS])
{
	const struct need need = flavor_need(flavor);

	ret[0] = (struct amount_view){&host->ram_mib, need.ram_mib, &amount_words[ROOM_RAM_MIB]};
	ret[1] = (struct amount_view){&host->vcpus, need.vcpus, &amount_words[ROOM_VCPUS]};
	ret[2] = (struct amount_view){&host->pcpus, need.pcpus, &amount_words[ROOM_PCPUS]};
	ret[3] = (struct amount_view){&host->disk_gib, need.disk_gib, &amount_words[ROOM_DISK_GIB]};
}

/* What one server may never have here, however empty the host is. */
static void add_refused(struct clauses *c, const struct amount_view *v)
{
	const int64_t most = amount_max_unit(v->amount);

	if (amount_allows(v->amount, v->need)) {
		return;
	}
	next_clause(c);
	strbuf_adds(c->out, "needs ");
	explain_add_number(c->out, v->need);
	strbuf_addf(c->out, " %s, one server gets ", v->words->some);
	if (v->need > most) {
		strbuf_adds(c->out, "at most ");
		explain_add_number(c->out, most);
	} else if (v->need < v->amount->min_unit) {
		strbuf_adds(c->out, "at least ");
		explain_add_number(c->out, v->amount->min_unit);
	} else {
		strbuf_adds(c->out, "only multiples of ");
		explain_add_number(c->out, v->amount->step_size);
	}
	strbuf_adds(c->out, " here");
}

/* What the server after the first n lacks. */
static void add_shortage(struct clauses *c, const struct amount_view *v, int64_t n)
{
	const int64_t left = MIN(amount_free(v->amount), amount_capacity(v->amount)) - n * v->need;

	if (v->need <= 0 || left >= v->need) {
		return;
	}
	next_clause(c);
	strbuf_addf(c->out, "%s short by ", v->words->name);
	explain_add_number(c->out, v->need - left);
	strbuf_adds(c->out, v->words->unit);
}

/* ---- GPUs ---- */

static int64_t sum_slots(const int64_t slots[], size_t n)
{
	int64_t sum = 0;

	for (size_t i = 0; i < n; i++) {
		sum += slots[i];
	}
	return sum;
}

static bool has_words(const struct device_ask *ask)
{
	for (size_t i = 0; i < ask->n; i++) {
		if (ask->needs[i].need->required.n > 0 || ask->needs[i].need->forbidden.n > 0) {
			return true;
		}
	}
	return false;
}

static int64_t largest_unit(const struct device_ask *ask)
{
	int64_t unit = 1;

	for (size_t i = 0; i < ask->n; i++) {
		unit = MAX(unit, ask->needs[i].unit);
	}
	return unit;
}

/* There are enough, and still they are not enough. */
static void add_device_rule(struct strbuf *out, const struct device_ask *ask)
{
	if (has_words(ask)) {
		strbuf_adds(out, ", too few of them as the flavor requires");
	} else if (largest_unit(ask) > 1) {
		strbuf_addf(out, ", but not %" PRId64 " on one device", largest_unit(ask));
	} else {
		strbuf_adds(out, ", but not on as many devices as are needed");
	}
}

/* alone: the flavor asks for one type, which need not be named then. */
static void add_gpus(
	struct clauses *c, const struct device_ask *ask, const int64_t slots[], bool alone)
{
	const int64_t free_now = sum_slots(slots, devices_slots(ask->gpus));
	const bool scarce = devices_fit(ask, slots) == 0;
	const char *const type =
		alone ? free_now == 1 || free_now == 0 ? "GPU" : "GPUs" : ask->gpus->type;

	next_clause(c);
	if (free_now == 0) {
		strbuf_addf(c->out, "no %s free", type);
	} else {
		explain_add_number(c->out, free_now);
		strbuf_addf(c->out, " %s free", type);
	}
	if (scarce && free_now > 0 && free_now < ask->count) {
		strbuf_adds(c->out, ", ");
		explain_add_number(c->out, ask->count);
		strbuf_adds(c->out, " needed");
	} else if (scarce && free_now >= ask->count) {
		add_device_rule(c->out, ask);
	}
}

/* The GPUs that are left beside n servers. false: no memory. */
static bool add_all_gpus(struct clauses *c, const struct gpubroker_host *host,
	const struct gpubroker_flavor *flavor, int64_t n)
{
	_cleanup_(freep) int64_t *memory = calloc(room_size(host), sizeof(*memory));
	_cleanup_(freep) struct device_asks *asks = malloc(sizeof(*asks));
	struct room_ask ask;
	struct room room;

	if (!memory || !asks) {
		return false;
	}
	room_init(&room, host, memory);
	room_ask_init(&ask, asks, host, flavor);
	room_take(&room, &ask, MIN(n, room_fits(&room, &ask)));
	for (size_t i = 0; i < ask.n_gpus; i++) {
		add_gpus(c, &ask.gpus[i], room.free + ROOM_AMOUNTS + ask.gpus[i].slot,
			ask.n_gpus == 1);
	}
	return true;
}

static void add_stranded(
	struct strbuf *out, const struct gpubroker_host *host, const int64_t stranded[])
{
	for (size_t i = 0; stranded && i < host->n_gpus; i++) {
		const struct gpubroker_gpus *gpus = &host->gpus[i];

		if (stranded[i] <= 0) {
			continue;
		}
		strbuf_adds(out, "; ");
		explain_add_number(out, stranded[i]);
		strbuf_adds(out, " of ");
		explain_add_number(out, MAX(gpus->total - gpus->used, stranded[i]));
		strbuf_addf(out, " free %s %s stranded: no flavor of the region fits beside %s",
			gpus->type, stranded[i] == 1 ? "is" : "are",
			stranded[i] == 1 ? "it" : "them");
	}
}

/* ---- */

static void add_served(
	struct clauses *c, const struct gpubroker_flavor *flavor, const struct host_count *count)
{
	struct amount_view amounts[ROOM_AMOUNTS];

	list_amounts(count->host, flavor, amounts);
	for (size_t i = 0; i < ROOM_AMOUNTS; i++) {
		add_refused(c, &amounts[i]);
	}
	if (c->n > 0) {
		return;
	}
	if (count->available > 0) {
		explain_add_number(c->out, count->available);
		strbuf_adds(c->out, count->available == 1 ? " fits; then " : " fit; then ");
	}
	if (!add_all_gpus(c, count->host, flavor, count->available)) {
		c->out->failed = true;
	}
	for (size_t i = 0; i < ROOM_AMOUNTS; i++) {
		add_shortage(c, &amounts[i], count->available);
	}
}

void explain_host(struct strbuf *out, const struct labels *labels,
	const struct gpubroker_flavor *flavor, const struct host_count *count,
	const int64_t stranded[])
{
	struct clauses c = {.out = out};

	if (add_state(out, labels, count->host)) {
		return;
	}
	if (!count->serves) {
		add_unserved(&c, flavor, count);
	} else if (count->limited_by != LIMIT_NONE) {
		add_served(&c, flavor, count);
	}
	add_stranded(out, count->host, stranded);
}

static bool any_host_has(const struct snapshot *s, const char *type)
{
	for (size_t i = 0; i < s->n_hosts; i++) {
		if (s->hosts[i].state != GPUBROKER_HOST_SKIPPED && find_gpus(&s->hosts[i], type)) {
			return true;
		}
	}
	return false;
}

void explain_flavor(
	struct strbuf *out, const struct snapshot *s, const struct snapshot_flavor *flavor)
{
	const struct gpubroker_flavor *f = &flavor->flavor;
	const size_t before = out->len;

	if (f->invalid) {
		strbuf_addf(out, "it cannot be started: %s", f->invalid);
		return;
	}
	if (flavor->count.limited_by == LIMIT_NONE) {
		strbuf_adds(out, "it asks for nothing that is counted");
		return;
	}
	if (flavor->count.limited_by != LIMIT_NO_HOST) {
		return;
	}
	for (size_t i = 0; i < f->n_gpus && out->len == before; i++) {
		if (f->gpus[i].count > 0 && !any_host_has(s, f->gpus[i].type)) {
			strbuf_addf(out, "no host of the region has %s", f->gpus[i].type);
		}
	}
	if (out->len == before) {
		strbuf_adds(out, "no host in service has all that it asks for");
	}
}
