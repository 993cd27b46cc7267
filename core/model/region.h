/* SPDX-License-Identifier: Apache-2.0 */
/* What is known of a region beside its snapshot, and the words for its state. The parent keeps one a
 * region and sends it to `rest` and `storer` whenever it changes. */
#ifndef MODEL_REGION_H
#define MODEL_REGION_H

#include "base/value.h"

#include <gpubroker/error.h>

enum region_state {
	REGION_PENDING = 0, /* never read yet */
	REGION_OK,
	REGION_STALE, /* last good data kept: the last poll failed or stale_after has passed */
	REGION_ERROR, /* never succeeded */
	REGION_DISABLED,
	REGION_MAINTENANCE,
};
const char *region_state_word(enum region_state); /* "pending" … */

struct region_status {
	char *name, *title, *site, *plugin;
	char *maintenance; /* a sentence; NULL: none */
	bool enabled;
	int64_t interval_ms, stale_after_ms;
	int64_t next_refresh_ms; /* wall clock; 0: none planned */
	int64_t failed_since_ms; /* wall clock of the first failure since the last success; 0: fine */
	enum gpubroker_code code; /* of the last poll; GPUBROKER_OK after a success or before the first */
	char *error_text;         /* full text for operators, never served to strangers; NULL: none */
	bool attempted;           /* it has been read or has failed once since the daemon started */
};

void region_status_finish(struct region_status *);
bool region_status_copy(const struct region_status *, struct region_status *ret); /* false: no memory */
/* As a message: struct value group and back. false: malformed or no memory. */
struct value *region_status_to_value(const struct region_status *);
bool region_status_from_value(const struct value *, struct region_status *ret);

/* observed_at_ms: of the snapshot at hand; 0: there is none. */
enum region_state region_state_at(const struct region_status *, int64_t observed_at_ms, int64_t now_wall_ms);
/* When that state will change by the clock alone; 0: never. */
int64_t region_state_changes_at(const struct region_status *, int64_t observed_at_ms, int64_t now_wall_ms);

const char *gpubroker_code_word(enum gpubroker_code);   /* "auth" … ; "ok" for 0 */
const char *gpubroker_code_detail(enum gpubroker_code); /* the fixed sentence; "" for 0 */
bool gpubroker_code_retry(enum gpubroker_code);
bool gpubroker_code_parse(const char *word, enum gpubroker_code *ret);

#endif
