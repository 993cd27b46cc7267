/* SPDX-License-Identifier: Apache-2.0 */
/* Servers and migrations onto hosts: who holds which GPUs. Part of join_region(). */
#include "kit/cleanup.h"
#include "kit/finding.h"
#include "kit/join/join_region.h"
#include "kit/migration.h"

#include <string.h>

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

/* The hypervisor of a service host, if it has GPUs; node says which where there are several. */
static struct join_host *gpu_host(struct join *j, const char *host, const char *node)
{
	size_t n;
	struct join_host *hosts = join_hosts_of(j, host, &n);

	for (size_t i = 0; i < n; i++) {
		bool here = n == 1 || (node && strcmp(node, hosts[i].hypervisor->hostname) == 0);

		if (here && hosts[i].n_gpus > 0) {
			return &hosts[i];
		}
	}
	return NULL;
}

/* The log has each server, doctor each alias. */
static int tell_unmapped(struct join *j, const struct join_host *h, const struct nova_server *s,
	const char *alias, struct gpubroker_error *reterr)
{
	_cleanup_(freep) char *copy = NULL;

	note(j->notes, j->core,
		"server not counted id=%s host=%s alias=%s reason=the host has no such GPUs", s->id,
		join_host_name(h), alias);
	for (size_t i = 0; i < j->n_unmapped; i++) {
		if (strcmp(j->unmapped[i].alias, alias) == 0) {
			j->unmapped[i].n++;
			return 0;
		}
	}
	copy = strdup(alias);
	if (!copy || !GROW(j->unmapped, j->n_unmapped, j->room_unmapped)) {
		return join_no_memory(reterr);
	}
	j->unmapped[j->n_unmapped++] =
		(struct join_unmapped){TAKE_PTR(copy), s->id, join_host_name(h), 1};
	return 0;
}

/* What a flavor with these extra specs takes of a host. */
static int count_held(struct join *j, struct join_host *h, const struct nova_server *s,
	const struct nova_pair *specs, size_t n, struct gpubroker_error *reterr)
{
	_cleanup_(alias_requests_finish) struct alias_requests held = {0};
	struct gpubroker_error odd = {0};
	int r = request_held(specs, n, &held, &odd);

	if (r < 0) {
		return gpubroker_fail(reterr, odd.code, "%s", odd.text);
	}
	if (r == ALIAS_PARTLY) {
		note(j->notes, j->core, "server not counted fully id=%s host=%s reason=%s", s->id,
			join_host_name(h), odd.text);
	}
	for (size_t i = 0; i < held.n; i++) {
		const char *alias = held.items[i].alias;
		struct join_gpus *gpus =
			join_gpus_of(h, alias_gpu_type(&j->policy.alias_map, alias));

		if (gpus) {
			gpus->held = MIN(gpus->held + held.items[i].count, ALIAS_COUNT_MAX);
		} else if (held.items[i].count > 0) {
			r = tell_unmapped(j, h, s, alias, reterr);
		}
		if (r < 0) {
			return r;
		}
	}
	return 0;
}

static int check_readable(const struct nova_server *s, struct gpubroker_error *reterr)
{
	if (s->is_stub) {
		return gpubroker_fail(reterr, GPUBROKER_E_INCOMPLETE,
			"server '%s' is in a cell that is down", s->id);
	}
	if (!s->has_host_key && (s->alias || !s->has_extra_specs)) {
		return gpubroker_fail(reterr, GPUBROKER_E_DENIED,
			"server '%s' does not show OS-EXT-SRV-ATTR:host: the role may not see it",
			s->id);
	}
	return 0;
}

static int check_flavor(
	const struct nova_server *s, const struct join_host *h, struct gpubroker_error *reterr)
{
	if (!s->has_flavor) {
		return gpubroker_fail(reterr, GPUBROKER_E_INCOMPLETE,
			"server '%s' on GPU host '%s' has lost its flavor", s->id,
			join_host_name(h));
	}
	if (!s->has_extra_specs) {
		return gpubroker_fail(reterr, GPUBROKER_E_DENIED,
			"server '%s' on GPU host '%s' does not show flavor.extra_specs: the role may not see them",
			s->id, join_host_name(h));
	}
	return 0;
}

static int join_server(struct join *j, const struct nova_server *s, struct gpubroker_error *reterr)
{
	struct join_host *h;
	int r = check_readable(s, reterr);

	if (r < 0) {
		return r;
	}
	h = server_holds(s) ? gpu_host(j, s->host, s->node) : NULL;
	r = h ? check_flavor(s, h, reterr) : 0;
	return r < 0 || !h ? r : count_held(j, h, s, s->extra_specs, s->n_extra_specs, reterr);
}

/* The end of a migration that the server's record does not show. */
static int join_migration(
	struct join *j, const struct nova_migration *m, struct gpubroker_error *reterr)
{
	const struct nova_server *s = migration_is_open(m) ? migration_server(j->region, m) : NULL;
	const struct nova_pair *specs;
	struct migration_end end;
	struct join_host *h;
	size_t n;

	if (!s || !migration_other_end(j->region, m, s, &end)) {
		return 0;
	}
	h = gpu_host(j, end.host, end.node);
	if (!h || !s->has_extra_specs) { /* if it matters join_server() has said so */
		return 0;
	}
	if (migration_held(j->region, m, s, &end, &specs, &n) == HELD_GUESSED) {
		note(j->notes, j->core,
			"migration counted by the server's present flavor id=%s host=%s reason=nothing tells which flavor is held there",
			s->id, join_host_name(h));
	}
	return count_held(j, h, s, specs, n, reterr);
}

int join_servers(struct join *j, struct gpubroker_error *reterr)
{
	int r = 0;

	for (size_t i = 0; r == 0 && i < j->region->servers.n; i++) {
		r = join_server(j, &j->region->servers.items[i], reterr);
	}
	for (size_t i = 0; r == 0 && i < j->region->migrations.n; i++) {
		r = join_migration(j, &j->region->migrations.items[i], reterr);
	}
	return r;
}
