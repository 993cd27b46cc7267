/* SPDX-License-Identifier: Apache-2.0 */
/* The roles a child can have, and what all of them do first. */
#ifndef PROC_ROLE_H
#define PROC_ROLE_H

#include "base/value.h"
#include "proc/confine.h"
#include "proc/frame.h"

/* `gpubrokerd --role ROLE [NAME]`: the exit status. */
int role_main(const char *role, const char *name);

int loader_main(const char *name);
int worker_main(const char *name);
int storer_main(const char *name);
int front_main(const char *name);

/* Confines the process, receives MSG_CONFIG and starts the log at its log_level. NULL: the parent is gone or sent
 * something else. reader keeps what came behind it. */
struct value *role_begin(const char *who, enum confine_role, struct frame_reader *reader);

#endif
