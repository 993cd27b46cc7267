/* SPDX-License-Identifier: Apache-2.0 */
/* What the parent tells the service manager: see service.h. */
#include "proc/service.h"

#include "base/log.h"
#include "base/mono.h"
#include "proc/parent.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

/* rest asks once a second: a watchdog that bites sooner than this would bite a daemon that is well. */
enum { SHORTEST_WATCHDOG_MS = 5000 };

/* Room for the end of the longest list: ", and 499 more". */
enum { TAIL_SIZE = 24 };

static void add_text(char text[static SERVICE_STATUS_SIZE], const char *more)
{
	size_t n = strlen(text);

	snprintf(text + n, SERVICE_STATUS_SIZE - n, "%s", more);
}

/* "; tuebingen stale, jena error", as far as it fits. */
static void add_troubled(const struct parent *p, int64_t now_wall_ms, char *text)
{
	char item[120], tail[TAIL_SIZE];
	size_t named = 0, left_out = 0;

	for (size_t i = 0; i < p->n_regions; i++) {
		const struct region *r = p->regions[i];
		enum region_state state =
			region_state_at(&r->status, r->observed_at_ms, now_wall_ms);

		if (state == REGION_OK || state == REGION_DISABLED) {
			continue;
		}
		snprintf(item, sizeof(item), "%s%s %s", named ? ", " : "; ", r->status.name,
			region_state_word(state));
		if (strlen(text) + strlen(item) + TAIL_SIZE < SERVICE_STATUS_SIZE) {
			add_text(text, item);
			named++;
		} else {
			left_out++;
		}
	}
	if (left_out > 0) {
		snprintf(tail, sizeof(tail), ", and %zu more", left_out);
		add_text(text, tail);
	}
}

void service_status_text(
	const struct parent *p, int64_t now_wall_ms, char text[static SERVICE_STATUS_SIZE])
{
	size_t ok = 0, enabled = 0;

	for (size_t i = 0; i < p->n_regions; i++) {
		const struct region *r = p->regions[i];
		enum region_state state =
			region_state_at(&r->status, r->observed_at_ms, now_wall_ms);

		ok += state == REGION_OK;
		enabled += state != REGION_DISABLED;
	}
	if (enabled == 0) {
		snprintf(text, SERVICE_STATUS_SIZE, "no region is configured");
	} else {
		snprintf(text, SERVICE_STATUS_SIZE, "%zu of %zu regions ok", ok, enabled);
	}
	add_troubled(p, now_wall_ms, text);
	if (p->service.refused) {
		add_text(text, " (the new configuration was refused)");
	}
	notify_line(text);
}

/* true: it differs from what was said last. */
static bool renew_status(struct parent *p)
{
	char text[SERVICE_STATUS_SIZE];

	service_status_text(p, wall_ms(), text);
	if (str_equal(text, p->service.status)) {
		return false;
	}
	memcpy(p->service.status, text, sizeof(text));
	return true;
}

void service_begin(struct parent *p)
{
	struct service *s = &p->service;
	int r = notify_begin(&s->notify);

	if (r < 0) {
		log_warn("the service manager cannot be told anything error=\"%s\"", strerror(-r));
	}
	if (s->notify.watchdog_ms > 0 && s->notify.watchdog_ms < SHORTEST_WATCHDOG_MS) {
		log_warn(
			"the service manager's watchdog is too short to be fed watchdog_ms=%" PRId64
			" least_ms=%d",
			s->notify.watchdog_ms, SHORTEST_WATCHDOG_MS);
	}
	notify_send(&s->notify, "STATUS=reading the configuration");
}

void service_loading(struct parent *p)
{
	struct service *s = &p->service;
	struct timespec now;

	if (!p->started) {
		return;
	}
	s->loading = true;
	s->announced = false;
	clock_gettime(CLOCK_MONOTONIC, &now);
	notify_send(&s->notify,
		"RELOADING=1\nMONOTONIC_USEC=%" PRId64 "\nSTATUS=reading the configuration",
		(int64_t)now.tv_sec * 1000000 + now.tv_nsec / 1000);
	s->status[0] = '\0';
}

void service_loaded(struct parent *p, bool refused)
{
	p->service.loading = false;
	p->service.refused = refused;
	service_settle(p);
}

void service_complain(struct parent *p, const char *text)
{
	char line[SERVICE_STATUS_SIZE];

	snprintf(line, sizeof(line), "%s", text);
	notify_line(line);
	notify_send(&p->service.notify, "STATUS=%s", line);
}

void service_settle(struct parent *p)
{
	struct service *s = &p->service;

	if (s->announced || s->loading || p->load_again || p->ending ||
		!p->sinks[SINK_REST].ready) {
		return;
	}
	renew_status(p);
	s->announced = notify_send(&s->notify, "READY=1\nSTATUS=%s", s->status);
}

void service_alive(struct parent *p)
{
	struct service *s = &p->service;
	int64_t now = mono_ms();

	service_settle(p);
	if (s->announced && renew_status(p)) {
		notify_send(&s->notify, "STATUS=%s", s->status);
	}
	if (s->notify.watchdog_ms > 0 && now - s->fed_ms >= s->notify.watchdog_ms / 4) {
		s->fed_ms = now;
		notify_send(&s->notify, "WATCHDOG=1");
	}
}

void service_ending(struct parent *p)
{
	notify_send(&p->service.notify,
		p->exit_status == 0 ? "STOPPING=1\nSTATUS=finishing what is being answered"
				    : "STOPPING=1");
}

void service_finish(struct parent *p)
{
	notify_finish(&p->service.notify);
}
