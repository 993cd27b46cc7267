/* SPDX-License-Identifier: Apache-2.0 */
/* Runs a plugin without a daemon: it is linked in, its options come from the command line, and what a reading
 * gives is one line of JSON a reading. Tests drive it line by line, people look at a cloud with it.
 *
 *	plugin_run [--env] [--limit NAME=N]… [--steps] [--examine] [KEY=VALUE]…
 *
 * --env: the region was made from the environment (OS_*). --limit: a member of struct http_limits.
 * --steps: a reading for each line on stdin, in one process; without it, one reading. A number on the line:
 * so many milliseconds have passed before it. "examine" on the line, or --examine: as doctor does it, with
 * findings. "record": the names of what a recording would hold.
 * A list's items are separated by ','; the items of alias_map are "alias>gpu_type". */
#include "base/mono.h"
#include "base/option.h"
#include "base/str.h"
#include "kit/http.h"

#include <stdio.h>
#include <string.h>

extern const struct gpubroker_plugin gpubroker_plugin;

struct gpubroker_inventory {
	struct strbuf hosts, flavors;
	enum gpubroker_capacity_model model;
};

static struct strbuf log_lines, requests, findings, records;
static bool use_environment;
static int64_t ahead_ms; /* of the real clock */

static int64_t shifted_mono_ms(void)
{
	return mono_ms() + ahead_ms;
}

static const char *environment(const char *name)
{
	const char *value = use_environment ? getenv(name) : NULL;

	return value && value[0] ? value : NULL;
}

static void add_log(enum gpubroker_level level, const char *format, ...)
{
	char line[1024];
	va_list ap;

	va_start(ap, format);
	vsnprintf(line, sizeof(line), format, ap);
	va_end(ap);
	if (level == GPUBROKER_DEBUG) {
		return;
	}
	strbuf_adds(&log_lines, log_lines.len ? "," : "");
	strbuf_add_json(&log_lines, line, JSON_UTF8);
}

static void count_request(const char *service, int http_status, uint64_t received_bytes)
{
	strbuf_addf(&requests, "%s[\"%s\",%d,%llu]", requests.len ? "," : "", service, http_status,
		(unsigned long long)received_bytes);
}

static void add_amount(struct strbuf *out, const char *name, const struct gpubroker_amount *a)
{
	strbuf_addf(out, ",\"%s\":{\"total\":%lld,\"used\":%lld,\"ratio_micro\":%lld}", name,
		(long long)a->total, (long long)a->used,
		(long long)(a->ratio_micro ? a->ratio_micro : GPUBROKER_RATIO_ONE));
}

static int add_host(struct gpubroker_inventory *inv, const struct gpubroker_host *h,
	struct gpubroker_error *reterr)
{
	static const char *const states[] = {"up", "disabled", "down", "skipped"};
	struct strbuf *out = &inv->hosts;
	size_t i;

	strbuf_adds(out, out->len ? ",{\"name\":" : "{\"name\":");
	strbuf_add_json(out, h->name, JSON_UTF8);
	strbuf_addf(out, ",\"state\":\"%s\",\"reason\":", states[h->state]);
	if (h->reason) {
		strbuf_add_json(out, h->reason, JSON_UTF8);
	} else {
		strbuf_adds(out, "null");
	}
	add_amount(out, "vcpus", &h->vcpus);
	add_amount(out, "ram_mib", &h->ram_mib);
	add_amount(out, "disk_gib", &h->disk_gib);
	strbuf_adds(out, ",\"gpus\":{");
	for (i = 0; i < h->n_gpus; i++) {
		strbuf_adds(out, i ? "," : "");
		strbuf_add_json(out, h->gpus[i].type, JSON_UTF8);
		strbuf_addf(out, ":[%lld,%lld]", (long long)h->gpus[i].total,
			(long long)h->gpus[i].used);
	}
	strbuf_adds(out, "}}");
	return 0;
}

static int add_flavor(struct gpubroker_inventory *inv, const struct gpubroker_flavor *f,
	struct gpubroker_error *reterr)
{
	struct strbuf *out = &inv->flavors;
	size_t i;

	strbuf_adds(out, out->len ? ",{\"id\":" : "{\"id\":");
	strbuf_add_json(out, f->id, JSON_UTF8);
	strbuf_adds(out, ",\"name\":");
	strbuf_add_json(out, f->name, JSON_UTF8);
	strbuf_addf(out,
		",\"vcpus\":%lld,\"ram_mib\":%lld,\"disk_gib\":%lld,\"ephemeral_gib\":%lld,\"swap_mib\":%lld,\"is_public\":%s",
		(long long)f->vcpus, (long long)f->ram_mib, (long long)f->disk_gib,
		(long long)f->ephemeral_gib, (long long)f->swap_mib,
		f->is_public ? "true" : "false");
	strbuf_adds(out, ",\"gpus\":{");
	for (i = 0; i < f->n_gpus; i++) {
		strbuf_adds(out, i ? "," : "");
		strbuf_add_json(out, f->gpus[i].type, JSON_UTF8);
		strbuf_addf(out, ":%lld", (long long)f->gpus[i].count);
	}
	strbuf_adds(out, "},\"invalid\":");
	if (f->invalid) {
		strbuf_add_json(out, f->invalid, JSON_UTF8);
	} else {
		strbuf_adds(out, "null");
	}
	strbuf_adds(out, "}");
	return 0;
}

