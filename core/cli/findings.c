/* SPDX-License-Identifier: Apache-2.0 */
/* What a doctor has found: see findings.h. */
#include "cli/findings.h"

#include "base/mem.h"
#include "base/str.h"
#include "model/capacity.h"

#include <stdarg.h>
#include <string.h>

void findings_finish(struct findings *f)
{
	value_free(f->list);
	*f = (struct findings){0};
}

static const char *severity_word(enum gpubroker_level level)
{
	return level <= GPUBROKER_ERROR ? "error" : level == GPUBROKER_WARN ? "warning" : "info";
}

static bool add_text(struct value *group, const char *key, const char *text)
{
	return !text || value_add_string(group, key, text);
}

void findings_add(struct findings *f, const struct gpubroker_finding *from)
{
	struct value *group;

	if (!f->list) {
		f->list = value_new(VALUE_LIST, NULL);
	}
	group = f->list ? value_add_group(f->list, NULL) : NULL;
	if (!group || !add_text(group, "severity", severity_word(from->severity)) ||
		!add_text(group, "check", from->check) ||
		!add_text(group, "subject", from->subject) ||
		!add_text(group, "text", from->text) ||
		!add_text(group, "command", from->command)) {
		f->failed = true;
	}
}

size_t findings_count(const struct findings *f, const char *severity)
{
	size_t n = 0;

	for (size_t i = 0; f->list && i < f->list->n_items; i++) {
		n += str_equal(value_string(f->list->items[i], "severity"), severity);
	}
	return n;
}

__attribute__((format(printf, 5, 6))) static void find(struct findings *f,
	enum gpubroker_level severity, const char *check, const char *subject, const char *format,
	...)
{
	char text[700];
	va_list ap;

	va_start(ap, format);
	vsnprintf(text, sizeof(text), format, ap);
	va_end(ap);
	findings_add(
		f, &(struct gpubroker_finding){
			   .severity = severity, .check = check, .subject = subject, .text = text});
}

/* A plugin that examines knows more about it, and has said so. */
static bool is_named(const struct findings *f, const char *check, const char *subject)
{
	for (size_t i = 0; f->list && i < f->list->n_items; i++) {
		const struct value *x = f->list->items[i];

		if (str_equal(value_string(x, "subject"), subject) &&
			(!check || str_equal(value_string(x, "check"), check)) &&
			!str_equal(value_string(x, "severity"), "info")) {
			return true;
		}
	}
	return false;
}

/* ---- flavors ---- */

/* The most that one server can have of something, of all hosts that have the flavor's GPUs. */
struct largest {
	int64_t need, most;
	bool fits_somewhere;
};

static void look_at(struct largest *l, const struct quotient *q, const struct gpubroker_amount *a)
{
	int64_t most = MIN(q->capacity, amount_max_unit(a));

	l->need = q->need;
	l->most = MAX(l->most, most);
	l->fits_somewhere = l->fits_somewhere || q->total > 0;
}

enum { RAM = 0, VCPUS, DISK, N_SIZES };
static const struct {
	const char *what, *unit;
} sizes[N_SIZES] = {
	[RAM] = {"memory", "MiB"},
	[VCPUS] = {"vCPUs",  ""   },
	[DISK] = {"disk",   "GiB"},
};

static void add_lack(
	struct strbuf *out, const char *what, const char *unit, const struct largest *l)
{
	const char *space = *unit ? " " : "";

	strbuf_addf(out,
		"%s%s: it needs %jd%s%s, the most that one server gets on such a host is %jd%s%s",
		out->len > 0 ? "; " : "", what, (intmax_t)l->need, space, unit, (intmax_t)l->most,
		space, unit);
}

static void look_at_gpus(
	struct largest *l, const struct gpubroker_flavor *f, const struct gpubroker_host *h)
{
	for (size_t i = 0; i < f->n_gpus; i++) {
		for (size_t j = 0; j < h->n_gpus; j++) {
			if (str_equal(h->gpus[j].type, f->gpus[i].type)) {
				l[i].most = MAX(l[i].most, h->gpus[j].total);
			}
		}
	}
}

