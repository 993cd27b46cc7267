/* SPDX-License-Identifier: Apache-2.0 */
/* Nova's typed arrays → hosts with GPUs and flavors with needs: see join.h. */
#include "kit/join.h"

#include "kit/cleanup.h"
#include "kit/text.h"

#include <inttypes.h>
#include <string.h>
#include <strings.h>

enum {
	TYPES_MAX = 64, /* GPU types of one host */
	GPU_COUNT_MAX = 1000000,
};
#define AMOUNT_MAX INT64_C(1000000000000) /* what the core takes; beyond any machine */

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

/* A hypervisor that is a GPU host. */
struct gpu_host {
	const struct nova_hypervisor *hypervisor;
	struct gpubroker_gpus *gpus; /* NULL: it has none */
	size_t n_gpus, room;
	bool shares_service; /* another hypervisor has the same service host (bare metal) */
};

struct join { /* one call of join_region() */
	const struct gpubroker_core *core;
	const struct nova_region *region;
	const struct join_policy *policy;
	struct notes *notes;
	struct gpu_host *hosts; /* one a hypervisor that has a service host, sorted by it */
	size_t n_hosts;
};

static void join_finish(struct join *j)
{
	for (size_t i = 0; i < j->n_hosts; i++) {
		free(j->hosts[i].gpus);
	}
	free(j->hosts);
}

static int no_memory(struct gpubroker_error *reterr)
{
	return gpubroker_fail(
		reterr, GPUBROKER_E_INTERNAL, "no memory for the hosts of the region");
}

/* ---- hypervisors by service host ---- */

static int compare_hosts(const void *a, const void *b)
{
	const struct nova_hypervisor *x = ((const struct gpu_host *)a)->hypervisor;
	const struct nova_hypervisor *y = ((const struct gpu_host *)b)->hypervisor;
	int order = strcmp(x->host, y->host);

	return order != 0 ? order : (x > y) - (x < y);
}

