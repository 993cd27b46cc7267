/* SPDX-License-Identifier: Apache-2.0 */
/* A broker's API as the commands need it: see api.h. */
#include "cli/api.h"

#include "base/mono.h"

#include <stdarg.h>
#include <string.h>

#define DEFAULT_ENDPOINT "http://127.0.0.1:8080"

__attribute__((format(printf, 3, 4))) static int fail(
	int code, struct gpubroker_error *reterr, const char *format, ...)
{
	va_list ap;

	va_start(ap, format);
	reterr->code = GPUBROKER_E_INTERNAL;
	vsnprintf(reterr->text, sizeof(reterr->text), format, ap);
	va_end(ap);
	return code;
}

void api_answer_finish(struct api_answer *a)
{
	value_free(a->body);
	*a = (struct api_answer){0};
}

int api_open(struct fetch **ret, const struct cli_args *args, struct gpubroker_error *reterr)
{
	const char *endpoint = args->endpoint ? args->endpoint : getenv("GPUBROKER_ENDPOINT");
	int r = fetch_new(ret, endpoint && *endpoint ? endpoint : DEFAULT_ENDPOINT, reterr);

	return r == GPUBROKER_E_CONFIG ? CLI_USAGE : r < 0 ? CLI_FAILED : CLI_FINE;
}

/* Whatever is no success: the problem document's detail, else the number. */
static int explain(const struct fetch *f, const struct fetch_answer *http, const char *path,
	struct gpubroker_error *reterr)
{
	_cleanup_(value_freep) struct value *problem = NULL;
	int code = http->status == 404 ? CLI_NOT_FOUND : CLI_FAILED;
	const char *detail;

	if (http->body) {
		json_tree_read(http->body, http->n, &problem, NULL);
	}
	detail = value_string(problem, "detail");
	detail = detail ? detail : value_string(problem, "title");
	if (code == CLI_NOT_FOUND && str_equal(detail, "There is nothing at this path.")) {
		return fail(CLI_FAILED, reterr,
			"the broker at %.150s does not know %.150s: is it older than this?",
			fetch_endpoint(f), path);
	}
	if (detail) {
		return fail(code, reterr, "%s", detail);
	}
	return fail(code, reterr, "%.150s%.100s: HTTP status %ld", fetch_endpoint(f), path,
		http->status);
}

int api_ask(struct fetch *f, const struct fetch_request *request, const char *key,
	struct api_answer *ret, struct gpubroker_error *reterr)
{
	_cleanup_(fetch_answer_finish) struct fetch_answer http = {0};
	int r;

	*ret = (struct api_answer){0};
	if (fetch(f, request, &http, reterr) < 0) {
		return CLI_FAILED;
	}
	ret->status = http.status;
	ret->expires_ms = http.expires_ms;
	memcpy(ret->etag, http.etag, sizeof(ret->etag));
	if (http.status == 304) {
		return CLI_FINE;
	}
	if (http.status < 200 || http.status > 299) {
		return explain(f, &http, request->path, reterr);
	}
	r = json_tree_read(http.body ? http.body : "", http.n, &ret->body, reterr);
	if (r == 0 && !value_get(ret->body, key)) {
		value_free(TAKE_PTR(ret->body));
		r = fail(CLI_FAILED, reterr,
			"%.150s%.100s answers without \"%s\": is it another service than gpubroker?",
			fetch_endpoint(f), request->path, key);
	}
	return r == 0 ? CLI_FINE : CLI_FAILED;
}

int api_get(struct fetch *f, const char *path, const char *key, struct value **ret,
	struct gpubroker_error *reterr)
{
	struct api_answer answer;
	int r = api_ask(f, &(struct fetch_request){.path = path}, key, &answer, reterr);

	if (r == CLI_FINE) {
		*ret = TAKE_PTR(answer.body);
	}
	api_answer_finish(&answer);
	return r;
}

void api_add_segment(struct strbuf *path, const char *segment)
{
	for (; *segment; segment++) {
		unsigned char c = (unsigned char)*segment;
		bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
			     (c >= '0' && c <= '9') || strchr("-._~", c);

		if (plain) {
			strbuf_addc(path, (char)c);
		} else {
			strbuf_addf(path, "%%%02X", c);
		}
	}
}

void api_add_parameter(struct strbuf *path, const char *key, const char *text)
{
	if (!text) {
		return;
	}
	strbuf_addf(path, "%c%s=", path->data && strchr(path->data, '?') ? '&' : '?', key);
	api_add_segment(path, text);
}

