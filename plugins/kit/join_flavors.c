/* SPDX-License-Identifier: Apache-2.0 */
/* Nova's flavors → flavors with needs: the second half of join_region(). */
#include "kit/join.h"

#include "kit/cleanup.h"
#include "kit/text.h"

#include <string.h>

#define NEED_MAX INT64_C(1000000000000)

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

static bool asks_for_gpus(const struct nova_flavor *f, const char **ret_alias)
{
	for (size_t i = 0; i < f->n_extra_specs; i++) {
		if (strcmp(f->extra_specs[i].key, "pci_passthrough:alias") == 0) {
			*ret_alias = f->extra_specs[i].value;
			return true;
		}
	}
	return false;
}

/* Aliases that mean one type add up. */
static size_t needs_of(const struct alias_requests *requests,
	const struct gpubroker_groups *alias_map,
	struct gpubroker_need needs[static ALIAS_MAX_ENTRIES])
{
	size_t n = 0;

	for (size_t i = 0; i < requests->n; i++) {
		const char *type = alias_gpu_type(alias_map, requests->items[i].alias);
		size_t k = 0;

		while (k < n && strcmp(needs[k].type, type) != 0) {
			k++;
		}
		if (k == n) {
			needs[n++] = (struct gpubroker_need){.type = type};
		}
		needs[k].count = MIN(needs[k].count + requests->items[i].count, ALIAS_COUNT_MAX);
	}
	return n;
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

static int add_flavor(const struct gpubroker_core *core, const struct nova_flavor *f,
	const char *alias, const struct join_policy *policy, struct notes *notes,
	struct gpubroker_inventory *out, struct gpubroker_error *reterr)
{
	_cleanup_(alias_requests_finish) struct alias_requests requests = {0};
	struct gpubroker_need needs[ALIAS_MAX_ENTRIES];
	struct gpubroker_flavor flavor = sizes_of(f);
	struct gpubroker_error why = {0};
	int r = alias ? alias_parse(alias, &requests, &why)
		      : gpubroker_fail(&why, GPUBROKER_E_CONFIG, "its alias is null");

	if (r == GPUBROKER_E_INTERNAL) {
		return gpubroker_fail(reterr, why.code, "%s", why.text);
	}
	if (r < 0) {
		flavor.invalid = why.text;
	}
	if (flavor.invalid) {
		note(notes, core, "flavor cannot be started id=%s name=%s reason=%s", f->id,
			f->name, flavor.invalid);
	}
	flavor.gpus = needs;
	flavor.n_gpus = needs_of(&requests, &policy->alias_map, needs);
	return core->add_flavor(out, &flavor, reterr);
}

static const char *unusable(const struct nova_flavor *f)
{
	if (!f->id || !f->name) {
		return f->id ? "no name" : "no id";
	}
	return text_is_name(f->id) ? NULL : "its id is too long or holds a control character";
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

int join_flavors(const struct gpubroker_core *core, const struct nova_flavors *flavors,
	const struct join_policy *policy, struct notes *notes, struct gpubroker_inventory *out,
	struct gpubroker_error *reterr)
{
	int r = check_extra_specs(flavors, reterr);

	for (size_t i = 0; r == 0 && i < flavors->n; i++) {
		const struct nova_flavor *f = &flavors->items[i];
		const char *alias = NULL;

		if (!asks_for_gpus(f, &alias) || (f->name && is_excluded(policy, f->name))) {
			continue;
		}
		if (unusable(f)) {
			note(notes, core, "flavor skipped id=%s name=%s reason=%s",
				f->id ? f->id : "", f->name ? f->name : "", unusable(f));
			continue;
		}
		r = add_flavor(core, f, alias, policy, notes, out, reterr);
	}
	return r;
}