static int index_hypervisors(struct join *j, struct gpubroker_error *reterr)
{
	const struct nova_hypervisors *all = &j->region->hypervisors;

	j->hosts = calloc(all->n + 1, sizeof(*j->hosts));
	if (!j->hosts) {
		return no_memory(reterr);
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

/* The hypervisors of a service host: the first, and how many there are. Exact, case matters. */
static struct gpu_host *hosts_of(struct join *j, const char *service_host, size_t *ret_n)
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

static const char *host_name(const struct gpu_host *h)
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

static struct gpubroker_gpus *gpus_of(const struct gpu_host *h, const char *type)
{
	for (size_t i = 0; i < h->n_gpus; i++) {
		if (strcmp(h->gpus[i].type, type) == 0) {
			return &h->gpus[i];
		}
	}
	return NULL;
}

/* A host that two aggregates name has both types; of one type it has what the more modest one says. */
static int give_gpus(struct join *j, struct gpu_host *h, const char *type, int64_t count,
	struct gpubroker_error *reterr)
{
	struct gpubroker_gpus *known = gpus_of(h, type);

	if (known) {
		if (known->total != count) {
			note(j->notes, j->core,
				"host is in aggregates that differ name=%s gpu_type=%s gpu_count=%" PRId64
				" other=%" PRId64 " counted=the smaller",
				host_name(h), type, known->total, count);
		}
		known->total = MIN(known->total, count);
		return 0;
	}
	if (h->n_gpus >= TYPES_MAX || !GROW(h->gpus, h->n_gpus, h->room)) {
		return gpubroker_fail(reterr,
			h->n_gpus >= TYPES_MAX ? GPUBROKER_E_LIMIT : GPUBROKER_E_INTERNAL,
			"host '%s': no room for GPU type '%s'", host_name(h), type);
	}
	h->gpus[h->n_gpus++] = (struct gpubroker_gpus){.type = type, .total = count};
	return 0;
}

static int join_aggregate(struct join *j, const struct nova_aggregate *a, const char *type,
	int64_t count, struct gpubroker_error *reterr)
{
	for (size_t i = 0; i < a->n_hosts; i++) {
		size_t n;
		struct gpu_host *hosts = hosts_of(j, a->hosts[i], &n);

		if (n == 0) {
			note(j->notes, j->core,
				"host skipped name=%s aggregate=%s reason=no hypervisor record",
				a->hosts[i], a->name);
		}
		for (size_t k = 0; k < n; k++) {
			int r = give_gpus(j, &hosts[k], type, count, reterr);

			if (r < 0) {
				return r;
			}
		}
	}
	return 0;
}

static int join_aggregates(struct join *j, struct gpubroker_error *reterr)
{
	const struct nova_aggregates *all = &j->region->aggregates;
	bool has_gpus = false;

	for (size_t i = 0; i < all->n; i++) {
		const struct nova_aggregate *a = &all->items[i];
		const char *type, *why;
		int64_t count;
		enum gpus_said said = aggregate_gpus(a, &type, &count, &why);
		int r = said == GPUS_YES ? join_aggregate(j, a, type, count, reterr) : 0;

		if (r < 0) {
			return r;
		}
		has_gpus |= said != GPUS_NO;
		if (said == GPUS_BROKEN) {
			note(j->notes, j->core,
				"aggregate skipped name=%s id=%" PRId64 " reason=%s", a->name,
				a->id, why);
		}
	}
	if (!has_gpus) {
		note(j->notes, j->core,
			"no GPU hosts aggregates=%zu reason=no aggregate has gpu=true (with gpu_count and gpu_type)",
			all->n);
	}
	return 0;
}

/* ---- servers ---- */

bool server_holds(const struct nova_server *s)
{
	const char *vm = s->vm_state ? s->vm_state : "";
	const char *status = s->status ? s->status : "";

	if (!s->host || s->is_stub || strcmp(vm, "deleted") == 0 ||
		strcmp(status, "DELETED") == 0) {
		return false;
	}
	if (strcmp(vm, "shelved_offloaded") == 0 ||
		(!*vm && strcmp(status, "SHELVED_OFFLOADED") == 0)) {
		return s->task_state && strcmp(s->task_state, "spawning") == 0; /* unshelving */
	}
	return true;
}

/* The hypervisor a server runs on, if it has GPUs. */
static struct gpu_host *host_of_server(struct join *j, const struct nova_server *s)
{
	size_t n;
	struct gpu_host *hosts = hosts_of(j, s->host, &n);

	for (size_t i = 0; i < n; i++) {
		bool here =
			n == 1 || (s->node && strcmp(s->node, hosts[i].hypervisor->hostname) == 0);

		if (here && hosts[i].n_gpus > 0) {
			return &hosts[i];
		}
	}
	return NULL;
}

static int count_server(struct join *j, struct gpu_host *h, const struct nova_server *s,
	struct gpubroker_error *reterr)
{
	_cleanup_(alias_requests_finish) struct alias_requests requests = {0};
	struct gpubroker_error odd = {0};
	int r = alias_parse_held(s->alias, &requests, &odd);

	if (r < 0) {
		return gpubroker_fail(reterr, odd.code, "%s", odd.text);
	}
	if (r == ALIAS_PARTLY) {
		note(j->notes, j->core, "server not counted fully id=%s host=%s reason=%s", s->id,
			host_name(h), odd.text);
	}
	for (size_t i = 0; i < requests.n; i++) {
		const char *alias = requests.items[i].alias;
		struct gpubroker_gpus *gpus =
			gpus_of(h, alias_gpu_type(&j->policy->alias_map, alias));

		if (gpus) {
			gpus->used = MIN(gpus->used + requests.items[i].count, ALIAS_COUNT_MAX);
		} else if (requests.items[i].count > 0) {
			note(j->notes, j->core,
				"server not counted id=%s host=%s alias=%s reason=the host has no such GPUs",
				s->id, host_name(h), alias);
		}
	}
	return 0;
}

static int join_server(struct join *j, const struct nova_server *s, struct gpubroker_error *reterr)
{
	struct gpu_host *h;

	if (s->is_stub) {
		return gpubroker_fail(reterr, GPUBROKER_E_INCOMPLETE,
			"server '%s' is in a cell that is down", s->id);
	}
	if (!s->has_host_key && (s->alias || !s->has_extra_specs)) {
		return gpubroker_fail(reterr, GPUBROKER_E_DENIED,
			"server '%s' does not show OS-EXT-SRV-ATTR:host: the role may not see it",
			s->id);
	}
	h = server_holds(s) ? host_of_server(j, s) : NULL;
	if (!h) {
		return 0;
	}
	if (!s->has_flavor) {
		return gpubroker_fail(reterr, GPUBROKER_E_INCOMPLETE,
			"server '%s' on GPU host '%s' has lost its flavor", s->id, host_name(h));
	}
	if (!s->has_extra_specs) {
		return gpubroker_fail(reterr, GPUBROKER_E_DENIED,
			"server '%s' on GPU host '%s' does not show flavor.extra_specs: the role may not see them",
			s->id, host_name(h));
	}
	return s->alias ? count_server(j, h, s, reterr) : 0;
}

static int join_servers(struct join *j, struct gpubroker_error *reterr)
{
	for (size_t i = 0; i < j->region->servers.n; i++) {
		int r = join_server(j, &j->region->servers.items[i], reterr);

		if (r < 0) {
			return r;
		}
	}
	return 0;
}

/* ---- hosts into the inventory ---- */

static enum gpubroker_host_state host_state(const struct nova_hypervisor *h)
{
	if (h->status && strcmp(h->status, "disabled") == 0) {
		return GPUBROKER_HOST_DISABLED;
	}
	return h->state && strcmp(h->state, "down") == 0 ? GPUBROKER_HOST_DOWN : GPUBROKER_HOST_UP;
}

static int64_t within(int64_t value, int64_t least, int64_t most)
{
	return MAX(least, MIN(value, most));
}

static struct gpubroker_amount amount(
	int64_t total, int64_t free_now, double ratio, double default_ratio)
{
	ratio = ratio > 0 ? ratio : default_ratio;
	total = within(total, 0, AMOUNT_MAX);
	return (struct gpubroker_amount){
		.total = total,
		.used = within(
			total - within(free_now, -AMOUNT_MAX, AMOUNT_MAX), -AMOUNT_MAX, AMOUNT_MAX),
		.ratio_micro = (int64_t)(ratio * GPUBROKER_RATIO_ONE + 0.5),
	};
}

/* The number that is missing, or NULL. */
static const char *missing_number(const struct nova_hypervisor *h)
{
	return h->no_vcpus      ? "vcpus or vcpus_used"
	       : h->no_memory   ? "memory_mb"
	       : h->no_free_ram ? "free_ram_mb"
	       : h->no_disk     ? "local_gb"
	       : h->no_disk_available_least && h->no_free_disk
		       ? "disk_available_least and free_disk_gb"
		       : NULL;
}

static void fill_amounts(struct gpubroker_host *host, const struct nova_hypervisor *h,
	const struct join_policy *policy)
{
	int64_t free_disk = h->no_disk_available_least ? h->free_disk_gb : h->disk_available_least;

	host->vcpus = amount(h->vcpus, 0, policy->cpu_allocation_ratio, 4.0);
	host->vcpus.used = within(h->vcpus_used, 0, AMOUNT_MAX);
	host->ram_mib = amount(h->memory_mb, h->free_ram_mb, policy->ram_allocation_ratio, 1.0);
	host->disk_gib = amount(h->local_gb, free_disk, policy->disk_allocation_ratio, 1.0);
}

static int add_host(struct join *j, const struct gpu_host *h, struct gpubroker_inventory *out,
	struct gpubroker_error *reterr)
{
	const struct nova_hypervisor *hypervisor = h->hypervisor;
	const char *missing = missing_number(hypervisor);
	struct gpubroker_host host = {
		.name = host_name(h),
		.state = host_state(hypervisor),
		.reason = hypervisor->disabled_reason,
		.gpus = h->gpus,
		.n_gpus = h->n_gpus,
	};

	if (!text_is_name(host.name)) {
		note(j->notes, j->core, "host skipped name=%.60s reason=not a name", host.name);
		return 0;
	}
	if (missing && host.state == GPUBROKER_HOST_UP) {
		return gpubroker_fail(reterr, GPUBROKER_E_INCOMPLETE,
			"GPU host '%s' is in service but does not say its %s", host.name, missing);
	}
	if (!missing) {
		fill_amounts(&host, hypervisor, j->policy);
	}
	return j->core->add_host(out, &host, reterr);
}

static int add_hosts(
	struct join *j, struct gpubroker_inventory *out, struct gpubroker_error *reterr)
{
	for (size_t i = 0; i < j->n_hosts; i++) {
		int r = j->hosts[i].n_gpus > 0 ? add_host(j, &j->hosts[i], out, reterr) : 0;

		if (r < 0) {
			return r;
		}
	}
	return 0;
}

int join_region(const struct gpubroker_core *core, const struct nova_region *region,
	const struct join_policy *policy, struct notes *notes, struct gpubroker_inventory *out,
	struct gpubroker_error *reterr)
{
	_cleanup_(join_finish) struct join j = {
		.core = core, .region = region, .policy = policy, .notes = notes};
	int r;

	notes_begin(notes);
	r = index_hypervisors(&j, reterr);
	r = r < 0 ? r : join_aggregates(&j, reterr);
	r = r < 0 ? r : join_servers(&j, reterr);
	r = r < 0 ? r : add_hosts(&j, out, reterr);
	return r < 0 ? r : join_flavors(core, region, policy, notes, out, reterr);
}