/* ---- the flavor that is meant ---- */

enum match { MATCH_NONE = 0, MATCH_NAME_NOCASE, MATCH_NAME, MATCH_ID };

static enum match match(const struct value *row, const char *wanted)
{
	const char *id = value_string(row, "id"), *name = value_string(row, "name");

	if (!id || !name || !value_string(row, "region")) {
		return MATCH_NONE;
	}
	if (strcmp(id, wanted) == 0) {
		return MATCH_ID;
	}
	if (strcmp(name, wanted) == 0) {
		return MATCH_NAME;
	}
	return strlen(name) == strlen(wanted) && str_contains_nocase(name, wanted)
		       ? MATCH_NAME_NOCASE
		       : MATCH_NONE;
}

struct search {
	enum match best;
	size_t n;
	const struct value *row; /* the first of the best */
	struct strbuf where;     /* "a, b" */
};

static void look_at(struct search *s, const struct value *row, const char *wanted)
{
	enum match m = match(row, wanted);

	if (m == MATCH_NONE || m < s->best) {
		return;
	}
	if (m > s->best) {
		s->best = m;
		s->n = 0;
		s->row = row;
		strbuf_clear(&s->where);
	}
	strbuf_addf(&s->where, "%s%s", s->n > 0 ? ", " : "", value_string(row, "region"));
	if (s->n > 0 && str_equal(value_string(row, "region"), value_string(s->row, "region"))) {
		strbuf_addf(&s->where, " (%s)", value_string(row, "id"));
	}
	s->n++;
}

static int not_found(const struct value *rows, const char *wanted, const char *region,
	struct gpubroker_error *reterr)
{
	_cleanup_(freep) const char **names =
		calloc((rows ? rows->n_items : 0) + 1, sizeof(*names));
	const char *nearest;
	size_t n = 0;

	for (size_t i = 0; names && rows && i < rows->n_items; i++) {
		const char *name = value_string(rows->items[i], "name");

		if (name) {
			names[n++] = name;
		}
	}
	nearest = names ? str_nearest(wanted, names, n) : NULL;
	return fail(CLI_NOT_FOUND, reterr, "there is no flavor \"%.100s\"%s%.64s%s%.100s%s", wanted,
		region ? " in " : "", region ? region : "", nearest ? "; did you mean \"" : "",
		nearest ? nearest : "", nearest ? "\"?" : "");
}

static int choose(const struct value *rows, const char *wanted, const char *region,
	struct api_flavor *ret, struct gpubroker_error *reterr)
{
	struct search s = {0};
	int r = CLI_FINE;

	for (size_t i = 0; rows && rows->type == VALUE_LIST && i < rows->n_items; i++) {
		look_at(&s, rows->items[i], wanted);
	}
	if (s.n == 0) {
		r = not_found(rows, wanted, region, reterr);
	} else if (s.n > 1) {
		r = fail(CLI_USAGE, reterr, "\"%.100s\" is in several regions: %.200s; say %s",
			wanted, s.where.data ? s.where.data : "",
			region ? "which by its id" : "which with --region");
	} else {
		ret->row = s.row;
		ret->region = value_string(s.row, "region");
		ret->id = value_string(s.row, "id");
		ret->name = value_string(s.row, "name");
	}
	strbuf_finish(&s.where);
	return r;
}

int api_find_flavor(struct fetch *f, const char *wanted, const char *region, struct api_flavor *ret,
	struct gpubroker_error *reterr)
{
	_cleanup_(strbuf_finish) struct strbuf path = {0};
	int r;

	*ret = (struct api_flavor){0};
	strbuf_adds(&path, "/v1/");
	if (region) {
		strbuf_adds(&path, "regions/");
		api_add_segment(&path, region);
		strbuf_addc(&path, '/');
	}
	strbuf_adds(&path, "flavors");
	if (path.failed) {
		return fail(CLI_FAILED, reterr, "no memory");
	}
	r = api_get(f, path.data, "flavors", &ret->list, reterr);
	return r == CLI_FINE ? choose(value_get(ret->list, "flavors"), wanted, region, ret, reterr)
			     : r;
}

void api_flavor_finish(struct api_flavor *a)
{
	value_free(a->list);
	*a = (struct api_flavor){0};
}

void api_add_flavor_path(struct strbuf *path, const struct api_flavor *a)
{
	strbuf_adds(path, "/v1/regions/");
	api_add_segment(path, a->region);
	strbuf_adds(path, "/flavors/");
	api_add_segment(path, a->id);
}

