/* SPDX-License-Identifier: Apache-2.0 */
/* The core as a plugin sees it: see fake_core.h. */
#include "fake_core.h"

#include "model/inventory.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static char lines[64 * 1024];

static char findings[64 * 1024];

const char *fake_core_findings(void)
{
	return findings;
}

static void keep_finding(const struct gpubroker_finding *f)
{
	size_t n = strlen(findings);

	snprintf(findings + n, sizeof(findings) - n, "%d %s %s: %s [%s]\n", (int)f->severity,
		f->check, f->subject ? f->subject : "-", f->text, f->command ? f->command : "-");
}

static struct {
	char name[128];
	char *body;
} records[256];
static size_t n_records;

const char *fake_core_recorded(const char *name)
{
	for (size_t i = 0; i < n_records; i++) {
		if (strcmp(records[i].name, name) == 0) {
			return records[i].body;
		}
	}
	return NULL;
}

void fake_core_clear_records(void)
{
	while (n_records > 0) {
		free(records[--n_records].body);
	}
}

static void keep_record(const char *name, const char *body, size_t n)
{
	if (n_records < sizeof(records) / sizeof(records[0])) {
		snprintf(records[n_records].name, sizeof(records[0].name), "%s", name);
		records[n_records++].body = strndup(body, n);
	}
}

const char *fake_core_log(void)
{
	return lines;
}

void fake_core_clear_log(void)
{
	lines[0] = '\0';
	findings[0] = '\0';
}

__attribute__((format(printf, 2, 3))) static void keep(
	enum gpubroker_level level, const char *format, ...)
{
	size_t n = strlen(lines);
	va_list ap;

	va_start(ap, format);
	vsnprintf(lines + n, sizeof(lines) - n, format, ap);
	va_end(ap);
	n = strlen(lines);
	snprintf(lines + n, sizeof(lines) - n, "\n");
}

const struct gpubroker_core fake_core = {
	.abi = GPUBROKER_PLUGIN_ABI,
	.size = sizeof(struct gpubroker_core),
	.region = "test",
	.broker_version = "test",
	.log = keep,
	.add_host = inventory_add_host,
	.add_flavor = inventory_add_flavor,
	.add_counted_flavor = inventory_add_counted_flavor,
	.set_capacity_model = inventory_set_capacity_model,
	.finding = keep_finding,
	.record = keep_record,
};
