/* SPDX-License-Identifier: Apache-2.0 */
/* A reading as documents that `replay` can read, with nothing in them that tells whose cloud it is: hosts, servers,
 * projects, migrations and providers have invented names and ids, used the same way everywhere. Flavors keep their
 * names and ids, aggregates the metadata that counts. */
#ifndef KIT_RECORD_H
#define KIT_RECORD_H

#include "kit/join.h"

/* One core->record() a document; nothing where core->record is NULL. alias_map: the configured one, whose classes keep
 * their names. < 0: INTERNAL, no memory. */
int record_region(const struct gpubroker_core *, const struct nova_region *, const struct gpubroker_groups *alias_map,
	struct gpubroker_error *reterr);

#endif
