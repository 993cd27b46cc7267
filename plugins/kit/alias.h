/* SPDX-License-Identifier: Apache-2.0 */
/* pci_passthrough:alias, by Nova's own grammar (nova/pci/request.py), and alias → GPU type. */
#ifndef KIT_ALIAS_H
#define KIT_ALIAS_H

#include <gpubroker/error.h>
#include <gpubroker/inventory.h>
#include <gpubroker/plugin.h>

struct alias_rule { /* a group of the option alias_map */
	char *alias, *gpu_type;
};

enum { ALIAS_MAX_ENTRIES = 64 };
struct alias_request {
	char *alias;   /* stripped */
	int64_t count; /* >= 0 */
};
struct alias_requests {
	struct alias_request *items;
	size_t n;
};
void alias_requests_finish(struct alias_requests *);

/* A whole number as Python's int() reads text: blanks around it, a sign, "1_0". More than ALIAS_COUNT_MAX of either
 * sign is ALIAS_COUNT_MAX: no host has as many. */
#define ALIAS_COUNT_MAX INT64_C(1000000000)
bool python_int(const char *text, size_t n, int64_t *ret);

/* "<alias>:<count>[,<alias>:<count>…]": blanks around both, counts as python_int(); the same alias twice adds
 * up. < 0: CONFIG with the reason ("alias 'V100' has no count"), or INTERNAL. */
int alias_parse(const char *text, struct alias_requests *ret, struct gpubroker_error *reterr);
/* The same of a server that runs, and so was accepted once: what can be read of a part counts ("V100:1:x" is
 * one V100), a part that cannot is left out. 0: all was read; ALIAS_PARTLY: *reterr says what was not;
 * < 0: INTERNAL. */
enum { ALIAS_PARTLY = 1 };
int alias_parse_held(const char *text, struct alias_requests *ret, struct gpubroker_error *reterr);

/* The GPU type an alias means: alias_map (groups of struct alias_rule), else the alias itself. */
const char *alias_gpu_type(const struct gpubroker_groups *alias_map, const char *alias);

#endif
