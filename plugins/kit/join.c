/* SPDX-License-Identifier: Apache-2.0 */
/* Nova's typed arrays → hosts with GPUs and flavors with needs: see join.h. Here: aggregates onto hosts, and the
 * order of everything. */
#include "kit/cleanup.h"
#include "kit/finding.h"
#include "kit/join/join_region.h"
#include "kit/record/record.h"
#include "kit/text.h"

#include <inttypes.h>
#include <string.h>
#include <strings.h>

enum { GPU_COUNT_MAX = 1000000 };

const struct gpubroker_option alias_rule_options[] = {
	{.type = GPUBROKER_STRING,
         .key = "alias",
         .offset = offsetof(struct alias_rule, alias),
         .required = true,
         .doc = "The name in a flavor's pci_passthrough:alias."},
	{.type = GPUBROKER_STRING,
         .key = "gpu_type",
         .offset = offsetof(struct alias_rule, gpu_type),
         .required = true,
         .doc = "The gpu_type of the aggregates whose hosts have it."},
	{.key = NULL		    },
};

const char *const capacity_words[] = {"auto", "nova", "placement", NULL};

void nova_region_finish(struct nova_region *r)
{
	nova_aggregates_finish(&r->aggregates);
	nova_hypervisors_finish(&r->hypervisors);
	nova_flavors_finish(&r->flavors);
	nova_servers_finish(&r->servers);
	nova_migrations_finish(&r->migrations);
	placement_region_free(r->placement);
	r->placement = NULL;
}

static void gpus_finish(struct join_gpus *gpus)
{
	for (size_t i = 0; i < gpus->n_devices; i++) {
		free((void *)(uintptr_t)gpus->devices[i].words.items);
	}
	free(gpus->devices);
}

static void join_finish(struct join *j)
{
	for (size_t i = 0; i < j->n_hosts; i++) {
		for (size_t k = 0; k < j->hosts[i].n_gpus; k++) {
			gpus_finish(&j->hosts[i].gpus[k]);
		}
		free(j->hosts[i].gpus);
		free(j->hosts[i].aggregates);
	}
	free(j->hosts);
	free(j->skipped);
	for (size_t i = 0; i < j->n_unmapped; i++) {
		free(j->unmapped[i].alias);
	}
	free(j->unmapped);
	free(j->by_root);
	class_map_finish(&j->classes);
	free(j->rules);
	request_asked_finish(&j->asked);
	word_set_finish(&j->pci_classes);
}

int join_no_memory(struct gpubroker_error *reterr)
{
	return gpubroker_fail(
		reterr, GPUBROKER_E_INTERNAL, "no memory for the hosts of the region");
}

/* ---- hypervisors by service host ---- */

static int compare_hosts(const void *a, const void *b)
{
	const struct nova_hypervisor *x = ((const struct join_host *)a)->hypervisor;
	const struct nova_hypervisor *y = ((const struct join_host *)b)->hypervisor;
	int order = strcmp(x->host, y->host);

	return order != 0 ? order : (x > y) - (x < y);
}

static int index_hypervisors(struct join *j, struct gpubroker_error *reterr)
{
	const struct nova_hypervisors *all = &j->region->hypervisors;

	j->hosts = calloc(all->n + 1, sizeof(*j->hosts));
	if (!j->hosts) {
		return join_no_memory(reterr);
	}
	for (size_t i = 0; i < all->n; i++) {
		if (all->items[i].host) {
			j->hosts[j->n_hosts++].hypervisor = &all->items[i];
		}
	}
	qsort(j->hosts, j->n_hosts, sizeof(*j->hosts), compare_hosts);
	for (size_t i = 1; i < j->n_hosts; i++) {
		if (strcmp(j->hosts[i - 1].hypervisor->host, j->hosts[i].hypervisor->host) == 0) {
			j->hosts[i - 1].shares_service = j->hosts[i].shares_service = true;
		}
	}
	return 0;
}

