/* SPDX-License-Identifier: Apache-2.0 */
/* …/flavors/{id}/explain: a ROW with its hosts and what limits each, contract §3.3. */
#include "base/mem.h"
#include "model/explain.h"
#include "model/fragment.h"
#include "model/inventory.h"
#include "rest/handlers.h"

#include <string.h>

struct explaining {
	struct strbuf *out;
	const struct snapshot *snapshot;
	const struct gpubroker_flavor *flavor;
	struct labels labels;
};

static void explaining_finish(struct explaining *e)
{
	labels_finish(&e->labels);
}

/* A reason that nobody gives is left out. */
static void add_reason(struct strbuf *out, struct strbuf *reason)
{
	out->failed = out->failed || reason->failed;
	if (reason->len > 0 && !reason->failed) {
		strbuf_adds(out, ",\"reason\":");
		strbuf_add_json(out, reason->data, JSON_UTF8);
	}
}

static void add_number(struct strbuf *out, const char *key, int64_t number)
{
	strbuf_adds(out, key);
	strbuf_add_int(out, number);
}

/* total is what can be given out: after reserve and ratio. */
static void add_amount(
	struct strbuf *out, const char *key, const struct gpubroker_amount *a, int64_t need)
{
	const int64_t total = amount_capacity(a);

	strbuf_addf(out, ",\"%s\":", key);
	add_number(out, "{\"total\":", total);
	add_number(out, ",\"used\":", MAX(total - amount_free(a), INT64_C(0)));
	add_number(out, ",\"need\":", need);
	strbuf_addc(out, '}');
}

/* Of a host out of service the cloud may not say how large it is. */
static bool is_known(const struct gpubroker_host *host, const struct gpubroker_amount *a)
{
	return host->state == GPUBROKER_HOST_UP || a->total != 0 || a->used != 0;
}

static void add_amounts(const struct explaining *e, const struct gpubroker_host *host)
{
	const struct need need = flavor_need(e->flavor);
	const struct {
		const char *key;
		const struct gpubroker_amount *amount;
		int64_t need;
		bool is_wanted;
	} rows[] = {
		{"vcpus",    &host->vcpus,    need.vcpus,    true          },
		{"pcpus",    &host->pcpus,    need.pcpus,    need.pcpus > 0},
		{"ram_mib",  &host->ram_mib,  need.ram_mib,  true          },
		{"disk_gib", &host->disk_gib, need.disk_gib, true          },
	};

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		if (rows[i].is_wanted && is_known(host, rows[i].amount)) {
			add_amount(e->out, rows[i].key, rows[i].amount, rows[i].need);
		}
	}
}

static void add_gpus(struct strbuf *out, const struct gpubroker_host *host)
{
	strbuf_adds(out, ",\"gpus\":[");
	for (size_t i = 0; i < host->n_gpus; i++) {
		const struct gpubroker_gpus *gpus = &host->gpus[i];
		const int64_t free_now = MAX(gpus->total - gpus->used, INT64_C(0));

		strbuf_adds(out, i == 0 ? "{\"type\":" : ",{\"type\":");
		strbuf_add_json(out, gpus->type, JSON_UTF8);
		add_number(out, ",\"total\":", gpus->total);
		add_number(out, ",\"used\":", gpus->total - free_now);
		add_number(out, ",\"free\":", free_now);
		strbuf_addc(out, '}');
	}
	strbuf_addc(out, ']');
}

/* What the row counts: nothing of hosts out of service. */
static void add_counts(struct strbuf *out, const struct host_count *c)
{
	const bool counts = c->serves && c->in_service;

	add_number(out, ",\"total\":", counts ? c->total : 0);
	add_number(out, ",\"available\":", counts ? c->available : 0);
	strbuf_addf(
		out, ",\"limited_by\":\"%s\"", limit_word(counts ? c->limited_by : LIMIT_NO_HOST));
}

