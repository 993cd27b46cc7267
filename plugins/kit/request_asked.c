/* SPDX-License-Identifier: Apache-2.0 */
/* What all flavors ask for, and what a server that runs holds: the rest of flavor_request.h. */
#include "kit/cleanup.h"
#include "kit/flavor_request.h"
#include "kit/spec_groups.h"

#include <string.h>

static int no_memory(struct gpubroker_error *reterr)
{
	return gpubroker_fail(
		reterr, GPUBROKER_E_INTERNAL, "no memory for the extra specs of a flavor");
}

/* ---- all flavors ---- */

void request_asked_finish(struct request_asked *a)
{
	word_set_finish(&a->words);
	word_set_finish(&a->classes);
}

static void add_words(struct request_asked *asked, const struct request *r)
{
	word_set_add_all(&asked->words, &r->required);
	word_set_add_all(&asked->words, &r->forbidden);
	for (size_t i = 0; i < r->n_needs; i++) {
		word_set_add_all(&asked->words, &r->words[i].required);
		word_set_add_all(&asked->words, &r->words[i].forbidden);
	}
	word_set_add_all(&asked->classes, &r->classes);
}

int request_asked_of(const struct nova_flavors *flavors, const struct request_rules *rules,
	struct request_asked *ret, struct gpubroker_error *reterr)
{
	_cleanup_(request_asked_finish) struct request_asked asked = {0};

	for (size_t i = 0; i < flavors->n; i++) {
		_cleanup_(request_finish) struct request r = {0};
		int code = request_parse(&flavors->items[i], rules, &r, reterr);

		if (code < 0) {
			return code;
		}
		add_words(&asked, &r);
	}
	if (asked.words.failed || asked.classes.failed) {
		return no_memory(reterr);
	}
	*ret = asked;
	asked = (struct request_asked){0};
	return 0;
}

/* ---- servers ---- */

static int hold(struct alias_requests *held, const char *name, int64_t count,
	struct gpubroker_error *reterr)
{
	for (size_t i = 0; i < held->n; i++) {
		if (strcmp(held->items[i].alias, name) == 0) {
			held->items[i].count = MIN(held->items[i].count + count, ALIAS_COUNT_MAX);
			return 0;
		}
	}
	if (held->n >= ALIAS_MAX_ENTRIES) {
		gpubroker_fail(reterr, GPUBROKER_E_CONFIG, "more than %d kinds of GPUs",
			ALIAS_MAX_ENTRIES);
		return ALIAS_PARTLY;
	}
	held->items[held->n].alias = strdup(name);
	if (!held->items[held->n].alias) {
		return no_memory(reterr);
	}
	held->items[held->n++].count = count;
	return 0;
}

static int hold_group(
	struct alias_requests *held, const struct spec_group *g, struct gpubroker_error *reterr)
{
	int outcome = 0;

	for (size_t i = 0; i < g->n_asks; i++) {
		const struct spec_ask *ask = &g->asks[i];
		int code = ask->amount > 0 && spec_class_is_accelerator(ask->class)
				   ? hold(held, ask->class, ask->amount, reterr)
				   : 0;

		if (code < 0) {
			return code;
		}
		outcome = code ? code : outcome;
	}
	return outcome;
}

static int hold_groups(struct alias_requests *held, const struct nova_pair *specs, size_t n,
	struct gpubroker_error *reterr)
{
	_cleanup_(spec_groups_finish) struct spec_groups groups = {0};
	_cleanup_(request_finish) struct request complaints = {0};
	int outcome = 0;

	for (size_t i = 0; i < n; i++) {
		spec_groups_take(&groups, &specs[i], &complaints);
	}
	if (groups.failed || complaints.remarks.failed) {
		return no_memory(reterr);
	}
	if (complaints.invalid[0]) {
		gpubroker_fail(reterr, GPUBROKER_E_CONFIG, "%s", complaints.invalid);
		outcome = ALIAS_PARTLY;
	}
	for (size_t i = 0; i < groups.n; i++) {
		int code = hold_group(held, &groups.items[i], reterr);

		if (code < 0) {
			return code;
		}
		outcome = code ? code : outcome;
	}
	return outcome;
}

int request_held(const struct nova_pair *specs, size_t n, struct alias_requests *ret,
	struct gpubroker_error *reterr)
{
	_cleanup_(alias_requests_finish) struct alias_requests held = {0};
	const char *alias = nova_pair_value(specs, n, "pci_passthrough:alias");
	int by_alias = alias ? alias_parse_held(alias, &held, reterr) : 0, by_class;

	if (by_alias < 0) {
		return by_alias;
	}
	if (!held.items) {
		held.items = calloc(ALIAS_MAX_ENTRIES, sizeof(*held.items));
	}
	if (!held.items) {
		return no_memory(reterr);
	}
	by_class = hold_groups(&held, specs, n, reterr);
	if (by_class < 0) {
		return by_class;
	}
	*ret = held;
	held = (struct alias_requests){0};
	return by_class ? by_class : by_alias;
}
