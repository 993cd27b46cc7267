/* SPDX-License-Identifier: Apache-2.0 */
/* `flavor list` and `flavor show`. */
#include "cli/flavors.h"
#include "cli/kept_list.h"
#include "cli/output/cells.h"

static int write_list(struct cli_program *p, const struct cli_args *args, struct fetch *f,
	const struct value *answer)
{
	const struct value *regions = value_get(answer, "regions");
	struct table t;
	int r = flavors_table(args, value_get(answer, "flavors"), &t);

	if (r == CLI_FINE) {
		r = table_write(&p->ui, args, &t);
	}
	free(t.rows);
	if (r != CLI_FINE) {
		return r;
	}
	if (args->format == FORMAT_TABLE) {
		fflush(p->ui.out);
		api_say_summary(&p->ui, f, regions);
	}
	return api_strictness(args, regions);
}

static int list_kept(struct cli_program *p, const struct cli_args *args)
{
	_cleanup_(value_freep) struct value *list = NULL;
	struct gpubroker_error error = {0};
	char source[200];
	int r = kept_list_read(args->memcached, &list, source, &error);

	if (r != CLI_FINE) {
		return api_complain(&p->ui, r, &error);
	}
	r = write_list(p, args, NULL, list);
	if (args->format == FORMAT_TABLE && r == CLI_FINE) {
		ui_note(&p->ui, STYLE_FAINT, "%s", source);
	}
	return r;
}

int run_flavor_list(struct cli_program *p, const struct cli_args *args)
{
	_cleanup_(strbuf_finish) struct strbuf path = {0};
	_cleanup_(value_freep) struct value *answer = NULL;
	_cleanup_(fetch_freep) struct fetch *f = NULL;
	struct gpubroker_error error = {0};
	int r = flavors_check_filters(args, &error);

	if (r == CLI_FINE && args->memcached) {
		return list_kept(p, args);
	}
	r = r == CLI_FINE ? api_open(&f, args, &error) : r;
	if (r == CLI_FINE) {
		flavors_add_path(&path, args);
		r = path.failed ? CLI_FAILED : api_get(f, path.data, "flavors", &answer, &error);
	}
	return r == CLI_FINE ? write_list(p, args, f, answer) : api_complain(&p->ui, r, &error);
}

/* clang-format off */
static const struct column show_columns[] = {
	{"name",          "Flavor",      NULL,           0},
	{"region",        "Region",      NULL,           0},
	{"site",          "Site",        NULL,           0},
	{"id",            "ID",          NULL,           0},
	{"available",     "Available",   cell_available, 0},
	{"available_exclusive", "Exclusive", NULL,       COLUMN_IF_ANY},
	{"total",         "Total",       NULL,           COLUMN_PLAIN},
	{"limited_by",    "Limited by",  cell_limit,     0},
	{"gpus",          "GPUs",        cell_gpus,      0},
	{"vcpus",         "vCPUs",       NULL,           COLUMN_RIGHT},
	{"ram_mib",       "RAM",         cell_gib,       0},
	{"disk_gib",      "Disk",        cell_disk,      0},
	{"ephemeral_gib", "Ephemeral",   cell_disk,      0},
	{"swap_mib",      "Swap",        cell_gib,       0},
	{"is_public",     "Public",      cell_yes_no,    0},
	{"state",         "State",       cell_state,     0},
	{"observed_at",   "Read",        cell_age,       0},
	{.key = NULL},
};
/* clang-format on */

static int show(struct cli_program *p, const struct cli_args *args, const struct value *row)
{
	const struct value *rows[] = {row};
	struct table t = {.columns = show_columns, .rows = rows, .n_rows = 1, .single = true};
	int r = table_write(&p->ui, args, &t);

	if (r == CLI_FINE && args->strict && !str_equal(value_string(row, "state"), "ok")) {
		r = CLI_ONLY_STALE;
	}
	return r;
}

int run_flavor_show(struct cli_program *p, const struct cli_args *args)
{
	_cleanup_(value_freep) struct value *row = NULL;
	struct gpubroker_error error = {0};
	int r = api_get_flavor(args, "", "id", &row, &error);

	return r == CLI_FINE ? show(p, args, row) : api_complain(&p->ui, r, &error);
}