static int64_t gpus_needed(const struct gpubroker_flavor *f, const char *type)
{
	int64_t n = 0;

	for (size_t i = 0; i < f->n_gpus; i++) {
		n += str_equal(f->gpus[i].type, type) ? f->gpus[i].count : 0;
	}
	return n;
}

static void add_gpu_lacks(
	struct strbuf *out, const struct gpubroker_flavor *f, struct largest largest[])
{
	for (size_t i = 0; i < f->n_gpus; i++) {
		const char *type = f->gpus[i].type;
		size_t first = 0;

		while (!str_equal(f->gpus[first].type, type)) {
			first++;
		}
		largest[i].need = gpus_needed(f, type);
		if (first == i && largest[i].need > largest[i].most) {
			add_lack(out, type, "", &largest[i]);
		}
	}
}

/* What no single host with the GPUs has enough of. Empty: each alone is there, but never together. */
static void add_lacks(struct strbuf *out, const struct gpubroker_flavor *f,
	const struct snapshot *s, size_t *ret_serving)
{
	_cleanup_(freep) struct largest *gpus = calloc(f->n_gpus + 1, sizeof(*gpus));
	struct largest largest[N_SIZES] = {0};

	*ret_serving = 0;
	out->failed = out->failed || !gpus;
	for (size_t i = 0; gpus && i < s->n_hosts; i++) {
		struct host_count c;

		host_explain(&s->hosts[i], f, &c);
		if (!c.serves || !c.in_service) {
			continue;
		}
		(*ret_serving)++;
		look_at_gpus(gpus, f, &s->hosts[i]);
		look_at(&largest[RAM], &c.ram_mib, &s->hosts[i].ram_mib);
		look_at(&largest[VCPUS], &c.vcpus, &s->hosts[i].vcpus);
		look_at(&largest[DISK], &c.disk_gib, &s->hosts[i].disk_gib);
	}
	if (*ret_serving == 0) {
		return;
	}
	add_gpu_lacks(out, f, gpus);
	for (size_t i = 0; i < N_SIZES; i++) {
		if (!largest[i].fits_somewhere && largest[i].need > 0) {
			add_lack(out, sizes[i].what, sizes[i].unit, &largest[i]);
		}
	}
}

static void add_gpus(struct strbuf *out, const struct gpubroker_flavor *f)
{
	for (size_t i = 0; i < f->n_gpus; i++) {
		strbuf_addf(out, "%s%jd %s", i > 0 ? " + " : "", (intmax_t)f->gpus[i].count,
			f->gpus[i].type);
	}
}

static void look_at_flavor(
	struct findings *found, const struct snapshot *s, const struct snapshot_flavor *flavor)
{
	_cleanup_(strbuf_finish) struct strbuf lacks = {0}, gpus = {0};
	const struct gpubroker_flavor *f = &flavor->flavor;
	size_t serving;

	if (is_named(found, "flavor", f->name)) {
		return;
	}
	if (f->invalid) {
		find(found, GPUBROKER_WARN, "flavor", f->name, "It is never counted: %s.",
			f->invalid);
		return;
	}
	if (f->n_gpus == 0 || flavor->count.total != 0 || s->model == MODEL_COUNTED) {
		return;
	}
	add_lacks(&lacks, f, s, &serving);
	add_gpus(&gpus, f);
	if (serving == 0) {
		find(found, GPUBROKER_WARN, "never-starts", f->name,
			"It can never start: no host in service has %s.",
			gpus.data ? gpus.data : "its GPUs");
	} else if (lacks.len > 0) {
		find(found, GPUBROKER_WARN, "never-starts", f->name,
			"It can never start for lack of %s.", lacks.data);
	} else {
		find(found, GPUBROKER_WARN, "never-starts", f->name,
			"It can never start: none of the %zu hosts with %s has all that it needs at once.",
			serving, gpus.data ? gpus.data : "its GPUs");
	}
	found->failed = found->failed || lacks.failed || gpus.failed;
}

