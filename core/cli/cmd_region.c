/* SPDX-License-Identifier: Apache-2.0 */
/* `region list`, `region show` and `gpu list`. */
#include "cli/api.h"
#include "cli/output/cells.h"

/* "15 of 26" */
static void cell_free(
	const struct ui *ui, const struct value *row, const char *key, struct cell *cell)
{
	const struct value *free_ = json_tree_at(row, key),
			   *total = json_tree_at(row, "gpus.total");

	if (!free_ || !total) {
		strbuf_addc(&cell->text, '?');
		cell->style = STYLE_DOUBT;
		return;
	}
	table_add_plain(&cell->text, free_);
	strbuf_adds(&cell->text, " of ");
	table_add_plain(&cell->text, total);
}

/* clang-format off */
static const struct column region_columns[] = {
	{"name",            "REGION",    NULL,       COLUMN_SHRINKS},
	{"title",           "TITLE",     NULL,       COLUMN_SHRINKS},
	{"state",           "STATE",     cell_state, 0},
	{"observed_at",     "READ",      cell_age,   COLUMN_RIGHT},
	{"flavors",         "FLAVORS",   NULL,       COLUMN_RIGHT},
	{"gpus.free",       "FREE GPUS", cell_free,  COLUMN_RIGHT},
	{"gpus.total",      "GPUS",      NULL,       COLUMN_RIGHT | COLUMN_PLAIN},
	{"site",            "SITE",      NULL,       COLUMN_PLAIN},
	{"plugin",          "PLUGIN",    NULL,       COLUMN_PLAIN},
	{"capacity_model",  "MODEL",     NULL,       COLUMN_PLAIN},
	{"error.code",      "ERROR",     NULL,       COLUMN_PLAIN},
	{"next_refresh_at", "NEXT",      NULL,       COLUMN_PLAIN},
	{"error",           "REASON",    cell_error, COLUMN_WRAPS | COLUMN_IF_ANY | COLUMN_VISUAL},
	{.key = NULL},
};

static const struct column show_columns[] = {
	{"name",            "Region",         NULL,       0},
	{"title",           "Title",          NULL,       0},
	{"site",            "Site",           NULL,       0},
	{"plugin",          "Plugin",         NULL,       0},
	{"state",           "State",          cell_state, 0},
	{"error",           "Reason",         cell_error, COLUMN_IF_ANY | COLUMN_VISUAL},
	{"error.code",      "Error",          NULL,       COLUMN_IF_ANY},
	{"observed_at",     "Read",           cell_age,   0},
	{"next_refresh_at", "Next reading",   NULL,       0},
	{"capacity_model",  "Capacity model", NULL,       0},
	{"flavors",         "Flavors",        NULL,       COLUMN_RIGHT},
	{"gpus.total",      "GPUs",           NULL,       COLUMN_RIGHT},
	{"gpus.used",       "  used",         NULL,       COLUMN_RIGHT},
	{"gpus.free",       "  free",         NULL,       COLUMN_RIGHT},
	{"gpus.stranded",   "  stranded",     NULL,       COLUMN_RIGHT},
	{"gpus.disabled",   "GPUs disabled",  NULL,       COLUMN_RIGHT},
	{.key = NULL},
};

static void cell_sets(const struct ui *ui, const struct value *row, const char *key, struct cell *cell);

static const struct column gpu_columns[] = {
	{"region",           "REGION",           NULL,      COLUMN_SHRINKS},
	{"type",             "GPU",              NULL,      COLUMN_SHRINKS},
	{"total",            "TOTAL",            NULL,      COLUMN_RIGHT},
	{"used",             "USED",             NULL,      COLUMN_RIGHT},
	{"free",             "FREE",             NULL,      COLUMN_RIGHT},
	{"stranded",         "STRANDED",         NULL,      COLUMN_RIGHT},
	{"disabled",         "DISABLED",         NULL,      COLUMN_RIGHT},
	{"hosts",            "HOSTS",            NULL,      COLUMN_RIGHT | COLUMN_DROPS},
	{"configurations",   "FREE AS 1/2/4/8", cell_sets, 0},
	{.key = NULL},
};
/* clang-format on */

