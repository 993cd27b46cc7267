/* SPDX-License-Identifier: Apache-2.0 */
/* /metrics: see metrics.h. */
#include "rest/metrics.h"

#include "base/mem.h"
#include "model/fragment.h"
#include "rest/httpd.h"
#include "rest/route.h"

#include <inttypes.h>
#include <stdio.h>

enum metric_type { GAUGE, COUNTER, HISTOGRAM, INFO };

enum metric {
#define METRIC(id, name, type, help) METRIC_##id,
#include "rest/metrics.def"
#undef METRIC
};

static const struct family {
	const char *name;
	enum metric_type type;
	const char *help;
} families[] = {
#define METRIC(id, name, type, help) {name, type, help},
#include "rest/metrics.def"
#undef METRIC
};

struct writer {
	struct strbuf *out;
	const struct family *family;
	const struct metrics_source *source;
	bool openmetrics;
};

struct label {
	const char *name, *value;
};

static const char *suffix_of(enum metric_type type)
{
	return type == COUNTER ? "_total" : type == INFO ? "_info" : "";
}

static const char *type_word(enum metric_type type, bool openmetrics)
{
	static const char *const words[] = {"gauge", "counter", "histogram", "info"};

	return type == INFO && !openmetrics ? "gauge" : words[type];
}

/* OpenMetrics names the family without the suffix, the older format with it. */
static void begin(struct writer *w, enum metric metric)
{
	const struct family *f = &families[metric];
	const char *suffix = w->openmetrics ? "" : suffix_of(f->type);

	w->family = f;
	strbuf_addf(w->out, "# HELP %s%s %s\n# TYPE %s%s %s\n", f->name, suffix, f->help, f->name,
		suffix, type_word(f->type, w->openmetrics));
}

static void add_label_value(struct strbuf *out, const char *text)
{
	for (; *text; text++) {
		if (*text == '\\' || *text == '"') {
			strbuf_addc(out, '\\');
			strbuf_addc(out, *text);
		} else if (*text == '\n') {
			strbuf_adds(out, "\\n");
		} else {
			strbuf_addc(out, *text);
		}
	}
}

static void sample_text(struct writer *w, const char *suffix, const struct label labels[], size_t n,
	const char *value)
{
	strbuf_adds(w->out, w->family->name);
	strbuf_adds(w->out, suffix);
	for (size_t i = 0; i < n; i++) {
		strbuf_addf(w->out, "%s%s=\"", i == 0 ? "{" : ",", labels[i].name);
		add_label_value(w->out, labels[i].value);
		strbuf_addc(w->out, '"');
	}
	strbuf_addf(w->out, "%s %s\n", n > 0 ? "}" : "", value);
}

static void sample(struct writer *w, const struct label labels[], size_t n, int64_t value)
{
	char text[24];

	snprintf(text, sizeof(text), "%" PRId64, value);
	sample_text(w, suffix_of(w->family->type), labels, n, text);
}

/* Milliseconds as seconds, always with a fraction: OpenMetrics wants bounds to be written like that. */
static void seconds_text(char ret[32], int64_t ms)
{
	int64_t fraction = (ms < 0 ? -ms : ms) % 1000;
	int digits = fraction % 100 == 0 ? 1 : fraction % 10 == 0 ? 2 : 3;

	snprintf(ret, 32, "%s%" PRId64 ".%0*" PRId64, ms < 0 && ms > -1000 ? "-" : "", ms / 1000,
		digits,
		digits == 1   ? fraction / 100
		: digits == 2 ? fraction / 10
			      : fraction);
}

static void sample_seconds(
	struct writer *w, const char *suffix, const struct label labels[], size_t n, int64_t ms)
{
	char text[32];

	seconds_text(text, ms);
	sample_text(w, suffix, labels, n, text);
}

/* From the view. */

static void write_flavors(struct writer *w, enum metric metric)
{
	_cleanup_(strbuf_finish) struct strbuf types = {0};

	begin(w, metric);
	for (size_t i = 0; i < w->source->view->n_rows; i++) {
		const struct view_row *row = &w->source->view->rows[i];
		const struct gpubroker_flavor *flavor = &row->flavor->flavor;
		int64_t value = metric == METRIC_FLAVOR_CAPACITY ? row->flavor->count.total
								 : row->flavor->count.available;

		strbuf_clear(&types);
		fragment_add_types(&types, flavor);
		const struct label labels[] = {
			{"region",    row->region->status.name                        },
			{"flavor",    flavor->name                                    },
			{"flavor_id", flavor->id                                      },
			{"gpu_type",  types.len > 0 && !types.failed ? types.data : ""},
		};

		if (value >= 0) {
			sample(w, labels, ARRAY_SIZE(labels), value);
		}
	}
}

