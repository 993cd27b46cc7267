/* SPDX-License-Identifier: Apache-2.0 */
/* Which PCI class is which GPU type: a table of hosts and what they tell. */
#include "kit/join/placement_classes.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define N "CUSTOM_PCI_15B3_1017" /* a NIC */
#define V "CUSTOM_PCI_10DE_1DB6"
#define A "CUSTOM_PCI_10DE_20F1"

/* hosts: "V100:2,A100:3=CUSTOM_X:2,CUSTOM_Y:3 …"; map: "CUSTOM_X=V100 …", in the order in which classes appear */
static const struct {
	const char *name, *hosts, *map;
} rows[] = {
	{"one of each",				       "V100:2=" V ":2",                                 V "=V100"                      },
	{"a host of two types by counts",                     "V100:2,A100:3=" V ":2," A ":3",                  V "=V100 " A "=A100"           },
	{"two types, equal counts",                           "V100:2,A100:2=" V ":2," A ":2",                  V "=? " A "=?"                 },
	{"the other host decides one, elimination the other",
         "V100:2,A100:2=" V ":2," A ":2 V100:4=" V ":4",                                                        V "=V100 " A "=A100"           },
	{"a failed card on the only host",                    "V100:2=" V ":1",                                 V "=V100"                      },
	{"a NIC alone, other count, also elsewhere",          "V100:4=" N ":2 =" N ":2",                        N "=?"                         },
	{"as many NICs as GPUs",                              "V100:2=" V ":2," N ":2",                         V "=V100 " N "=?"              },
	{"as many NICs as GPUs, and a failed card",           "V100:2=" V ":1," N ":2",                         V "=V100 " N "=?"              },
	{"names that tell nothing",                           "V100:2=CUSTOM_X:2,CUSTOM_Y:2",                   "CUSTOM_X=? CUSTOM_Y=?"        },
	{"nor do different counts",                           "V100:2=CUSTOM_X:1,CUSTOM_Y:2",                   "CUSTOM_X=? CUSTOM_Y=?"        },
	{"but another host does",                             "V100:2=CUSTOM_X:2,CUSTOM_Y:2 V100:3=CUSTOM_X:3",
         "CUSTOM_X=V100 CUSTOM_Y=?"													    },
	{"two products of one type",                          "V100:2=" V ":2 V100:4=" A ":4",                  V "=V100 " A "=V100"           },
	{"one product as two types",                          "V100:2=" V ":2 A100:2=" V ":2",                  V "=?"                         },
	{"a switch of the GPUs' maker",                       "A100:8=" A ":8," V ":6",                         A "=A100 " V "=?"              },
	{"nothing in an aggregate",                           "=" V ":2",                                       V "=?"                         },
	{"alias_map decides",				 "V100:2=CUSTOM_MAPPED:1,CUSTOM_Y:2",              "CUSTOM_MAPPED=V100 CUSTOM_Y=?"},
};

static size_t parse_counts(char *text, struct class_count ret[static 8])
{
	char *save = NULL;
	size_t n = 0;

	for (char *one = strtok_r(text, ",", &save); one; one = strtok_r(NULL, ",", &save)) {
		char *colon = strchr(one, ':');

		*colon = '\0';
		ret[n++] = (struct class_count){one, atoll(colon + 1)};
	}
	return n;
}

static void check(size_t row)
{
	static struct alias_rule rule = {
		(char *)(uintptr_t) "CUSTOM_MAPPED", (char *)(uintptr_t) "V100"};
	const struct gpubroker_groups alias_map = {1, &rule};
	struct class_count types[4][8], classes[4][8];
	struct class_host hosts[4];
	struct class_map map = {0};
	char *copy = strdup(rows[row].hosts), *save = NULL, found[512] = "";
	size_t n = 0, len = 0;

	for (char *one = strtok_r(copy, " ", &save); one; one = strtok_r(NULL, " ", &save)) {
		char *equals = strchr(one, '=');

		*equals = '\0';
		hosts[n] = (struct class_host){types[n], classes[n], 0, 0};
		hosts[n].n_types = parse_counts(one, types[n]);
		hosts[n].n_classes = parse_counts(equals + 1, classes[n]);
		n++;
	}
	assert_int_equal(class_map_learn(&map, hosts, n, &alias_map, NULL), 0);
	for (size_t i = 0; i < map.n; i++) {
		const char *type = class_map_type(&map, map.items[i].class);

		len += (size_t)snprintf(found + len, sizeof(found) - len, "%s%s=%s", i ? " " : "",
			map.items[i].class, type ? type : "?");
	}
	if (strcmp(found, rows[row].map) != 0) {
		fail_msg("%s: %s", rows[row].name, found);
	}
	class_map_finish(&map);
	free(copy);
}

static void test_each_row(void **state)
{
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		check(i);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_each_row),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
