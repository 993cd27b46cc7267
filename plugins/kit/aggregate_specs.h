/* SPDX-License-Identifier: Apache-2.0 */
/* aggregate_instance_extra_specs:KEY = REQUIREMENT of a flavor against the metadata of a host's aggregates, as
 * Nova's AggregateInstanceExtraSpecsFilter judges it (nova/scheduler/filters/aggregate_instance_extra_specs.py,
 * extra_specs_ops.py). In an inventory such a pair is one word, required of hosts:
 * "aggregate_instance_extra_specs:KEY=REQUIREMENT". A host has the word if its aggregates satisfy it. */
#ifndef KIT_AGGREGATE_SPECS_H
#define KIT_AGGREGATE_SPECS_H

#include "kit/nova_reply.h"

#define AGGREGATE_SPEC_SCOPE "aggregate_instance_extra_specs:"

bool aggregate_spec_is_word(const char *word); /* else it is a trait */

/* Whether a host with these aggregates has the word; false also for a word that is none of these. */
bool aggregate_spec_holds(const char *word, const struct nova_aggregate *const *aggregates, size_t n);

/* One value against one requirement: "ssd", "s== ssd", ">= 2", "<in> ss", "<all-in> s d", "<or> ssd <or> nvme". */
bool aggregate_spec_matches(const char *value, const char *requirement);

#endif
