/* SPDX-License-Identifier: Apache-2.0 */
/* What a role may still do: see confine.h. */
#include "proc/confine.h"

#include "base/mem.h"

#include <sys/prctl.h>
#include <sys/resource.h>

static void set_limit(int resource, rlim_t most, const char *word, const char **missing)
{
	struct rlimit now;

	if (getrlimit((__rlimit_resource_t)resource, &now) == 0) {
		now.rlim_max = MIN(now.rlim_max, most);
		now.rlim_cur = now.rlim_max;
		if (setrlimit((__rlimit_resource_t)resource, &now) == 0) {
			return;
		}
	}
	*missing = word;
}

#ifndef __has_feature /* gcc */
#define __has_feature(x) 0
#endif

/* A leaking plugin ends itself, not the machine. Sanitizers need address space without end. */
static void limit_memory(rlim_t most, const char **missing)
{
#if !defined(__SANITIZE_ADDRESS__) && !__has_feature(address_sanitizer)
	set_limit(RLIMIT_DATA, most, "memory-limit", missing);
#endif
}

void confine(enum confine_role role, const char **ret_missing)
{
	static const rlim_t memory[] = {
		[CONFINE_LOADER] = 512u << 20,
		[CONFINE_WORKER] = 2048u << 20,
		[CONFINE_STORER] = 2048u << 20,
		[CONFINE_REST] = (rlim_t)8192 << 20,
	};

	*ret_missing = NULL;
	set_limit(RLIMIT_CORE, 0, "core-limit", ret_missing);
	limit_memory(memory[role], ret_missing);
	if (role != CONFINE_REST) {
		set_limit(RLIMIT_NOFILE, 1024, "file-limit", ret_missing);
	} else {
		set_limit(RLIMIT_NOFILE, RLIM_INFINITY, "file-limit", ret_missing);
	}
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0) {
		*ret_missing = "no-new-privs";
	}
	if (prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) < 0) {
		*ret_missing = "not-dumpable";
	}
	if (sandbox_common() < 0) {
		*ret_missing = "seccomp";
	}
}

void confine_sealed(const char **ret_missing)
{
	*ret_missing = sandbox_no_files() < 0 ? "seccomp" : NULL;
}