/* ---- hosts ---- */

static void look_at_host(struct findings *found, const struct gpubroker_host *h)
{
	const char *reason = h->reason && *h->reason ? h->reason : NULL;

	switch (h->state) {
	case GPUBROKER_HOST_SKIPPED:
		if (!is_named(found, NULL, h->name)) {
			find(found, GPUBROKER_WARN, "host", h->name, "It is not counted: %s.",
				reason ? reason : "no reason was given");
		}
		break;
	case GPUBROKER_HOST_DOWN:
		if (h->n_gpus > 0) {
			find(found, GPUBROKER_WARN, "host", h->name,
				"Its compute service is down, so its GPUs count as disabled%s%s.",
				reason ? ": " : "", reason ? reason : "");
		}
		break;
	case GPUBROKER_HOST_DISABLED:
		if (h->n_gpus > 0) {
			findings_add(found,
				&(struct gpubroker_finding){.severity = GPUBROKER_INFO,
					.check = "host-disabled",
					.subject = h->name,
					.text = reason ? reason
						       : "It was disabled without a reason."});
		}
		break;
	case GPUBROKER_HOST_UP:
		break;
	}
}

/* ---- pools ---- */

static void look_at_pool(struct findings *found, const struct gpu_pool *pool)
{
	if (pool->stranded > 0) {
		find(found, GPUBROKER_WARN, "stranded", pool->type,
			"%jd of %jd free GPUs are stranded: no flavor of the region fits beside them.",
			(intmax_t)pool->stranded, (intmax_t)pool->free);
	}
	if (pool->total == 0 && pool->disabled > 0) {
		find(found, GPUBROKER_WARN, "gpu-type", pool->type,
			"All %jd GPUs of the type are on hosts that are disabled or down.",
			(intmax_t)pool->disabled);
	}
}

/* A type that hosts have and no flavor asks for. */
static void look_for_flavors_of(
	struct findings *found, const struct snapshot *s, const struct gpu_pool *pool)
{
	for (size_t i = 0; i < s->n_flavors; i++) {
		const struct gpubroker_flavor *f = &s->flavors[i].flavor;

		for (size_t j = 0; j < f->n_gpus; j++) {
			if (str_equal(f->gpus[j].type, pool->type)) {
				return;
			}
		}
	}
	find(found, GPUBROKER_WARN, "gpu-type", pool->type,
		"%jd GPUs of this type are there, and no flavor asks for one.",
		(intmax_t)(pool->total + pool->disabled));
}

static size_t count_gpu_flavors(const struct snapshot *s)
{
	size_t n = 0;

	for (size_t i = 0; i < s->n_flavors; i++) {
		n += s->flavors[i].flavor.n_gpus > 0;
	}
	return n;
}

void findings_of_snapshot(struct findings *found, const struct snapshot *s)
{
	if (s->n_pools == 0 && s->model != MODEL_COUNTED) {
		find(found, GPUBROKER_ERROR, "gpu-hosts", NULL,
			"No host has GPUs: is there an aggregate whose metadata has gpu, gpu_count and gpu_type?");
	}
	if (count_gpu_flavors(s) == 0 && s->model != MODEL_COUNTED) {
		find(found, GPUBROKER_ERROR, "gpu-flavors", NULL,
			"No flavor asks for GPUs: is there one with pci_passthrough:alias?");
	}
	for (size_t i = 0; i < s->n_hosts; i++) {
		look_at_host(found, &s->hosts[i]);
	}
	for (size_t i = 0; i < s->n_flavors; i++) {
		look_at_flavor(found, s, &s->flavors[i]);
	}
	for (size_t i = 0; i < s->n_pools; i++) {
		look_at_pool(found, &s->pools[i]);
		look_for_flavors_of(found, s, &s->pools[i]);
	}
}