static int add_counted_flavor(struct gpubroker_inventory *inv, const struct gpubroker_flavor *f,
	int64_t total, int64_t available, struct gpubroker_error *reterr)
{
	return gpubroker_fail(
		reterr, GPUBROKER_E_INTERNAL, "flavors counted elsewhere are not shown");
}

static void set_capacity_model(struct gpubroker_inventory *inv, enum gpubroker_capacity_model model)
{
	inv->model = model;
}

static void add_member(struct strbuf *out, const char *name, const char *value)
{
	strbuf_addf(out, ",\"%s\":", name);
	if (value) {
		strbuf_add_json(out, value, JSON_UTF8);
	} else {
		strbuf_adds(out, "null");
	}
}

static void add_finding(const struct gpubroker_finding *f)
{
	strbuf_addf(&findings, "%s{\"severity\":%d", findings.len ? "," : "", (int)f->severity);
	add_member(&findings, "check", f->check);
	add_member(&findings, "subject", f->subject);
	add_member(&findings, "text", f->text);
	add_member(&findings, "command", f->command);
	strbuf_adds(&findings, "}");
}

static void add_record(const char *name, const char *body, size_t n)
{
	(void)body;
	strbuf_addf(&records, "%s[", records.len ? "," : "");
	strbuf_add_json(&records, name, JSON_UTF8);
	strbuf_addf(&records, ",%zu]", n);
}

static struct gpubroker_core core = {
	.abi = GPUBROKER_PLUGIN_ABI,
	.size = sizeof(core),
	.region = "test",
	.broker_version = GPUBROKER_VERSION,
	.log = add_log,
	.mono_ms = shifted_mono_ms,
	.wall_ms = wall_ms,
	.environment = environment,
	.add_host = add_host,
	.add_flavor = add_flavor,
	.add_counted_flavor = add_counted_flavor,
	.count_request = count_request,
	.set_capacity_model = set_capacity_model,
};

static const char *word_of(int code)
{
	switch (code) {
#define X(name, value, word, retry, detail)                                                        \
	case value:                                                                                \
		return word;
		GPUBROKER_CODES(X)
#undef X
	default:
		return "?";
	}
}

/* One line: what the reading gave. */
static void print_result(int r, const struct gpubroker_error *error,
	struct gpubroker_inventory *inv, int64_t took_ms)
{
	struct strbuf out = {0};

	strbuf_addf(&out, "{\"ok\":%s,\"ms\":%lld", r == 0 ? "true" : "false", (long long)took_ms);
	if (r < 0) {
		strbuf_addf(&out, ",\"code\":\"%s\",\"text\":", word_of(r));
		strbuf_add_json(&out, error->text, JSON_UTF8);
	}
	strbuf_addf(&out, ",\"hosts\":[%s],\"flavors\":[%s]", inv->hosts.len ? inv->hosts.data : "",
		inv->flavors.len ? inv->flavors.data : "");
	strbuf_addf(&out, ",\"model\":\"%s\",\"log\":[%s],\"requests\":[%s]",
		inv->model == GPUBROKER_CAPACITY_PLACEMENT ? "placement" : "nova",
		log_lines.len ? log_lines.data : "", requests.len ? requests.data : "");
	strbuf_addf(&out, ",\"findings\":[%s],\"records\":[%s]}", findings.len ? findings.data : "",
		records.len ? records.data : "");
	puts(out.data ? out.data : "{}");
	fflush(stdout);
	strbuf_finish(&out);
	strbuf_clear(&log_lines);
	strbuf_clear(&requests);
	strbuf_clear(&findings);
	strbuf_clear(&records);
}

static bool read_once(void *self, int opened, bool examine, struct gpubroker_error *error)
{
	int (*read)(void *, struct gpubroker_inventory *, struct gpubroker_error *) =
		examine && gpubroker_plugin.examine ? gpubroker_plugin.examine
						    : gpubroker_plugin.collect;
	struct gpubroker_inventory inv = {0};
	int64_t began = mono_ms();
	int r;

	core.finding = examine ? add_finding : NULL;
	r = opened < 0 ? opened : read(self, &inv, error);

	print_result(r, error, &inv, mono_ms() - began);
	strbuf_finish(&inv.hosts);
	strbuf_finish(&inv.flavors);
	return r == 0;
}

