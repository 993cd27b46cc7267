/* SPDX-License-Identifier: Apache-2.0 */
/* The core as a plugin sees it: the real inventory, and a log that is kept as text. */
#ifndef FAKE_CORE_H
#define FAKE_CORE_H

#include <gpubroker/plugin.h>

extern const struct gpubroker_core fake_core;

const char *fake_core_log(void); /* all lines since the last clear, each with its line end */
void fake_core_clear_log(void);         /* and the findings */
const char *fake_core_findings(void); /* "severity check subject: text [command]" a line */
/* What core->record() was given since the last clear; NULL: no such document. */
const char *fake_core_recorded(const char *name);
void fake_core_clear_records(void);

#endif
