/* SPDX-License-Identifier: Apache-2.0 */
/* What one server of a flavor asks for: see flavor_request.h. */
#include "kit/flavor_request.h"

#include "kit/aggregate_specs.h"
#include "kit/cleanup.h"
#include "kit/spec_cpus.h"
#include "kit/spec_groups.h"
#include "kit/spec_implied.h"
#include "kit/text.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

enum { WORD_MAX_BYTES = 1000 };               /* the core takes a little more */
#define SIZE_MAX_UNITS INT64_C(1000000000000) /* what the core takes; beyond any machine */

static void drop_needs(struct request *r)
{
	while (r->n_needs > 0) {
		r->n_needs--;
		free((char *)(uintptr_t)r->needs[r->n_needs].type);
		word_set_finish(&r->words[r->n_needs].required);
		word_set_finish(&r->words[r->n_needs].forbidden);
	}
}

void request_finish(struct request *r)
{
	drop_needs(r);
	free(r->needs);
	free(r->words);
	word_set_finish(&r->required);
	word_set_finish(&r->forbidden);
	word_set_finish(&r->classes);
	word_set_finish(&r->remarks);
	*r = (struct request){0};
}

/* One call of request_parse(). */
struct reading {
	const struct nova_flavor *flavor;
	const struct request_rules *rules;
	struct request *r;
	struct spec_groups groups;
	bool failed; /* no memory */
};

static void reading_finish(struct reading *c)
{
	spec_groups_finish(&c->groups);
}

static bool by_placement(const struct reading *c)
{
	return c->rules->model == GPUBROKER_CAPACITY_PLACEMENT;
}

/* ---- needs ---- */

static const struct word_set no_words;

static bool same_words(const struct word_set *a, const struct word_set *b)
{
	for (size_t i = 0; i < a->n && a->n == b->n; i++) {
		if (strcmp(a->items[i], b->items[i]) != 0) {
			return false;
		}
	}
	return a->n == b->n;
}

static struct gpubroker_need *new_need(struct reading *c, const char *type, int64_t unit,
	const struct word_set *required, const struct word_set *forbidden)
{
	struct request *r = c->r;
	struct gpubroker_need *need = &r->needs[r->n_needs];
	struct request_words *words = &r->words[r->n_needs];
	char *copy;

	if (r->n_needs >= REQUEST_MAX_NEEDS) {
		request_refuse(
			r, NULL, "it asks for more than %d kinds of GPUs", REQUEST_MAX_NEEDS);
		return NULL;
	}
	copy = strdup(type);
	if (!copy) {
		c->failed = true;
		return NULL;
	}
	*need = (struct gpubroker_need){.type = copy, .unit = unit};
	r->n_needs++;
	word_set_add_all(&words->required, required);
	word_set_add_all(&words->forbidden, forbidden);
	c->failed |= words->required.failed || words->forbidden.failed;
	return need;
}

/* Needs that are alike add up. */
static void add_need(struct reading *c, const char *name, int64_t count, int64_t unit,
	const struct word_set *required, const struct word_set *forbidden)
{
	const char *type = alias_gpu_type(c->rules->alias_map, name);
	struct request *r = c->r;
	struct gpubroker_need *need = NULL;

	for (size_t i = 0; i < r->n_needs && !need; i++) {
		if (strcmp(r->needs[i].type, type) == 0 && r->needs[i].unit == unit &&
			same_words(&r->words[i].required, required) &&
			same_words(&r->words[i].forbidden, forbidden)) {
			need = &r->needs[i];
		}
	}
	need = need ? need : new_need(c, type, unit, required, forbidden);
	if (need) {
		const int64_t most = ALIAS_COUNT_MAX - ALIAS_COUNT_MAX % unit;

		need->count = MIN(need->count + count, most);
	}
}

