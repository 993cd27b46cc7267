/* SPDX-License-Identifier: Apache-2.0 */
/* What is asked of Nova and of Placement: see calls.h. */
#include "openstack/calls.h"

#include "openstack/nova_calls.h"
#include "openstack/placement_calls.h"

#include <string.h>

/* Upper ends: 2.88 takes the capacity out of hypervisors, 2.102 takes a field out of flavors, 2.73 makes
 * listing servers dearer. Lower ends: service uuids (2.53), the embedded flavor (2.47). 2.69 shows a cell that
 * is down in os-services; an older cloud cannot, and its flavors may come without extra specs (2.61). */
/* clang-format off */
const struct call calls[N_CALLS] = {
	[CALL_SERVICES] = {.name = "os-services",
		.query = "binary=nova-compute",
		.floor = 53,
		.wanted = 79,
		.take = take_services},
	[CALL_AGGREGATES] = {.name = "os-aggregates", .floor = 41, .wanted = 79, .take = take_aggregates},
	[CALL_HYPERVISORS] = {.name = "os-hypervisors/detail",
		.floor = 53,
		.wanted = 79,
		.paging = PAGING_EMPTY,
		.take = take_hypervisors},
	[CALL_FLAVORS] = {.name = "flavors/detail",
		.query = "is_public=None",
		.floor = 53,
		.wanted = 79,
		.paging = PAGING_EMPTY,
		.take = take_flavors},
	[CALL_EXTRA_SPECS] = {.name = "flavors/%s/os-extra_specs",
		.floor = 53,
		.wanted = 79,
		.take = take_extra_specs},
	/* soft_deleted adds servers that wait for their end with their GPUs to those that are not deleted. */
	[CALL_SERVERS] = {.name = "servers/detail",
		.query = "all_tenants=1&soft_deleted=true",
		.subject_key = "host",
		.floor = 47,
		.wanted = 72,
		.paging = PAGING_LINK,
		.link = "\"servers_links\"",
		.take = take_servers},
	[CALL_SERVER] = {.name = "servers/%s", .floor = 47, .wanted = 72, .may_be_gone = true, .take = take_server},
	[CALL_PRIVATE_FLAVORS] = {.name = "flavors/detail",
		.query = "is_public=false",
		.floor = 53,
		.wanted = 79,
		.paging = PAGING_EMPTY,
		.take = take_private_flavors},
	/* What waits for a confirmation, perhaps for weeks; and what has changed lately, whatever its status. */
	[CALL_FINISHED_MIGRATIONS] = {.name = "os-migrations",
		.query = "status=finished",
		.floor = 59,
		.wanted = 79,
		.paging = PAGING_LINK,
		.link = "\"migrations_links\"",
		.take = take_migrations},
	[CALL_RECENT_MIGRATIONS] = {.name = "os-migrations",
		.subject_key = "changes-since",
		.floor = 59,
		.wanted = 79,
		.paging = PAGING_LINK,
		.link = "\"migrations_links\"",
		.take = take_migrations},

	/* 1.29 shows the whole tree of a host; 1.31 can ask for one tree; 1.38 names consumers' types, and no answer
	 * has changed in 1.39. One group of one class: a query of several is a product that Placement may die of. */
	[CALL_CANDIDATES_VCPU] = {.service = SERVICE_PLACEMENT,
		.name = "allocation_candidates",
		.query = "resources=VCPU:1",
		.subject_key = "member_of",
		.floor = 29,
		.wanted = 39,
		.take = take_candidates},
	[CALL_CANDIDATES_RAM] = {.service = SERVICE_PLACEMENT,
		.name = "allocation_candidates",
		.query = "resources=MEMORY_MB:1",
		.subject_key = "member_of",
		.floor = 29,
		.wanted = 39,
		.take = take_candidates},
	[CALL_CANDIDATES_DISK] = {.service = SERVICE_PLACEMENT,
		.name = "allocation_candidates",
		.query = "resources=DISK_GB:1",
		.subject_key = "member_of",
		.floor = 29,
		.wanted = 39,
		.take = take_candidates},
	[CALL_CANDIDATES_TREE] = {.service = SERVICE_PLACEMENT,
		.name = "allocation_candidates",
		.query = "resources=VCPU:1",
		.subject_key = "in_tree",
		.floor = 31,
		.wanted = 39,
		.take = take_candidates},
	[CALL_TREE] = {.service = SERVICE_PLACEMENT,
		.name = "resource_providers",
		.subject_key = "in_tree",
		.floor = 29,
		.wanted = 39,
		.take = take_providers},
	[CALL_INVENTORIES] = {.service = SERVICE_PLACEMENT,
		.name = "resource_providers/%s/inventories",
		.floor = 29,
		.wanted = 39,
		.may_be_gone = true,
		.take = take_inventories},
	[CALL_USAGES] = {.service = SERVICE_PLACEMENT,
		.name = "resource_providers/%s/usages",
		.floor = 29,
		.wanted = 39,
		.may_be_gone = true,
		.take = take_usages},
	[CALL_TRAITS] = {.service = SERVICE_PLACEMENT,
		.name = "resource_providers/%s/traits",
		.floor = 29,
		.wanted = 39,
		.may_be_gone = true,
		.take = take_traits},
	[CALL_ALLOCATIONS] = {.service = SERVICE_PLACEMENT,
		.name = "allocations/%s",
		.floor = 29,
		.wanted = 39,
		.take = take_allocations},
};
/* clang-format on */

static void add_parameter(struct text *out, char *separator, const char *key, const char *value)
{
	if (!value) {
		return;
	}
	text_addf(out, "%c%s=", *separator, key);
	text_add_url(out, value);
	*separator = '&';
}

void call_url(struct text *out, const struct call *call, const char *base, const char *subject,
	const char *marker)
{
	const char *hole = strstr(call->name, "%s");
	char separator = '?';

	text_addf(out, "%s/", base);
	if (hole) {
		text_add_n(out, call->name, (size_t)(hole - call->name));
		text_add_url(out, subject);
		text_add(out, hole + 2);
	} else {
		text_add(out, call->name);
	}
	if (call->query) {
		text_addf(out, "?%s", call->query);
		separator = '&';
	}
	if (call->subject_key) {
		add_parameter(out, &separator, call->subject_key, subject);
	}
	add_parameter(out, &separator, "marker", marker);
}