static void write_pool(struct writer *w, const char *region, const struct gpu_pool *pool)
{
	const struct {
		const char *state;
		int64_t value;
	} states[] = {
		{"total",    pool->total   },
		{"used",     pool->used    },
		{"free",     pool->free    },
		{"stranded", pool->stranded},
		{"disabled", pool->disabled},
	};

	for (size_t i = 0; i < ARRAY_SIZE(states); i++) {
		const struct label labels[] = {
			{"region",   region         },
                        {"gpu_type", pool->type     },
                        {"state",    states[i].state}
                };

		sample(w, labels, ARRAY_SIZE(labels), states[i].value);
	}
}

static void write_gpus(struct writer *w)
{
	begin(w, METRIC_GPUS);
	for (size_t i = 0; i < w->source->view->n_regions; i++) {
		const struct view_region *region = &w->source->view->regions[i];
		bool shown = region->snapshot && region->state != REGION_DISABLED;

		for (size_t j = 0; shown && j < region->snapshot->n_pools; j++) {
			write_pool(w, region->status.name, &region->snapshot->pools[j]);
		}
	}
}

static const struct value *region_counters(const struct metrics_source *source, const char *name)
{
	const struct value *regions = value_get(source->counters, "regions");

	for (size_t i = 0; regions && i < regions->n_items; i++) {
		const char *other = value_string(regions->items[i], "name");

		if (other && str_equal(other, name)) {
			return regions->items[i];
		}
	}
	return NULL;
}

static int64_t last_success_ms(
	const struct metrics_source *source, const struct view_region *region)
{
	const struct value *counters = region_counters(source, region->status.name);
	int64_t at_ms = value_integer(counters, "last_success_ms", 0);

	return at_ms > 0 || !region->snapshot ? at_ms : region->snapshot->observed_at_ms;
}

static void write_region_state(
	struct writer *w, enum metric metric, const struct view_region *region)
{
	const struct label label = {"region", region->status.name};
	int64_t success_ms = last_success_ms(w->source, region);

	if (region->state == REGION_DISABLED) {
		return;
	}
	if (metric == METRIC_REGION_UP) {
		sample(w, &label, 1, region->state == REGION_OK);
	} else if (metric == METRIC_LAST_SUCCESS && success_ms > 0) {
		sample_seconds(w, "", &label, 1, success_ms);
	} else if (metric == METRIC_SNAPSHOT_AGE && region->snapshot) {
		int64_t age_ms = w->source->now_wall_ms - region->snapshot->observed_at_ms;

		sample_seconds(w, "", &label, 1, MAX(age_ms, (int64_t)0));
	}
}

static void write_region_states(struct writer *w, enum metric metric)
{
	begin(w, metric);
	for (size_t i = 0; i < w->source->view->n_regions; i++) {
		write_region_state(w, metric, &w->source->view->regions[i]);
	}
}

/* From the counters of the other processes. */

static void write_durations(struct writer *w)
{
	const struct value *durations = value_get(w->source->counters, "durations");
	const struct value *buckets = value_get(durations, "buckets");
	int64_t count = value_integer(durations, "count", 0);
	struct label label = {"le", "+Inf"};
	char le[32], text[24];

	begin(w, METRIC_REFRESH_DURATION);
	if (!durations) {
		return;
	}

	for (size_t i = 0; buckets && i < buckets->n_items; i++) {
		seconds_text(le, value_integer(buckets->items[i], "le_ms", 0));
		label.value = le;
		snprintf(text, sizeof(text), "%" PRId64,
			value_integer(buckets->items[i], "count", 0));
		sample_text(w, "_bucket", &label, 1, text);
	}
	label.value = "+Inf";
	snprintf(text, sizeof(text), "%" PRId64, count);
	sample_text(w, "_bucket", &label, 1, text);
	sample_seconds(w, "_sum", NULL, 0, value_integer(durations, "sum_ms", 0));
	sample_text(w, "_count", NULL, 0, text);
}

static void write_failures(struct writer *w, const char *region, const struct value *list)
{
	for (size_t i = 0; list && i < list->n_items; i++) {
		const char *code = value_string(list->items[i], "code");
		const struct label labels[] = {
			{"region", region          },
                        {"code",   code ? code : ""}
                };

		sample(w, labels, ARRAY_SIZE(labels), value_integer(list->items[i], "count", 0));
	}
}

