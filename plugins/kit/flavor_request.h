/* SPDX-License-Identifier: Apache-2.0 */
/* What one server of a flavor asks for: its sizes and all of its extra specs, by Nova's rules
 * (nova/scheduler/utils.py ResourceRequest, nova/objects/request_spec.py RequestGroup, nova/virt/hardware.py,
 * nova/pci/request.py). README.md has the rules and what was decided where an API does not show enough. */
#ifndef KIT_FLAVOR_REQUEST_H
#define KIT_FLAVOR_REQUEST_H

#include "kit/alias.h"
#include "kit/nova_reply.h"
#include "kit/word_set.h"

/* What the meaning of extra specs depends on. */
struct request_rules {
	const struct gpubroker_groups *alias_map; /* of struct alias_rule: for aliases and resource classes */
	/* Nova's API tells neither traits, dedicated CPUs nor devices: there, they become remarks. */
	enum gpubroker_capacity_model model;
};

enum {
	REQUEST_MAX_NEEDS = 64, /* as many as the core takes */
	REQUEST_MAX_WORDS = 256, /* of a list */
};

struct request_words { /* of a need */
	struct word_set required, forbidden;
};

struct request {
	struct gpubroker_need *needs; /* one a type, unit and words */
	size_t n_needs;
	bool wants_gpus; /* by alias or by a class that is one of accelerators: it is a GPU flavor */
	struct gpubroker_demand demand;
	bool has_demand; /* else what follows from the flavor's sizes */
	bool isolate;
	struct word_set required, forbidden; /* of hosts */
	struct word_set classes; /* resource classes it asks for besides VCPU, PCPU, MEMORY_MB and DISK_GB */
	struct word_set remarks;
	char invalid[480];     /* why it would not start, or not with what it promises; "": it would */
	char blame[256];       /* the extra spec that makes it so; "": more than one, or a size */
	char uncountable[480]; /* what cannot be known of it, so that no count would be true; "": nothing */
	struct request_words *words; /* one a need: what its lists lend */
};
void request_finish(struct request *);

/* < 0: INTERNAL, no memory. A flavor that is broken is an `invalid` request. */
int request_parse(const struct nova_flavor *, const struct request_rules *, struct request *ret,
	struct gpubroker_error *reterr);
/* needs, demand, words, remarks and, unless it has one, invalid of *f, lent by the request. */
void request_lend(const struct request *, struct gpubroker_flavor *f);

/* What some flavor asks for, so that hosts need to carry nothing else: the words that it requires or forbids of
 * hosts or devices, and resource classes by Placement's names. */
struct request_asked {
	struct word_set words, classes;
};
void request_asked_finish(struct request_asked *);
int request_asked_of(const struct nova_flavors *, const struct request_rules *,
	struct request_asked *ret, struct gpubroker_error *reterr);

/* What a server holds by its flavor's extra specs: aliases, and classes of accelerators, each as if it were an
 * alias. Returns as alias_parse_held() does. */
int request_held(const struct nova_pair *extra_specs, size_t n, struct alias_requests *ret,
	struct gpubroker_error *reterr);

#endif
