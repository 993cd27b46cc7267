/* SPDX-License-Identifier: Apache-2.0 */
/* A row for each rule of counting: see capacity_rows.h. */
#include "capacity_rows.h"

#include "base/mem.h"

#define UP       GPUBROKER_HOST_UP
#define DISABLED GPUBROKER_HOST_DISABLED
#define DOWN     GPUBROKER_HOST_DOWN
#define X1       GPUBROKER_RATIO_ONE
#define X4       (4 * GPUBROKER_RATIO_ONE)

#define GPUS(...)                                                                                  \
	.gpus = (const struct gpubroker_gpus[]){__VA_ARGS__},                                      \
	.n_gpus = ARRAY_SIZE(((const struct gpubroker_gpus[]){__VA_ARGS__}))
#define NEEDS(...)                                                                                 \
	.gpus = (const struct gpubroker_need[]){__VA_ARGS__},                                      \
	.n_gpus = ARRAY_SIZE(((const struct gpubroker_need[]){__VA_ARGS__}))

/* The reference hypervisor: 28 cores at a ratio of 4, 385,534 MiB, 7,392 GiB. */
#define REFERENCE(host_name, used_vcpus, used_ram, used_disk, ...)                                 \
	{                                                                                          \
		.name = host_name, .vcpus = {.total = 28, .used = used_vcpus, .ratio_micro = X4},  \
		.ram_mib = {.total = 385534, .used = used_ram},                                    \
		.disk_gib = {.total = 7392, .used = used_disk}, __VA_ARGS__                        \
	}
#define REFERENCE_PAIR                                                                             \
	{                                                                                          \
		REFERENCE("host3", 14, 65535, 2433, GPUS({"V100", 2, 1})),                         \
			REFERENCE("host4", 0, 0, 0, GPUS({"V100", 2, 0})),                         \
			REFERENCE("host1", 0, 0, 0)                                                \
	}
#define MEDIUM_SIZE .vcpus = 14, .ram_mib = 65535, .disk_gib = 50
#define LARGE_SIZE  .vcpus = 28, .ram_mib = 131070, .disk_gib = 50

/* A host with plenty of all but what the row says after it. */
#define ROOMY(host_name, ...)                                                                      \
	{                                                                                          \
		.name = host_name, .vcpus = {.total = 1000}, .ram_mib = {.total = 1000000},        \
		.disk_gib = {.total = 100000}, __VA_ARGS__                                         \
	}
#define SMALL .vcpus = 1, .ram_mib = 1, .disk_gib = 1

#define GOLD                                                                                       \
	{                                                                                          \
		(const char *const[]){"GOLD"}, 1                                                   \
	}
#define NONE                                                                                       \
	{                                                                                          \
		NULL, 0                                                                            \
	}
#define DEMAND(...)                                                                                \
	&(const struct gpubroker_demand)                                                           \
	{                                                                                          \
		__VA_ARGS__                                                                        \
	}
/* Four slices each, one of them used; and two devices, one used up for good. */
#define CARDS                                                                                      \
	(const struct gpubroker_device[])                                                          \
	{                                                                                          \
		{.total = 4, .used = 1},                                                           \
		{                                                                                  \
			.total = 4, .used = 1                                                      \
		}                                                                                  \
	}
#define ONCE                                                                                       \
	(const struct gpubroker_device[])                                                          \
	{                                                                                          \
		{.total = 1, .used = 1},                                                           \
		{                                                                                  \
			.total = 1                                                                 \
		}                                                                                  \
	}