static int read_alias(struct reading *c, const struct nova_pair *pair)
{
	_cleanup_(alias_requests_finish) struct alias_requests requests = {0};
	struct gpubroker_error why = {0};
	int code = pair->value ? alias_parse(pair->value, &requests, &why)
			       : gpubroker_fail(&why, GPUBROKER_E_CONFIG, "its alias is null");

	c->r->wants_gpus = true;
	if (code < 0) {
		request_refuse(c->r, pair->key, "%s", why.text);
	}
	for (size_t i = 0; i < requests.n; i++) {
		add_need(c, requests.items[i].alias, requests.items[i].count, 1, &no_words,
			&no_words);
	}
	return code == GPUBROKER_E_INTERNAL ? code : 0;
}

/* A bare-metal node is asked for by a class of its own and nothing of the sizes. It is a GPU flavor only where the
 * configuration says so of the class. */
static bool is_bare_metal(const struct reading *c, const char *class)
{
	const struct gpubroker_demand *d = &c->r->demand;

	return d->vcpus == 0 && d->pcpus == 0 && d->ram_mib == 0 && d->disk_gib == 0 &&
	       strncmp(class, "CUSTOM_", 7) == 0 &&
	       alias_gpu_type(c->rules->alias_map, class) == class;
}

static void add_class(struct reading *c, const struct spec_group *g, const struct spec_ask *ask)
{
	struct request *r = c->r;

	word_set_add(&r->classes, ask->class);
	r->wants_gpus |= spec_class_is_accelerator(ask->class) && !is_bare_metal(c, ask->class);
	if (by_placement(c)) {
		add_need(c, ask->class, ask->amount, ask->amount, &g->required, &g->forbidden);
		return;
	}
	if (!spec_class_is_accelerator(ask->class)) {
		word_set_addf(&r->remarks, "asks for %" PRId64 " of %s, which Nova does not show",
			ask->amount, ask->class);
		return;
	}
	if (ask->amount > 1) {
		word_set_addf(&r->remarks, "takes %" PRId64 " of %s from one device", ask->amount,
			ask->class);
	}
	add_need(c, ask->class, ask->amount, 1, &no_words, &no_words);
}

/* Traits of the group without a name may be the host's or those of a device that gives something of this group: a
 * device has the words of its host as well. Without such a device they are the host's. */
static void add_host_traits(struct reading *c, const struct spec_group *g, size_t n_classes)
{
	if (n_classes == 0) {
		word_set_add_all(&c->r->required, &g->required);
	} else if (n_classes > 1 && g->required.n > 0) {
		word_set_addf(&c->r->remarks, "is counted where each of its devices has %s%s",
			g->required.items[0], g->required.n > 1 ? " and more" : "");
	}
	word_set_add_all(&c->r->forbidden, &g->forbidden);
}

static void say_traits(struct reading *c, const struct spec_group *g)
{
	for (size_t i = 0; i < g->required.n; i++) {
		word_set_addf(&c->r->remarks, "requires the trait %s, which Nova does not show",
			g->required.items[i]);
	}
	for (size_t i = 0; i < g->forbidden.n; i++) {
		word_set_addf(&c->r->remarks, "forbids the trait %s, which Nova does not show",
			g->forbidden.items[i]);
	}
}

static void add_group(struct reading *c, const struct spec_group *g)
{
	size_t n_classes = 0, n_sizes = 0;

	for (size_t i = 0; i < g->n_asks; i++) {
		if (g->asks[i].amount > 0 && !spec_class_is_size(g->asks[i].class)) {
			add_class(c, g, &g->asks[i]);
			n_classes++;
		} else {
			n_sizes += g->asks[i].amount > 0;
		}
	}
	if (!by_placement(c)) {
		say_traits(c, g);
	} else if (!g->name[0]) {
		add_host_traits(c, g, n_classes);
	} else if (n_classes == 0) { /* of sizes alone: the host gives them */
		word_set_add_all(&c->r->required, &g->required);
		word_set_add_all(&c->r->forbidden, &g->forbidden);
	}
	if (g->name[0] && n_classes + n_sizes > 1) {
		word_set_addf(&c->r->remarks,
			"takes all resources of the group '%s' from one provider", g->name);
	}
}