struct join_host *join_hosts_of(struct join *j, const char *service_host, size_t *ret_n)
{
	size_t low = 0, high = j->n_hosts, n = 0;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (strcmp(j->hosts[middle].hypervisor->host, service_host) < 0) {
			low = middle + 1;
		} else {
			high = middle;
		}
	}
	while (low + n < j->n_hosts &&
		strcmp(j->hosts[low + n].hypervisor->host, service_host) == 0) {
		n++;
	}
	*ret_n = n;
	return j->hosts + low;
}

const char *join_host_name(const struct join_host *h)
{
	return h->shares_service ? h->hypervisor->hostname : h->hypervisor->host;
}

/* ---- aggregates ---- */

/* What oslo.utils takes for true. */
static bool is_true(const char *word)
{
	static const char *const words[] = {"1", "t", "true", "on", "y", "yes"};
	size_t n;

	word += strspn(word, " \t\r\n");
	n = strcspn(word, " \t\r\n");
	if (word[n + strspn(word + n, " \t\r\n")] != '\0') {
		return false;
	}
	for (size_t i = 0; i < ARRAY_SIZE(words); i++) {
		if (strlen(words[i]) == n && strncasecmp(words[i], word, n) == 0) {
			return true;
		}
	}
	return false;
}

enum gpus_said aggregate_gpus(const struct nova_aggregate *a, const char **ret_type,
	int64_t *ret_count, const char **ret_why)
{
	const char *gpu = nova_pair_value(a->metadata, a->n_metadata, "gpu");
	const char *type = nova_pair_value(a->metadata, a->n_metadata, "gpu_type");
	const char *count = nova_pair_value(a->metadata, a->n_metadata, "gpu_count");

	if (!gpu || !is_true(gpu)) {
		return GPUS_NO;
	}
	*ret_why = NULL;
	if (!type || type[strspn(type, " \t\r\n")] == '\0') {
		*ret_why = "no gpu_type";
	} else if (!text_is_name(type)) {
		*ret_why = "gpu_type is too long or holds a control character";
	} else if (!count) {
		*ret_why = "no gpu_count";
	} else if (!python_int(count, strlen(count), ret_count)) {
		*ret_why = "gpu_count is not a whole number";
	} else if (*ret_count < 0) {
		*ret_why = "gpu_count is negative";
	} else if (*ret_count > GPU_COUNT_MAX) {
		*ret_why = "gpu_count is beyond belief";
	}
	*ret_type = type;
	return *ret_why ? GPUS_BROKEN : GPUS_YES;
}

struct join_gpus *join_gpus_of(const struct join_host *h, const char *type)
{
	for (size_t i = 0; i < h->n_gpus; i++) {
		if (strcmp(h->gpus[i].type, type) == 0) {
			return &h->gpus[i];
		}
	}
	return NULL;
}

int join_add_gpus(struct join_host *h, const char *type, struct join_gpus **ret,
	struct gpubroker_error *reterr)
{
	if (h->n_gpus >= JOIN_TYPES_MAX || !GROW(h->gpus, h->n_gpus, h->room_gpus)) {
		return gpubroker_fail(reterr,
			h->n_gpus >= JOIN_TYPES_MAX ? GPUBROKER_E_LIMIT : GPUBROKER_E_INTERNAL,
			"host '%s': no room for GPU type '%s'", join_host_name(h), type);
	}
	*ret = &h->gpus[h->n_gpus++];
	**ret = (struct join_gpus){.type = type};
	return 0;
}

/* A host that two aggregates name has both types; of one type it has what the more modest one says. */
static int give_gpus(struct join *j, struct join_host *h, const char *type, int64_t count,
	struct gpubroker_error *reterr)
{
	struct join_gpus *known = join_gpus_of(h, type);
	int r;

