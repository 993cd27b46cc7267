/* SPDX-License-Identifier: Apache-2.0 */
/* Doctor's look at a cloud: see examine.h. */
#include "openstack/examine.h"

#include "kit/cleanup.h"
#include "kit/finding.h"
#include "openstack/calls.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

enum { CLOCKS_APART_S = 60 };

/* ---- addresses ---- */

static bool is_https(const char *url)
{
	return strncasecmp(url, "https://", 8) == 0;
}

static void examine_addresses(const struct nova *n)
{
	const struct cloud *c = n->keystone->cloud;
	const char *host = strstr(c->auth_url, "://") + 3;
	bool is_local = strncmp(host, "127.", 4) == 0 || strncmp(host, "[::1]", 5) == 0 ||
			strncmp(host, "localhost", 9) == 0;

	if (!is_https(c->auth_url) && !is_local) {
		finding_add(n->core, GPUBROKER_WARN, "address", c->auth_url, NULL,
			"auth_url is http: the password and every token are readable on the way");
	}
	if (c->insecure) {
		finding_add(n->core, GPUBROKER_WARN, "address", c->auth_url, NULL,
			"insecure is set: certificates are not checked, anybody on the way may be the cloud; set cacert instead");
	}
}

static void examine_endpoints(const struct nova *n)
{
	const bool secure = is_https(n->keystone->cloud->auth_url);

	for (int i = 0; i < N_SERVICES; i++) {
		const char *base = n->keystone->endpoints[i].base;

		if (!base) {
			continue;
		}
		finding_add(n->core, GPUBROKER_INFO, "catalog", services[i].word, NULL,
			"%s is at %s", services[i].word, base);
		if (is_https(base) != secure) {
			finding_add(n->core, GPUBROKER_WARN, "address", services[i].word, NULL,
				"%s is %s where Keystone is %s: a proxy in front may be missing in the catalog",
				base, secure ? "http" : "https", secure ? "https" : "http");
		}
	}
	if (!n->keystone->endpoints[SERVICE_PLACEMENT].base) {
		finding_add(n->core, GPUBROKER_WARN, "catalog", "placement", NULL,
			"%s: ratios, reserved amounts and devices of hosts stay unknown, numbers follow Nova",
			n->keystone->no_placement.text);
	}
}

static void examine_clock(const struct nova *n)
{
	const int64_t ahead_s = n->keystone->ahead_ms / 1000;

	if (llabs((long long)ahead_s) >= CLOCKS_APART_S) {
		finding_add(n->core, GPUBROKER_WARN, "clock", NULL, "timedatectl set-ntp true",
			"the cloud's clock is %lld s %s of this machine's",
			llabs((long long)ahead_s), ahead_s > 0 ? "ahead" : "behind");
	}
}

/* ---- roles and policies ---- */

/* What a cloud calls itself ends up in a command line that somebody copies. */
static const char *word_or(const char *name, const char *otherwise)
{
	static const char plain[] =
		"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789 ._@+-";

	return name && name[0] && name[0] != '-' && !name[strspn(name, plain)] ? name : otherwise;
}

static void role_command(const struct nova *n, char *out, size_t room)
{
	const struct keystone *k = n->keystone;

	snprintf(out, room, "openstack role add --user '%s' --project '%s' admin",
		word_or(k->user_name, "USER"), word_or(k->project_name, "PROJECT"));
}

static void examine_role(const struct nova *n)
{
	char command[400];

	if (n->keystone->is_admin) {
		finding_add(n->core, GPUBROKER_INFO, "role", n->keystone->user_name, NULL,
			"the token has the role admin in project %s",
			n->keystone->project_name ? n->keystone->project_name : "?");
		return;
	}
	role_command(n, command, sizeof(command));
	finding_add(n->core, GPUBROKER_WARN, "role", n->keystone->user_name, command,
		"the token lacks the role admin: Nova then needs policies of its own for this role, and may hide private flavors");
}

static const struct {
	const char *call, *cost;
} costs[] = {
	{"os-services",                       "a cell that is down looks like a failure of Nova"                  },
	{"os-aggregates",                     "GPU hosts are not known: there are no numbers"                     },
	{"os-hypervisors/detail",             "what hosts have is not known: there are no numbers"                },
	{"flavors/detail",                    "flavors are not known, or some are hidden: there are no numbers"   },
	{"flavors/%s/os-extra_specs",
         "which flavors ask for GPUs is not known: there are no numbers"                                          },
	{"servers/detail",                    "which GPUs are in use is not known: there are no numbers"          },
	{"servers/%s",			"what a server on the move holds is not known: there are no numbers"},
	{"os-migrations",
         "GPUs that a server holds on the host it leaves are shown as free until its resize is confirmed"         },
	{"allocation_candidates",             "numbers follow Nova, with one CPU ratio for all hosts"             },
	{"resource_providers",                "hosts that are full are not known to Placement's numbers"          },
	{"resource_providers/%s/inventories",
         "reserved amounts and the largest server of a host are not known"                                        },
	{"resource_providers/%s/usages",      "what is used on a full host is not known"                          },
	{"resource_providers/%s/traits",      "traits of a full host are not known"                               },
	{"allocations/%s",
         "what a server on the move holds elsewhere is guessed from its new flavor"                               },
};