/* ---- sizes ---- */

static int64_t size_of(const struct reading *c, const char *class, int64_t else_this)
{
	int64_t sum;

	return spec_groups_sum(&c->groups, class, &sum) ? sum : else_this;
}

static int64_t sane(int64_t size)
{
	return MAX(0, MIN(size, SIZE_MAX_UNITS));
}

/* Nova takes the flavor's vCPUs unless VCPU or PCPU is mentioned, were it with 0. */
static void demand_of(struct reading *c)
{
	const struct nova_flavor *f = c->flavor;
	const int64_t swap_gib = (sane(f->swap_mib) + 1023) / 1024;
	const struct gpubroker_demand usual = {
		.vcpus = sane(f->vcpus),
		.ram_mib = sane(f->ram_mib),
		.disk_gib = sane(sane(f->disk_gib) + sane(f->ephemeral_gib) + swap_gib),
	};
	struct gpubroker_demand *d = &c->r->demand;
	int64_t pcpus;
	const bool has_pcpus = spec_groups_sum(&c->groups, "PCPU", &pcpus);

	d->ram_mib = size_of(c, "MEMORY_MB", usual.ram_mib);
	d->disk_gib = size_of(c, "DISK_GB", usual.disk_gib);
	if (by_placement(c)) {
		d->pcpus = pcpus;
		d->vcpus = size_of(c, "VCPU", has_pcpus ? 0 : usual.vcpus);
	} else {
		d->vcpus = size_of(c, "VCPU", usual.vcpus);
	}
	c->r->has_demand = memcmp(d, &usual, sizeof(usual)) != 0;
}

static void read_cpus(struct reading *c)
{
	const struct spec_cpus cpus = spec_cpus_read(c->flavor, &c->groups, c->r);
	int64_t pcpus;

	if (by_placement(c) && cpus.by_policy) {
		spec_groups_ask(&c->groups, "PCPU", MAX(cpus.pcpus, 0));
		spec_groups_ask(&c->groups, "VCPU", MAX(cpus.vcpus, 0));
	}
	spec_groups_sum(&c->groups, "PCPU", &pcpus);
	if (!by_placement(c) && (cpus.by_policy || pcpus > 0)) {
		word_set_add(&c->r->remarks, "asks for dedicated CPUs, which Nova does not show");
	}
}

/* ---- what no API shows ---- */

static void read_others(struct reading *c)
{
	const char *profile = spec_value(c->flavor, "accel:device_profile");

	spec_implied_remarks(c->flavor, &c->r->remarks);
	if (c->flavor->disk_gib == 0) {
		word_set_add(&c->r->remarks,
			"starts only from a volume unless the cloud allows zero-disk flavors");
	}
	if (profile) {
		c->r->wants_gpus = true;
		snprintf(c->r->uncountable, sizeof(c->r->uncountable),
			"Nova does not show what its device profile '%.100s' asks for", profile);
	}
}

/* ---- one extra spec ---- */

static void read_aggregate_spec(struct reading *c, const struct nova_pair *pair)
{
	const size_t n = strlen(pair->key) + strlen(pair->value ? pair->value : "") + 1;

	if (!pair->value) {
		request_refuse(c->r, pair->key, "its extra spec '%.100s' is null", pair->key);
	} else if (n > WORD_MAX_BYTES || strchr(pair->key, '=') || text_has_controls(pair->key) ||
		   text_has_controls(pair->value)) {
		request_refuse(
			c->r, pair->key, "its extra spec '%.100s' is no extra spec", pair->key);
	} else {
		word_set_addf(&c->r->required, "%s=%s", pair->key, pair->value);
	}
}

/* Without a scope an extra spec may mean nothing, or one of two filters may compare it. */
static void read_unscoped(struct reading *c, const struct nova_pair *pair)
{
	if (pair->value && strcmp(pair->key, "hide_hypervisor_id") != 0) {
		word_set_addf(&c->r->remarks,
			"may start only on hosts with %.100s=%.100s, if the cloud compares that",
			pair->key, pair->value);
	}
}

