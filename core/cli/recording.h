/* SPDX-License-Identifier: Apache-2.0 */
/* `collect --record DIR`: the documents that a plugin records, with what makes them a region of `replay`. */
#ifndef CLI_RECORDING_H
#define CLI_RECORDING_H

#include "cli/source.h"

struct recording {
	const char *path;
	int folder;
	size_t n_files;
	int64_t bytes;
	struct gpubroker_error error; /* of the first that could not be written; code 0: none */
};

/* The folder is made, or there and empty. < 0: CONFIG, INTERNAL. */
int recording_begin(struct recording *, const char *path, struct gpubroker_error *reterr);
/* For struct reading_settings; context: the recording. */
void recording_add(void *recording, const char *name, const char *body, size_t n);
/* Writes region.conf and README. model: "nova", the counting that the numbers follow. < 0: what went wrong, now or
 * before; CONFIG: the plugin records nothing. */
int recording_end(struct recording *, const struct source *, const char *model, struct gpubroker_error *reterr);
void recording_finish(struct recording *);

#endif