static bool set_limit(const char *text)
{
	const char *eq = strchr(text, '=');
	int64_t value;

	if (!eq || !str_to_int64(eq + 1, &value)) {
		return false;
	}
	if (!strncmp(text, "connect_ms", (size_t)(eq - text))) {
		http_limits.connect_ms = value;
	} else if (!strncmp(text, "total_ms", (size_t)(eq - text))) {
		http_limits.total_ms = value;
	} else if (!strncmp(text, "retry_after_s", (size_t)(eq - text))) {
		http_limits.retry_after_s = value;
	} else if (!strncmp(text, "reply_bytes", (size_t)(eq - text))) {
		http_limits.reply_bytes = (size_t)value;
	} else {
		return false;
	}
	return true;
}

static void add_items(struct value *group, const struct gpubroker_option *row, char *text)
{
	struct value *list = value_add_list(group, row->key), *item;
	char *next, *second;

	for (; text && *text; text = next) {
		next = strchr(text, ',');
		if (next) {
			*next++ = '\0';
		}
		if (row->type == GPUBROKER_STRING_LIST) {
			value_add_string(list, NULL, text);
			continue;
		}
		second = strchr(text, '>');
		item = value_add_group(list, NULL);
		if (second) {
			*second++ = '\0';
			value_add_string(item, row->members[1].key, second);
		}
		value_add_string(item, row->members[0].key, text);
	}
}

static bool add_option(struct value *group, char *text)
{
	char *value = strchr(text, '=');
	const struct gpubroker_option *row;

	if (!value) {
		return false;
	}
	*value++ = '\0';
	for (row = gpubroker_plugin.options; row->key && strcmp(row->key, text) != 0; row++) {
	}
	switch (row->key ? row->type : GPUBROKER_STRING) {
	case GPUBROKER_BOOLEAN:
		value_add_boolean(group, text, !strcmp(value, "true"));
		break;
	case GPUBROKER_REAL:
	case GPUBROKER_INTEGER:
		value_add_real(group, text, strtod(value, NULL));
		break;
	case GPUBROKER_STRING_LIST:
	case GPUBROKER_GROUP_LIST:
		add_items(group, row, value);
		break;
	default:
		value_add_string(group, text, value);
	}
	return true;
}

static bool check_options(const struct value *group)
{
	struct complaints complaints = {0};
	size_t i;
	bool fine;

	option_check(gpubroker_plugin.options, group, "option", &complaints);
	for (i = 0; i < complaints.n; i++) {
		fprintf(stderr, "%s\n", complaints.lines[i]);
	}
	fine = complaints.n == 0;
	complaints_finish(&complaints);
	return fine;
}

static int run(const struct value *group, bool steps, bool examine)
{
	struct gpubroker_error error = {0};
	void *self = calloc(1, gpubroker_plugin.self_size);
	bool ok = false;
	char line[64];
	int64_t ms;
	int r;

	if (!self || !check_options(group)) {
		free(self);
		return 2;
	}
	r = option_fill(gpubroker_plugin.options, group, self, option_read_secret, &error);
	if (r == 0) {
		r = gpubroker_plugin.open(self, &core, &error);
	}
	if (!steps) {
		ok = read_once(self, r, examine, &error);
	} else {
		while (fgets(line, sizeof(line), stdin)) {
			line[strcspn(line, "\n")] = '\0';
			if (str_to_int64(line, &ms)) {
				ahead_ms += ms;
			}
			core.record = !strcmp(line, "record") ? add_record : NULL;
			ok = read_once(self, r, !strcmp(line, "examine"), &error);
		}
	}
	gpubroker_plugin.close(self);
	option_free(gpubroker_plugin.options, self);
	free(self);
	strbuf_finish(&log_lines);
	strbuf_finish(&requests);
	strbuf_finish(&findings);
	strbuf_finish(&records);
	return ok ? 0 : 1;
}

int main(int argc, char **argv)
{
	struct value *group = value_new(VALUE_GROUP, NULL);
	bool steps = false, examine = false, fine = group != NULL;
	int i, status;

	for (i = 1; fine && i < argc; i++) {
		if (!strcmp(argv[i], "--env")) {
			use_environment = true;
		} else if (!strcmp(argv[i], "--steps")) {
			steps = true;
		} else if (!strcmp(argv[i], "--examine")) {
			examine = true;
		} else if (!strcmp(argv[i], "--limit")) {
			fine = i + 1 < argc && set_limit(argv[++i]);
		} else {
			fine = add_option(group, argv[i]);
		}
	}
	if (!fine) {
		fprintf(stderr,
			"usage: plugin_run [--env] [--limit NAME=N]... [--steps] [--examine] [KEY=VALUE]...\n");
		value_free(group);
		return 2;
	}
	status = run(group, steps, examine);
	value_free(group);
	return status;
}