static void add_host(const struct explaining *e, size_t index)
{
	const struct gpubroker_host *host = &e->snapshot->hosts[index];
	_cleanup_(strbuf_finish) struct strbuf reason = {0};
	struct host_count count;

	host_explain(host, e->flavor, &count);
	strbuf_adds(e->out, "{\"name\":");
	strbuf_add_json(e->out, e->labels.texts[index], JSON_UTF8);
	strbuf_addf(e->out, ",\"state\":\"%s\"", host_state_word(host->state));
	add_counts(e->out, &count);
	add_gpus(e->out, host);
	if (host->state != GPUBROKER_HOST_SKIPPED) {
		add_amounts(e, host);
	}
	explain_host(&reason, &e->labels, e->flavor, &count,
		e->snapshot->stranded ? e->snapshot->stranded[index] : NULL);
	add_reason(e->out, &reason);
	strbuf_addc(e->out, '}');
}

static bool has_type(const struct gpubroker_host *host, const char *type)
{
	for (size_t i = 0; i < host->n_gpus; i++) {
		if (str_equal(host->gpus[i].type, type)) {
			return true;
		}
	}
	return false;
}

/* Hosts that have none of the types asked for explain nothing; what skipped hosts have is not known. */
static bool is_concerned(const struct explaining *e, const struct gpubroker_host *host)
{
	const struct gpubroker_flavor *f = e->flavor;
	bool concerned = f->n_gpus == 0 || host->state == GPUBROKER_HOST_SKIPPED;

	for (size_t i = 0; !concerned && i < f->n_gpus; i++) {
		concerned = has_type(host, f->gpus[i].type);
	}
	return concerned;
}

static void add_hosts(const struct explaining *e)
{
	size_t n = 0;

	strbuf_adds(e->out, ",\"hosts\":[");
	for (size_t i = 0; i < e->labels.n; i++) {
		const size_t index = e->labels.by_name[i];

		if (is_concerned(e, &e->snapshot->hosts[index])) {
			strbuf_adds(e->out, n++ == 0 ? "" : ",");
			add_host(e, index);
		}
	}
	strbuf_addc(e->out, ']');
}

static void add_remarks(struct strbuf *out, const struct gpubroker_words *remarks)
{
	strbuf_adds(out, remarks->n > 0 ? ",\"remarks\":[" : "");
	for (size_t i = 0; i < remarks->n; i++) {
		strbuf_adds(out, i == 0 ? "" : ",");
		strbuf_add_json(out, remarks->items[i], JSON_UTF8);
	}
	strbuf_adds(out, remarks->n > 0 ? "]" : "");
}

static void explain(struct strbuf *out, const struct view_row *row, bool show_host_names)
{
	const struct snapshot *snapshot = row->region->snapshot;
	_cleanup_(strbuf_finish) struct strbuf reason = {0};
	_cleanup_(explaining_finish) struct explaining e = {
		.out = out, .snapshot = snapshot, .flavor = &row->flavor->flavor};

	if (!labels_init(&e.labels, snapshot->hosts, snapshot->n_hosts, show_host_names)) {
		out->failed = true;
		return;
	}
	fragment_add_row(out, row, NULL, NULL);
	if (out->len > 0) { /* the rest goes before the closing brace */
		out->len--;
	}
	explain_flavor(&reason, snapshot, row->flavor);
	add_reason(out, &reason);
	add_remarks(out, &e.flavor->remarks);
	add_hosts(&e);
	strbuf_adds(out, "}\n");
}

void get_explain(const struct page_source *s, struct draft *d)
{
	const struct view_row *row = region_flavor(s, d);

	if (row && row->region->snapshot->model == MODEL_COUNTED) {
		draft_typed_problem(d, s->request, 409, "no-hosts",
			"Region '%s' is counted by another service, which does not tell its hosts.",
			s->request->region);
	} else if (row) {
		explain(&d->body, row, s->show_host_names);
	}
}