	if (known) {
		if (known->count != count) {
			note(j->notes, j->core,
				"host is in aggregates that differ name=%s gpu_type=%s gpu_count=%" PRId64
				" other=%" PRId64 " counted=the smaller",
				join_host_name(h), type, known->count, count);
			finding_add(j->core, GPUBROKER_WARN, "gpu-aggregate", join_host_name(h),
				"openstack aggregate list --long",
				"Host '%s' is in several aggregates of gpu_type '%s' whose gpu_count differ (%" PRId64
				" and %" PRId64 "); the smaller one counts.",
				join_host_name(h), type, known->count, count);
		}
		known->count = MIN(known->count, count);
		return 0;
	}
	r = join_add_gpus(h, type, &known, reterr);
	if (r == 0) {
		known->in_aggregate = true;
		known->count = count;
	}
	return r;
}

static int list_aggregate(
	struct join_host *h, const struct nova_aggregate *a, struct gpubroker_error *reterr)
{
	if (!GROW(h->aggregates, h->n_aggregates, h->room_aggregates)) {
		return join_no_memory(reterr);
	}
	h->aggregates[h->n_aggregates++] = a;
	return 0;
}

/* Once a name, so that an explanation can show it. */
static int skip_host(struct join *j, const struct nova_aggregate *a, const char *name,
	struct gpubroker_error *reterr)
{
	char command[COMMAND_MAX];

	note(j->notes, j->core, "host skipped name=%s aggregate=%s reason=no hypervisor record",
		name, a->name);
	for (size_t i = 0; i < j->n_skipped; i++) {
		if (strcmp(j->skipped[i].name, name) == 0) {
			return 0;
		}
	}
	if (!GROW(j->skipped, j->n_skipped, j->room_skipped)) {
		return join_no_memory(reterr);
	}
	j->skipped[j->n_skipped++] = (struct join_skipped){
		name, "it is a host of a GPU aggregate, but Nova has no hypervisor record of it"};
	finding_add(j->core, GPUBROKER_ERROR, "gpu-host", name,
		finding_command(command, "openstack aggregate remove host", a->name, name, NULL),
		"Host '%s' of aggregate '%s' has no hypervisor record: its GPUs are not counted.",
		name, a->name);
	return 0;
}

static int join_aggregate(struct join *j, const struct nova_aggregate *a, const char *type,
	int64_t count, struct gpubroker_error *reterr)
{
	for (size_t i = 0; i < a->n_hosts; i++) {
		size_t n;
		struct join_host *hosts = join_hosts_of(j, a->hosts[i], &n);
		int r = n == 0 && type ? skip_host(j, a, a->hosts[i], reterr) : 0;

		for (size_t k = 0; r == 0 && k < n; k++) {
			r = list_aggregate(&hosts[k], a, reterr);
			if (r == 0 && type) {
				r = give_gpus(j, &hosts[k], type, count, reterr);
			}
		}
		if (r < 0) {
			return r;
		}
	}
	return 0;
}

static void tell_broken_aggregate(struct join *j, const struct nova_aggregate *a, const char *why)
{
	char command[COMMAND_MAX], id[24];

	note(j->notes, j->core, "aggregate skipped name=%s id=%" PRId64 " reason=%s", a->name,
		a->id, why);
	snprintf(id, sizeof(id), "%" PRId64, a->id);
	finding_add(j->core, GPUBROKER_ERROR, "gpu-aggregate", a->name,
		finding_command(command,
			"openstack aggregate set --property gpu_type=TYPE --property gpu_count=NUMBER",
			id, NULL),
		"Aggregate '%s' says gpu=true, but %s: its hosts are not counted.", a->name, why);
}