static int read_spec(struct reading *c, const struct nova_pair *pair)
{
	if (strcmp(pair->key, "pci_passthrough:alias") == 0) {
		return read_alias(c, pair);
	}
	if (spec_groups_take(&c->groups, pair, c->r)) {
		return 0;
	}
	if (aggregate_spec_is_word(pair->key)) {
		read_aggregate_spec(c, pair);
	} else if (strncmp(pair->key, "capabilities:", 13) == 0) {
		word_set_addf(
			&c->r->remarks, "compares a capability of the host (%.100s)", pair->key);
	} else if (!strchr(pair->key, ':')) {
		read_unscoped(c, pair);
	}
	return 0;
}

/* ---- all of it ---- */

/* The core refuses longer lists, and the whole region with them. */
static void limit_words(struct request *r)
{
	bool over = r->required.n > REQUEST_MAX_WORDS || r->forbidden.n > REQUEST_MAX_WORDS;

	for (size_t i = 0; i < r->n_needs; i++) {
		struct request_words *words = &r->words[i];

		over |= words->required.n > REQUEST_MAX_WORDS ||
			words->forbidden.n > REQUEST_MAX_WORDS;
	}
	if (!over) {
		return;
	}
	request_refuse(r, NULL, "it requires or forbids more than %d traits", REQUEST_MAX_WORDS);
	drop_needs(r);
	word_set_finish(&r->required);
	word_set_finish(&r->forbidden);
}

static void read_all(struct reading *c)
{
	struct request *r = c->r;

	read_cpus(c);
	spec_implied_read(c->flavor, &c->groups);
	spec_groups_check(&c->groups, r);
	demand_of(c);
	for (size_t i = 0; i < c->groups.n && !c->groups.failed; i++) {
		add_group(c, &c->groups.items[i]);
	}
	r->isolate = by_placement(c) && c->groups.isolate;
	read_others(c);
	limit_words(r);
	for (size_t i = 0; i < r->n_needs; i++) {
		r->needs[i].required = word_set_view(&r->words[i].required);
		r->needs[i].forbidden = word_set_view(&r->words[i].forbidden);
	}
}

static int no_memory(struct gpubroker_error *reterr)
{
	return gpubroker_fail(
		reterr, GPUBROKER_E_INTERNAL, "no memory for the extra specs of a flavor");
}

int request_parse(const struct nova_flavor *f, const struct request_rules *rules,
	struct request *ret, struct gpubroker_error *reterr)
{
	_cleanup_(request_finish) struct request r = {0};
	_cleanup_(reading_finish) struct reading c = {.flavor = f, .rules = rules, .r = &r};

	r.needs = calloc(REQUEST_MAX_NEEDS, sizeof(*r.needs));
	r.words = calloc(REQUEST_MAX_NEEDS, sizeof(*r.words));
	if (!r.needs || !r.words) {
		return no_memory(reterr);
	}
	for (size_t i = 0; i < f->n_extra_specs; i++) {
		if (read_spec(&c, &f->extra_specs[i]) < 0) {
			return no_memory(reterr);
		}
	}
	read_all(&c);
	if (c.failed || c.groups.failed || r.required.failed || r.forbidden.failed ||
		r.classes.failed || r.remarks.failed) {
		return no_memory(reterr);
	}
	*ret = r;
	r = (struct request){0};
	return 0;
}

void request_lend(const struct request *r, struct gpubroker_flavor *f)
{
	f->gpus = r->needs;
	f->n_gpus = r->n_needs;
	f->demand = r->has_demand ? &r->demand : NULL;
	f->isolate = r->isolate;
	f->required = word_set_view(&r->required);
	f->forbidden = word_set_view(&r->forbidden);
	f->remarks = word_set_view(&r->remarks);
	if (!f->invalid && r->invalid[0]) {
		f->invalid = r->invalid;
	}
}
