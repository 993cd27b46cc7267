/* SPDX-License-Identifier: Apache-2.0 */
/* THE tables of the client: each command with its options, help line and handler; each option. Help, manual
 * and shell completion are made from them. */
#include "cli/cli.h"

#include <stddef.h>
#include <string.h>

const char *const cli_format_words[] = {"table", "json", "csv", "value", "yaml", NULL};

#define OUTPUT  "format column sort-column sort-descending no-color help"
#define REMOTE  " endpoint strict"
#define READING "cloud config region verbose"

const char cli_common_options[] = OUTPUT REMOTE;

/* clang-format off */
const struct cli_command cli_commands[] = {
	{"flavor list",    "",        0, 0, "region gpu min-available name long memcached",
		"flavors with what can be started now", run_flavor_list},
	{"flavor show",    "ID|NAME", 1, 1, "region",
		"everything about one flavor", run_flavor_show},
	{"flavor explain", "ID|NAME", 1, 1, "region",
		"why it is that many: host by host, what limits", run_flavor_explain},
	{"flavor wait",    "ID|NAME", 1, 1, "region min timeout",
		"wait until servers of a flavor can be started", run_flavor_wait},
	{"region list",    "",        0, 0, "",
		"regions, whether their data is fresh, their GPUs", run_region_list},
	{"region show",    "REGION",  1, 1, "",
		"everything about one region", run_region_show},
	{"gpu list",       "",        0, 0, "region",
		"GPUs by region and type: used, free, stranded", run_gpu_list},
	{"fit",            "NAME=N",  1, SIZE_MAX, "region",
		"whether so many servers of several flavors fit at once, and where", run_fit},
	{"watch",          "",        0, 0, "region gpu min-available name long interval count",
		"the list of flavors as a live table; q ends it", run_watch},
	{"collect",        "",        0, 0, READING " record store expire long",
		"one reading straight from a cloud, without a broker", run_collect},
	{"doctor",         "",        0, 0, READING,
		"what is wrong with a cloud's credentials, roles, aggregates, flavors", run_doctor},
	{.name = NULL},
};

#define AT(member) offsetof(struct cli_args, member)
const struct cli_option cli_options[] = {
	{"endpoint",      0,   CLI_TEXT,   "URL",       AT(endpoint),
		"the broker (default: $GPUBROKER_ENDPOINT, else http://127.0.0.1:8080); also unix:/PATH"},
	{"format",        'f', CLI_TEXT,   "FORMAT",    AT(format_word),
		"table, json, csv, value or yaml (default: table)"},
	{"column",        'c', CLI_LIST,   "COLUMN",    AT(columns),
		"show this column only; may be repeated"},
	{"sort-column",   0,   CLI_TEXT,   "COLUMN",    AT(sort_column),
		"sort by this column"},
	{"sort-descending", 0, CLI_FLAG,   NULL,        AT(descending),
		"largest first"},
	{"no-color",      0,   CLI_FLAG,   NULL,        AT(no_color),
		"no colours, also on a terminal (so does $NO_COLOR)"},
	{"strict",        0,   CLI_FLAG,   NULL,        AT(strict),
		"exit with 5 where all that could be shown is stale"},
	{"region",        0,   CLI_LIST,   "REGION",    AT(regions),
		"this region only; lists: may be repeated"},
	{"gpu",           0,   CLI_LIST,   "TYPE[:N]",  AT(gpus),
		"flavors with this type of GPU, N of them; may be repeated"},
	{"min-available", 0,   CLI_NUMBER, "N",         AT(min_available),
		"flavors of which at least N can be started"},
	{"name",          0,   CLI_TEXT,   "TEXT",      AT(name),
		"flavors whose name contains this, case ignored"},
	{"long",          0,   CLI_FLAG,   NULL,        AT(long_),
		"more columns"},
	{"memcached",     0,   CLI_TEXT,   "HOST:PORT", AT(memcached),
		"read what a broker keeps in this memcached, instead of asking the broker"},
	{"min",           0,   CLI_NUMBER, "N",         AT(min),
		"wait for so many (default: 1)"},
	{"timeout",       0,   CLI_NUMBER, "S",         AT(timeout_s),
		"wait so many seconds at most, then exit with 4 (default: for ever)"},
	{"interval",      0,   CLI_NUMBER, "S",         AT(interval_s),
		"seconds between two looks (default: when the broker expects news, 2 to 15)"},
	{"count",         0,   CLI_NUMBER, "N",         AT(count),
		"end after so many looks"},
	{"cloud",         0,   CLI_TEXT,   "CLOUD",     AT(cloud),
		"a cloud of clouds.yaml (default: the OS_* variables)"},
	{"config",        0,   CLI_TEXT,   "FILE",      AT(config),
		"a region of this configuration, named with --region"},
	{"record",        0,   CLI_TEXT,   "DIR",       AT(record),
		"write the cloud's answers there, made anonymous; `replay` reads them"},
	{"store",         0,   CLI_TEXT,   "HOST:PORT", AT(store),
		"write to this memcached what a broker would"},
	{"expire",        0,   CLI_NUMBER, "S",         AT(expire_s),
		"with --store: seconds until it is forgotten (default: 300)"},
	{"verbose",       'v', CLI_FLAG,   NULL,        AT(verbose),
		"say what is done meanwhile"},
	{"help",          'h', CLI_FLAG,   NULL,        AT(help),
		"this text, or a command's"},
	{"version",       0,   CLI_FLAG,   NULL,        AT(version),
		"the version"},
	{"describe",      0,   CLI_FLAG,   NULL,        AT(describe), /* for completion: not in the help */
		NULL},
	{.name = NULL},
};
/* clang-format on */

bool cli_has_option(const char *names, const char *name)
{
	size_t n = strlen(name);

	for (const char *at = names; (at = strstr(at, name)); at += n) {
		if ((at == names || at[-1] == ' ') && (at[n] == ' ' || at[n] == '\0')) {
			return true;
		}
	}
	return false;
}

const struct cli_option *cli_find_option(const char *name)
{
	for (const struct cli_option *o = cli_options; o->name; o++) {
		if (str_equal(o->name, name)) {
			return o;
		}
	}
	return NULL;
}
