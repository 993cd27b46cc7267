/* SPDX-License-Identifier: Apache-2.0 */
/* `fit`: whether so many servers of several flavors fit at once, in which region, on which hosts. */
#include "cli/api.h"
#include "cli/output/cells.h"

#include <string.h>

/* "GPU V100 medium=3"; without a number, 1. The last "=" counts: names may contain it. */
static bool split(const char *operand, size_t *ret_name_length, int64_t *ret_count)
{
	const char *equals = strrchr(operand, '=');

	*ret_count = 1;
	*ret_name_length = equals ? (size_t)(equals - operand) : strlen(operand);
	return *ret_name_length > 0 &&
	       (!equals || (str_to_int64(equals + 1, ret_count) && *ret_count > 0));
}

static bool add_member(
	struct strbuf *body, const char *operand, size_t length, int64_t count, bool first)
{
	_cleanup_(freep) char *name = strndup(operand, length);

	if (!name) {
		return false;
	}
	strbuf_adds(body, first ? "" : ",");
	strbuf_add_json(body, name, JSON_UTF8);
	strbuf_addf(body, ":%jd", (intmax_t)count);
	return true;
}

/* JSON has each name once. */
static bool is_named_before(const struct cli_args *args, size_t at, size_t length)
{
	for (size_t i = 0; i < at; i++) {
		size_t other;
		int64_t count;

		if (split(args->operands.items[i], &other, &count) && other == length &&
			memcmp(args->operands.items[i], args->operands.items[at], length) == 0) {
			return true;
		}
	}
	return false;
}

/* {"flavors":{"<id or name>":count…},"region"?} */
static int make_body(const struct cli_args *args, const char *region, struct strbuf *body,
	struct gpubroker_error *reterr)
{
	strbuf_adds(body, "{\"flavors\":{");
	for (size_t i = 0; i < args->operands.n; i++) {
		const char *operand = args->operands.items[i];
		size_t length;
		int64_t count;

		if (!split(operand, &length, &count)) {
			gpubroker_fail(reterr, GPUBROKER_E_CONFIG,
				"\"%.100s\" is no NAME=N, where N is a number of servers", operand);
			return CLI_USAGE;
		}
		if (is_named_before(args, i, length)) {
			gpubroker_fail(reterr, GPUBROKER_E_CONFIG,
				"\"%.*s\" is there twice; say once how many in all",
				(int)MIN(length, (size_t)100), operand);
			return CLI_USAGE;
		}
		if (!add_member(body, operand, length, count, i == 0)) {
			body->failed = true;
		}
	}
	strbuf_addc(body, '}');
	if (region) {
		strbuf_adds(body, ",\"region\":");
		strbuf_add_json(body, region, JSON_UTF8);
	}
	strbuf_addc(body, '}');
	if (body->failed) {
		gpubroker_fail(reterr, GPUBROKER_E_INTERNAL, "no memory");
	}
	return body->failed ? CLI_FAILED : CLI_FINE;
}

/* "2 GPU V100 medium on host-1, 1 … on host-2", or why not. */
static void cell_where(
	const struct ui *ui, const struct value *row, const char *key, struct cell *cell)
{
	const struct value *list = value_get(row, key);
	const char *reason = value_string(row, "reason");

	for (size_t i = 0; list && list->type == VALUE_LIST && i < list->n_items; i++) {
		const struct value *place = list->items[i];
		const char *flavor = value_string(place, "flavor"),
			   *host = value_string(place, "host");

		strbuf_addf(&cell->text, "%s%jd %s on %s", i > 0 ? ", " : "",
			(intmax_t)value_integer(place, "count", 0), flavor ? flavor : "?",
			host ? host : "?");
	}
	if (cell->text.len == 0 && reason) {
		strbuf_adds(&cell->text, reason);
	}
}

/* clang-format off */
static const struct column columns[] = {
	{"name",       "REGION",   NULL,       COLUMN_SHRINKS},
	{"fits",       "FITS",     cell_fits,  0},
	{"reason",     "REASON",   NULL,       COLUMN_PLAIN},
	{"placements", "WHERE",    cell_where, COLUMN_WRAPS},
	{.key = NULL},
};
/* clang-format on */

enum verdict { VERDICT_NO = 0, VERDICT_UNKNOWN, VERDICT_YES };

/* The best of the regions. */
static enum verdict judge(const struct value *regions)
{
	enum verdict best = VERDICT_NO;

	for (size_t i = 0; regions && i < regions->n_items; i++) {
		const struct value *fits = value_get(regions->items[i], "fits");
		enum verdict v = !fits || fits->type != VALUE_BOOLEAN ? VERDICT_UNKNOWN
				 : fits->boolean                      ? VERDICT_YES
								      : VERDICT_NO;

		best = MAX(best, v);
	}
	return best;
}

static int write_answer(
	struct cli_program *p, const struct cli_args *args, const struct value *answer)
{
	static const struct {
		const char *word;
		enum style style;
		int code;
	} verdicts[] = {
		[VERDICT_NO] = {"no: it fits nowhere",                STYLE_BAD,   CLI_NO_CAPACITY},
		[VERDICT_UNKNOWN] = {"unknown: neither found nor refuted", STYLE_DOUBT,
				CLI_NO_CAPACITY						   },
		[VERDICT_YES] = {"yes: it fits",                       STYLE_GOOD,  CLI_FINE       },
	};
	struct table t = {.columns = columns};
	enum verdict v = judge(value_get(answer, "regions"));
	int r = CLI_FAILED;

	t.rows = table_rows(value_get(answer, "regions"), &t.n_rows);
	if (t.rows) {
		r = table_write(&p->ui, args, &t);
	}
	free(t.rows);
	if (r == CLI_FINE && args->format == FORMAT_TABLE) {
		fflush(p->ui.out);
		ui_note(&p->ui, verdicts[v].style, "%s", verdicts[v].word);
	}
	return r == CLI_FINE ? verdicts[v].code : r;
}

int run_fit(struct cli_program *p, const struct cli_args *args)
{
	_cleanup_(strbuf_finish) struct strbuf body = {0};
	_cleanup_(fetch_freep) struct fetch *f = NULL;
	struct api_answer answer = {0};
	struct gpubroker_error error = {0};
	const char *region;
	int r = api_one_region(args, &region, &error);

	r = r == CLI_FINE ? make_body(args, region, &body, &error) : r;
	r = r == CLI_FINE ? api_open(&f, args, &error) : r;
	if (r == CLI_FINE) {
		r = api_ask(f, &(struct fetch_request){.path = "/v1/fit", .body = body.data},
			"regions", &answer, &error);
	}
	r = r == CLI_FINE ? write_answer(p, args, answer.body) : api_complain(&p->ui, r, &error);
	api_answer_finish(&answer);
	return r;
}
