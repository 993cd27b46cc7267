/* SPDX-License-Identifier: Apache-2.0 */
/* System call filters by libseccomp (the only file that includes it). What is listed answers EPERM, so that a
 * library that tries gets an error it knows how to handle; everything else works as before. */
#include "proc/confine.h"

#include "base/mem.h"

#include <errno.h>
#include <sched.h>
#include <seccomp.h>

static const int never_needed[] = {SCMP_SYS(execve), SCMP_SYS(execveat), SCMP_SYS(ptrace),
	SCMP_SYS(process_vm_readv), SCMP_SYS(process_vm_writev), SCMP_SYS(mount), SCMP_SYS(umount2),
	SCMP_SYS(pivot_root), SCMP_SYS(chroot), SCMP_SYS(setns), SCMP_SYS(unshare),
	SCMP_SYS(init_module), SCMP_SYS(finit_module), SCMP_SYS(delete_module),
	SCMP_SYS(kexec_load), SCMP_SYS(reboot), SCMP_SYS(swapon), SCMP_SYS(swapoff), SCMP_SYS(bpf),
	SCMP_SYS(perf_event_open), SCMP_SYS(keyctl), SCMP_SYS(add_key), SCMP_SYS(request_key),
	SCMP_SYS(setuid), SCMP_SYS(setgid), SCMP_SYS(setresuid), SCMP_SYS(setresgid),
	SCMP_SYS(setgroups), SCMP_SYS(settimeofday), SCMP_SYS(clock_settime), SCMP_SYS(adjtimex),
	SCMP_SYS(personality), SCMP_SYS(userfaultfd), SCMP_SYS(acct), SCMP_SYS(pidfd_getfd),
	SCMP_SYS(open_tree), SCMP_SYS(move_mount), SCMP_SYS(fsopen), SCMP_SYS(fsmount),
	SCMP_SYS(mount_setattr), SCMP_SYS(io_uring_setup), SCMP_SYS(io_uring_enter),
	SCMP_SYS(io_uring_register)}; /* a ring would carry out what is forbidden here */

static const int needs_files[] = {SCMP_SYS(open), SCMP_SYS(openat), SCMP_SYS(openat2),
	SCMP_SYS(creat), SCMP_SYS(unlink), SCMP_SYS(unlinkat), SCMP_SYS(rename), SCMP_SYS(renameat),
	SCMP_SYS(renameat2), SCMP_SYS(mkdir), SCMP_SYS(mkdirat), SCMP_SYS(rmdir), SCMP_SYS(link),
	SCMP_SYS(linkat), SCMP_SYS(symlink), SCMP_SYS(symlinkat), SCMP_SYS(chmod),
	SCMP_SYS(fchmodat), SCMP_SYS(chown), SCMP_SYS(fchownat), SCMP_SYS(connect), SCMP_SYS(bind),
	SCMP_SYS(socket), SCMP_SYS(socketpair), SCMP_SYS(fork), SCMP_SYS(vfork), SCMP_SYS(kill),
	SCMP_SYS(tkill), SCMP_SYS(rt_sigqueueinfo), SCMP_SYS(pidfd_open),
	SCMP_SYS(pidfd_send_signal), SCMP_SYS(memfd_create), SCMP_SYS(truncate), SCMP_SYS(mknod),
	SCMP_SYS(mknodat), SCMP_SYS(lchown), SCMP_SYS(utimensat), SCMP_SYS(setxattr),
	SCMP_SYS(name_to_handle_at), SCMP_SYS(open_by_handle_at)};

/* Threads, but no processes. What clone3() asks for stands in memory, where no filter looks: the C library falls back
 * to clone() where there is no clone3(). */
static int deny_processes(scmp_filter_ctx filter)
{
	int r = seccomp_rule_add(filter, SCMP_ACT_ERRNO(EPERM), SCMP_SYS(clone), 1,
		SCMP_A0(SCMP_CMP_MASKED_EQ, CLONE_THREAD, 0));

	return r < 0 ? r : seccomp_rule_add(filter, SCMP_ACT_ERRNO(ENOSYS), SCMP_SYS(clone3), 0);
}

static int deny(const int calls[], size_t n, bool processes)
{
	scmp_filter_ctx filter = seccomp_init(SCMP_ACT_ALLOW);
	int r = filter ? 0 : -ENOMEM;

	if (r == 0 && processes) {
		r = deny_processes(filter);
	}
	for (size_t i = 0; i < n && r == 0; i++) {
		r = seccomp_rule_add(filter, SCMP_ACT_ERRNO(EPERM), calls[i], 0);
		r = r == -EDOM || r == -EINVAL ? 0 : r; /* a call that this machine does not have */
	}
	if (r == 0) {
		seccomp_attr_set(filter, SCMP_FLTATR_CTL_TSYNC, 1); /* all threads */
		r = seccomp_load(filter);
	}
	seccomp_release(filter);
	return r;
}

int sandbox_common(void)
{
	return deny(never_needed, ARRAY_SIZE(never_needed), false);
}

int sandbox_no_files(void)
{
	return deny(needs_files, ARRAY_SIZE(needs_files), true);
}