/* clang-format off */
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Woverride-init" /* what a row says of a ROOMY host replaces plenty */
const struct capacity_row capacity_rows[] = {
	{"the reference set-up: medium", REFERENCE_PAIR,
		{.id = "m", MEDIUM_SIZE, NEEDS({"V100", 1})}, {4, 3, LIMIT_GPU}},
	{"the reference set-up: large", REFERENCE_PAIR,
		{.id = "l", LARGE_SIZE, NEEDS({"V100", 1})}, {4, 3, LIMIT_GPU}},
	{"the reference set-up: two GPUs", REFERENCE_PAIR,
		{.id = "2", LARGE_SIZE, NEEDS({"V100", 2})}, {2, 1, LIMIT_GPU}},
	{"an alias that no host has is 0/0", REFERENCE_PAIR,
		{.id = "f", MEDIUM_SIZE, NEEDS({"NOSUCH", 1})}, {0, 0, LIMIT_NO_HOST}},
	{"aliases are told apart by case", REFERENCE_PAIR,
		{.id = "f", MEDIUM_SIZE, NEEDS({"v100", 1})}, {0, 0, LIMIT_NO_HOST}},
	{"more GPUs than any host has", REFERENCE_PAIR,
		{.id = "f", MEDIUM_SIZE, NEEDS({"V100", 3})}, {0, 0, LIMIT_GPU}},

	{"a host must have every alias asked for",
		{ROOMY("a", GPUS({"V100", 4, 0})), ROOMY("b", GPUS({"V100", 4, 0}, {"A100", 2, 0}))},
		{.id = "f", SMALL, NEEDS({"V100", 1}, {"A100", 1})}, {2, 2, LIMIT_GPU}},
	{"the scarcest of several aliases counts",
		{ROOMY("a", GPUS({"V100", 8, 2}, {"A100", 8, 7}))},
		{.id = "f", SMALL, NEEDS({"V100", 2}, {"A100", 1})}, {4, 1, LIMIT_GPU}},
	{"a GPU count of 0 does not constrain, but only hosts of the type serve it",
		{ROOMY("a", GPUS({"V100", 2, 2})), ROOMY("b"), ROOMY("c", GPUS({"A100", 2, 0}))},
		{.id = "f", .vcpus = 1000, NEEDS({"V100", 0})}, {1, 1, LIMIT_VCPUS}},

	{"hosts that are disabled or down do not count",
		{ROOMY("a", .state = DISABLED, GPUS({"V", 4, 0})), ROOMY("b", .state = DOWN, GPUS({"V", 2, 0})),
			ROOMY("c", GPUS({"V", 1, 0}))},
		{.id = "f", SMALL, NEEDS({"V", 1})}, {1, 1, LIMIT_GPU}},
	{"none in service: no-host",
		{ROOMY("a", .state = DISABLED, GPUS({"V", 4, 0}))},
		{.id = "f", SMALL, NEEDS({"V", 1})}, {0, 0, LIMIT_NO_HOST}},
	{"an aggregate without GPUs has the alias, but none",
		{ROOMY("a", GPUS({"V", 0, 0}))},
		{.id = "f", SMALL, NEEDS({"V", 1})}, {0, 0, LIMIT_GPU}},

	{"the least of the four: vcpus",
		{ROOMY("a", .vcpus = {.total = 10, .used = 3}, GPUS({"V", 8, 0}))},
		{.id = "f", .vcpus = 2, .ram_mib = 1, .disk_gib = 1, NEEDS({"V", 1})}, {5, 3, LIMIT_VCPUS}},
	{"the least of the four: ram",
		{ROOMY("a", .ram_mib = {.total = 10, .used = 3}, GPUS({"V", 8, 0}))},
		{.id = "f", .vcpus = 1, .ram_mib = 2, .disk_gib = 1, NEEDS({"V", 1})}, {5, 3, LIMIT_RAM}},
	{"the least of the four: disk",
		{ROOMY("a", .disk_gib = {.total = 10, .used = 3}, GPUS({"V", 8, 0}))},
		{.id = "f", .vcpus = 1, .ram_mib = 1, .disk_gib = 2, NEEDS({"V", 1})}, {5, 3, LIMIT_DISK}},
	{"ties: gpu before all others",
		{{.name = "a", .vcpus = {.total = 2}, .ram_mib = {.total = 2}, .disk_gib = {.total = 2}, GPUS({"V", 2, 0})}},
		{.id = "f", SMALL, NEEDS({"V", 1})}, {2, 2, LIMIT_GPU}},
	{"ties: ram before vcpus",
		{{.name = "a", .vcpus = {.total = 2}, .ram_mib = {.total = 2}, .disk_gib = {.total = 2}, GPUS({"V", 3, 0})}},
		{.id = "f", SMALL, NEEDS({"V", 1})}, {2, 2, LIMIT_RAM}},
	{"ties: vcpus before disk",
		{{.name = "a", .vcpus = {.total = 2}, .ram_mib = {.total = 3}, .disk_gib = {.total = 2}, GPUS({"V", 3, 0})}},
		{.id = "f", SMALL, NEEDS({"V", 1})}, {2, 2, LIMIT_VCPUS}},
	{"what limits most hosts, not what limits the sum",
		{ROOMY("a", .vcpus = {.total = 1}, GPUS({"V", 8, 0})), ROOMY("b", .vcpus = {.total = 1}, GPUS({"V", 8, 0})),
			ROOMY("c", GPUS({"V", 1, 1}))},
		{.id = "f", SMALL, NEEDS({"V", 1})}, {3, 2, LIMIT_VCPUS}},
	{"as many hosts for each: the earlier in the order",
		{ROOMY("a", .disk_gib = {.total = 1}, GPUS({"V", 8, 0})), ROOMY("b", .ram_mib = {.total = 1}, GPUS({"V", 8, 0}))},
		{.id = "f", SMALL, NEEDS({"V", 1})}, {2, 2, LIMIT_RAM}},

	{"floor(amount * ratio): 7 * 1.9 is 13",
		{ROOMY("a", .vcpus = {.total = 7, .ratio_micro = 1900000}, GPUS({"V", 99, 0}))},
		{.id = "f", SMALL, NEEDS({"V", 1})}, {13, 13, LIMIT_VCPUS}},
	{"in decimal: 10 * 1.1 is 11, 100 * 1.15 is 115",
		{ROOMY("a", .vcpus = {.total = 10, .ratio_micro = 1100000}, GPUS({"V", 999, 0})),
			ROOMY("b", .vcpus = {.total = 100, .ratio_micro = 1150000}, GPUS({"V", 999, 0}))},
		{.id = "f", SMALL, NEEDS({"V", 1})}, {126, 126, LIMIT_VCPUS}},
	{"floor first, then minus used",
		{ROOMY("a", .vcpus = {.total = 3, .used = 1, .ratio_micro = 1500000}, GPUS({"V", 99, 0}))},
		{.id = "f", SMALL, NEEDS({"V", 1})}, {4, 3, LIMIT_VCPUS}},
	{"what is reserved is not there, before the ratio",
		{ROOMY("a", .vcpus = {.total = 10, .reserved = 2, .ratio_micro = X4}, GPUS({"V", 99, 0}))},
		{.id = "f", SMALL, NEEDS({"V", 1})}, {32, 32, LIMIT_VCPUS}},
	{"more reserved than there",
		{ROOMY("a", .vcpus = {.total = 1, .reserved = 2}, GPUS({"V", 9, 0}))},
		{.id = "f", SMALL, NEEDS({"V", 1})}, {0, 0, LIMIT_VCPUS}},
	{"no server is larger than its host, whatever the ratio",
		{ROOMY("a", .vcpus = {.total = 28, .ratio_micro = X4}, GPUS({"V", 9, 0}))},
		{.id = "f", .vcpus = 29, NEEDS({"V", 1})}, {0, 0, LIMIT_VCPUS}},
	{"as large as its host it may be",
		{ROOMY("a", .vcpus = {.total = 28, .ratio_micro = X4}, GPUS({"V", 9, 0}))},
		{.id = "f", .vcpus = 28, NEEDS({"V", 1})}, {4, 4, LIMIT_VCPUS}},
	{"nor larger than max_unit",
		{ROOMY("a", .ram_mib = {.total = 100, .max_unit = 40}, GPUS({"V", 9, 0}))},
		{.id = "f", .ram_mib = 41, NEEDS({"V", 1})}, {0, 0, LIMIT_RAM}},
	{"a max_unit above the total lets one server overcommit",
		{ROOMY("a", .ram_mib = {.total = 100, .max_unit = 1000, .ratio_micro = 2 * X1}, GPUS({"V", 9, 0}))},
		{.id = "f", .ram_mib = 101, NEEDS({"V", 1})}, {1, 1, LIMIT_RAM}},

	{"used up beyond the capacity is 0, not less",
		{ROOMY("a", .vcpus = {.total = 28, .used = 113, .ratio_micro = X4}, GPUS({"V", 2, 0})),
			ROOMY("b", GPUS({"V", 2, 0}))},
		{.id = "f", SMALL, NEEDS({"V", 1})}, {4, 2, LIMIT_GPU}},
	{"more GPUs used than there are is 0, not less",
		{ROOMY("a", GPUS({"V", 2, 5})), ROOMY("b", GPUS({"V", 2, 0}))},
		{.id = "f", SMALL, NEEDS({"V", 1})}, {4, 2, LIMIT_GPU}},
	{"a pool that has more free than the host's total adds nothing",
		{ROOMY("a", .disk_gib = {.total = 100, .used = -900}, GPUS({"V", 9, 0}))},
		{.id = "f", .disk_gib = 50, NEEDS({"V", 1})}, {2, 2, LIMIT_DISK}},

	{"disk is root, ephemeral and swap",
		{ROOMY("a", .disk_gib = {.total = 100}, GPUS({"V", 99, 0}))},
		{.id = "f", .disk_gib = 10, .ephemeral_gib = 8, .swap_mib = 2048, NEEDS({"V", 1})}, {5, 5, LIMIT_DISK}},
	{"swap is rounded up to GiB",
		{ROOMY("a", .disk_gib = {.total = 100}, GPUS({"V", 99, 0}))},
		{.id = "f", .disk_gib = 49, .swap_mib = 1025, NEEDS({"V", 1})}, {1, 1, LIMIT_DISK}},
	{"one MiB of swap is one GiB",
		{ROOMY("a", .disk_gib = {.total = 100}, GPUS({"V", 99, 0}))},
		{.id = "f", .disk_gib = 49, .swap_mib = 1, NEEDS({"V", 1})}, {2, 2, LIMIT_DISK}},
	{"a disk of 0 does not constrain, not even where there is none",
		{ROOMY("a", .disk_gib = {.total = 0}, GPUS({"V", 2, 0}))},
		{.id = "f", .vcpus = 1, .ram_mib = 1, NEEDS({"V", 1})}, {2, 2, LIMIT_GPU}},
	{"vcpus and ram of 0 do not constrain",
		{{.name = "a", GPUS({"V", 2, 1})}},
		{.id = "f", NEEDS({"V", 1})}, {2, 1, LIMIT_GPU}},

	{"an invalid flavor is 0/0", REFERENCE_PAIR,
		{.id = "f", MEDIUM_SIZE, NEEDS({"V100", 1}), .invalid = "no count"}, {0, 0, LIMIT_NO_HOST}},
	{"a flavor that asks for nothing is not counted", REFERENCE_PAIR,
		{.id = "f", NEEDS({"V100", 0})}, {0, 0, LIMIT_NONE}},
	{"a CPU flavor fits on every host",
		{ROOMY("a", .vcpus = {.total = 4}), ROOMY("b", .vcpus = {.total = 2}, GPUS({"V", 1, 1}))},
		{.id = "f", .vcpus = 2}, {3, 3, LIMIT_VCPUS}},
	{"a CPU flavor takes no notice of what GPU hosts are for",
		{ROOMY("a", .vcpus = {.total = 2}, GPUS({"V", 8, 8})), ROOMY("b", .vcpus = {.total = 2}, .state = DOWN)},
		{.id = "f", .vcpus = 1}, {2, 2, LIMIT_VCPUS}},

	{"a skipped host serves nobody, whatever it says",
		{ROOMY("a", .state = GPUBROKER_HOST_SKIPPED, GPUS({"V", 2, 0}))},
		{.id = "f", SMALL, NEEDS({"V", 1})}, {0, 0, LIMIT_NO_HOST}},
	{"what two hosts have left of a server is no server",
		{ROOMY("a", GPUS({"V", 2, 1})), ROOMY("b", GPUS({"V", 2, 1}))},
		{.id = "f", SMALL, NEEDS({"V", 2})}, {2, 0, LIMIT_GPU}},
	{"nor are one host's GPUs beside another one's memory",
		{ROOMY("a", .ram_mib = {.total = 10, .used = 10}, GPUS({"V", 2, 0})), ROOMY("b", GPUS({"V", 2, 2}))},
		{.id = "f", .vcpus = 1, .ram_mib = 10, NEEDS({"V", 1})}, {3, 0, LIMIT_GPU}},
	{"a required word that a host lacks",
		{ROOMY("a", GPUS({"V", 2, 0})), ROOMY("b", GPUS({"V", 3, 0}), .words = GOLD)},
		{.id = "f", SMALL, NEEDS({"V", 1}), .required = GOLD}, {3, 3, LIMIT_GPU}},
	{"a forbidden word that a host has",
		{ROOMY("a", GPUS({"V", 2, 0})), ROOMY("b", GPUS({"V", 3, 0}), .words = GOLD)},
		{.id = "f", SMALL, NEEDS({"V", 1}), .forbidden = GOLD}, {2, 2, LIMIT_GPU}},
	{"words make no-host", {ROOMY("a", GPUS({"V", 2, 0}))},
		{.id = "f", SMALL, NEEDS({"V", 1}), .required = GOLD}, {0, 0, LIMIT_NO_HOST}},
	{"no device has the word: no-host", {ROOMY("a", GPUS({"V", 2, 0, CARDS, 2}))},
		{.id = "f", SMALL, NEEDS({"V", 1, 0, GOLD, NONE})}, {0, 0, LIMIT_NO_HOST}},
	{"eight devices and more are counted, not combined", {ROOMY("a", GPUS({"V", 16, 3}))},
		{.id = "f", SMALL, NEEDS({"V", 6})}, {2, 2, LIMIT_GPU}},
	{"a unit is of one device: 3 + 3 free are two pairs", {ROOMY("a", GPUS({"V", 8, 2, CARDS, 2}))},
		{.id = "f", SMALL, NEEDS({"V", 2, 2})}, {4, 2, LIMIT_GPU}},
	{"isolate: two units, two devices", {ROOMY("a", GPUS({"V", 8, 2, CARDS, 2}))},
		{.id = "f", SMALL, NEEDS({"V", 3, 1}), .isolate = true}, {0, 0, LIMIT_GPU}},
	{"a one-time-use device is gone when used, though nobody has it", {ROOMY("a", GPUS({"V", 2, 1, ONCE, 2}))},
		{.id = "f", SMALL, NEEDS({"V", 1})}, {2, 1, LIMIT_GPU}},

	{"demand replaces the sizes", {ROOMY("a", .vcpus = {.total = 4}, GPUS({"V", 9, 0}))},
		{.id = "f", .vcpus = 1000, .ram_mib = 10000000, NEEDS({"V", 1}), .demand = DEMAND(.vcpus = 2)},
		{2, 2, LIMIT_VCPUS}},
	{"a demand of nothing but a device: a bare-metal node", {{.name = "a", GPUS({"NODE", 1, 0})}},
		{.id = "f", .vcpus = 64, .ram_mib = 1000, .disk_gib = 99, NEEDS({"NODE", 1}), .demand = DEMAND(0)},
		{1, 1, LIMIT_GPU}},
	{"dedicated CPUs are another resource", {ROOMY("a", .pcpus = {.total = 8, .used = 3}, GPUS({"V", 9, 0}))},
		{.id = "f", .vcpus = 2, NEEDS({"V", 1}), .demand = DEMAND(.pcpus = 2)}, {4, 2, LIMIT_VCPUS}},
	{"of shared and dedicated CPUs those count that limit more",
		{ROOMY("a", .vcpus = {.total = 3}, .pcpus = {.total = 8, .used = 3}, GPUS({"V", 9, 0}))},
		{.id = "f", NEEDS({"V", 1}), .demand = DEMAND(.vcpus = 1, .pcpus = 2)}, {3, 2, LIMIT_VCPUS}},
	{"those that limit the empty host need not be those that limit now",
		{ROOMY("a", .vcpus = {.total = 3}, .pcpus = {.total = 8, .used = 6}, GPUS({"V", 9, 0}))},
		{.id = "f", NEEDS({"V", 1}), .demand = DEMAND(.vcpus = 1, .pcpus = 1)}, {3, 2, LIMIT_VCPUS}},
	{"… neither way round",
		{ROOMY("a", .vcpus = {.total = 8, .used = 6}, .pcpus = {.total = 3}, GPUS({"V", 9, 0}))},
		{.id = "f", NEEDS({"V", 1}), .demand = DEMAND(.vcpus = 1, .pcpus = 1)}, {3, 2, LIMIT_VCPUS}},
	{"a host of dedicated CPUs alone has vcpus 0",
		{ROOMY("a", .vcpus = {.total = 0}, .pcpus = {.total = 8}, GPUS({"V", 9, 0}))},
		{.id = "f", .vcpus = 1, NEEDS({"V", 1})}, {0, 0, LIMIT_VCPUS}},
	{"less than min_unit", {ROOMY("a", .ram_mib = {.total = 100, .min_unit = 11}, GPUS({"V", 9, 0}))},
		{.id = "f", .ram_mib = 10, NEEDS({"V", 1})}, {0, 0, LIMIT_RAM}},
	{"min_unit itself", {ROOMY("a", .ram_mib = {.total = 100, .min_unit = 10}, GPUS({"V", 99, 0}))},
		{.id = "f", .ram_mib = 10, NEEDS({"V", 1})}, {10, 10, LIMIT_RAM}},
	{"no multiple of step_size", {ROOMY("a", .ram_mib = {.total = 100, .step_size = 4}, GPUS({"V", 9, 0}))},
		{.id = "f", .ram_mib = 10, NEEDS({"V", 1})}, {0, 0, LIMIT_RAM}},
	{"a need of 0 is below every min_unit", {ROOMY("a", .disk_gib = {.min_unit = 1}, GPUS({"V", 2, 0}))},
		{.id = "f", .vcpus = 1, NEEDS({"V", 1})}, {2, 2, LIMIT_GPU}},
	{"one shared pool on each host: what one host has is the most it gives", {
		ROOMY("a", .disk_gib = {.total = 100, .used = -500}, GPUS({"V", 9, 0})),
		ROOMY("b", .disk_gib = {.total = 100, .used = 90}, GPUS({"V", 9, 0}))},
		{.id = "f", .disk_gib = 50, NEEDS({"V", 1})}, {4, 2, LIMIT_DISK}},
	{"negative free memory", {ROOMY("a", .ram_mib = {.total = 100, .used = 130}, GPUS({"V", 9, 0}))},
		{.id = "f", .ram_mib = 10, NEEDS({"V", 1})}, {9, 0, LIMIT_RAM}},

	{"the largest numbers do not overflow",
		{ROOMY("a", .ram_mib = {.total = 1000000000000, .ratio_micro = 1000000000000})},
		{.id = "f", .ram_mib = 1}, {COUNT_MAX, COUNT_MAX, LIMIT_RAM}},
};
#pragma GCC diagnostic pop
/* clang-format on */

const size_t n_capacity_rows = ARRAY_SIZE(capacity_rows);