static const char *cost_of(const char *call)
{
	for (size_t i = 0; i < ARRAY_SIZE(costs); i++) {
		if (strcmp(costs[i].call, call) == 0) {
			return costs[i].cost;
		}
	}
	return "Placement's numbers cannot be used";
}

static void policy_command(
	const struct nova *n, enum service_id service, const char *policy, char *out, size_t room)
{
	if (!n->keystone->is_admin) {
		role_command(n, out, room);
		return;
	}
	snprintf(out, room, "echo '\"%s\": \"role:admin\"' >> /etc/%s/policy.yaml", policy,
		services[service].word);
}

struct examination {
	struct nova *nova;
	struct {
		const char *call;
		enum gpubroker_code code;
	} told[N_CALLS * 2]; /* what 200 hosts have in common is said once */
	size_t n_told;
};

static bool is_told(struct examination *e, const char *call, enum gpubroker_code code)
{
	for (size_t i = 0; i < e->n_told; i++) {
		if (e->told[i].code == code && strcmp(e->told[i].call, call) == 0) {
			return true;
		}
	}
	if (e->n_told < ARRAY_SIZE(e->told)) {
		e->told[e->n_told].call = call;
		e->told[e->n_told++].code = code;
	}
	return false;
}

static void on_error(void *user, enum service_id service, const char *call, const char *policy,
	const struct gpubroker_error *error)
{
	struct examination *e = user;
	const struct nova *n = e->nova;
	const char *cost = cost_of(call);
	bool is_fatal = service == SERVICE_NOVA && strcmp(call, "os-migrations") != 0;
	char command[400] = "";

	if (is_told(e, call, error->code)) {
		return;
	}
	if (error->code == GPUBROKER_E_DENIED && policy[0]) {
		policy_command(n, service, policy, command, sizeof(command));
	} else if (error->code == GPUBROKER_E_DENIED) {
		role_command(n, command, sizeof(command));
	}
	finding_add(n->core, is_fatal ? GPUBROKER_ERROR : GPUBROKER_WARN,
		error->code == GPUBROKER_E_DENIED       ? "policy"
		: error->code == GPUBROKER_E_INCOMPLETE ? "cell"
							: services[service].word,
		policy[0] ? policy : call, command, "%s; %s", error->text, cost);
}

/* ---- all of it ---- */

static void examine_versions(const struct nova *n)
{
	for (int i = 0; i < N_SERVICES; i++) {
		if (n->versions[i].max > 0) {
			finding_add(n->core, GPUBROKER_INFO, services[i].word, NULL, NULL,
				"%s speaks microversions %d.%d to %d.%d", services[i].word,
				services[i].major, n->versions[i].min, services[i].major,
				n->versions[i].max);
		}
	}
}

static int log_in(const struct nova *n, struct gpubroker_error *reterr)
{
	int r;

	examine_addresses(n);
	r = keystone_login(n->keystone, reterr);
	if (r < 0) {
		finding_add(n->core, GPUBROKER_ERROR, r == GPUBROKER_E_CONFIG ? "catalog" : "login",
			n->keystone->cloud->auth_url, NULL, "%s", reterr->text);
		return r;
	}
	finding_add(n->core, GPUBROKER_INFO, "login", n->keystone->user_name, NULL,
		"Keystone gives a token");
	examine_endpoints(n);
	examine_clock(n);
	examine_role(n);
	return 0;
}

int examine_read(struct nova *n, struct nova_region *ret, struct gpubroker_error *reterr)
{
	struct examination e = {.nova = n};
	int r = log_in(n, reterr);

	if (r < 0) {
		return r;
	}
	n->on_error = on_error;
	n->user = &e;
	r = nova_read(n, ret, reterr);
	n->on_error = NULL;
	examine_versions(n);
	if (n->versions[SERVICE_NOVA].max == 0) {
		finding_add(n->core, GPUBROKER_ERROR, "nova", NULL, NULL,
			"%s; nothing can be asked of it", reterr->text);
	}
	if (r < 0) {
		memset(n->versions, 0, sizeof(n->versions));
	}
	return r;
}

bool examine_is_enough(const struct nova_region *region)
{
	return region->aggregates.n > 0 && region->hypervisors.n > 0 && region->flavors.n > 0;
}
