# SPDX-License-Identifier: Apache-2.0
"""What the benchmarks share: servers that are started on free ports and ended by pid, what they cost, the
machine in words, and the sections of RESULTS.md."""
import ctypes
import datetime
import http.client
import os
import platform
import re
import signal
import socket
import subprocess
import sys
import threading
import time

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(os.path.dirname(HERE))
RESULTS = os.path.join(HERE, "RESULTS.md")
LIBC = ctypes.CDLL(None)
TICKS_PER_S = os.sysconf("SC_CLK_TCK")


def free_port():
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]


def until(check, what, timeout_s):
    """Asks every two milliseconds until check() gives something true; it may raise while it is not so yet."""
    deadline = time.monotonic() + timeout_s
    pause = threading.Event()
    last = None
    while time.monotonic() < deadline:
        try:
            last = check()
            if last:
                return last
        except (OSError, http.client.HTTPException, KeyError, ValueError) as error:
            last = error
        pause.wait(0.002)
    raise SystemExit("waited %d s for: %s (last: %r)" % (timeout_s, what, last))


def libconfig(value):
    """A Python value as libconfig reads it: a dict is a group, a list of dicts a list, other lists arrays."""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, str):
        return '"%s"' % value.replace("\\", "\\\\").replace('"', '\\"')
    if isinstance(value, dict):
        return "{ %s }" % " ".join("%s = %s;" % (key, libconfig(item)) for key, item in value.items())
    if isinstance(value, list):
        items = ", ".join(libconfig(item) for item in value)
        return "( %s )" % items if value and isinstance(value[0], dict) else "[ %s ]" % items
    return repr(value)


class Server:
    """A process and its children. cpu: the only one that it may use; None: any."""

    def __init__(self, command, folder, cpu=None):
        self.log_path = os.path.join(folder, os.path.basename(command[0]) + ".log")
        self.cpu = cpu
        with open(self.log_path, "wb") as log:
            self.process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=log, stderr=log,
                                            preexec_fn=self.settle)
        self.pid = self.process.pid

    def settle(self):
        """In the new process: it ends with this script, and stays where it belongs."""
        LIBC.prctl(1, signal.SIGKILL)
        if self.cpu is not None:
            os.sched_setaffinity(0, {self.cpu})

    def check(self):
        if self.process.poll() is not None:
            with open(self.log_path, encoding="utf-8", errors="replace") as log:
                raise SystemExit("%s ended with %d\n%s" % (self.process.args[0], self.process.returncode,
                                                           log.read()[-4000:]))
        return True

    def processes(self):
        """{pid: command line} of the process and all that descend from it."""
        parents = {}
        for entry in filter(str.isdigit, os.listdir("/proc")):
            try:
                with open("/proc/%s/stat" % entry, encoding="utf-8", errors="replace") as stat:
                    parents[int(entry)] = int(stat.read().rpartition(")")[2].split()[1])
            except OSError:
                pass
        family = {self.pid}
        while True:
            more = {pid for pid, parent in parents.items() if parent in family} - family
            if not more:
                return {pid: command_line(pid) for pid in sorted(family)}
            family |= more

    def cpu_s(self):
        """Processor time that all of them have used so far, those included that have ended."""
        ticks = 0
        for pid in self.processes():
            try:
                with open("/proc/%d/stat" % pid, encoding="utf-8", errors="replace") as stat:
                    fields = stat.read().rpartition(")")[2].split()
                    ticks += sum(map(int, fields[11:15]))  # its own, and of children it has waited for
            except OSError:
                pass
        return ticks / TICKS_PER_S

    def stop(self):
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
            try:
                self.process.wait(20)
            except subprocess.TimeoutExpired:
                print("%s did not end after SIGTERM" % self.process.args[0], file=sys.stderr)
                self.process.kill()
                self.process.wait()


def command_line(pid):
    try:
        with open("/proc/%d/cmdline" % pid, "rb") as file:
            words = file.read().rstrip(b"\0").decode("utf-8", "replace").split("\0")
    except OSError:
        return "?"
    return " ".join([os.path.basename(words[0]), *words[1:]])


def gpubrokerd(path, folder, config, cpu=None):
    """The daemon with a configuration (a dict) in that folder."""
    conf = os.path.join(folder, "gpubroker.conf")
    os.makedirs(os.path.join(folder, "sites.d"), exist_ok=True)
    with open(conf, "w", encoding="utf-8") as file:
        file.writelines("%s = %s;\n" % (key, libconfig(value)) for key, value in config.items())
    return Server([path, "-c", conf], folder, cpu)


def first_line(*command):
    try:
        said = subprocess.run(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                              stderr=subprocess.STDOUT, text=True, check=False).stdout
    except OSError:
        return "?"
    return (said.strip().splitlines() or ["?"])[0]


def machine():
    """One line: processor, cores, memory, kernel, the load before we began."""
    with open("/proc/cpuinfo", encoding="utf-8") as file:
        model = re.search(r"model name\s*:\s*(.*)", file.read())
    with open("/proc/meminfo", encoding="utf-8") as file:
        memory = int(re.search(r"MemTotal:\s*(\d+)", file.read()).group(1))
    return "%s, %d CPUs, %.0f GiB, Linux %s, load %.2f at the start" % (
        model.group(1) if model else platform.machine(), os.cpu_count(), memory / 1024 / 1024,
        platform.release(), os.getloadavg()[0])


def today():
    return datetime.date.today().isoformat()


def save(title, text):
    """Replaces one section of RESULTS.md."""
    try:
        with open(RESULTS, encoding="utf-8") as file:
            old = file.read()
    except FileNotFoundError:
        old = "# What the benchmarks measured\n\nWritten by `--save` of the scripts beside this file.\n"
    head, *sections = re.split(r"(?m)^(?=## )", old)
    sections = [section.strip() for section in sections if not section.startswith("## %s\n" % title)]
    sections.append("## %s\n\n%s" % (title, text.strip()))
    with open(RESULTS, "w", encoding="utf-8") as file:
        file.write("\n\n".join([head.strip(), *sorted(sections)]) + "\n")
