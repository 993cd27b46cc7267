# SPDX-License-Identifier: Apache-2.0
"""The daemon under test: written configuration, a real process, its log, its answers, its children."""
import ctypes
import http.client
import json
import os
import re
import shutil
import signal
import socket
import subprocess
import tempfile
import threading
import time
import unittest

import nova_bodies

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
BUILD = os.environ.get("GPUBROKER_BUILD") or os.path.join(ROOT, "build")
DAEMON = os.path.join(BUILD, "gpubrokerd")
PLUGINS = os.path.join(BUILD, "plugins")
SANITIZED = "asan" in os.path.basename(BUILD)
PATIENCE_S = 120 if SANITIZED else 60  # nothing that works takes this long
SANITIZER = re.compile(r"AddressSanitizer|LeakSanitizer|UndefinedBehavior|runtime error:|MHD_PANIC|Assertion")


def until(check, what, timeout_s=PATIENCE_S):
    """Asks until check() gives something true, and returns that; check may raise while it is not so yet."""
    deadline = time.monotonic() + timeout_s
    pause = threading.Event()
    last = None
    while True:
        try:
            last = check()
            if last:
                return last
        except (OSError, http.client.HTTPException, KeyError, IndexError, ValueError) as error:
            last = error
        if time.monotonic() > deadline:
            raise AssertionError("waited %d s for: %s (last: %r)" % (timeout_s, what, last))
        pause.wait(0.02)


def free_port(address="127.0.0.1"):
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as listener:
        listener.bind((address, 0))
        return listener.getsockname()[1]


