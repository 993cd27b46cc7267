# SPDX-License-Identifier: Apache-2.0
"""The client under test: run with pipes or on a terminal of a given size, and brokers that a test scripts."""
import codecs
import fcntl
import http.server
import json
import os
import pty
import re
import select
import socket
import struct
import subprocess
import termios
import threading
import time

from broker import BUILD, PATIENCE_S, ROOT, SANITIZER, die_with_parent

CLIENT = os.path.join(BUILD, "gpubroker")
DEMO = os.path.join(ROOT, "contrib", "demo")


def environment(**more):
    env = {"PATH": "/usr/bin:/bin", "LANG": "C.UTF-8", "TERM": "xterm-256color", "HOME": "/nonexistent",
           **{name: os.environ[name] for name in ("ASAN_OPTIONS", "UBSAN_OPTIONS") if name in os.environ}}
    env.update({name: value for name, value in more.items() if value is not None})
    return env


def run(*args, endpoint=None, env=None, cwd=None):
    """With pipes: an object with returncode, stdout, stderr."""
    said = subprocess.run([CLIENT, *args], capture_output=True, text=True, stdin=subprocess.DEVNULL, cwd=cwd,
                          timeout=PATIENCE_S, check=False,
                          env=environment(GPUBROKER_ENDPOINT=endpoint, **(env or {})))
    if SANITIZER.search(said.stderr):
        raise AssertionError(said.stderr)
    return said


class Terminal:
    """The client on a terminal of its own: stdin, stdout and stderr."""

    def __init__(self, *args, columns=80, lines=50, endpoint=None, env=None):
        self.master, slave = pty.openpty()
        self.text = ""
        self.decoder = codecs.getincrementaldecoder("utf-8")("replace")  # a character may come in two parts
        self.resize(columns, lines)
        self.process = subprocess.Popen(  # pylint: disable=consider-using-with
            [CLIENT, *args], stdin=slave, stdout=slave, stderr=slave, start_new_session=True,
            env=environment(GPUBROKER_ENDPOINT=endpoint, **(env or {})),
            preexec_fn=lambda: (die_with_parent(), fcntl.ioctl(0, termios.TIOCSCTTY, 0)))
        self.before = termios.tcgetattr(slave)
        self.slave = slave

    def resize(self, columns, lines):
        fcntl.ioctl(self.master, termios.TIOCSWINSZ, struct.pack("HHHH", lines, columns, 0, 0))

    def press(self, keys):
        os.write(self.master, keys.encode())

    def read(self, timeout_s):
        if select.select([self.master], [], [], timeout_s)[0]:
            self.text += self.decoder.decode(os.read(self.master, 65536))
            return True
        return False

    def wait_for(self, pattern, after=0):
        """Until what came after that position matches; the match."""
        deadline = time.monotonic() + PATIENCE_S
        while True:
            found = re.compile(pattern, re.S).search(self.text, after)
            if found:
                return found
            if time.monotonic() > deadline:
                raise AssertionError("never said %r: %r" % (pattern, self.text[after:]))
            self.read(0.2)

    def end(self):
        """All that was written, once it has ended; the exit code."""
        deadline = time.monotonic() + PATIENCE_S
        while self.process.poll() is None and time.monotonic() < deadline:
            self.read(0.1)
        while self.read(0):
            pass
        code = self.process.wait(1)
        self.after = termios.tcgetattr(self.slave)
        os.close(self.slave)
        os.close(self.master)
        return code


def on_terminal(*args, columns=80, endpoint=None, env=None):
    """(exit code, text) of the client on a terminal of so many columns."""
    terminal = Terminal(*args, columns=columns, endpoint=endpoint, env=env)
    code = terminal.end()
    return code, terminal.text.replace("\r\n", "\n")


class ScriptedBroker:
    """An HTTP server on loopback whose answers are a function: (handler, number of the request) → None."""

    def __init__(self, case, answer):
        self.requests = []  # (method, path, headers, body)
        broker = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def serve(self):
                body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
                broker.requests.append((self.command, self.path, dict(self.headers), body))
                answer(self, len(broker.requests))

            do_GET = do_POST = serve

            def log_message(self, *_):
                pass

            def json(self, document, status=200, **headers):
                self.bytes(document if isinstance(document, bytes) else json.dumps(document).encode(), status,
                           **headers)

            def bytes(self, body, status=200, length=None, **headers):
                self.send_response(status)
                self.send_header("Content-Type", "application/json; charset=utf-8")
                self.send_header("Content-Length", str(len(body) if length is None else length))
                for name, value in headers.items():
                    self.send_header(name.replace("_", "-"), value)
                self.end_headers()
                self.wfile.write(body)

            def reset(self):
                """The connection ends with RST and without an answer."""
                self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
                self.connection.close()
                self.close_connection = True

            def finish(self):
                try:
                    super().finish()
                except OSError:
                    pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        thread = threading.Thread(target=self.server.serve_forever, args=(0.02,), daemon=True)
        thread.start()
        case.addCleanup(thread.join)
        case.addCleanup(self.server.server_close)
        case.addCleanup(self.server.shutdown)
        self.endpoint = "http://127.0.0.1:%d" % self.server.server_address[1]


def row(name="x", region="a", **more):
    return {"region": region, "site": region, "id": "id-" + name, "name": name, "vcpus": 4, "ram_mib": 4096,
            "disk_gib": 20, "ephemeral_gib": 0, "swap_mib": 0, "is_public": True,
            "gpus": [{"type": "V100", "count": 1}], "total": 4, "available": 3, "limited_by": "gpu", "state": "ok",
            **more}


def flavors(*rows, state="ok"):
    names = sorted({one["region"] for one in rows})
    return {"flavors": list(rows), "regions": [{"name": name, "state": state} for name in names]}
