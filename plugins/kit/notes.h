/* SPDX-License-Identifier: Apache-2.0 */
/* Log lines that are said once: what is wrong with a cloud stays wrong for many readings, and one line of it
 * is enough until it has been right in between. */
#ifndef KIT_NOTES_H
#define KIT_NOTES_H

#include <gpubroker/plugin.h>

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { NOTES_MAX = 4096 }; /* of one reading; one more is said to be left out */

/* In the plugin's own struct; zeroes are ready for use. */
struct notes {
	uint64_t *before, *now; /* hashes of the lines of the last reading and of this one */
	size_t n_before, n_now, room_before, room_now;
	bool full;
};

void notes_finish(struct notes *);
void notes_begin(struct notes *); /* of a reading */
__attribute__((format(printf, 3, 4))) void note(
	struct notes *, const struct gpubroker_core *, const char *format, ...);

#endif
