/* SPDX-License-Identifier: Apache-2.0 */
/* Nova's flavors → flavors with needs: the second half of join_region(). */
#include "kit/join.h"

#include "kit/cleanup.h"
#include "kit/finding.h"
#include "kit/text.h"

#include <stdio.h>
#include <string.h>

#define NEED_MAX INT64_C(1000000000000)

struct request_rules join_rules(const struct nova_region *region, const struct join_policy *policy)
{
	return (struct request_rules){
		.alias_map = &policy->alias_map,
		.model = region->placement ? GPUBROKER_CAPACITY_PLACEMENT : GPUBROKER_CAPACITY_NOVA,
	};
}

static bool is_excluded(const struct join_policy *policy, const char *name)
{
	for (size_t i = 0; i < policy->flavor_exclude.n; i++) {
		const char *part = policy->flavor_exclude.items[i];

		if (*part && strstr(name, part)) {
			return true;
		}
	}
	return false;
}

/* A size that no cloud would accept makes the flavor invalid instead of the whole region. */
static int64_t sane(int64_t value, const char *complaint, const char **invalid)
{
	if (value < 0) {
		*invalid = complaint;
	}
	return MAX(0, MIN(value, NEED_MAX));
}

static struct gpubroker_flavor sizes_of(const struct nova_flavor *f)
{
	struct gpubroker_flavor flavor = {.id = f->id, .name = f->name, .is_public = f->is_public};

	flavor.vcpus = sane(f->vcpus, "its vcpus are negative", &flavor.invalid);
	flavor.ram_mib = sane(f->ram_mib, "its ram is negative", &flavor.invalid);
	flavor.disk_gib = sane(f->disk_gib, "its disk is negative", &flavor.invalid);
	flavor.ephemeral_gib =
		sane(f->ephemeral_gib, "its ephemeral disk is negative", &flavor.invalid);
	flavor.swap_mib = MAX(0, MIN(f->swap_mib, NEED_MAX)); /* below 0: none, as it always was */
	return flavor;
}

/* ---- what an operator should know ---- */

struct flavors { /* one call of join_flavors() */
	const struct gpubroker_core *core;
	const struct nova_region *region;
	const struct join_policy *policy;
	struct request_rules rules;
	struct word_set types; /* GPU types that hosts have */
	struct notes *notes;
	struct gpubroker_inventory *out;
};

static void flavors_finish(struct flavors *s)
{
	word_set_finish(&s->types);
}

/* Types of aggregates, and what Placement's providers have: an alias or a class of none of these is a mistake. */
static void learn_types(struct flavors *s)
{
	const struct nova_aggregates *aggregates = &s->region->aggregates;
	const struct placement_region *placement = s->region->placement;

	for (size_t i = 0; i < aggregates->n; i++) {
		const char *type, *why;
		int64_t count;

		if (aggregate_gpus(&aggregates->items[i], &type, &count, &why) == GPUS_YES) {
			word_set_add(&s->types, type);
		}
	}
	for (size_t i = 0; placement && i < placement->providers.n; i++) {
		const struct placement_provider *p = &placement->providers.items[i];

		for (size_t k = 0; k < p->n_usages; k++) {
			word_set_add(&s->types,
				alias_gpu_type(&s->policy->alias_map, p->usages[k].class));
		}
		for (size_t k = 0; k < p->n_inventories; k++) {
			word_set_add(&s->types,
				alias_gpu_type(&s->policy->alias_map, p->inventories[k].class));
		}
	}
}

/* openstack flavor set or unset, of one extra spec. value NULL: unset. */
static const char *mending(char out[static COMMAND_MAX], const struct nova_flavor *f,
	const char *key, const char *value)
{
	char property[COMMAND_MAX];
	int n = snprintf(
		property, sizeof(property), "%s%s%s", key, value ? "=" : "", value ? value : "");

	if (n < 0 || (size_t)n >= sizeof(property)) {
		return NULL;
	}
	return finding_command(out,
		value ? "openstack flavor set --property" : "openstack flavor unset --property",
		property, f->id, NULL);
}

