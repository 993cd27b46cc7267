/* SPDX-License-Identifier: Apache-2.0 */
/* The front from the inside: what its threads share. */
#ifndef REST_FRONT_H
#define REST_FRONT_H

#include "rest/generation.h"
#include "rest/httpd.h"
#include "rest/rest.h"

#include <pthread.h>
#include <stdatomic.h>

struct rest_region {
	struct region_status status;
	struct snapshot *snapshot; /* NULL: no data yet */
};

struct rest {
	char *version;
	int64_t (*mono_ms)(void);
	int64_t (*wall_ms)(void);
	int64_t cold_wait_ms;
	bool show_host_names;
	struct httpd *httpd;

	/* The role thread's. */
	struct rest_region *regions; /* configuration order */
	size_t n_regions;
	char *default_region;
	bool configured, changed;
	int64_t published_mono_ms;

	/* Shared; the lock is held for a few instructions. */
	pthread_mutex_t lock;
	struct generation *current;
	struct value *metrics; /* under metrics_lock */
	pthread_mutex_t metrics_lock;
	atomic_int_fast64_t parent_answered_ms;
};

struct generation *rest_generation(struct rest *); /* a reference to the current one */

#endif
