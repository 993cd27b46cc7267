/* SPDX-License-Identifier: Apache-2.0 */
/* What follows from a flavor's extra specs of hw: and os:, such as hw:mem_encryption: resources and traits that
 * Nova adds by itself (nova/scheduler/utils.py _translate_…), and what decides but no API shows. */
#ifndef KIT_SPEC_IMPLIED_H
#define KIT_SPEC_IMPLIED_H

#include "kit/spec_groups.h"

void spec_implied_read(const struct nova_flavor *, struct spec_groups *);
void spec_implied_remarks(const struct nova_flavor *, struct word_set *remarks);

#endif
