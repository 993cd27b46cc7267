/* SPDX-License-Identifier: Apache-2.0 */
/* Whether the daemon lives and is ready, and its metrics: made per request. */
#include "rest/front.h"
#include "rest/http/negotiate.h"
#include "rest/metrics.h"

enum { PARENT_SILENT_MS = 5000 };

static void say(struct draft *d, const char *status)
{
	strbuf_addf(&d->body, "{\"status\":\"%s\"}\n", status);
}

void get_livez(struct rest *rest, const struct request *r, struct draft *d)
{
	if (rest->mono_ms() - atomic_load(&rest->parent_answered_ms) > PARENT_SILENT_MS) {
		draft_problem(d, r, 503, "The parent process has not answered for 5 s.");
		return;
	}
	say(d, "alive");
}

void get_readyz(struct rest *rest, const struct request *r, struct draft *d)
{
	_cleanup_(generation_unrefp) struct generation *g = rest_generation(rest);
	const struct view *view = generation_view(g);
	size_t n_data = 0;

	for (size_t i = 0; i < view->n_regions; i++) {
		const struct view_region *region = &view->regions[i];

		if (region->status.enabled && !region->status.attempted) {
			draft_problem(d, r, 503, "Region '%s' has not been read yet.",
				region->status.name);
			return;
		}
		n_data += region->snapshot && region->state != REGION_DISABLED;
	}
	if (n_data == 0) {
		draft_problem(d, r, 503, "No region has data.");
		return;
	}
	say(d, "ready");
}

void get_metrics(struct rest *rest, const struct request *r, struct draft *d)
{
	_cleanup_(generation_unrefp) struct generation *g = rest_generation(rest);
	bool open = prefers_openmetrics(r->header(r, "Accept"));
	struct metrics_source source = {
		.view = generation_view(g),
		.version = rest->version,
		.now_wall_ms = rest->wall_ms(),
		.httpd = rest->httpd,
	};

	d->content_type = open ? METRICS_OPENMETRICS : METRICS_TEXT;
	pthread_mutex_lock(&rest->metrics_lock);
	source.counters = rest->metrics;
	metrics_write(&d->body, &source, open);
	pthread_mutex_unlock(&rest->metrics_lock);
}
