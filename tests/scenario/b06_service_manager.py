# SPDX-License-Identifier: Apache-2.0
"""Under a service manager: what systemd is told and when, sockets that it passes, lines for its journal."""
import os
import re
import signal
import socket
import sys
import unittest

import nova_bodies
from broker import DAEMON, PATIENCE_S, Broker, Scenario, UnixConnection, free_port, until

# Becomes the daemon: with the sockets of its first argument at 3, 4, …, and with a journal at standard error.
AS_SYSTEMD = """
import os, sys
fds = [int(word) for word in sys.argv[1].split(",") if word]
for number, fd in enumerate([os.dup2(fd, 100 + fd) for fd in fds]):
    os.dup2(fd, 3 + number, inheritable=True)
end = os.fstat(2)
os.environ.update(LISTEN_PID=str(os.getpid()), LISTEN_FDS=str(len(fds)), LISTEN_FDNAMES="http",
                  JOURNAL_STREAM="%d:%d" % (end.st_dev, end.st_ino))
os.execv(sys.argv[2], sys.argv[2:])
"""
OURS = re.compile(r"^(NOTIFY_SOCKET|WATCHDOG_|LISTEN_)")


class ServiceManager(Scenario):
    def setUp(self):
        super().setUp()
        self.manager = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.manager.bind(os.path.join(self.folder, "notify"))
        self.manager.settimeout(PATIENCE_S)
        self.addCleanup(self.manager.close)
        self.env = {"NOTIFY_SOCKET": self.manager.getsockname()}

    def hear(self, pattern):
        """The first message that matches, and all before it."""
        heard = []
        while True:
            try:
                heard.append(self.manager.recv(4096).decode())
            except TimeoutError:
                self.fail("the manager never heard %r, but %r" % (pattern, heard))
            if re.search(pattern, heard[-1]):
                return heard[-1], heard[:-1]

    def heard_already(self):
        self.manager.setblocking(False)
        messages = []
        try:
            while True:
                messages.append(self.manager.recv(4096).decode())
        except BlockingIOError:
            pass
        self.manager.settimeout(PATIENCE_S)
        return messages

    def passing(self, *sockets, **keys):
        numbers = ",".join(str(one.fileno()) for one in sockets)
        return Broker(self, keys.pop("config"), env=self.env, pass_fds=[one.fileno() for one in sockets],
                      wrapper=[sys.executable, "-I", "-c", AS_SYSTEMD, numbers], **keys)

    def test_ready_reloading_status_and_stopping(self):
        config = {"regions": [self.replayed("one", nova_bodies.small()), self.chaos("two", "ok")]}
        broker = self.broker(config, env=self.env)
        _, before = self.hear("READY=1")
        self.assertEqual(broker.get("/livez").status, 200)  # on the first try
        self.assertFalse([message for message in before if "READY=1" in message])
        self.hear("STATUS=2 of 2 regions ok$")
        self.set_mode("two", "fail")
        self.hear("STATUS=1 of 2 regions ok; two stale$")

        config["regions"][1]["enabled"] = False
        broker.reload(config)
        reloading, _ = self.hear("RELOADING=1")
        self.assertRegex(reloading, r"\nMONOTONIC_USEC=[1-9]\d+\n")
        self.hear("READY=1\nSTATUS=1 of 1 regions ok$")
        broker.reload("nonsense")
        self.hear("RELOADING=1")
        self.hear(r"READY=1\nSTATUS=1 of 1 regions ok \(the new configuration was refused\)$")
        config["rest"] = {"threads": 1}  # a new rest: ready again once that one serves
        broker.reload(config)
        self.hear("RELOADING=1")
        _, between = self.hear("READY=1\nSTATUS=1 of 1 regions ok$")
        self.assertFalse([message for message in between if "READY" in message])

        self.assertEqual(broker.stop(), 0)
        self.assertTrue([message for message in self.heard_already() if message.startswith("STOPPING=1\n")])

    def test_a_configuration_that_is_refused_at_the_start_is_the_status(self):
        broker = self.broker("rest: { treads = 1; };\n", env=self.env)
        self.assertEqual(broker.process.wait(PATIENCE_S), 1)
        heard = self.heard_already()
        self.assertTrue([text for text in heard if re.match(r"STATUS=.*gpubroker\.conf:1: .*treads", text)], heard)
        self.assertFalse([text for text in heard if "READY" in text])

    def test_checking_says_nothing_to_the_manager(self):
        broker = self.broker({"regions": []}, args=["--check"], env=self.env)
        self.assertEqual(broker.process.wait(PATIENCE_S), 0)
        self.assertEqual(self.heard_already(), [])

    def test_the_watchdog_is_fed_only_while_rest_is_well(self):
        broker = self.broker({"regions": []}, env={**self.env, "WATCHDOG_USEC": "6000000"})
        for _ in range(2):
            self.hear("WATCHDOG=1")
        rest = broker.child("rest")
        os.kill(rest, signal.SIGSTOP)
        mark = broker.log_mark()
        broker.log_wait("rest has been silent", mark)  # the parent gives it up and starts another
        # What was on its way when it stopped is one at most.
        self.assertLessEqual(sum(message == "WATCHDOG=1" for message in self.heard_already()), 1)
        self.hear("WATCHDOG=1")
        self.assertNotEqual(broker.child("rest"), rest)

    def test_no_child_inherits_what_is_for_the_parent(self):
        broker = self.passing(config={"regions": [self.replayed("one", nova_bodies.small())]})
        broker.env["WATCHDOG_USEC"] = "60000000"
        broker.start_ready()
        for role, pid in broker.children().items():
            with open("/proc/%d/environ" % pid, "rb") as file:
                names = [entry.decode("utf-8", "replace") for entry in file.read().split(b"\0")]
            self.assertEqual([name for name in names if OURS.match(name)], [], role)
            self.assertTrue(names, role)

    def test_passed_sockets_instead_of_the_configured_addresses(self):
        path = os.path.join(self.folder, "passed.sock")
        unused = free_port()
        with socket.socket() as tcp, socket.socket(socket.AF_UNIX) as local:
            tcp.bind(("127.0.0.1", 0))
            tcp.listen()
            local.bind(path)
            local.listen()
            config = {"regions": [self.replayed("one", nova_bodies.small())],
                      "rest": {"listen": ["127.0.0.1:%d" % unused]}}
            broker = self.passing(tcp, local, config=config, port=tcp.getsockname()[1])
            broker.start_ready()
            self.assertEqual(broker.get("/livez", connection=UnixConnection(path)).status, 200)
            with self.assertRaises(ConnectionRefusedError):
                socket.create_connection(("127.0.0.1", unused)).close()
            mark = broker.log_mark()
            config["rest"]["threads"] = 1
            broker.reload(config)
            broker.log_wait("reloaded", mark)
            until(lambda: broker.get("/livez", connection=UnixConnection(path)).status == 200, "still there")
            self.assertEqual(broker.get("/gpus/flavors").status, 200)
            self.assertEqual(broker.stop(), 0)
            self.assertTrue(os.path.exists(path))  # it is the manager's
            # What asks meanwhile waits for the next daemon.
            waiting = broker.connection()
            waiting.request("GET", "/gpus/flavors")
            second = self.passing(tcp, local, config=config, port=broker.port).start()
            self.assertEqual(waiting.getresponse().status, 200)
            waiting.close()
            self.assertEqual(second.stop(), 0)

    def test_a_passed_descriptor_that_does_not_listen(self):
        with socket.socket() as idle:
            broker = self.passing(idle, config={"regions": []}).start()
            self.assertEqual(broker.process.wait(PATIENCE_S), 1)
            broker.log_wait("descriptor 3 was passed, but is no listening stream socket")

    def test_lines_for_the_journal(self):
        broker = self.passing(config={"regions": [self.replayed("one", nova_bodies.small())]})
        broker.start_ready()
        self.assertEqual(broker.stop(), 0)
        self.assertGreater(len(broker.log_lines), 3)
        for line in broker.log_lines:
            self.assertRegex(line, r"^<[3467]>\S")
            self.assertNotRegex(line, r"^<\d>\d{4}-|" + os.path.basename(DAEMON) + ": ")
        self.assertTrue(broker.log_find(r"^<6>started version=\S+ regions=1 broker=\S+$"), broker.log_tail())


if __name__ == "__main__":
    unittest.main()
