# SPDX-License-Identifier: Apache-2.0
"""A real memcached that a scenario may stop, freeze and start again on the same port."""
import os
import re
import signal
import socket
import subprocess
import unittest
import zlib

from broker import die_with_parent, free_port, until

PROGRAM = "/usr/bin/memcached"


class Memcached:
    def __init__(self, case, *args):
        if not os.path.exists(PROGRAM):
            raise unittest.SkipTest("no memcached")
        self.port = free_port()
        self.args = args
        self.process = None
        case.addCleanup(self.stop)
        self.start()

    @property
    def address(self):
        return "127.0.0.1:%d" % self.port

    def start(self):
        user = ["-u", "nobody"] if os.getuid() == 0 else []
        self.process = subprocess.Popen(
            [PROGRAM, "-l", "127.0.0.1", "-p", str(self.port), "-U", "0", "-t", "1", *user, *self.args],
            stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
            preexec_fn=die_with_parent)
        until(lambda: self.ask(b"version\r\n", b"\r\n"), "memcached answers")
        return self

    def stop(self):
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGCONT)
            self.process.terminate()
            self.process.wait()

    def freeze(self):
        self.process.send_signal(signal.SIGSTOP)

    def thaw(self):
        self.process.send_signal(signal.SIGCONT)

    def ask(self, request, end):
        with socket.create_connection(("127.0.0.1", self.port), 5) as connection:
            connection.sendall(request)
            answer = b""
            while not answer.endswith(end):
                chunk = connection.recv(65536)
                if not chunk:
                    raise OSError("memcached closed the connection")
                answer += chunk
            return answer

    def get(self, key):
        """(flags, bytes as stored) or None"""
        answer = self.ask(b"get %s\r\n" % key.encode(), b"END\r\n")
        if answer == b"END\r\n":
            return None
        match = re.match(rb"VALUE \S+ (\d+) (\d+)\r\n", answer)
        begin = match.end()
        return int(match.group(1)), answer[begin:begin + int(match.group(2))]

    def value(self, key):
        """(flags, text) with compression undone"""
        flags, data = self.get(key)
        return flags, (zlib.decompress(data) if flags & 8 else data).decode("utf-8")

    def set(self, key, flags, data, expire_s=0):
        head = b"set %s %d %d %d\r\n" % (key.encode(), flags, expire_s, len(data))
        return self.ask(head + data + b"\r\n", b"\r\n") == b"STORED\r\n"

    def flush(self):
        self.ask(b"flush_all\r\n", b"\r\n")

    def expires_in_s(self, key):
        """What memcached itself says of a key's life (meta get)."""
        answer = self.ask(b"mg %s t\r\n" % key.encode(), b"\r\n").decode()
        match = re.search(r"\bt(-?\d+)", answer)
        return int(match.group(1)) if match else None