static void say_invalid(const struct flavors *s, const struct nova_flavor *f,
	const struct request *r, const char *invalid)
{
	const char *command = NULL;
	char room[COMMAND_MAX];

	if (r->blame[0]) {
		const char *value = strcmp(r->blame, "pci_passthrough:alias") == 0 ? "ALIAS:COUNT"
				    : strcmp(r->blame, "group_policy") == 0        ? "none"
										   : NULL;

		command = mending(room, f, r->blame, value);
	}
	note(s->notes, s->core, "flavor cannot be started id=%s name=%s reason=%s", f->id, f->name,
		invalid);
	finding_add(s->core, GPUBROKER_WARN, "flavor", f->name, command, "it cannot be started: %s",
		invalid);
}

static void say_unknown_types(
	const struct flavors *s, const struct nova_flavor *f, const struct request *r)
{
	for (size_t i = 0; i < r->n_needs && s->core->finding; i++) {
		const char *type = r->needs[i].type;
		const char *command = NULL;
		char room[COMMAND_MAX];

		if (r->needs[i].count == 0 || word_set_has(&s->types, type)) {
			continue;
		}
		if (r->classes.n == 0) {
			command = mending(room, f, "pci_passthrough:alias", "ALIAS:COUNT");
		}
		finding_add(s->core, GPUBROKER_WARN, "flavor", f->name, command,
			"it asks for '%.255s', which no host has: neither is it the gpu_type of an aggregate with gpu=true, nor does Placement know it",
			type);
	}
}

/* ---- one flavor ---- */

static const char *unusable(const struct nova_flavor *f)
{
	if (!f->id || !f->name) {
		return f->id ? "no name" : "no id";
	}
	return text_is_name(f->id) ? NULL : "its id is too long or holds a control character";
}

static int add_flavor(
	struct flavors *s, const struct nova_flavor *f, struct gpubroker_error *reterr)
{
	_cleanup_(request_finish) struct request r = {0};
	struct gpubroker_flavor flavor = sizes_of(f);
	int code = request_parse(f, &s->rules, &r, reterr);

	if (code < 0 || (!r.wants_gpus && !s->policy->include_cpu_flavors)) {
		return code;
	}
	if (unusable(f)) {
		note(s->notes, s->core, "flavor skipped id=%s name=%s reason=%s",
			f->id ? f->id : "", f->name ? f->name : "", unusable(f));
		return 0;
	}
	if (r.uncountable[0]) {
		note(s->notes, s->core, "flavor skipped id=%s name=%s reason=%s", f->id, f->name,
			r.uncountable);
		finding_add(s->core, GPUBROKER_WARN, "flavor", f->name, NULL,
			"it is not counted: %s", r.uncountable);
		return 0;
	}
	request_lend(&r, &flavor);
	flavor.wants_no_gpus = !r.wants_gpus;
	if (flavor.invalid) {
		say_invalid(s, f, &r, flavor.invalid);
	} else {
		say_unknown_types(s, f, &r);
	}
	return s->core->add_flavor(s->out, &flavor, reterr);
}

/* Where the policy hides extra specs it hides those of all flavors. */
static int check_extra_specs(const struct nova_flavors *flavors, struct gpubroker_error *reterr)
{
	for (size_t i = 0; i < flavors->n; i++) {
		if (flavors->items[i].has_extra_specs) {
			return 0;
		}
	}
	return flavors->n == 0 ? 0
			       : gpubroker_fail(reterr, GPUBROKER_E_DENIED,
					 "no flavor shows extra_specs: the role may not see them");
}

int join_flavors(const struct gpubroker_core *core, const struct nova_region *region,
	const struct join_policy *policy, struct notes *notes, struct gpubroker_inventory *out,
	struct gpubroker_error *reterr)
{
	_cleanup_(flavors_finish) struct flavors s = {
		.core = core,
		.region = region,
		.policy = policy,
		.rules = join_rules(region, policy),
		.notes = notes,
		.out = out,
	};
	int r = check_extra_specs(&region->flavors, reterr);

	learn_types(&s);
	if (s.types.failed) {
		return gpubroker_fail(reterr, GPUBROKER_E_INTERNAL, "no memory for GPU types");
	}
	for (size_t i = 0; r == 0 && i < region->flavors.n; i++) {
		const struct nova_flavor *f = &region->flavors.items[i];

		if (!f->name || !is_excluded(policy, f->name)) {
			r = add_flavor(&s, f, reterr);
		}
	}
	return r;
}
