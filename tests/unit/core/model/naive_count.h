/* SPDX-License-Identifier: Apache-2.0 */
/* A second, slow way to count: it puts servers on a host one by one until one does not fit. */
#ifndef NAIVE_COUNT_H
#define NAIVE_COUNT_H

#include "model/inventory.h"

/* Of a host whose GPUs are told without devices. empty: as if nothing ran there. */
int64_t naive_on_host(const struct gpubroker_host *, const struct gpubroker_flavor *, bool empty);

#endif
