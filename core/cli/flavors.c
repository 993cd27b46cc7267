/* SPDX-License-Identifier: Apache-2.0 */
/* Lists of flavors: see flavors.h. */
#include "cli/flavors.h"

#include "cli/output/cells.h"

#include <string.h>

/* clang-format off */
const struct column flavor_columns[] = {
	{"region",        "REGION",     NULL,           COLUMN_SHRINKS},
	{"name",          "FLAVOR",     NULL,           COLUMN_SHRINKS},
	{"id",            "ID",         NULL,           COLUMN_ID | COLUMN_LONG},
	{"gpus",          "GPU",        cell_gpus,      COLUMN_SHRINKS},
	{"available",     "AVAILABLE",  cell_available, COLUMN_RIGHT},
	{"limited_by",    "LIMIT",      cell_limit,     0},
	{"vcpus",         "VCPUS",      NULL,           COLUMN_RIGHT | COLUMN_LONG},
	{"ram_mib",       "RAM",        cell_gib,       COLUMN_RIGHT | COLUMN_LONG},
	{"disk_gib",      "DISK",       cell_disk,      COLUMN_RIGHT | COLUMN_LONG | COLUMN_DROPS},
	{"ephemeral_gib", "EPHEMERAL",  cell_disk,      COLUMN_RIGHT | COLUMN_LONG | COLUMN_PLAIN},
	{"swap_mib",      "SWAP",       cell_gib,       COLUMN_RIGHT | COLUMN_LONG | COLUMN_PLAIN},
	{"available_exclusive", "EXCLUSIVE", NULL,      COLUMN_RIGHT | COLUMN_LONG | COLUMN_IF_ANY | COLUMN_DROPS},
	{"is_public",     "PUBLIC",     cell_yes_no,    COLUMN_LONG | COLUMN_DROPS},
	{"total",         "TOTAL",      NULL,           COLUMN_RIGHT | COLUMN_PLAIN},
	{"state",         "STATE",      cell_state,     COLUMN_PLAIN},
	{"site",          "SITE",       NULL,           COLUMN_PLAIN | COLUMN_LONG},
	{.key = NULL},
};
/* clang-format on */

/* "V100:2": *ret_count is 0 where none is named. false: malformed. */
static bool split_gpu(const char *text, size_t *ret_type_length, int64_t *ret_count)
{
	const char *colon = strrchr(text, ':');

	*ret_type_length = colon ? (size_t)(colon - text) : strlen(text);
	*ret_count = 0;
	return *ret_type_length > 0 &&
	       (!colon || (str_to_int64(colon + 1, ret_count) && *ret_count > 0));
}

int flavors_check_filters(const struct cli_args *args, struct gpubroker_error *reterr)
{
	for (size_t i = 0; i < args->gpus.n; i++) {
		size_t length;
		int64_t count;

		if (!split_gpu(args->gpus.items[i], &length, &count)) {
			gpubroker_fail(reterr, GPUBROKER_E_CONFIG,
				"--gpu %.100s: a type, or a type and how many: V100:2",
				args->gpus.items[i]);
			return CLI_USAGE;
		}
	}
	return CLI_FINE;
}

void flavors_add_path(struct strbuf *path, const struct cli_args *args)
{
	char number[24];

	strbuf_adds(path, "/v1/flavors");
	for (size_t i = 0; i < args->regions.n; i++) {
		api_add_parameter(path, "region", args->regions.items[i]);
	}
	api_add_parameter(path, "name", args->name);
	if (args->min_available >= 0) {
		snprintf(number, sizeof(number), "%jd", (intmax_t)args->min_available);
		api_add_parameter(path, "min_available", number);
	}
}

static bool asks_for(const struct value *row, const char *gpu)
{
	const struct value *needs = value_get(row, "gpus");
	size_t length;
	int64_t count;

	if (!split_gpu(gpu, &length, &count)) {
		return false;
	}
	for (size_t i = 0; needs && needs->type == VALUE_LIST && i < needs->n_items; i++) {
		const char *type = value_string(needs->items[i], "type");

		if (type && strncmp(type, gpu, length) == 0 && type[length] == '\0' &&
			(count == 0 || value_integer(needs->items[i], "count", 0) == count)) {
			return true;
		}
	}
	return false;
}

static bool is_among(const struct cli_words *words, const char *text)
{
	for (size_t i = 0; i < words->n; i++) {
		if (str_equal(words->items[i], text)) {
			return true;
		}
	}
	return words->n == 0;
}

bool flavors_wants(const struct cli_args *args, const struct value *row)
{
	const char *name = value_string(row, "name");
	bool wanted = args->gpus.n == 0;

	for (size_t i = 0; !wanted && i < args->gpus.n; i++) {
		wanted = asks_for(row, args->gpus.items[i]);
	}
	return wanted && is_among(&args->regions, value_string(row, "region")) &&
	       (!args->name || (name && str_contains_nocase(name, args->name))) &&
	       (args->min_available < 0 ||
		       value_integer(row, "available", -1) >= args->min_available);
}

int flavors_table(const struct cli_args *args, const struct value *list, struct table *ret)
{
	size_t n = 0, kept = 0;

	*ret = (struct table){.columns = flavor_columns,
		.rows = table_rows(list, &n),
		.long_ = args->long_,
		.if_empty = "No such flavors."};
	for (size_t i = 0; ret->rows && i < n; i++) {
		if (flavors_wants(args, ret->rows[i])) {
			ret->rows[kept++] = ret->rows[i];
		}
	}
	ret->n_rows = kept;
	return ret->rows ? CLI_FINE : CLI_FAILED;
}
