# SPDX-License-Identifier: Apache-2.0
"""The daemon under what contrib/systemd/gpubroker.service takes from it: all roles, all stores, a reload, a kill.
A system call that the unit does not allow kills here, so that nothing is refused unseen."""
import os
import re
import shutil
import subprocess
import sys
import unittest

import fake_region
import nova_bodies
from broker import DAEMON, ROOT, SANITIZED, Broker, Scenario, UnixConnection, until
from memcached_server import Memcached

UNIT = os.path.join(ROOT, "contrib", "systemd", "gpubroker.service")
UNDER = os.path.join(ROOT, "tests", "scenario", "under_unit.py")


class UnitSandbox(Scenario):
    def setUp(self):
        super().setUp()
        if SANITIZED:
            self.skipTest("sanitizers need calls that the daemon does not")
        if not shutil.which("systemd-analyze"):
            self.skipTest("no systemd-analyze")
        self.wrapper = [sys.executable, "-I", "-B", UNDER, UNIT, self.folder]
        said = subprocess.run([*self.wrapper, DAEMON, "--version"], stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                              text=True, check=False)
        if re.search("PermissionError|Operation not permitted", said.stderr):
            self.skipTest("only root may restrict a process so")
        self.assertEqual((said.returncode, said.stderr), (0, ""))

    def test_everything_works_inside(self):
        memcached = Memcached(self)
        fake = fake_region.start(self)
        state, local = os.path.join(self.folder, "state"), os.path.join(self.folder, "http.sock")
        os.mkdir(state)
        config = {"regions": [self.replayed("one", nova_bodies.small()),
                              fake_region.configured(self, "two", fake), self.chaos("three", "ok")],
                  "state_dir": state, "cache": {"backend": "memcached",
                                                "servers": [memcached.address.replace("127.0.0.1", "localhost")]}}
        broker = Broker(self, config, wrapper=self.wrapper)
        config["rest"] = {"listen": ["localhost:%d" % broker.port, "unix:" + local]}
        broker.start_ready()
        for name in ("one", "two", "three"):
            broker.until_state(name, "ok")
        self.assertEqual(broker.get("/gpus/flavors", connection=UnixConnection(local)).status, 200)
        until(lambda: memcached.get("gpubroker:v1:region:two"), "memcached has it")
        until(lambda: os.listdir(state), "the disk has it")

        mark = broker.log_mark()
        config["rest"]["threads"] = 1
        config["regions"] = config["regions"][:2]
        broker.reload(config)
        broker.log_wait("reloaded regions=2", mark)
        for role in ("rest", "storer", "worker two"):
            broker.until_new_child(role, broker.kill_child(role))
        broker.until_state("two", "ok")
        until(lambda: broker.get("/gpus/flavors").status == 200, "it answers")
        self.inspect(broker)
        self.assertEqual(broker.stop(), 0)
        self.assertFalse(broker.log_find("not fully (confined|sealed)|Bad system call"), broker.log_tail())

    def inspect(self, broker):
        """The restrictions are there, or this test would prove nothing."""
        for pid in broker.processes():
            with open("/proc/%d/status" % pid, encoding="ascii") as file:
                status = dict(line.split(":\t", 1) for line in file.read().splitlines())
            self.assertEqual([int(status["Cap" + one], 16) for one in ("Eff", "Prm", "Bnd")], [0, 0, 0])
            self.assertEqual((status["NoNewPrivs"], status["Seccomp"]), ("1", "2"))
            with open("/proc/%d/mountinfo" % pid, encoding="utf-8") as file:
                mounts = [line.split() for line in file]
            options = [fields[5].split(",") for fields in mounts if fields[4] == "/"]
            self.assertIn("ro", options[-1])

    def test_what_is_not_allowed_kills(self):
        said = subprocess.run([*self.wrapper, "/bin/chown", "0:0", self.folder], stderr=subprocess.PIPE, check=False)
        self.assertLess(said.returncode, 0)
        said = subprocess.run([*self.wrapper, "/usr/bin/touch", "/usr/under-unit"], stderr=subprocess.PIPE, check=False)
        self.assertEqual(said.returncode, 1)


if __name__ == "__main__":
    unittest.main()
