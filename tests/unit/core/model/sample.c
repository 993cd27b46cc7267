/* SPDX-License-Identifier: Apache-2.0 */
/* Ready-made snapshots and statuses: see sample.h. */
#include "sample.h"

#include "model/inventory.h"

static struct snapshot *count(
	const struct gpubroker_inventory *inv, const char *region, int64_t observed_at_ms)
{
	const struct snapshot_origin origin = {region, "broker-1", observed_at_ms, 250, MODEL_NOVA};
	struct snapshot *s = NULL;

	return snapshot_count(&s, inv, &origin, NULL) < 0 ? NULL : s;
}

struct snapshot *sample_snapshot(
	const char *region, int64_t observed_at_ms, const struct random_region *from)
{
	_cleanup_(inventory_finish) struct gpubroker_inventory inv = {0};
	int r = 0;

	for (size_t i = 0; r == 0 && i < from->n_hosts; i++) {
		r = inventory_add_host(&inv, &from->hosts[i], NULL);
	}
	for (size_t i = 0; r == 0 && i < from->n_flavors; i++) {
		r = inventory_add_flavor(&inv, &from->flavors[i], NULL);
	}
	return r < 0 ? NULL : count(&inv, region, observed_at_ms);
}

struct snapshot *sample_counted(const char *region, int64_t observed_at_ms,
	const struct gpubroker_flavor flavors[], const struct counted counts[], size_t n)
{
	_cleanup_(inventory_finish) struct gpubroker_inventory inv = {0};
	int r = 0;

	for (size_t i = 0; r == 0 && i < n; i++) {
		r = inventory_add_counted_flavor(
			&inv, &flavors[i], counts[i].total, counts[i].available, NULL);
	}
	return r < 0 ? NULL : count(&inv, region, observed_at_ms);
}

struct region_status sample_status(const char *name)
{
	return (struct region_status){.name = (char *)name,
		.title = (char *)"A title",
		.site = (char *)"a-site",
		.plugin = (char *)"openstack",
		.enabled = true,
		.attempted = true,
		.interval_ms = 30000,
		.stale_after_ms = 120000};
}