static int join_aggregates(struct join *j, struct gpubroker_error *reterr)
{
	const struct nova_aggregates *all = &j->region->aggregates;
	bool has_gpus = false;

	for (size_t i = 0; i < all->n; i++) {
		const struct nova_aggregate *a = &all->items[i];
		const char *type = NULL, *why;
		int64_t count = 0;
		enum gpus_said said = aggregate_gpus(a, &type, &count, &why);
		int r = join_aggregate(j, a, said == GPUS_YES ? type : NULL, count, reterr);

		if (r < 0) {
			return r;
		}
		has_gpus |= said != GPUS_NO;
		if (said == GPUS_BROKEN) {
			tell_broken_aggregate(j, a, why);
		}
	}
	if (!has_gpus) {
		note(j->notes, j->core,
			"no GPU hosts aggregates=%zu reason=no aggregate has gpu=true (with gpu_count and gpu_type)",
			all->n);
		finding_add(j->core, GPUBROKER_ERROR, "gpu-aggregate", NULL,
			"openstack aggregate set --property gpu=true --property gpu_type=TYPE --property gpu_count=NUMBER AGGREGATE",
			"No aggregate says gpu=true with gpu_type and gpu_count: there are no GPU hosts to count.");
	}
	return 0;
}

/* ---- who is asked for servers ---- */

__attribute__((format(printf, 2, 3))) static void say_nothing(
	enum gpubroker_level level, const char *format, ...)
{
}

/* Up to where it is known whose GPUs devices tell. */
static int join_sources(struct join *j, struct gpubroker_error *reterr)
{
	const struct request_rules rules = join_rules(j->region, &j->policy);
	int r = request_asked_of(&j->region->flavors, &rules, &j->asked, reterr);

	r = r < 0 ? r : index_hypervisors(j, reterr);
	r = r < 0 ? r : join_aggregates(j, reterr);
	return r < 0 ? r : join_placement(j, reterr);
}

static bool needs_servers(const struct join_host *h)
{
	for (size_t i = 0; i < h->n_gpus; i++) {
		if (!h->gpus[i].by_devices) {
			return true;
		}
	}
	return false;
}

int join_server_hosts(const struct nova_region *region, const struct join_policy *policy,
	struct word_set *ret, struct gpubroker_error *reterr)
{
	static const struct gpubroker_core quiet = {.log = say_nothing};
	_cleanup_(notes_finish) struct notes notes = {0};
	_cleanup_(join_finish) struct join j = {
		.core = &quiet, .region = region, .policy = *policy, .notes = &notes};
	int r = join_sources(&j, reterr);

	for (size_t i = 0; r == 0 && i < j.n_hosts; i++) {
		if (needs_servers(&j.hosts[i])) {
			word_set_add(ret, j.hosts[i].hypervisor->host);
		}
	}
	return r == 0 && ret->failed ? join_no_memory(reterr) : r;
}

/* ---- the whole ---- */

static void set_model(const struct join *j, struct gpubroker_inventory *out)
{
	bool by_placement = false;

	for (size_t i = 0; i < j->n_hosts; i++) {
		by_placement |= j->hosts[i].root != NULL;
	}
	if (j->core->set_capacity_model) {
		j->core->set_capacity_model(
			out, by_placement ? GPUBROKER_CAPACITY_PLACEMENT : GPUBROKER_CAPACITY_NOVA);
	}
}

int join_region(const struct gpubroker_core *core, const struct nova_region *region,
	const struct join_policy *policy, struct notes *notes, struct gpubroker_inventory *out,
	struct gpubroker_error *reterr)
{
	_cleanup_(join_finish) struct join j = {
		.core = core, .region = region, .policy = *policy, .notes = notes};
	int r;

	notes_begin(notes);
	r = join_sources(&j, reterr);
	r = r < 0 ? r : join_servers(&j, reterr);
	if (r < 0) {
		return r;
	}
	set_model(&j, out);
	r = join_add_hosts(&j, out, reterr);
	r = r < 0 ? r : join_flavors(core, region, &j.policy, notes, out, reterr);
	if (r < 0) {
		return r;
	}
	join_findings(&j);
	return record_region(core, region, &policy->alias_map, reterr);
}