def libconfig(value, indent=""):
    """A Python value as libconfig reads it: dict = group, list of dicts = ( ), other lists = [ ]."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        return '"%s"' % value.replace("\\", "\\\\").replace('"', '\\"')
    if isinstance(value, dict):
        inner = indent + "  "
        return "{\n%s%s}" % ("".join("%s%s = %s;\n" % (inner, key, libconfig(item, inner))
                                     for key, item in value.items()), indent)
    if isinstance(value, (list, tuple)):
        items = ", ".join(libconfig(item, indent + "  ") for item in value)
        return "(%s)" % items if value and isinstance(value[0], dict) else "[%s]" % items
    return repr(value)


def region(name, folder=None, plugin="replay", **keys):
    """A region of the configuration; folder: what `replay` reads."""
    options = keys.pop("options", {})
    if folder:
        options = {"path": folder, **options}
    return {"name": name, "plugin": plugin, **keys, "options": options}


class Answer:
    def __init__(self, response):
        self.status = response.status
        self.headers = {name.lower(): value for name, value in response.getheaders()}
        self.body = response.read()

    def json(self):
        return json.loads(self.body)

    def __getitem__(self, header):
        return self.headers[header.lower()]

    def get(self, header, default=None):
        return self.headers.get(header.lower(), default)


class UnixConnection(http.client.HTTPConnection):
    def __init__(self, path):
        super().__init__("localhost", timeout=PATIENCE_S)
        self.path = path

    def connect(self):
        self.sock = socket.socket(socket.AF_UNIX)
        self.sock.settimeout(self.timeout)
        self.sock.connect(self.path)


LIBC = ctypes.CDLL(None)


def die_with_parent():
    """In the new process: it ends if the test is killed (prctl PR_SET_PDEATHSIG)."""
    LIBC.prctl(1, signal.SIGKILL)


class Broker:
    """start() it, ask it, stop() it. config: a dict, a text, or None for a start without a file."""

    def __init__(self, case, config, *, args=(), env=None, port=None, prepare=None, pass_fds=(), wrapper=()):
        self.case = case
        self.folder = case.folder
        self.port = port or free_port()
        self.config = config
        self.args = list(args)
        self.env = env or {}
        self.prepare = prepare or (lambda: None)  # in the new process
        self.pass_fds = pass_fds
        self.wrapper = list(wrapper)  # a command that execs the rest of its arguments
        self.path = os.path.join(self.folder, "gpubroker.conf")
        self.log_lines = []
        self.log_changed = threading.Condition()
        self.process = None
        self.reader = None

    # ---- configuration ----

    def write_config(self, config):
        """A dict gets the folders of this test and the port that is not taken."""
        if isinstance(config, dict):
            os.makedirs(os.path.join(self.folder, "sites.d"), exist_ok=True)
            config = {"plugin_dir": PLUGINS, "sites_dir": "sites.d", "state_dir": "", **config}
            config["rest"] = {"listen": ["127.0.0.1:%d" % self.port], "threads": 2, **config.get("rest", {})}
            config["poll"] = {"interval_s": 1, "min_interval_s": 1, **config.get("poll", {})}
            config = "".join("%s = %s;\n" % (key, libconfig(value)) for key, value in config.items())
        with open(self.path + ".new", "w", encoding="utf-8") as file:
            file.write(config)
        os.rename(self.path + ".new", self.path)

    def reload(self, config):
        self.write_config(config)
        self.send(signal.SIGHUP)

    # ---- life ----

    def start(self):
        command = [*self.wrapper, DAEMON, "--log-level", "debug", *self.args]
        if self.config is not None:
            self.write_config(self.config)
            command += ["-c", self.path]
        env = {"PATH": os.environ["PATH"], "TZ": os.environ.get("TZ", ""),
               **{name: os.environ[name] for name in ("ASAN_OPTIONS", "UBSAN_OPTIONS") if name in os.environ},
               **self.env}
        self.process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                                        stderr=subprocess.PIPE, env=env, cwd=self.folder,
                                        preexec_fn=lambda: (die_with_parent(), self.prepare()),
                                        pass_fds=self.pass_fds)
        self.reader = threading.Thread(target=self.read_log, args=(self.process.stderr,), daemon=True)
        self.reader.start()
        self.case.addCleanup(self.clean_up)
        return self

    def start_ready(self):
        self.start()
        self.until_ready()
        return self

    def until_ready(self):
        try:
            until(lambda: self.running() and self.get("/readyz").status == 200, "/readyz says 200")
        except AssertionError as error:
            raise AssertionError("%s\n%s" % (error, self.log_tail())) from None

    def running(self):
        if self.process.poll() is not None:
            self.reader.join()
            raise AssertionError("gpubrokerd ended with %d\n%s" % (self.process.returncode, self.log_tail()))
        return True

    def send(self, number):
        self.process.send_signal(number)

    def stop(self, timeout_s=PATIENCE_S):
        """SIGTERM; the exit code."""
        self.send(signal.SIGTERM)
        self.process.wait(timeout_s)
        self.reader.join()
        return self.process.returncode

    def clean_up(self):
        if self.process.poll() is None:
            self.send(signal.SIGTERM)
            try:
                self.process.wait(PATIENCE_S)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()
                self.case.fail("gpubrokerd did not end after SIGTERM\n" + self.log_tail())
        self.reader.join(PATIENCE_S)
        bad = [line for line in self.log_lines if SANITIZER.search(line)]
        if bad:
            self.case.fail("a sanitizer or an assertion spoke\n" + "\n".join(self.log_lines[-150:]))

    # ---- log ----

    def read_log(self, pipe):
        with pipe:
            for line in pipe:
                with self.log_changed:
                    self.log_lines.append(line.decode("utf-8", "replace").rstrip("\n"))
                    self.log_changed.notify_all()

    def log_mark(self):
        with self.log_changed:
            return len(self.log_lines)

    def log_find(self, pattern, after=0):
        with self.log_changed:
            return [line for line in self.log_lines[after:] if re.search(pattern, line)]

    def log_wait(self, pattern, after=0, timeout_s=PATIENCE_S):
        """The first line since the mark that matches."""
        deadline = time.monotonic() + timeout_s
        with self.log_changed:
            while True:
                for line in self.log_lines[after:]:
                    if re.search(pattern, line):
                        return line
                if not self.log_changed.wait(max(0.0, deadline - time.monotonic())):
                    raise AssertionError("the log never said %r\n%s" % (pattern, self.log_tail()))

    def log_tail(self, lines=100):
        return "\n".join(self.log_lines[-lines:])

    # ---- HTTP ----

    def connection(self, timeout_s=PATIENCE_S):
        return http.client.HTTPConnection("127.0.0.1", self.port, timeout=timeout_s)

    def get(self, path, headers=None, method="GET", body=None, connection=None):
        """One request; a connection of its own unless one is given."""
        used = connection or self.connection()
        try:
            used.request(method, path, body=body, headers=headers or {})
            return Answer(used.getresponse())
        finally:
            if not connection:
                used.close()

    def region(self, name):
        return self.get("/v1/regions/" + name).json()

    def state(self, name):
        return self.region(name)["state"]

    def until_state(self, name, state, timeout_s=PATIENCE_S):
        until(lambda: self.state(name) == state, "%s is %s" % (name, state), timeout_s)

    def counts(self, path="/gpus/flavors"):
        """[(name, available, total)…] of the predecessor's list."""
        return [(row["flavor_name"], row["available"], row["total"])
                for row in self.get(path).json()["flavors"]]

    def until_metric(self, pattern):
        """Until a line of /metrics matches as a whole; counters arrive a little after what they count."""
        wanted = re.compile("^%s$" % pattern, re.M)
        return until(lambda: wanted.search(self.get("/metrics").body.decode()), "a metric like " + pattern)

    # ---- processes ----

    def children(self):
        """{"rest": pid, "worker bielefeld": pid, …} of the children that run now."""
        found = {}
        for task in os.listdir("/proc/%d/task" % self.process.pid):
            with open("/proc/%d/task/%s/children" % (self.process.pid, task), encoding="ascii") as file:
                for pid in map(int, file.read().split()):
                    role = role_of(pid)
                    if role:
                        found[role] = pid
        return found

    def child(self, role):
        return until(lambda: self.children().get(role), "there is a child %r" % role)

    def kill_child(self, role, number=signal.SIGKILL):
        pid = self.child(role)
        os.kill(pid, number)
        return pid

    def until_new_child(self, role, old_pid):
        return until(lambda: self.children().get(role, old_pid) not in (old_pid, None) and self.children()[role],
                     "%s runs again" % role)

    def processes(self):
        return [self.process.pid, *self.children().values()]