static void cell_sets(
	const struct ui *ui, const struct value *row, const char *key, struct cell *cell)
{
	static const char *const sizes[] = {"1", "2", "4", "8"};
	const struct value *sets = value_get(row, key);

	for (size_t i = 0; sets && sets->type == VALUE_GROUP && i < ARRAY_SIZE(sizes); i++) {
		int64_t n = value_integer(sets, sizes[i], -1);

		strbuf_adds(&cell->text, i > 0 ? " / " : "");
		if (n < 0) {
			strbuf_addc(&cell->text, '?');
		} else {
			strbuf_add_int(&cell->text, n);
		}
	}
}

static int write_list(struct cli_program *p, const struct cli_args *args, const struct value *list,
	const struct column *columns, const char *if_empty)
{
	struct table t = {.columns = columns, .long_ = args->long_, .if_empty = if_empty};
	size_t kept = 0;
	int r;

	t.rows = table_rows(list, &t.n_rows);
	if (!t.rows) {
		return api_complain(&p->ui, CLI_FAILED, &(struct gpubroker_error){0});
	}
	for (size_t i = 0; i < t.n_rows; i++) {
		bool wanted = args->regions.n == 0;

		for (size_t j = 0; !wanted && j < args->regions.n; j++) {
			wanted = str_equal(
				value_string(t.rows[i], "region"), args->regions.items[j]);
		}
		if (wanted) {
			t.rows[kept++] = t.rows[i];
		}
	}
	t.n_rows = kept;
	r = table_write(&p->ui, args, &t);
	free(t.rows);
	return r;
}

int run_region_list(struct cli_program *p, const struct cli_args *args)
{
	_cleanup_(value_freep) struct value *answer = NULL;
	_cleanup_(fetch_freep) struct fetch *f = NULL;
	struct gpubroker_error error = {0};
	int r = api_open(&f, args, &error);

	r = r == CLI_FINE ? api_get(f, "/v1/regions", "regions", &answer, &error) : r;
	if (r != CLI_FINE) {
		return api_complain(&p->ui, r, &error);
	}
	r = write_list(p, args, value_get(answer, "regions"), region_columns,
		"The broker serves no region.");
	return r == CLI_FINE ? api_strictness(args, value_get(answer, "regions")) : r;
}

int run_region_show(struct cli_program *p, const struct cli_args *args)
{
	_cleanup_(strbuf_finish) struct strbuf path = {0};
	_cleanup_(value_freep) struct value *region = NULL;
	_cleanup_(fetch_freep) struct fetch *f = NULL;
	struct gpubroker_error error = {0};
	const struct value *rows[1];
	struct table t = {.columns = show_columns, .rows = rows, .n_rows = 1, .single = true};
	int r = api_open(&f, args, &error);

	strbuf_adds(&path, "/v1/regions/");
	api_add_segment(&path, args->operands.items[0]);
	if (r == CLI_FINE) {
		r = path.failed ? CLI_FAILED : api_get(f, path.data, "name", &region, &error);
	}
	if (r != CLI_FINE) {
		return api_complain(&p->ui, r, &error);
	}
	rows[0] = region;
	r = table_write(&p->ui, args, &t);
	if (r == CLI_FINE && args->strict && !str_equal(value_string(region, "state"), "ok")) {
		r = CLI_ONLY_STALE;
	}
	return r;
}

/* The list says nothing of states: the regions are asked for them. */
int run_gpu_list(struct cli_program *p, const struct cli_args *args)
{
	_cleanup_(value_freep) struct value *answer = NULL, *regions = NULL;
	_cleanup_(fetch_freep) struct fetch *f = NULL;
	struct gpubroker_error error = {0};
	int r = api_open(&f, args, &error);

	r = r == CLI_FINE ? api_get(f, "/v1/gpus", "gpus", &answer, &error) : r;
	r = r == CLI_FINE ? api_get(f, "/v1/regions", "regions", &regions, &error) : r;
	if (r != CLI_FINE) {
		return api_complain(&p->ui, r, &error);
	}
	r = write_list(p, args, value_get(answer, "gpus"), gpu_columns, "No GPUs.");
	if (r == CLI_FINE && args->format == FORMAT_TABLE) {
		fflush(p->ui.out);
		api_say_summary(&p->ui, NULL, value_get(regions, "regions"));
	}
	return r == CLI_FINE ? api_strictness(args, value_get(regions, "regions")) : r;
}
