/* SPDX-License-Identifier: Apache-2.0 */
/* One reading of a region in this process: what a worker of the daemon does, once. */
#ifndef CLI_READING_H
#define CLI_READING_H

#include "cli/source.h"
#include "model/snapshot.h"

struct reading_settings {
	const struct ui *ui;
	bool verbose; /* say what the plugin logs */
	bool examine; /* the plugin's examine() where it has one */
	void (*finding)(void *context, const struct gpubroker_finding *); /* NULL: nobody listens */
	void (*record)(void *context, const char *name, const char *body, size_t n);
	void *context;
};

struct reading_result {
	struct snapshot *snapshot; /* NULL: it failed */
	bool examined;             /* by the plugin's own examine() */
	int64_t requests, bytes, duration_ms;
};

/* A progress line while it lasts. < 0: the plugin's error. One at a time. */
int reading_make(struct source *, const struct reading_settings *, struct reading_result *ret,
	struct gpubroker_error *reterr);
void reading_result_finish(struct reading_result *);

#endif
