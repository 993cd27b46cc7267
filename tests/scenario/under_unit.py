#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Starts a command under the restrictions of a systemd unit, without systemd: as root, by the same system calls.

  under_unit.py UNIT WRITABLE_FOLDER COMMAND…

Taken over from UNIT: the system call filter (what it refuses kills here, so that nothing is refused quietly), address
families, the ban on writable code and namespaces, the read-only file system but for WRITABLE_FOLDER, hidden homes and
devices, no capabilities, no new privileges, the umask and the limit of open files. Not taken over: the user (it stays
root, but has no capability), device and resource control by cgroups. An unknown restriction is an error.
"""
import ctypes
import os
import resource
import stat
import subprocess
import sys

LIBC = ctypes.CDLL(None, use_errno=True)
ALLOW, KILL, ERRNO = 0x7FFF0000, 0x80000000, 0x00050000
MASKED_EQ, EQ, NE = 7, 4, 1
EAFNOSUPPORT, EPERM = 97, 1
FAMILIES = {"AF_UNIX": 1, "AF_INET": 2, "AF_INET6": 10, "AF_NETLINK": 16}
NAMESPACE_FLAGS = 0x7E020000 | 0x80
MS_RDONLY, MS_REMOUNT, MS_BIND, MS_REC, MS_PRIVATE = 1, 32, 4096, 16384, 1 << 18
SYS_MOUNT_SETATTR, MOUNT_ATTR_RDONLY, AT_RECURSIVE = 442, 1, 0x8000
DEVICES = ("null", "zero", "full", "random", "urandom", "tty")


def fail_if(failed, what):
    if failed:
        raise OSError(ctypes.get_errno(), "%s: %s" % (what, os.strerror(ctypes.get_errno())))


def read_unit(path):
    """[(key, value)…] of [Service], in order: some keys add up."""
    keys, section = [], None
    with open(path, encoding="utf-8") as file:
        for line in map(str.strip, file):
            if line.startswith("["):
                section = line
            elif section == "[Service]" and "=" in line and not line.startswith("#"):
                keys.append(tuple(line.split("=", 1)))
    return keys


# ---- system calls ----

def expand(word, seen=None):
    """The system calls of a name or @group, as systemd has it."""
    if not word.startswith("@"):
        return {word}
    seen = seen if seen is not None else set()
    if word in seen:
        return set()
    seen.add(word)
    text = subprocess.run(["systemd-analyze", "syscall-filter", word], stdout=subprocess.PIPE, text=True,
                          check=True).stdout
    lines = [line.strip() for line in text.split("\n")[1:]]
    return set().union(*(expand(line, seen) for line in lines if line and not line.startswith("#")))


def allowed_calls(unit):
    allowed = set()
    for key, value in unit:
        if key == "SystemCallFilter":
            calls = set().union(*(expand(word) for word in value.lstrip("~").split()))
            allowed = allowed - calls if value.startswith("~") else allowed | calls
    # With an allow list, systemd lets these pass always.
    return allowed | expand("@default") | {"execve"}


class Compare(ctypes.Structure):
    _fields_ = [("arg", ctypes.c_uint), ("op", ctypes.c_int), ("a", ctypes.c_uint64), ("b", ctypes.c_uint64)]


class Filter:
    def __init__(self, default):
        self.library = ctypes.CDLL("libseccomp.so.2")
        self.library.seccomp_init.restype = ctypes.c_void_p
        self.library.seccomp_init.argtypes = [ctypes.c_uint32]
        self.context = ctypes.c_void_p(self.library.seccomp_init(default))

    def rule(self, action, name, *compares):
        number = self.library.seccomp_syscall_resolve_name(name.encode())
        if number < 0:
            return  # this machine has no such call
        array = (Compare * max(len(compares), 1))(*compares)
        result = self.library.seccomp_rule_add_array(self.context, ctypes.c_uint32(action), number, len(compares),
                                                     array)
        if result < 0:
            raise OSError(-result, "rule for %s: %s" % (name, os.strerror(-result)))

    def load(self):
        result = self.library.seccomp_load(self.context)
        if result < 0:
            raise OSError(-result, "seccomp_load: " + os.strerror(-result))


def filters(unit):
    """Several, as systemd has them: the strictest answer counts."""
    settings = dict(unit)
    calls = Filter(KILL)
    for name in sorted(allowed_calls(unit)):
        calls.rule(ALLOW, name)
    made = [calls]
    families = Filter(ALLOW)
    words = settings["RestrictAddressFamilies"].split()
    for family in range(64):
        if family not in [FAMILIES[word] for word in words]:
            families.rule(ERRNO | EAFNOSUPPORT, "socket", Compare(0, EQ, family, 0))
    made.append(families)
    if settings.get("MemoryDenyWriteExecute") == "yes":
        code = Filter(ALLOW)
        code.rule(KILL, "mmap", Compare(2, MASKED_EQ, 2 | 4, 2 | 4))
        code.rule(KILL, "mprotect", Compare(2, MASKED_EQ, 4, 4))
        code.rule(KILL, "pkey_mprotect", Compare(2, MASKED_EQ, 4, 4))
        made.append(code)
    if settings.get("RestrictNamespaces") == "yes":
        spaces = Filter(ALLOW)
        spaces.rule(ERRNO | EPERM, "unshare")
        spaces.rule(ERRNO | EPERM, "setns")
        for bit in range(32):
            if NAMESPACE_FLAGS & (1 << bit):
                spaces.rule(ERRNO | EPERM, "clone", Compare(0, MASKED_EQ, 1 << bit, 1 << bit))
        spaces.rule(ERRNO | 38, "clone3")  # its flags are out of a filter's sight
        made.append(spaces)
    if settings.get("RestrictSUIDSGID") == "yes":
        modes = Filter(ALLOW)
        for bit in (stat.S_ISUID, stat.S_ISGID):
            for name, argument in (("chmod", 1), ("fchmod", 1), ("fchmodat", 2), ("mkdir", 1), ("mkdirat", 2),
                                   ("creat", 1), ("mknod", 1), ("mknodat", 2)):
                modes.rule(KILL, name, Compare(argument, MASKED_EQ, bit, bit))
        made.append(modes)
    return made


# ---- file system ----

def mount(source, target, kind, flags, data=None):
    fail_if(LIBC.mount(source, target.encode(), kind, ctypes.c_ulong(flags), data) < 0, "mount " + target)


def set_read_only(path, read_only, flags=0):
    attributes = (ctypes.c_uint64 * 4)(MOUNT_ATTR_RDONLY if read_only else 0,
                                       0 if read_only else MOUNT_ATTR_RDONLY, 0, 0)
    fail_if(LIBC.syscall(SYS_MOUNT_SETATTR, -100, path.encode(), flags, attributes, ctypes.sizeof(attributes)) < 0,
            "mount_setattr " + path)


def hide(path, kept):
    """An empty folder in its place, but for what is needed from below it."""
    held = [(folder, os.open(folder, os.O_PATH)) for folder in kept if (folder + "/").startswith(path + "/")]
    mount(b"none", path, b"tmpfs", 0)
    for folder, fd in held:
        os.makedirs(folder, exist_ok=True)
        mount(b"/proc/self/fd/%d" % fd, folder, None, MS_BIND | MS_REC)


def narrow_files(unit, writable, kept):
    settings = dict(unit)
    fail_if(LIBC.unshare(0x00020000) < 0, "unshare")
    mount(b"none", "/", None, MS_REC | MS_PRIVATE)
    devices = {name: os.open("/dev/" + name, os.O_PATH) for name in DEVICES}
    if settings.get("ProtectHome") == "yes":
        for path in ("/home", "/root"):
            if os.path.isdir(path):
                hide(path, kept)
    if settings.get("PrivateTmp") == "yes":
        hide("/tmp", kept)
        hide("/var/tmp", kept)
    if settings.get("PrivateDevices") == "yes":
        mount(b"none", "/dev", b"tmpfs", 0)
        for name, fd in devices.items():
            os.close(os.open("/dev/" + name, os.O_CREAT | os.O_WRONLY, 0o666))
            mount(b"/proc/self/fd/%d" % fd, "/dev/" + name, None, MS_BIND)
    if settings.get("ProcSubset") == "pid":
        mount(b"proc", "/proc", b"proc", 0, b"subset=pid")
    if settings.get("ProtectSystem") == "strict":
        mount(writable.encode(), writable, None, MS_BIND)
        set_read_only("/", True, AT_RECURSIVE)
        set_read_only(writable, False)
    for fd in devices.values():
        os.close(fd)


# ---- the process ----

def drop_capabilities():
    """Also for root, and for what it executes."""
    fail_if(LIBC.prctl(28, 0x2F, 0, 0, 0) < 0, "securebits")  # SECBIT_NOROOT and its like, locked
    number = 0
    while LIBC.prctl(24, number, 0, 0, 0) == 0:  # PR_CAPBSET_DROP
        number += 1
    header = (ctypes.c_uint32 * 2)(0x20080522, 0)
    fail_if(LIBC.capset(header, (ctypes.c_uint32 * 6)()) < 0, "capset")


# What is done here, and what needs a service manager and is left to it.
DONE = {"SystemCallFilter", "SystemCallErrorNumber", "RestrictAddressFamilies", "MemoryDenyWriteExecute",
        "RestrictNamespaces", "RestrictSUIDSGID", "ProtectSystem", "ProtectHome", "PrivateTmp", "PrivateDevices",
        "ProcSubset", "NoNewPrivileges", "CapabilityBoundingSet", "AmbientCapabilities", "UMask", "LimitNOFILE"}
IMPLIED = {  # by the empty set of capabilities and the filters above, or about others than the daemon
    "ProtectHostname", "ProtectClock", "ProtectKernelTunables", "ProtectKernelModules", "ProtectKernelLogs",
    "ProtectControlGroups", "ProtectProc", "PrivateUsers", "RestrictRealtime", "LockPersonality", "RemoveIPC",
    "DevicePolicy", "SystemCallArchitectures"}
LIFE = {"Type", "NotifyAccess", "ExecStart", "ExecReload", "KillMode", "TimeoutStopSec", "Restart", "RestartSec",
        "WatchdogSec", "OOMPolicy", "User", "Group", "ConfigurationDirectory", "StateDirectory",
        "StateDirectoryMode", "RuntimeDirectory"}


def main():
    unit, writable, command = read_unit(sys.argv[1]), sys.argv[2], sys.argv[3:]
    settings = dict(unit)
    unknown = set(settings) - DONE - IMPLIED - LIFE
    if unknown:
        sys.exit("under_unit: nothing here knows %s" % ", ".join(sorted(unknown)))
    made = filters(unit)  # with systemd-analyze, while everything can be seen
    build = os.path.dirname(os.path.realpath(command[0]))
    narrow_files(unit, writable, [writable, build])
    os.umask(int(settings["UMask"], 8))
    most = resource.getrlimit(resource.RLIMIT_NOFILE)[1]  # where this machine's is lower, that one stays
    most = int(settings["LimitNOFILE"]) if most == resource.RLIM_INFINITY else min(most, int(settings["LimitNOFILE"]))
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
    drop_capabilities()
    fail_if(LIBC.prctl(38, 1, 0, 0, 0) < 0, "no_new_privs")
    os.chdir("/")
    for one in reversed(made):  # the list of allowed calls last: it does not allow loading another
        one.load()
    os.execv(command[0], command)


if __name__ == "__main__":
    main()
