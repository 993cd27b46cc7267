/* SPDX-License-Identifier: Apache-2.0 */
/* A plugin to start from: a region whose hosts are all alike, as the options say. Put your cloud's calls
 * where collect() makes them up. */
#include <gpubroker/plugin.h>

#include <stdio.h>

/* The core fills it from the region's options, before open(). Members that are not in the table below are
 * yours, and zero at first. */
struct self {
	char *gpu_type;
	int64_t hosts, gpus_per_host, gpus_used;
	const struct gpubroker_core *core;
};

#define ROW(type_, member, ...)                                                                    \
	{                                                                                          \
		.type = (type_), .key = #member, .offset = offsetof(struct self, member),          \
		__VA_ARGS__                                                                        \
	}

static const struct gpubroker_option options[] = {
	ROW(GPUBROKER_STRING, gpu_type, .required = true,
		.doc = "The type of all GPUs, as in \"A100\"."),
	ROW(GPUBROKER_INTEGER, hosts, .def = "1", .min = 1, .max = 1000,
		.doc = "How many hosts there are."),
	ROW(GPUBROKER_INTEGER, gpus_per_host, .def = "4", .min = 1, .max = 64,
		.doc = "GPUs of each host."),
	ROW(GPUBROKER_INTEGER, gpus_used, .def = "0", .min = 0, .max = 64,
		.doc = "GPUs of each host that servers hold."),
	{.key = NULL},
};

/* Once: what the table cannot check. */
static int example_open(
	void *self_, const struct gpubroker_core *core, struct gpubroker_error *reterr)
{
	struct self *self = self_;

	self->core = core;
	if (self->gpus_used > self->gpus_per_host) {
		return gpubroker_fail(
			reterr, GPUBROKER_E_CONFIG, "gpus_used is above gpus_per_host");
	}
	return 0;
}

static int add_hosts(
	const struct self *self, struct gpubroker_inventory *out, struct gpubroker_error *reterr)
{
	const struct gpubroker_gpus gpus = {
		.type = self->gpu_type, .total = self->gpus_per_host, .used = self->gpus_used};

	for (int64_t i = 1; i <= self->hosts; i++) {
		char name[32];
		int r;

		snprintf(name, sizeof(name), "host-%lld", (long long)i);
		r = self->core->add_host(out,
			&(struct gpubroker_host){
				.name = name,
				.vcpus = {.total = 64},
				.ram_mib = {.total = 512 * 1024},
				.disk_gib = {.total = 4000},
				.gpus = &gpus,
				.n_gpus = 1,
			},
			reterr);
		if (r < 0) {
			return r;
		}
	}
	return 0;
}

/* One complete reading. What fits is counted by the core. */
static int example_collect(
	void *self_, struct gpubroker_inventory *out, struct gpubroker_error *reterr)
{
	const struct self *self = self_;
	const struct gpubroker_need need = {.type = self->gpu_type, .count = 1};
	int r = add_hosts(self, out, reterr);

	if (r < 0) {
		return r;
	}
	return self->core->add_flavor(out,
		&(struct gpubroker_flavor){
			.id = "1",
			.name = "example.1",
			.vcpus = 8,
			.ram_mib = 64 * 1024,
			.disk_gib = 100,
			.is_public = true,
			.gpus = &need,
			.n_gpus = 1,
		},
		reterr);
}

static void example_close(void *self)
{
	(void)self; /* nothing was opened */
}

/* clang-format off */
GPUBROKER_PLUGIN(
	.name = "example",
	.version = "1",
	.summary = "hosts that are all alike, to start a plugin from",
	.self_size = sizeof(struct self),
	.options = options,
	.open = example_open,
	.collect = example_collect,
	.close = example_close);