def role_of(pid):
    """What a child says of itself on its command line; None: it is gone or still being born."""
    try:
        with open("/proc/%d/cmdline" % pid, "rb") as file:
            words = file.read().decode("utf-8", "replace").split("\0")[1:]
    except OSError:
        return None
    text = " ".join(words).replace("--role", " ").replace("=", " ")
    match = re.search(r"\b(loader|rest|storer|worker(?: [a-z0-9-]+)?)\b", " ".join(text.split()))
    return match.group(1) if match else None


class Scenario(unittest.TestCase):
    """A folder of its own; helpers that every scenario wants."""

    maxDiff = None

    def setUp(self):
        self.folder = tempfile.mkdtemp(prefix="gpubroker-")
        self.addCleanup(shutil.rmtree, self.folder, ignore_errors=True)

    def region_folder(self, name, bodies):
        return nova_bodies.write(os.path.join(self.folder, "regions", name), bodies)

    def replayed(self, name, bodies, **keys):
        """A region of the configuration that `replay` reads, with its folder written."""
        return region(name, self.region_folder(name, bodies), **keys)

    def chaos(self, name, mode="ok", **keys):
        """A region that misbehaves as self.set_mode() says."""
        self.set_mode(name, mode)
        return region(name, plugin="chaos", options={"mode_file": self.mode_file(name)}, **keys)

    def mode_file(self, name):
        return os.path.join(self.folder, name + ".mode")

    def set_mode(self, name, mode):
        with open(self.mode_file(name) + ".new", "w", encoding="ascii") as file:
            file.write(mode + "\n")
        os.rename(self.mode_file(name) + ".new", self.mode_file(name))

    def broker(self, config, **keys):
        return Broker(self, config, **keys).start()

    def ready_broker(self, *regions, **config):
        return Broker(self, {"regions": list(regions), **config}).start_ready()

    def check_config(self, text, *more):
        """gpubrokerd --check on a text or dict: (exit code, output)."""
        broker = Broker(self, text)
        broker.write_config(text)
        said = subprocess.run([DAEMON, "--check", *more, "-c", broker.path], cwd=self.folder, text=True,
                              stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                              timeout=PATIENCE_S, check=False)
        return said.returncode, said.stdout