int api_get_flavor(const struct cli_args *args, const char *suffix, const char *key,
	struct value **ret, struct gpubroker_error *reterr)
{
	_cleanup_(api_flavor_finish) struct api_flavor flavor = {0};
	_cleanup_(strbuf_finish) struct strbuf path = {0};
	_cleanup_(fetch_freep) struct fetch *f = NULL;
	const char *region;
	int r = api_one_region(args, &region, reterr);

	r = r == CLI_FINE ? api_open(&f, args, reterr) : r;
	r = r == CLI_FINE ? api_find_flavor(f, args->operands.items[0], region, &flavor, reterr)
			  : r;
	if (r != CLI_FINE) {
		return r;
	}
	api_add_flavor_path(&path, &flavor);
	strbuf_adds(&path, suffix);
	return path.failed ? fail(CLI_FAILED, reterr, "no memory")
			   : api_get(f, path.data, key, ret, reterr);
}

int api_complain(const struct ui *ui, int code, const struct gpubroker_error *error)
{
	ui_complain(ui, "%s", error->text[0] ? error->text : "no memory");
	return code;
}

int api_one_region(const struct cli_args *args, const char **ret, struct gpubroker_error *reterr)
{
	*ret = args->regions.n > 0 ? args->regions.items[0] : NULL;
	return args->regions.n > 1
		       ? fail(CLI_USAGE, reterr, "%s takes one --region only", args->command->name)
		       : CLI_FINE;
}

/* ---- how fresh it is ---- */

static bool is_ok(const struct value *region)
{
	return str_equal(value_string(region, "state"), "ok");
}

static size_t count_ok(const struct value *regions)
{
	size_t n = 0;

	for (size_t i = 0; regions && i < regions->n_items; i++) {
		n += is_ok(regions->items[i]);
	}
	return n;
}

static const struct value *find_region(const struct value *regions, const char *name)
{
	for (size_t i = 0; regions && i < regions->n_items; i++) {
		if (str_equal(value_string(regions->items[i], "name"), name)) {
			return regions->items[i];
		}
	}
	return NULL;
}

/* "; tuebingen stale since 14:01 (The cloud did not answer in time.)" */
static void add_region(struct strbuf *out, const struct value *region, const struct value *full)
{
	const char *state = value_string(region, "state"), *reason = NULL;
	const struct value *detail = json_tree_at(full, "error.detail");
	const char *observed = value_string(region, "observed_at");

	strbuf_addf(out, "; %s %s", value_string(region, "name"), state ? state : "?");
	if (observed && strlen(observed) >= 16 && !str_equal(state, "ok")) {
		strbuf_addf(out, " since %.10s %.5s UTC", observed, observed + 11);
	}
	reason = value_string(full, "maintenance");
	reason = reason ? reason : detail && detail->type == VALUE_STRING ? detail->string : NULL;
	if (reason) {
		size_t n = strlen(reason);

		strbuf_addf(out, " (%.*s)", (int)(n - (n > 0 && reason[n - 1] == '.')), reason);
	}
}

void api_say_summary(const struct ui *ui, struct fetch *f, const struct value *regions)
{
	_cleanup_(value_freep) struct value *full = NULL;
	_cleanup_(strbuf_finish) struct strbuf line = {0};
	size_t n = regions && regions->type == VALUE_LIST ? regions->n_items : 0;
	size_t fresh = n > 0 ? count_ok(regions) : 0;
	struct gpubroker_error error;

	if (n == 0) {
		ui_note(ui, STYLE_DOUBT, "The broker serves no region.");
		return;
	}
	strbuf_addf(&line, "%zu of %zu region%s fresh", fresh, n, n == 1 ? "" : "s");
	if (fresh < n && f) {
		api_get(f, "/v1/regions", "regions", &full, &error);
	}
	for (size_t i = 0; i < n; i++) {
		const struct value *region = regions->items[i];

		if (!is_ok(region) && value_string(region, "name")) {
			const struct value *more = find_region(
				value_get(full, "regions"), value_string(region, "name"));

			add_region(&line, region, more ? more : region);
		}
	}
	ui_note(ui, fresh < n ? STYLE_DOUBT : STYLE_FAINT, "%s", line.data ? line.data : "");
}

int api_strictness(const struct cli_args *args, const struct value *regions)
{
	bool known = regions && regions->type == VALUE_LIST && regions->n_items > 0;

	return args->strict && known && count_ok(regions) == 0 ? CLI_ONLY_STALE : CLI_FINE;
}
