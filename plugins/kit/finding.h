/* SPDX-License-Identifier: Apache-2.0 */
/* Findings for `gpubroker doctor`: a sentence, and the command line that mends it. Nothing happens where nobody
 * listens (core->finding is NULL). */
#ifndef KIT_FINDING_H
#define KIT_FINDING_H

#include <gpubroker/plugin.h>

/* check, subject and command as in struct gpubroker_finding; a command of "" is none. */
__attribute__((format(printf, 6, 7))) void finding_add(const struct gpubroker_core *,
	enum gpubroker_level severity, const char *check, const char *subject, const char *command,
	const char *format, ...);

/* "openstack aggregate set 'GPU hosts'": `command` as it is, then the arguments up to NULL, quoted for a shell where
 * they need it. Returns `out`, or NULL where it does not fit: half a command is none. */
enum { COMMAND_MAX = 600 };
__attribute__((sentinel)) const char *finding_command(
	char out[static COMMAND_MAX], const char *command, ...);

#endif