static void write_upstream(struct writer *w, const char *region, const struct value *list)
{
	for (size_t i = 0; list && i < list->n_items; i++) {
		const char *service = value_string(list->items[i], "service");
		char code[24];
		const struct label labels[] = {
			{"region",  region                },
                        {"service", service ? service : ""},
                        {"code",    code                  }
                };

		snprintf(code, sizeof(code), "%" PRId64, value_integer(list->items[i], "code", 0));
		sample(w, labels, ARRAY_SIZE(labels), value_integer(list->items[i], "count", 0));
	}
}

static void write_counter(
	struct writer *w, const char *region, const struct value *counters, const char *key)
{
	const struct label label = {"region", region};

	if (value_get(counters, key)) {
		sample(w, &label, 1, value_integer(counters, key, 0));
	}
}

static void write_counters(struct writer *w, enum metric metric)
{
	const struct value *regions = value_get(w->source->counters, "regions");

	begin(w, metric);
	for (size_t i = 0; regions && i < regions->n_items; i++) {
		const struct value *counters = regions->items[i];
		const char *name = value_string(counters, "name");

		if (!name) {
			continue;
		}
		if (metric == METRIC_REFRESH_FAILURES) {
			write_failures(w, name, value_get(counters, "failures"));
		} else if (metric == METRIC_UPSTREAM_REQUESTS) {
			write_upstream(w, name, value_get(counters, "requests"));
		} else if (metric == METRIC_UPSTREAM_BYTES) {
			write_counter(w, name, counters, "bytes");
		} else if (metric == METRIC_WORKER_RESTARTS) {
			write_counter(w, name, counters, "restarts");
		}
	}
}

static void write_cache(struct writer *w)
{
	const struct value *list = value_get(w->source->counters, "cache");

	begin(w, METRIC_CACHE_OPERATIONS);
	for (size_t i = 0; list && i < list->n_items; i++) {
		const char *op = value_string(list->items[i], "op");
		const char *result = value_string(list->items[i], "result");
		const struct label labels[] = {
			{"op",     op ? op : ""        },
                        {"result", result ? result : ""}
                };

		sample(w, labels, ARRAY_SIZE(labels), value_integer(list->items[i], "count", 0));
	}
}

/* Our own. */

static void write_http(struct writer *w)
{
	char code[16];

	begin(w, METRIC_HTTP_REQUESTS);
	for (size_t route = 0; w->source->httpd && route <= n_routes; route++) {
		for (size_t i = 0; i < N_HTTP_CODES; i++) {
			uint64_t n = httpd_count(w->source->httpd, route, i);
			const struct label labels[] = {
				{"route", route < n_routes ? routes[route].pattern : "other"},
				{"code",  code					      }
                        };

			snprintf(code, sizeof(code), "%u", http_codes[i]);
			if (n > 0) {
				sample(w, labels, ARRAY_SIZE(labels), (int64_t)n);
			}
		}
	}
}

static void write_build(struct writer *w)
{
	const struct label label = {"version", w->source->version};

	begin(w, METRIC_BUILD);
	sample(w, &label, 1, 1);
}

static void write_family(struct writer *w, enum metric metric)
{
	switch (metric) {
	case METRIC_FLAVOR_CAPACITY:
	case METRIC_FLAVOR_AVAILABLE:
		write_flavors(w, metric);
		break;
	case METRIC_GPUS:
		write_gpus(w);
		break;
	case METRIC_REGION_UP:
	case METRIC_SNAPSHOT_AGE:
	case METRIC_LAST_SUCCESS:
		write_region_states(w, metric);
		break;
	case METRIC_REFRESH_DURATION:
		write_durations(w);
		break;
	case METRIC_REFRESH_FAILURES:
	case METRIC_UPSTREAM_REQUESTS:
	case METRIC_UPSTREAM_BYTES:
	case METRIC_WORKER_RESTARTS:
		write_counters(w, metric);
		break;
	case METRIC_HTTP_REQUESTS:
		write_http(w);
		break;
	case METRIC_CACHE_OPERATIONS:
		write_cache(w);
		break;
	case METRIC_BUILD:
		write_build(w);
		break;
	}
}

void metrics_write(struct strbuf *out, const struct metrics_source *source, bool openmetrics)
{
	struct writer w = {.out = out, .source = source, .openmetrics = openmetrics};

	for (size_t i = 0; i < ARRAY_SIZE(families); i++) {
		write_family(&w, (enum metric)i);
	}
	if (openmetrics) {
		strbuf_adds(out, "# EOF\n");
	}
}
