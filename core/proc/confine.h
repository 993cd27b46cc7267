/* SPDX-License-Identifier: Apache-2.0 */
/* What a role may still do: resource limits, no new privileges, not dumpable, and a filter of system calls
 * where libseccomp was there at build time. */
#ifndef PROC_CONFINE_H
#define PROC_CONFINE_H

enum confine_role { CONFINE_LOADER, CONFINE_WORKER, CONFINE_STORER, CONFINE_REST };

/* Before any input is touched. Never fails: what the kernel refuses is reported in *ret_missing (a word of it, or
 * NULL), for the log. */
void confine(enum confine_role, const char **ret_missing);
/* rest, once it listens: from here on no file, no connection, no program. */
void confine_sealed(const char **ret_missing);

/* sandbox.c, or sandbox_none.c where there is no libseccomp. < 0: the filter is not in force. */
int sandbox_common(void);   /* no exec, no ptrace, no mounts, no modules … */
int sandbox_no_files(void); /* nor open, nor connect, nor fork */

#endif
